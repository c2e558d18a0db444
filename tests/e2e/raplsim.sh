#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# raplsim.sh - the product on simulated meters whose truth is known: wraps, faults, attribution.
#
# LONG=1: a minute at each read interval, up to 1 s.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/sim.sh
. "$(dirname "$0")/../sim.sh"
sim_need
tmp=$(mktemp -d)
trap clean EXIT

clean() {
    local dir

    for dir in "$tmp"/sim*; do umount -l "$dir" 2>/dev/null; done
    rm -rf "$tmp"
}

compare=tests/e2e/raplsim_compare.py

# measured NAME INTERVAL DURATION: a daemon over the meters at $tmp/simNAME, a tick per window
measured() {
    "$JT" daemon --zone FR --interval "$2" --tick "$2" --duration "$3" --power powercap \
        --power-root "$tmp/sim$1" --ledger "$tmp/ledger$1" --key-dir "$tmp/keys$1" \
        2>"$tmp/err$1"
}

# attributed A_W B_W: two processes of two seconds of CPU each; per cent by which each one's energy
# is off the truth
attributed() {
    local burn='import time
while time.process_time() < 2: pass
time.sleep(0.3)'

    sim_start "$tmp/sima" --domains "" --idle 0 --busy 10 --watts "burn-a=$1,burn-b=$2" --poll 50
    # Not what stands in PATH: it may be a script that goes by its own name.
    for name in a b; do
        ln -sf "$(python3 -c 'import sys; print(sys.executable)')" "$tmp/burn-$name"
    done
    # Room for every task, whatever else forks on this machine.
    "$JT" run --max-tasks 200000 --power-root "$tmp/sima" -f json -o "$tmp/r.json" -- \
        sh -c '"$1/burn-a" -c "$2" & "$1/burn-b" -c "$2" & wait' sh "$tmp" "$burn"
    python3 - "$tmp/r.json" "$tmp/sima/truth.json" <<'P'
import json, sys
run, truth = (json.load(open(name)) for name in sys.argv[1:])
energy = {c["comm"]: c["energy_uj"]["value"] for c in run["consumers"]
          if c["labels"].get("of_command")}
print(" ".join("%.1f" % (100 * (energy[p["comm"]] / int(p["energy_uj"]) - 1))
               for p in sorted(truth["processes"], key=lambda p: p["comm"])))
P
    sim_stop "$tmp/sima"
}

# --- the tree is the real one's ---
sim_start "$tmp/sim" --packages 2 --dies 2 --domains core,uncore,dram,psys,mmio,hwmon ||
    tap_skip_all "raplsim cannot mount here"
class=$tmp/sim/sys/class/powercap
tap_is "zones are symlinks into devices" "$(readlink "$class/intel-rapl:0:2")" \
    "../../devices/virtual/powercap/intel-rapl/intel-rapl:0/intel-rapl:0:2"
tap_is "with the names of real zones" "$(cat "$class"/intel-rapl:*/name | tr '\n' ' ')" \
    "$(for die in 0-die-0 0-die-1 1-die-0 1-die-1; do echo -n "package-$die core uncore dram "; done)psys "
tap_is "counters are their owner's only" "$(stat -c %a "$class/intel-rapl:0/energy_uj")" 400
"$JT" run --power-root "$tmp/sim" -f json -o "$tmp/r.json" -- sleep 0.2
tap_is "mirrored packages, nested parts and psys are not added" "$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(sorted(x["name"].split("-")[0] for x in d["domains"] if x["counted"]), len(d["domains"]))' "$tmp/r.json")" \
    "['dram', 'dram', 'dram', 'dram', 'package', 'package', 'package', 'package'] 17"
sim_stop "$tmp/sim"

# --- through wraps, to the counter's step, at four read intervals ---
if [ "${LONG:-}" ]; then
    range=110 duration=62s intervals="100ms 250ms 500ms 950ms"
else
    range=42 duration=13s intervals="50ms 100ms 200ms 380ms"
fi
# 50 to 52 W, and constraints that allow 56 W: the range fills hardly faster than it must.
for i in $intervals; do
    sim_start "$tmp/sim$i" --idle 50 --busy 1 --tdp 28 --range "$range" \
        --domains core,uncore,dram,psys --jitter 300 --noise 20000 --seed "${i%ms}"
