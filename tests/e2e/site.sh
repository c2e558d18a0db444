#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# site.sh - PUE, embodied share, SCI and water of what was measured: as estimate has them of the rest.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/json.sh
. "$(dirname "$0")/../json.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export JOULETRAIL_CONFIG=$tmp/config
: >"$JOULETRAIL_CONFIG"
run=("$JT" run --power model --zone PL --key-dir "$tmp/keys" -f json -o "$tmp/run.json")
burn=(-- sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i + 1)); done')
site=(--pue 1.2:1.1:1.4 --embodied server --share 0.5 --water 1.8)

# --- run ---
"${run[@]}" "${burn[@]}" 2>/dev/null
tap_is "nothing asked for, nothing more" "$(json "$tmp/run.json" '"site" in r')" False
"${run[@]}" "${site[@]}" --sci-per request=100 --ledger "$tmp/ledger" "${burn[@]}" 2>/dev/null
tap_is "the command's energy and carbon by PUE" "$(json "$tmp/run.json" \
    '[abs(r["site"][s]["value"] - 1.2 * r["command_total"][c]["value"]) <= 1
for s, c in (("energy_uj", "energy_uj"), ("operational_ug", "co2e_ug"))]')" "[True, True]"
tap_is "records stay of IT energy: consumers and host add up as before" "$(json "$tmp/run.json" \
    'r["host"]["attributed_uj"] == sum(c["energy_uj"]["value"] for c in r["consumers"])')" True
tap_is "embodied: 1215 kg in 4 years, half of it, for its wall time" "$(json "$tmp/run.json" \
    'abs(r["site"]["embodied_ug"]["value"] / (1215e9 / 2 * r["wall_ns"] / (4 * 31556952e9)) - 1) < 1e-3')" True
tap_is "the whole is the sum" "$(json "$tmp/run.json" \
    'abs(r["site"]["co2e_ug"]["value"] - r["site"]["operational_ug"]["value"] -
r["site"]["embodied_ug"]["value"]) <= 1')" True
tap_is "the PUE's spread is in it: further, relatively, than without" "$(json "$tmp/run.json" \
    '(lambda site, it: site["high"] / site["value"] > 1.001 * it["high"] / it["value"])(
r["site"]["energy_uj"], r["command_total"]["energy_uj"])')" True
tap_is "SCI per request" "$(json "$tmp/run.json" '(r["site"]["sci"]["per"],
abs(r["site"]["sci"]["value_ng"] - r["site"]["co2e_ug"]["value"] * 10) <= 1)')" "('request', True)"
tap_is "water of the site's energy" "$(json "$tmp/run.json" \
    'abs(r["site"]["water_ml"] - r["site"]["energy_uj"]["value"] / 3.6e9 * 1.8) <= 1')" True
tap_is "for people too" "$("$JT" run --power model --zone PL "${site[@]}" -- true 2>&1 |
    grep -cE 'carbon, with embodied|energy, with PUE| of water, at|PUE: 1.200 \[1.100, 1.400\]|Embodied: server')" 5
"${run[@]}" --zone aws:eu-west-3 --water 1 -- true 2>/dev/null
tap_is "a cloud region brings its PUE where a site is asked for" \
    "$(json "$tmp/run.json" 'r["site"]["pue_ppm"]["value"]')" 1185000
printf 'pue = colo\n' >"$JOULETRAIL_CONFIG"
"${run[@]}" -- true 2>/dev/null
tap_is "a machine says its site once" "$(json "$tmp/run.json" 'r["site"]["pue_ppm"]["site"]')" colo
: >"$JOULETRAIL_CONFIG"

# --- its ledger, and what it says later ---
tap_run "the ledger verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"
tap_is "as another verifier finds too" \
    "$(python3 docs/verify_ledger.py "$tmp/ledger" "$tmp"/keys/*.vkey | cut -d' ' -f1)" SIGNED
report=("$JT" report --by host --key-dir "$tmp/keys" -f json)
tap_is "a report is with the ledger's own site" "$(status "${report[@]}" "$tmp/ledger")$(json "$tmp/out" \
    '(r["site"]["pue_ppm"]["value"], r["site"]["embodied_host"],
