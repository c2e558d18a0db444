#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# replay.sh - a captured run, replayed: the same ledger to the byte, and clear words for what is not.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/sim.sh
. "$(dirname "$0")/../sim.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
tmp=$(mktemp -d)
sim=$tmp/sim
trap 'umount -l "$sim" 2>/dev/null; rm -rf "$tmp"' EXIT
here=$PWD
case $JT in /*) ;; *) JT=$here/$JT ;; esac
cd "$tmp" || exit 1

# same NAME LEDGER LEDGER: all their files; lock holds the number of a process
same() {
    tap_empty "$1" "$(diff -r -x lock "$2" "$3" 2>&1 | head -n 5)"
}

# replayed N FILE OPTION…: into ledgerN, with the keys of the run in keysN
replayed() {
    local n=$1

    shift
    mkdir "keys$n"
    cp keys/ledger.pem keys/ledger.secret "keys$n"
    "$JT" replay "$@" --ledger "ledger$n" --key-dir "keys$n" >"out$n" 2>"err$n"
}

# --- a command on the power model ---
"$JT" run --power model --zone FR --interval 100ms --tick 200ms --capture run.jsonl --ledger ledger \
    --key-dir keys -f json -o run.json -- sh -c 'for i in 1 2 3 4; do sleep 0.1; sha256sum /proc/self/exe; done' \
    >/dev/null 2>"err"
tap_is "the command's status is its own" $? 0
replayed 1 run.jsonl
tap_is "replay: exit 0" $? 0
replayed 2 run.jsonl
same "replayed once: the run's own ledger" ledger ledger1
same "replayed twice: the same" ledger1 ledger2
tap_run "it verifies with its keys" "$JT" verify ledger1 --key-dir keys1
"$JT" replay run.jsonl -f json >total.json 2>/dev/null
tap_is "its total is the run's" "$(python3 -c 'import json
a, b = json.load(open("run.json")), json.load(open("total.json"))
print(a["host"]["energy_uj"] == b["host"]["energy_uj"] and a["host"]["energy_uj"] > 0,
      [(c["name"], c["cgroup"], c["cpu_ns"]) for c in a["consumers"]] ==
      [(c["name"], c["cgroup"], c["cpu_ns"]) for c in b["consumers"]])')" "True True"
tap_is "command lines are not in a capture" "$(grep -c 'for i in 1 2 3' run.jsonl)" 0
tap_is "and it is its owner's only" "$(stat -c %a run.jsonl)" 600

# --- other keys, another grid ---
"$JT" replay run.jsonl --ledger other --key-dir keys-other >/dev/null 2>&1
tap_is "with other keys: another ledger's name" \
    "$(head -n 1 other/checkpoint)$(head -n 1 ledger/checkpoint | grep -cF "$(head -n 1 other/checkpoint)")" \
    "$(head -n 1 other/checkpoint)0"
tap_is "on another grid: the same energy, other carbon" "$("$JT" replay run.jsonl -f json --zone PL 2>/dev/null |
    python3 -c 'import json, sys
a, b = json.load(open("total.json")), json.load(sys.stdin)
print(a["host"]["energy_uj"] == b["host"]["energy_uj"], b["zone"], a["host"]["co2e_ug"] != b["host"]["co2e_ug"])')" \
    "True PL True"

# --- what is refused ---
# refuses NAME STATUS PATTERN ARG…
refuses() {
    local name=$1 status=$2 pattern=$3

    shift 3
    "$JT" replay "$@" >out 2>err
    tap_is "$name: exit $status" $? "$status"
    tap_run "$name: says what" grep -qE "$pattern" err
}
refuses "no keys named" 2 'key-dir' run.jsonl --ledger new
refuses "a ledger that is there" 2 'not empty' run.jsonl --ledger ledger --key-dir keys
refuses "no capture" 1 'run.json: line 1' run.json
refuses "no file" 1 'nowhere' nowhere
head -n 60 run.jsonl >cut.jsonl
refuses "cut short" 1 'cut short' cut.jsonl
sed '40s/:"[0-9]*"/:"12 joules"/' run.jsonl >bad.jsonl
refuses "a figure that is none" 1 'line 40' bad.jsonl
"$JT" run --power model --capture /nonexistent/c -- true 2>err
tap_is "a capture that cannot be made: exit 1" $? 1
tap_run "says where" grep -q '/nonexistent/c' err

# --- names left out ---
"$JT" run --power model --interval 100ms --capture bare.jsonl --no-names -- sha256sum /proc/self/exe >/dev/null 2>&1
tap_is "--no-names: no comm, no cgroup, no host" \
    "$(grep -cE 'sha256sum|"cgroup":"/|"host":"[^"]' bare.jsonl)" 0
tap_run "and it replays" "$JT" replay bare.jsonl

# --- a daemon on simulated meters with faults, by cgroup ---
if [ -x "$here/$B/raplsim" ] && { : <>/dev/fuse; } 2>/dev/null; then
    B=$here/$B sim_start "$sim" --range 60 --domains core,dram,psys --idle 40 \
        --fault package-0:eio@1+0.5,dram-0:rubbish@2+0.5,psys:vanish@1.5+1
    rm -rf ledger keys keys[0-9] ledger[0-9]
    "$JT" daemon --power powercap --power-root "$sim" --interval 100ms --tick 300ms --duration 3s --zone DE \
        --ledger ledger --key-dir keys --capture daemon.jsonl 2>err
    tap_is "a daemon with faults in its meters" $? 0
    sim_stop "$sim"
    replayed 1 daemon.jsonl
    replayed 2 daemon.jsonl
    same "replayed once: the daemon's own ledger" ledger ledger1
    same "replayed twice: the same" ledger1 ledger2
    tap_is "with its gaps" "$(grep -c '"reason":"unreadable"' ledger1/seg/*.jsonl)" \
        "$(grep -c '"reason":"unreadable"' ledger/seg/*.jsonl)"
    tap_run "the independent verifier agrees" python3 "$here/docs/verify_ledger.py" ledger1 keys1/*.vkey
else
    tap_skip "a daemon on simulated meters" "raplsim is not built, or there is no /dev/fuse"
fi

tap_done
