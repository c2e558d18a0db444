#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bench-startup.sh - CPU time that jouletrail itself spends from its start to its first window.
#
# A run of `true` is start, one window and report; wait4's CPU time of it less the command's own.
set -u
# shellcheck source=tests/bench/measure.sh
. "$(dirname "$0")/measure.sh"

for i in 1 2 3 4 5; do
    "$B/tests/bench/rusage" "$work/cpu$i.json" \
        "$JT" run -f json -o "$work/run$i.json" --zone WORLD -- true \
        >/dev/null 2>"$work/stderr" || {
        echo "$JT run -- true: status $?: $(tail -n 3 "$work/stderr")" >&2
        exit 1
    }
done
figures '
own = sorted(number(cpu["cpu_ns"]) - number(run["command_total"]["cpu_ns"])
             for cpu, run in zip(r[0::2], r[1::2]))
median = own[len(own) // 2]
figure("startup.cpu_median", median, "ns", "<= 500000000", median <= 500_000_000)
figure("startup.cpu_max", own[-1], "ns", "", True)
' "$work"/cpu1.json "$work"/run1.json "$work"/cpu2.json "$work"/run2.json "$work"/cpu3.json \
    "$work"/run3.json "$work"/cpu4.json "$work"/run4.json "$work"/cpu5.json "$work"/run5.json
