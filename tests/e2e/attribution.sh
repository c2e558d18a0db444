#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# attribution.sh - one run on simulated meters, divided by every method, against what each process
# truly drew; and what cgroups reserve.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/sim.sh
. "$(dirname "$0")/../sim.sh"
sim_need
tmp=$(mktemp -d)
group=
trap 'umount -l "$tmp/sim" 2>/dev/null; rm -rf "$tmp"; [ -z "$group" ] || rmdir "$group"' EXIT

# json FILE EXPRESSION: of the report as d
json() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}

# --- one run, captured: five processes, three of the usual watts, one greedy, one modest ---
burn='import time
while time.process_time() < 1.5: pass
time.sleep(0.3)'
# Not what stands in PATH: it may be a script that goes by its own name.
python=$(python3 -c 'import sys; print(sys.executable)')
for name in a b c d e; do ln -s "$python" "$tmp/mix-$name"; done
echo "package-0.idle_w = 10" >"$tmp/idle.cal"
sim_start "$tmp/sim" --domains psys --idle 10 --busy 12 --poll 50 \
    --watts "mix-a=12,mix-b=12,mix-c=12,mix-d=20,mix-e=6" || tap_skip_all "raplsim cannot mount here"
"$JT" run --max-tasks 131072 --interval 250ms --power powercap --power-root "$tmp/sim" \
    --calibration "$tmp/idle.cal" --capture "$tmp/run.jsonl" -f json -o "$tmp/run.json" -- \
    sh -c 'sleep 1; for n in a b c d e; do "$1/mix-$n" -c "$2" & done; wait; sleep 1' sh "$tmp" "$burn" ||
    tap_fail "the run" "status $?"
cp "$tmp/sim/truth.json" "$tmp/truth.json"
sim_stop "$tmp/sim"

# The greatest error of an equal-watts process, and the mean of all five, in per cent of the truth.
errors() {
    python3 - "$tmp/$1.json" "$tmp/truth.json" <<'P'
import json, sys
report, truth = (json.load(open(name)) for name in sys.argv[1:])
drawn = {p["comm"]: int(p["energy_uj"]) for p in truth["processes"]}
off = {c["comm"]: c["energy_uj"]["value"] / drawn[c["comm"]] - 1
       for c in report["consumers"] if c["comm"] in drawn}
worst = max(abs(off["mix-" + n]) for n in "abc")
print("%.1f %.1f" % (100 * worst, 100 * sum(map(abs, off.values())) / len(off)))
P
}

divided() {
    local name=$1

    shift
    "$JT" replay "$tmp/run.jsonl" -f json "$@" >"$tmp/$name.json" 2>"$tmp/err" || cat "$tmp/err"
    errors "$name"
}

calibrated=$(divided calibrated)
none=$(divided none --static-power none)
learnt=$(divided learnt --static-power learnt)
proportional=$(divided proportional --idle-policy proportional)
tap_is "replay divides as the run did" "$calibrated" "$(errors run)"
echo "# worst of three equal processes, mean of five with 6 and 20 W among 12 W, per cent:"
echo "# calibrated $calibrated; learnt $learnt; none $none; proportional $proportional"
# Where the machine is so busy that meters and CPUs are read apart, the energy is of another time.
tap_is "calibrated: equal processes have what they drew within a quarter ($calibrated %)" \
    "$(echo "$calibrated" | awk '{ print ($1 < 25) }')" 1
tap_is "without static power everybody pays for idle: further off ($none %)" \
    "$(echo "$none $calibrated" | awk '{ print ($1 > $3 && $2 > $4) }')" 1
tap_is "learnt: never further off than without ($learnt %)" \
    "$(echo "$none $learnt" | awk '{ print ($3 <= $1 && $4 <= $2) }')" 1
