#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bench-flame.sh - what a flame graph at 99 Hz costs: in the program, beside it, before and after.
set -u
# shellcheck source=tests/bench/measure.sh
. "$(dirname "$0")/measure.sh"

command -v stress-ng >/dev/null || { echo "stress-ng is not installed" >&2; exit 1; }
"$B/tests/bench/samplecost" >"$work/sample" || exit 1
"$B/tests/bench/rusage" "$work/cpu.json" "$JT" flame -f json -o "$work/flame.json" -- \
    stress-ng --cpu 2 --timeout 10 >"$work/stdout" 2>"$work/stderr" || {
    echo "$JT flame: status $?: $(tail -n 3 "$work/stderr")" >&2
    exit 1
}
figures '
d, cpu, sample_ns = r
load = number(d["cpu_ns"])
own = number(d["self_cpu_ns"])
inside = sample_ns * d["frequency_hz"] / 1e9 * 100
beside = own / load * 100
figure("flame.sample", sample_ns, "ns", "", True)
figure("flame.inside", round(inside, 4), "%", "", True)
figure("flame.beside", round(beside, 4), "%", "", True)
figure("flame.cost", round(inside + beside, 4), "%", "<= 1", inside + beside <= 1)
ends = (number(cpu["cpu_ns"]) - load - own) / 1e9
figure("flame.start_and_names", round(ends, 3), "s", "", True)
lines = sum(s["energy_uj"] for s in d["stacks"])
off = lines - number(d["energy_uj"]["value"])
figure("flame.energy", off, "uJ", "== 0", off == 0)
' "$work/flame.json" "$work/cpu.json" "$work/sample"
