#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bench-forkstorm.sh - 20,000 processes of about 1 ms lose none of their CPU time.
#
# The reference is the kernel's own cpu.stat of the cgroup that they all run in.
set -u
# shellcheck source=tests/bench/measure.sh
. "$(dirname "$0")/measure.sh"

top=/sys/fs/cgroup
[ -e $top/cgroup.procs ] || top=/sys/fs/cgroup/unified
[ -e $top/cgroup.procs ] || { echo "no cgroup v2 hierarchy below /sys/fs/cgroup" >&2; exit 1; }
group=$top/jouletrail-bench-$$
mkdir "$group" || exit 1
trap 'rmdir "$group"; rm -rf "$work"' EXIT

measure "$work/storm.json" "$B/tests/bench/forkstorm" "$group" 20000 1000
# Read after all have gone: the last slices are in it.
awk '$1 == "usage_usec" { print "{\"cpu_ns\":" $2 "000}" }' "$group/cpu.stat" >"$work/cgroup.json"

# The command total also holds forkstorm's few hundred microseconds before it entered the cgroup.
figures '
run, cgroup = r
want = number(cgroup["cpu_ns"])
got = number(run["command_total"]["cpu_ns"])
ppm = apart_ppm(got, want)
figure("forkstorm.command_total_vs_cpu_stat", ppm, "ppm", "<= 1000", ppm <= 1000)
name = "'"${group##*/}"'"
rows = [s for s in run["consumers"] if str(s.get("cgroup") or "").endswith(name)]
got = sum(number(s["cpu_ns"]) for s in rows)
ppm = apart_ppm(got, want)
figure("forkstorm.cgroup_rows_vs_cpu_stat", ppm, "ppm", "<= 1000", ppm <= 1000)
n = number(run["command_total"]["n_tasks"])
figure("forkstorm.tasks", n, "tasks", ">= 20001", n >= 20001)
figure("forkstorm.cpu_time", want, "ns", "", True)
lost = sum(number(v) for v in run["lost"].values() if not isinstance(v, (dict, list)))
figure("forkstorm.lost", lost, "events or ns", "", True)
' "$work/storm.json" "$work/cgroup.json"
