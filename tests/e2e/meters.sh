#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# meters.sh - the meters as a user meets them: chosen, shown, calibrated, and read within windows
# longer than a counter takes to go round.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
counter=
trap '[ -z "$counter" ] || kill "$counter"; rm -rf "$tmp"' EXIT
sys=tests/fixtures/sys

# json FILE EXPRESSION: of the report as d.
json() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$1" "$2"
}

# --- doctor shows what is added and what is not ---
"$JT" doctor -f json --power-root "$sys/laptop" >"$tmp/doctor.json" 2>"$tmp/err"
tap_is "the domains are a tree" "$(json "$tmp/doctor.json" \
    '" ".join("%s<%s" % (x["name"], x["parent"]) for x in d["domains"] if not x["mirrored"])')" \
    "package-0<psys core-0<package-0 uncore-0<package-0 dram-0<psys psys<None"
tap_is "packages and DRAM are added" "$(json "$tmp/doctor.json" \
    '" ".join(x["name"] for x in d["domains"] if x["counted"])')" "package-0 dram-0"
tap_is "a mirror is told as one" "$(json "$tmp/doctor.json" \
    '[x["source"] for x in d["domains"] if x["mirrored"]]')" \
    "['powercap intel-rapl-mmio:0 (package-0)']"
tap_is "every domain that is not added says why" "$(json "$tmp/doctor.json" \
    'all(x["counted"] != bool(x["why_not"]) for x in d["domains"])')" True
tap_is "people see the same" \
    "$("$JT" doctor --power-root "$sys/laptop" | grep -cE '^ +(psys|package-0|core-0|uncore-0|dram-0) ')" 6

# --- what a user may get wrong ---
"$JT" run --power dynamo -- true 2>"$tmp/err"
tap_is "an unknown meter is one clear line" "$(wc -l <"$tmp/err")" 1
"$JT" run --power perf,gpu --power-root "$sys/guest" -- true 2>"$tmp/err"
tap_is "so is one that is not there" "$(grep -c 'perf: no PMU' "$tmp/err")" 1
echo 'idle_w = lots' >"$tmp/cal"
"$JT" run --calibration "$tmp/cal" -- true 2>"$tmp/err"
tap_is "and a calibration that is not understood" "$(grep -c "line 1: 'idle_w = lots'" "$tmp/err")" 1
"$JT" calibrate --power-root "$sys/guest" 2>"$tmp/err"
tap_is "calibrate without a meter says what to do" "$? $(grep -c -- --wall-idle "$tmp/err")" "1 1"
"$JT" calibrate --wall-idle 40 2>"$tmp/err"
tap_is "half a wall meter is a usage error" $? 2

# --- a wall meter's figures take the place of the model's ---
"$JT" calibrate --wall-idle 40 --wall-max 100 --power-root "$sys/guest" -o "$tmp/cal"
"$JT" run -f json -o "$tmp/r.json" --power model --calibration "$tmp/cal" -- true 2>/dev/null
tap_is "a wall meter's figures are used" "$(json "$tmp/r.json" \
    '[x["source"][:30] for x in d["domains"]]')" "['calibrated: 40.00 to 100.00 W ']"

# --- a counter that goes round every 4 s, and draws 10 W whatever the machine does ---
zone=$tmp/m/sys/class/powercap/intel-rapl:0
mkdir -p "$zone"
echo package-0 >"$zone/name"
echo 40000000 >"$zone/max_energy_range_uj"
echo long_term >"$zone/constraint_0_name"
echo 10000000 >"$zone/constraint_0_max_power_uw"
echo 00000000000000000000 >"$zone/energy_uj"
python3 - "$zone/energy_uj" <<'P' &
import os, sys, time
fd = os.open(sys.argv[1], os.O_WRONLY)
while True:
    os.pwrite(fd, b"%020d" % (int(time.monotonic() * 10e6) % 40000000), 0)
    time.sleep(0.01)
P
counter=$!
until [ "$(cat "$zone/energy_uj")" != 00000000000000000000 ]; do sleep 0.1; done
"$JT" run -f json -o "$tmp/r.json" --interval 1h --power powercap --power-root "$tmp/m" -- sleep 9 \
    2>"$tmp/err"
tap_is "one window" "$(json "$tmp/r.json" 'd["n_windows"]')" 1
tap_is "without a gap, over two rounds of the counter" "$(json "$tmp/r.json" 'd["gaps"]')" "[]"
tap_is "exact: 10 W all the time" "$(json "$tmp/r.json" \
    'abs(d["host"]["energy_uj"] - d["wall_ns"] / 100) < d["wall_ns"] / 1000')" True

"$JT" calibrate --force -d 1s --power-root "$tmp/m" -o "$tmp/cal" 2>"$tmp/err"
tap_is "calibrate measures it" "$(sed -n 's/^package-0.idle_w = \([0-9]*\).*/\1/p' "$tmp/cal" |
    awk '{ print ($1 >= 8 && $1 <= 12) ? "about 10" : $1 }')" "about 10"
echo 'package-0.idle_w = 4' >"$tmp/cal"
"$JT" run -f json -o "$tmp/r.json" --calibration "$tmp/cal" --power-root "$tmp/m" -- sleep 2 2>"$tmp/err"
tap_is "a measured domain has its static power from there" "$(json "$tmp/r.json" \
    '0.3 < d["domains"][0]["idle_uj"] / d["domains"][0]["energy_uj"] < 0.5')" True

tap_done