tap_is "proportional: idle is in what they pay, as without static power" "$proportional" "$none"
for name in calibrated none learnt proportional; do
    tap_is "$name: the books close, and say by what method" "$(json "$tmp/$name.json" \
        '(d["conservation"]["energy_uj"], sum(c["energy_uj"]["value"] for c in d["consumers"])
            == d["host"]["attributed_uj"], d["method"]["idle_policy"], d["method"]["static_power"])')" \
        "$(case $name in
        calibrated) echo "(0, True, 'separate', 'calibrated')" ;;
        none) echo "(0, True, 'separate', 'none')" ;;
        learnt) echo "(0, True, 'separate', 'learnt')" ;;
        *) echo "(0, True, 'proportional', 'calibrated')" ;;
        esac)"
done
tap_is "each says where static power is from" \
    "$(for name in calibrated none; do json "$tmp/$name.json" \
        '[x["static_source"] for x in d["domains"] if x["counted"]]'; done | tr '\n' ' ')" \
    "['calibration'] ['none'] "
tap_is "parts of what was attributed add up to all of it" "$(json "$tmp/run.json" \
    'abs(sum(c["allocation_ratio_ppm"] for c in d["consumers"]) - 10**6) <= len(d["consumers"])')" True
tap_is "the platform's rest is shown: what its meter has beyond the package's" "$(json "$tmp/run.json" \
    '(lambda uj: d["host"]["platform_rest_uj"] == uj["psys"] - uj["package-0"] > 0)(
        {x["name"]: x["energy_uj"] for x in d["domains"]})')" True
tap_is "jouletrail itself is a consumer" "$(json "$tmp/run.json" \
    '[c["comm"] for c in d["consumers"] if c["labels"].get("self")]')" "['jouletrail']"

# --- words that there are not ---
"$JT" replay "$tmp/run.jsonl" --weight cycles >/dev/null 2>"$tmp/err"
tap_is "a weight that was not captured: status 1, and what there is" \
    "$? $(grep -c 'it has time' "$tmp/err")" "1 1"
for option in --idle-policy --static-power; do
    "$JT" run $option nonsense -- true 2>"$tmp/err"
    tap_is "$option: an unknown word is refused, with the words there are" \
        "$? $(grep -c -- "$option is" "$tmp/err") $(wc -l <"$tmp/err")" "1 1 1"
done
"$JT" run --smt-corun 40 -- true 2>"$tmp/err"
tap_is "--smt-corun below half is refused" $? 2

# --- what a cgroup reserves ---
if [ -e /sys/fs/cgroup/cpu/cpu.shares ]; then
    mkdir /sys/fs/cgroup/cpu/jouletrail-reserve-$$ && group=/sys/fs/cgroup/cpu/jouletrail-reserve-$$
    echo 100000 >"$group/cpu.cfs_period_us" && echo 50000 >"$group/cpu.cfs_quota_us"
elif grep -qw cpu /sys/fs/cgroup/cgroup.subtree_control 2>/dev/null; then
    mkdir /sys/fs/cgroup/jouletrail-reserve-$$ && group=/sys/fs/cgroup/jouletrail-reserve-$$
    echo "50000 100000" >"$group/cpu.max"
fi
if [ "$group" ]; then
    "$JT" run --power model --idle-policy reserved --interval 250ms -f json -o "$tmp/r.json" -- \
        sh -c "echo \$\$ >$group/cgroup.procs; sleep 0.6; head -c 99999999 /dev/zero | cksum; sleep 1" \
        >/dev/null 2>"$tmp/err" || cat "$tmp/err"
    # Its tasks pay in the windows in which they ran, a row of its own in the others.
    tap_is "a cgroup with half a CPU pays for idle also while it sleeps" "$(json "$tmp/r.json" \
        'any(c["labels"].get("reserved") and c["energy_uj"]["value"] > 0
             and (c["cgroup"] or "").endswith("jouletrail-reserve-'$$'") for c in d["consumers"])')" True
    tap_is "nothing is lost by it" "$(json "$tmp/r.json" \
        '(d["conservation"]["energy_uj"], d["method"]["idle_policy"],
          d["host"]["idle_uj"] < d["host"]["static_uj"])')" "(0, 'reserved', True)"
else
    tap_skip "a cgroup with half a CPU pays for idle" "no cpu controller to limit a group with"
fi
tap_done