done
pids=
for i in $intervals; do
    measured "$i" "$i" "$duration" &
    pids="$pids $!"
done
# shellcheck disable=SC2086 # a list
wait $pids
for i in $intervals; do
    python3 "$compare" "$tmp/ledger$i" "$tmp/sim$i" >"$tmp/cmp$i"
    sim_stop "$tmp/sim$i"
    tap_is "$i: every domain's energy is the counter's, to a step for each wrap" \
        "$(awk '{ print $1, $2 }' "$tmp/cmp$i" | tr '\n' ' ')" \
        "package-0 exact core-0 exact uncore-0 exact dram-0 exact psys exact "
    wraps=$(awk '$1 == "package-0" { print $5 }' "$tmp/cmp$i")
    # A reading that comes late by a whole turn of the counter is a gap, on a machine that is slow.
    tap_is "$i: through 10 wraps and more ($wraps)" "$([ "$wraps" -ge 10 ] && echo yes)" yes
    sed "s/^/# $i: /" "$tmp/cmp$i"
done

# --- faults are gaps: never energy, never zero; at windows longer than a live counter stands still ---
sim_start "$tmp/simf" --idle 50 --busy 1 --tdp 28 --domains core,dram --range 200 \
    --fault "package-0:eio@2+1,package-0:freeze@4+1,package-0:rubbish@6+1,package-0:vanish@8+1,$(
    )dram-0:eacces@3+1,dram-0:jump=150@6,core-0:reset@5,dram-0:enodata@9+0.5"
measured f 150ms 12s
python3 "$compare" "$tmp/ledgerf" "$tmp/simf" >"$tmp/cmpf"
tap_is "what could not be read is missing, the rest exact" \
    "$(awk '{ print $1, $2, ($4 > 0) }' "$tmp/cmpf" | tr '\n' ' ')" \
    "package-0 exact 1 core-0 exact 1 dram-0 exact 1 "
sed 's/^/# faults: /' "$tmp/cmpf"
for reason in unreadable stale rubbish vanished; do
    tap_run "package-0: a gap says $reason" grep -q "^package-0 .*$reason" "$tmp/cmpf"
done
tap_run "dram-0: a gap says forbidden" grep -q '^dram-0 .*forbidden' "$tmp/cmpf"
tap_run "dram-0: a jump is a gap" grep -qE '^dram-0 .*(jump|reset)' "$tmp/cmpf"
tap_run "core-0: a reset is a gap" grep -q '^core-0 .*reset' "$tmp/cmpf"
tap_is "never more than was drawn" "$(python3 - "$tmp/ledgerf" "$tmp/simf" <<'P'
import glob, json, sys
sums = {}
for name in glob.glob(sys.argv[1] + "/seg/*.jsonl"):
    for line in open(name):
        r = json.loads(line)
        for d in r["domains"] if r["k"] == "tick" else []:
            sums[d["name"]] = sums.get(d["name"], 0) + int(d["energy_uj"] or 0)
drawn = {d["label"]: int(d["drawn_uj"]) for d in json.load(open(sys.argv[2] + "/truth.json"))["domains"]}
print(all(0 < sums[k] < drawn[k] for k in drawn))
P
)" True
tap_run "and the ledger verifies" "$JT" verify "$tmp/ledgerf" --key-dir "$tmp/keysf"
sim_stop "$tmp/simf"

# --- attribution against what each process truly drew ---
off=$(attributed 10 10)
# Where the machine is so busy that meters and CPUs are read apart, the energy is of another time.
tap_is "equal watts: each process has its energy within three tenths ($off %)" \
    "$(echo "$off" | awk '{ print NF, ($1 ^ 2 < 900 && $2 ^ 2 < 900) }')" "2 1"
# Splitting by CPU time cannot know that one second draws more than another; how far off it is.
off=$(attributed 5 20)
tap_is "unequal watts: the greedy one pays too little, the modest one too much ($off %)" \
    "$(echo "$off" | awk '{ print NF, ($1 > 0 && $2 < 0) }')" "2 1"

tap_done
