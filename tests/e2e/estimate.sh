#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# estimate.sh - carbon of any energy, what is known of grids, and the tables that it comes from.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export JOULETRAIL_CONFIG=$tmp/none
: >"$JOULETRAIL_CONFIG"

# says NAME CODE TEXT WORD…: that exit code, and TEXT in what is printed
says() {
    local name=$1 want=$2 text=$3 out code

    out=$("$JT" "${@:4}" 2>&1)
    code=$?
    if [ "$code" = "$want" ] && printf '%s\n' "$out" | grep -qE -- "$text"; then
        tap_pass "$name"
    else
        tap_fail "$name" "exit $code, want $want with '$text': $out"
    fi
}

# member EXPRESSION WORD…: of the JSON that is printed, as j
member() {
    "$JT" "${@:2}" -f json 2>/dev/null | python3 \
        -c 'import json, sys; j = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"
}

# --- one figure ---
tap_is "1 kWh in France: the zone's mean" "$(member 'j["co2e_ug"]["value"], j["marginal"]["operational_ug"]["value"]' \
    estimate --energy 1kWh --zone FR)" "(44200000, 158000000)"
tap_is "power times duration" "$(member 'j["energy_uj"]["value"], j["duration_ns"]' \
    estimate --power 300W --duration 2h --zone FR)" "(2160000000000, 7200000000000)"
tap_is "from and to are a duration" "$(member 'j["energy_uj"]["value"]' \
    estimate --power 1kW --from 2026-01-01T00:00:00Z --to 2026-01-01T01:00:00Z --zone FR)" 3600000000000
tap_is "a year's mean is surer for a year than for an hour" "$(member 'j["co2e_ug"]["low"]' \
    estimate --energy 1kWh --zone FR --from 2025-01-01 --to 2026-01-01)" 22200000
tap_is "a cloud region has its PUE" "$(member 'j["pue_ppm"]["value"], j["co2e_ug"]["value"]' \
    estimate --energy 1kWh --zone aws:eu-west-3)" "(1185000, 52377000)"
tap_is "SCI" "$(member 'j["sci"]["per"], j["sci"]["value_ng"]' \
    estimate --energy 1kWh --zone FR --sci-per request=1000)" "('request', 44200000)"
tap_is "equivalents are for people only" "$("$JT" estimate --energy 1kWh --zone FR | grep -c 'average car')$(
    "$JT" estimate --energy 1kWh --zone FR -f json | grep -c 'average car')" 10
says "no zone: said loudly" 0 "NO ZONE WAS GIVEN" estimate --energy 1kWh
says "no energy" 2 "give --energy" estimate --zone FR
says "energy and power" 2 "give --energy" estimate --zone FR --energy 1J --power 1W
says "power without time" 2 "needs --duration" estimate --zone FR --power 1W
says "an unknown zone: an error with what is near" 1 "unknown zone 'FX': near:.* FR" estimate --energy 1J --zone FX
says "an unknown unit" 2 "no energy like" estimate --energy 5 --zone FR
says "to before from" 2 "is not after" estimate --energy 1J --zone FR --from 2026-01-02 --to 2026-01-01
says "an unknown host" 1 "not known: server" estimate --energy 1J --zone FR --duration 1h --embodied brick
says "an odd PUE" 2 "neither 1.2" estimate --energy 1J --zone FR --pue 0.9

# --- a table ---
printf 'id,energy_wh,zone,from,to\na,1000,FR,,\nb,1000,DE,2026-01-01,2026-01-02\nc,1000,,,\n' >"$tmp/in.csv"
tap_is "a table: its rows with their carbon, or with no-zone" \
    "$("$JT" estimate --csv "$tmp/in.csv" 2>/dev/null | cut -d, -f1,6-8,11)" \
    "id,grid_zone,mg_per_kwh,co2e_ug,flags
a,FR,44200,44200000,
b,DE,342100,342100000,
c,WORLD,472900,472900000,no-zone"
printf 'id,energy_wh\na,much\n' >"$tmp/bad.csv"
says "a bad row: its line, and no figures" 1 "line 2: --energy: 'muchWh'" estimate --csv "$tmp/bad.csv"
printf 'id\na\n' >"$tmp/bad.csv"
says "a table without energies" 1 "line 1: no column" estimate --csv "$tmp/bad.csv"

