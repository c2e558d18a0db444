#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# whatif.sh - a ledger's energy at another time and place: figures from verified records, or none.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/json.sh
. "$(dirname "$0")/../json.sh"
cd "$(dirname "$0")/../.." || exit 1
JT=$(realpath "${JT:-build/jouletrail}")
mk=$(realpath "${B:-build}/tests/e2e/mkledger")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# A ledger of 60 ticks of a second in FR, from 1970 on; 100 g/kWh then, 40 ten minutes later.
"$mk" "$tmp/d" "$tmp/k" 60 2>"$tmp/err" || exit 1
{
    echo "time,duration,zone,g_per_kwh"
    for minute in $(seq 0 59); do
        echo "$((minute * 60)),00:01:00,FR,$((minute >= 10 && minute < 15 ? 40 : 100))"
        echo "$((minute * 60)),00:01:00,SE,20"
    done
} >"$tmp/series.csv"
whatif() {
    status "$JT" whatif --key-dir "$tmp/k" "$@" "$tmp/d"
}
series=(--series "$tmp/series.csv" -f json)

tap_is "ten minutes later" "$(whatif "${series[@]}" --shift +10m)" 0
tap_is "is 60 % less" \
    "$(json "$tmp/out" 'round(r["total"]["instead_co2e_ug"] / r["total"]["was_co2e_ug"], 3)')" 0.4
tap_is "of the energy that was measured" "$(json "$tmp/out" '(
r["total"]["energy_uj"]["value"] == sum(c["energy_uj"]["value"] for c in r["consumers"]))')" True
tap_is "at what it was: 100 g/kWh" "$(json "$tmp/out" '(
abs(r["total"]["energy_uj"]["value"] / 36000 - r["total"]["was_co2e_ug"]) <= 1)')" True
tap_is "consumer by consumer" "$(json "$tmp/out" '(
abs(sum(c["saved_co2e_ug"]["value"] for c in r["consumers"]) - r["total"]["saved_co2e_ug"]["value"])
<= len(r["consumers"]))')" True
tap_is "a saving for certain: the zone's error multiplies both" \
    "$(json "$tmp/out" 'all(c["saved_co2e_ug"]["low"] > 0 for c in r["consumers"])')" True
tap_is "from verified records" "$(json "$tmp/out" 'r["verified"]["verdict"]')" SIGNED
tap_is "the best within an hour" "$(whatif "${series[@]}" --best-within 1h)" 0
tap_is "is that" "$(json "$tmp/out" 'r["change"]["shift_s"]')" 600
tap_is "the best within five minutes" "$(whatif "${series[@]}" --best-within 5m)" 0
tap_is "is at once, for nothing" \
    "$(json "$tmp/out" '(r["change"]["shift_s"], r["total"]["saved_co2e_ug"]["value"])')" "(0, 0)"
tap_is "in another zone" "$(whatif "${series[@]}" --zone SE)" 0
tap_is "is a fifth" \
    "$(json "$tmp/out" 'round(r["total"]["instead_co2e_ug"] / r["total"]["was_co2e_ug"], 3)')" 0.2
tap_is "half of it beyond the series" "$(whatif "${series[@]}" --shift 59.5m)" 0
tap_is "is left out on both sides" "$(json "$tmp/out" '(
r["n_unknown_ticks"], r["total"]["unknown_energy_uj"] > 0,
r["total"]["was_co2e_ug"] == r["total"]["instead_co2e_ug"] > 0)')" "(30, True, True)"
tap_is "all of it beyond the series" "$(whatif "${series[@]}" --shift 24h)" 1
tap_is "by annual means, of a place" "$(whatif --zone SE -f json)" 0
tap_is "with both zones' errors in it" "$(json "$tmp/out" 'r["total"]["saved_co2e_ug"]["low"] < 0')" \
    True
tap_run "for people" "$JT" whatif --key-dir "$tmp/k" --zone SE "$tmp/d"
tap_is "another time needs a series" "$(whatif --shift +6h)" 2
tap_is "nothing else is nothing" "$(whatif)" 2
tap_is "an unknown zone" "$(whatif --zone nowhere)" 1
tap_is "a zone that the series have not" "$(whatif "${series[@]}" --zone DE)" 1
tap_is "a kind that they have not" "$(whatif "${series[@]}" --shift 1m --kind marginal)" 1
tap_is "a series that is not there" "$(whatif --series "$tmp/none" --shift 1m)" 1
chmod -R u+w "$tmp/d"
printf x | dd of="$(find "$tmp/d/seg" -type f | sort | head -n 1)" bs=1 seek=300 conv=notrunc \
    status=none
tap_is "a tampered ledger has no figures" "$(whatif "${series[@]}" --shift 10m)" 10
tap_is "nothing at all" "$(wc -c <"$tmp/out")" 0
tap_done