abs(r["site"]["operational_ug"]["value"] - 1.2 * r["host"]["co2e_ug"]["value"]) <= 1)')" \
    "0(1200000, 'server', True)"
tap_is "embodied by the time that was measured" "$(json "$tmp/out" \
    'abs(r["site"]["embodied_ug"]["value"] / (1215e9 / 2 * (r["to_us"] - r["from_us"]) /
(4 * 31556952e6)) - 1) < 0.05')" True
tap_is "each row with PUE, beside what was recorded" "$(json "$tmp/out" \
    '[abs(c["operational_ug"]["value"] - 1.2 * c["co2e_ug"]["value"]) <= 1 for c in r["consumers"]]')" "[True]"
tap_is "another one on request, with a score" \
    "$(status "${report[@]}" --pue 1.5 --sci-per job=4 "$tmp/ledger")$(json "$tmp/out" \
        '(r["site"]["pue_ppm"]["value"], r["site"]["embodied_host"], r["site"]["sci"]["per"])')" \
    "0(1500000, None, 'job')"
tap_is "a score alone: of the ledger's own" "$(status "${report[@]}" --sci-per job=4 "$tmp/ledger")$(json "$tmp/out" \
    '(r["site"]["pue_ppm"]["value"], r["site"]["sci"]["per"])')" "0(1200000, 'job')"
"$JT" daemon --power model --zone PL --pue on-prem --water 0.5 --ledger "$tmp/daemon" --key-dir "$tmp/keys" \
    --interval 100ms --duration 500ms 2>/dev/null
tap_is "a daemon's ledger" "$(status "${report[@]}" "$tmp/daemon")$(json "$tmp/out" \
    '(r["site"]["pue_ppm"]["site"], r["site"]["embodied_host"], r["site"]["water_ml"] is not None)')" \
    "0('on-prem', None, True)"
"${run[@]}" --pue 1.3 --ledger "$tmp/ledger" -- true 2>/dev/null
tap_is "a ledger of two sites: neither is taken for both" \
    "$(status "${report[@]}" "$tmp/ledger")$(json "$tmp/out" '"site" in r')$(grep -c 'of several sites' "$tmp/err")" \
    "0False1"
"${run[@]}" --ledger "$tmp/bare" -- true 2>/dev/null
tap_is "a ledger without" "$(status "${report[@]}" "$tmp/bare")$(json "$tmp/out" '"site" in r')" 0False

"${run[@]}" "${site[@]}" --key-dir "$tmp/keys1" --capture "$tmp/capture" --ledger "$tmp/first" -- true 2>/dev/null
mkdir "$tmp/keys2"
cp "$tmp/keys1/ledger.pem" "$tmp/keys1/ledger.secret" "$tmp/keys2"
"$JT" replay "$tmp/capture" "${site[@]}" --ledger "$tmp/again" --key-dir "$tmp/keys2" >/dev/null 2>&1
tap_empty "a replay with the same words: the same ledger" \
    "$(diff -r -x lock "$tmp/first" "$tmp/again" 2>&1 | head -n 5)"

# --- bad input: said before anything is measured ---
# refused NAME CODE TEXT OPTION…
refused() {
    local code

    code=$(status "$JT" run "${@:4}" -- touch "$tmp/ran")
    tap_is "$1" "$code$(grep -cF -- "$3" "$tmp/err")$([ -e "$tmp/ran" ] && echo ran)" "${2}1"
}
refused "an odd PUE" 2 "neither 1.2" --pue 0.9
refused "an unknown host" 1 "not known: server" --embodied brick
refused "a share of nothing" 2 "--share goes with --embodied" --share 0.5
refused "a share above all" 2 "no part from 0 to 1" --embodied server --share 1.5
refused "no water below none" 2 "no number from 0 on" --water -1
refused "no score per nothing" 2 "is not like request=1200" --sci-per request=0
tap_is "likewise in a report" "$(status "${report[@]}" --pue 9 "$tmp/ledger")" 2
tap_is "and in a daemon" "$(status "$JT" daemon --ledger "$tmp/x" --key-dir "$tmp/keys" --water much)" 2
tap_done
