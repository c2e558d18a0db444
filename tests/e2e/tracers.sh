#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tracers.sh - beside other tracers, and with BPF run-time statistics on, the figures are the same.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
case $JT in *asan*) tap_skip_all "the plain tree's suite is enough: nothing of ours is different" ;; esac
tmp=$(mktemp -d)
statistics=/proc/sys/kernel/bpf_stats_enabled
was=$(cat $statistics 2>/dev/null)
trap 'kill $tool 2>/dev/null; [ -z "$was" ] || echo "$was" >$statistics; rm -rf "$tmp"' EXIT
tool=

# A child whose CPU time the kernel tells too: its pid and nanoseconds go to $tmp/truth.
cat >"$tmp/load.py" <<'P'
import json, os, sys
pid = os.fork()
if pid == 0:
    for _ in range(200):
        sum(range(20000))
        os.sched_yield()
    os._exit(0)
u = os.wait4(pid, 0)[2]
json.dump([pid, round((u.ru_utime + u.ru_stime) * 1e9)], open(sys.argv[1], "w"))
P

# The kernel sums a process up before its last microseconds; rusage cuts to microseconds.
cat >"$tmp/check.py" <<'P'
import json, sys
d, (pid, truth) = (json.load(open(f)) for f in sys.argv[1:3])
ns = sum(c["cpu_ns"] for c in d["consumers"] if c["pid"] == pid)
lost = {k: v for k, v in d["lost"].items() if v and k in ("n_no_cell", "n_global", "n_no_storage")}
if abs(ns - truth) > truth / 1000 + 100000 or lost:
    print(f"{ns} ns against {truth}, lost {lost}")
P

# Others may have many thousand tasks: room for all of them.
max_tasks=131072

# measured NAME: a run of the load while whatever is there is there.
measured() {
    if ! "$JT" run --max-tasks $max_tasks --power none -f json -o "$tmp/r.json" -- \
        python3 "$tmp/load.py" "$tmp/truth" 2>"$tmp/err"; then
        tap_fail "$1" "$(cat "$tmp/err")"
        return
    fi
    tap_empty "$1" "$(python3 "$tmp/check.py" "$tmp/r.json" "$tmp/truth" 2>&1)"
}

# Counts of what is on the switch path by others; perf's event is seen as an open tracepoint only.
n_programs() { bpftool prog show 2>/dev/null | grep -c '^[0-9]'; }

# beside NAME COMMAND…: the tool runs from before the run until after it, and survives it.
beside() {
    local name=$1 before i

    shift
    if ! command -v "$1" >/dev/null; then
        tap_skip "beside $name" "$1 is not installed"
        return
    fi
    before=$(n_programs)
    "$@" >"$tmp/tool" 2>&1 &
    tool=$!
    for ((i = 0; i < 300 && $(n_programs) <= before; i++)); do
        kill -0 $tool 2>/dev/null || break
        [ "$name" = perf ] && [ "$i" -gt 10 ] && break
        sleep 0.1
    done
    if ! kill -0 $tool 2>/dev/null; then
        tap_skip "beside $name" "$1 does not work here: $(tail -n 1 "$tmp/tool")"
        tool=
        return
    fi
    measured "beside $name"
    tap_run "$name still runs" kill -0 $tool
    kill $tool
    wait $tool 2>/dev/null
    tool=
}

measured "alone"
beside bpftrace bpftrace -e 'tracepoint:sched:sched_switch { @[args->prev_pid] = count(); }'
beside runqlat runqlat 600
beside cpudist cpudist 600
beside perf perf record -q -a -e sched:sched_switch -o "$tmp/perf.data" -- sleep 600
beside "another jouletrail" "$JT" daemon --power none --ledger "$tmp/ledger" --key-dir "$tmp/keys"

if [ -n "$was" ] && echo 1 >$statistics 2>/dev/null; then
    measured "with BPF statistics on"
    echo "$was" >$statistics
else
    tap_skip "with BPF statistics on" "they cannot be switched on here"
fi
if command -v stress-ng >/dev/null; then
    stress-ng --quiet --fork 2 --exec 1 --timeout 600 >/dev/null 2>&1 &
    tool=$!
    for i in 1 2 3; do measured "during a storm of tasks, attach $i"; done
    kill $tool
    wait $tool 2>/dev/null
    tool=
else
    tap_skip "during a storm of tasks" "stress-ng is not installed"
fi
tap_done
