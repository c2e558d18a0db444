#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# overflow.sh - more tasks than --max-tasks: the loss of detail is in every output, the time in all.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Forty tasks at once; sixteen cells are gone before.
load='for i in 1 2 3 4 5 6 7 8; do for j in 1 2 3 4 5; do
(i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done) & done; done; wait'

json() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$tmp/r.json" "$1"
}

"$JT" run --max-tasks 16 --power model -f json -o "$tmp/r.json" -- sh -c "$load"
tap_is "run goes on: exit 0" $? 0
tap_is "JSON: tasks that lost their detail are counted" "$(json 'd["lost"]["n_no_cell"] >= 40')" True
tap_is "JSON: none went to the global cell" "$(json 'd["lost"]["n_global"]')" 0
tap_is "JSON: CPU time is whole" "$(json 'd["conservation"]["time_ppm"] <= 1000')" True
tap_is "JSON: energy is whole" "$(json 'sum(c["energy_uj"]["value"] for c in
    d["consumers"]) - d["host"]["attributed_uj"]')" 0

"$JT" run --max-tasks 16 --power model -- sh -c "$load" 2>"$tmp/human"
tap_run "people are told, with the option that mends it" grep -q 'max-tasks' "$tmp/human"

"$JT" daemon --max-tasks 16 --power model --interval 200ms --tick 1s --duration 3s \
    --ledger "$tmp/ledger" --key-dir "$tmp/keys" 2>"$tmp/err" &
pid=$!
for _ in 1 2 3 4 5 6; do sh -c "$load"; done
wait $pid
tap_is "daemon goes on: exit 0" $? 0
tap_run "its ledger verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"
tap_is "the ticks hold the loss" "$(python3 - "$tmp/ledger" <<'P'
import glob, json, sys
ticks = [json.loads(line) for name in sorted(glob.glob(sys.argv[1] + "/seg/*.jsonl"))
         for line in open(name, "rb")]
ticks = [t for t in ticks if t["k"] == "tick"]
def find(o):
    if isinstance(o, dict):
        for k, v in o.items():
            if k == "lost":
                yield v
            else:
                yield from find(v)
print(sum(int(l.get("n_no_cell", 0)) for t in ticks for l in find(t)) > 0)
P
)" True

"$JT" run --max-tasks 0x -- true 2>"$tmp/err"
tap_is "a bad number: usage" $? 2
tap_is "one line" "$(wc -l <"$tmp/err")" 1
tap_done
