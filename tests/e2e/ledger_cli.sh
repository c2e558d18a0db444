#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ledger_cli.sh - verify, prove, verify-proof, ledger and report as commands, on made-up ledgers.
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

tap_run "a ledger of 300 ticks" "$mk" "$tmp/d" "$tmp/k" 300 100000
vkey=$(echo "$tmp"/k/*.vkey)
keys=(--key-dir "$tmp/k")

tap_is "verify by the key directory" "$(status "$JT" verify "${keys[@]}" "$tmp/d")" 0
tap_is "verify by the key's file, remembering" \
    "$(status "$JT" verify -f json --key "$vkey" --state "$tmp/state" "$tmp/d")" 0
tap_is "its JSON" "$(json "$tmp/out" '(r["verdict"], r["n_ticks"], r["closed"], r["exit_code"])')" \
    "('SIGNED', 300, True, 0)"
cp -a "$tmp/d" "$tmp/yesterday"
"$mk" "$tmp/d" "$tmp/k" 1 100000
tap_is "verify by what is remembered" \
    "$(status "$JT" verify --state "$tmp/state" "$tmp/d")" 0
tap_is "yesterday's copy is a rollback" \
    "$(status "$JT" verify --state "$tmp/state" "$tmp/yesterday")" 13
tap_is "no progress bar where there is no terminal" "$(cat "$tmp/err")" ""

"$JT" prove --index 700 "$tmp/d" >"$tmp/proof"
rm -rf "$tmp/elsewhere" && mkdir "$tmp/elsewhere" && cp "$tmp/proof" "$vkey" "$tmp/elsewhere"
tap_is "a proof stands alone" \
    "$(cd "$tmp/elsewhere" && status "$JT" verify-proof -f json --key ./*.vkey proof)" 0
tap_is "it says of which record" "$(json "$tmp/out" '(r["verdict"], r["index"])')" "('PROVEN', 700)"
sed -i '1s/"v":1/"v":2/' "$tmp/proof"
tap_is "of a changed record it proves nothing" \
    "$(status "$JT" verify-proof --key "$vkey" "$tmp/proof")" 10
"$JT" prove --from 100 "$tmp/d" >"$tmp/proof"
tap_is "a beginning is proven" "$(status "$JT" verify-proof --key "$vkey" "$tmp/proof")" 0
tap_is "prove wants to know what" "$(status "$JT" prove "$tmp/d")" 2
tap_is "prove says what there is" "$(status "$JT" prove --index 99999 "$tmp/d")" 1

tap_is "ledger info" "$(status "$JT" ledger info -f json "$tmp/d")" 0
tap_is "it counts" "$(json "$tmp/out" 'r["n_packed"] > 3 and r["n_kept"] > 3 and not r["held"]')" \
    True
"$JT" ledger export "${keys[@]}" "$tmp/d" >"$tmp/lines"
tap_is "export gives every record as it was" "$(wc -l <"$tmp/lines")" \
    "$(json "$tmp/out" 'r["size"]')"
cp "$tmp/d/seg/$(printf %020d 0).jsonl.gz" "$tmp/d/seg/$(printf %020d 3).jsonl.gz"
rm -rf "$tmp/d/tile"
tap_is "a stray segment is seen" "$(status "$JT" verify "${keys[@]}" "$tmp/d")" 10
tap_is "repair sets it aside" "$(status "$JT" ledger repair "$tmp/d")" 0
tap_is "all is well again" "$(status "$JT" verify --strict "${keys[@]}" "$tmp/d")" 0
tap_is "with tiles made anew" "$([ -s "$tmp/d/tile/0/000" ] && echo yes)" yes

tap_is "report as JSON" "$(status "$JT" report "${keys[@]}" -f json --by process "$tmp/d")" 0
tap_is "consumers, idle and host add up" "$(json "$tmp/out" '(
sum(c["energy_uj"]["value"] for c in r["consumers"]) +
r["idle_and_unattributed"]["energy_uj"]["value"] - r["host"]["energy_uj"]["value"])')" 0
tap_is "rows as in jouletrail.run/1" "$(json "$tmp/out" '(
all(k in r["consumers"][0] for k in ("kind id name labels pid start_boottime_ns comm cgroup "
"cpu_ns energy_uj co2e_ug").split()))')" True
tap_is "intervals hold their value" "$(json "$tmp/out" '(
all(x["low"] <= x["value"] <= x["high"] for c in r["consumers"]
for x in (c["energy_uj"], c["co2e_ug"])))')" True
for by in thread comm cgroup container pod unit slice user session vm zone host; do
    tap_is "report --by $by" "$(status "$JT" report "${keys[@]}" -f csv --by $by "$tmp/d")" 0
done
tap_is "report by what is not known" "$(status "$JT" report "${keys[@]}" --by colour "$tmp/d")" 2
"$JT" report "${keys[@]}" -f json --since 1970-01-01T00:01:00Z --until 1970-01-01T00:02:00Z \
    "$tmp/d" >"$tmp/out"
tap_is "since and until" "$(json "$tmp/out" '(r["n_ticks"], r["from_us"])')" "(60, 60000000)"
tap_is "report for people names what it rests on" \
    "$("$JT" report "${keys[@]}" "$tmp/d" | grep -c 'verified records of host.example')" 1
tap_is "without a key it says so" "$(status "$JT" report --key-dir "$tmp/none" "$tmp/d")" 5
tap_run "and has figures" grep -q 'the host' "$tmp/out"
printf '{}\n' >>"$(find "$tmp/d/seg" -name '*.jsonl' | sort | tail -n 1)"
tap_is "what is not signed is not in it" "$(status "$JT" report "${keys[@]}" "$tmp/d")" 14
tap_run "and that is said" grep -q 'were not verified' "$tmp/out"
chmod -R u+w "$tmp/d"
printf x | dd of="$(find "$tmp/d/seg" -name '*.gz' | sort | head -n 1)" bs=1 seek=300 conv=notrunc \
    status=none
tap_is "a tampered ledger has no figures" "$(status "$JT" report "${keys[@]}" "$tmp/d")" 10
tap_is "nothing at all" "$(wc -c <"$tmp/out")" 0

tap_is "as a stream" "$(status "$mk" - "$tmp/k2" 3)" 0
tap_is "records and their checkpoints" "$(python3 - "$tmp/out" <<'PYTHON'
import hashlib, json, sys
prev, n, notes = "0" * 64, 0, 0
for line in open(sys.argv[1], "rb"):
    r = json.loads(line)
    if "checkpoint" in r:
        notes += 1
        continue
    assert r["i"] == n and r["prev"] == prev
    prev, n = hashlib.sha256(b"\0" + line[:-1]).hexdigest(), n + 1
print(n, notes)
PYTHON
)" "17 5"
tap_done