# --- intensity over time ---
printf '%s\n' start,zone,g_per_kwh 2026-01-01T00:00:00Z,FR,40 2026-01-01T01:00:00Z,FR,60 2026-01-01T02:00:00Z,FR, \
    >"$tmp/fr.csv"
tap_is "of the moment, not of the year" "$(member 'j["co2e_ug"]["value"], j["intensity_mg_per_kwh"]["is_annual_mean"]' \
    estimate --energy 1kWh --zone FR --intensity "$tmp/fr.csv" --from 2026-01-01T00:30:00Z --to 2026-01-01T01:30:00Z)" \
    "(50000000, False)"
tap_is "outside: the nearest, flagged" "$(member 'j["mg_per_kwh"], j["flags"]' \
    intensity at --zone FR --intensity "$tmp/fr.csv" 2026-01-01T03:00:00Z)" "(60000, 'filled+assumed-end')"
says "another zone than the file's" 1 "no location 'DE'" intensity at --zone DE --intensity "$tmp/fr.csv"
says "check: what is missing" 0 "1 values are missing" intensity check "$tmp/fr.csv"
tap_run "pack" "$JT" intensity pack "$tmp/fr.csv" "$tmp/fr.pack"
tap_is "a packed file says the same" "$(member 'j["mg_per_kwh"]' \
    intensity at --zone FR --intensity "$tmp/fr.pack" 2026-01-01T01:10:00Z)" 60000
tap_is "a kind that is asked for" "$(member 'j["mg_per_kwh"], j["kind"]' intensity at --zone FR --kind marginal)" \
    "(158000, 'marginal')"
tap_is "an estimate by it, and nothing beside it" "$(member 'j["co2e_ug"]["value"], j["marginal"]' \
    estimate --energy 1kWh --zone FR --kind marginal)" "(158000000, None)"
says "a kind that the world has not" 1 "the world has none" intensity at --kind marginal
says "a kind that the file has not" 1 "no marginal intensity of 'FR'" \
    intensity at --zone FR --kind marginal --intensity "$tmp/fr.csv"
says "a kind that the feed has not" 1 "uk is average" intensity at --kind marginal --intensity uk
says "a kind that is none" 1 "average or marginal" intensity at --zone FR --kind both
says "show: both signals" 0 "marginal of 2021" intensity show FR
says "show: an unknown zone" 1 "near:.* FR" intensity show FX
says "at: what is no time" 2 "no time like" intensity at --zone FR tomorrow
truncate -s 100M "$tmp/huge.json" && printf '[' | dd of="$tmp/huge.json" conv=notrunc status=none
says "a JSON of 100 MB is not read" 1 "104857600 bytes, at most" intensity check "$tmp/huge.json"

# --- the machine's own configuration ---
printf '# here\nzone = DE\n' >"$JOULETRAIL_CONFIG"
tap_is "a zone from the configuration" "$(member 'j["zone"]' intensity at)" DE
tap_is "the command line goes before it" "$(member 'j["zone"]' intensity at --zone FR)" FR
printf 'zonne = DE\n' >"$JOULETRAIL_CONFIG"
says "an unknown name in it" 2 "line 1: 'zonne'" intensity at
: >"$JOULETRAIL_CONFIG"

# --- the tables are made of the figures in tools/figures, each zone checked on the way ---
tap_empty "zones.tsv is what its script makes" \
    "$(python3 tools/gen-zones-tsv.py 2>/dev/null | diff -q - src/intensity/zones.tsv)"
for name in pue embodied; do
    tap_empty "$name.tsv is what its script makes" \
        "$(python3 tools/gen-sites-tsv.py "$name" | diff -q - "src/carbon/$name.tsv")"
done
cp -r tools/figures "$tmp/figures"
sed -i 's/^FR,France,average,44.2,/FR,France,average,442,/' "$tmp/figures/intensity_regions_permissive.csv"
tap_is "a zone out of range of its source stops the script" \
    "$(python3 tools/gen-zones-tsv.py "$tmp/figures" 2>&1 >/dev/null | grep -c 'zone FR')" 1
tap_done
