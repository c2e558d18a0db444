#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bench-wait4.sh - the CPU time of a busy command, against what wait4 says of the same run.
set -u
# shellcheck source=tests/bench/measure.sh
. "$(dirname "$0")/measure.sh"

command -v stress-ng >/dev/null || { echo "stress-ng is not installed" >&2; exit 1; }
measure "$work/run.json" "$B/tests/bench/rusage" "$work/cpu.json" stress-ng --cpu 2 --timeout 5
figures '
run, cpu = r
want = number(cpu["cpu_ns"]) + number(cpu["self_cpu_ns"])
got = number(run["command_total"]["cpu_ns"])
ppm = apart_ppm(got, want)
figure("wait4.stress_ng", ppm, "ppm", "<= 3000", ppm <= 3000)
' "$work/run.json" "$work/cpu.json"
