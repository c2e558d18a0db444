#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# uncertainty.sh - budgets, comparisons and Monte Carlo as a user calls them, and bad baselines.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# work N: something that takes CPU time, in proportion to N
# shellcheck disable=SC2016 # the inner shell's own
work='i=0; while [ $i -lt $0 ]; do i=$((i + 1)); done'

# json FILE EXPRESSION: of the file as d
json() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(" ".join(sys.argv[2].split())))' "$tmp/$1" "$2"
}

run() {
    "$JT" run --power model "$@" 2>"$tmp/err"
}

# --- the budget ---
run --explain -o "$tmp/a.txt" -- sh -c "$work" 50000
tap_is "run --explain" $? 0
tap_run "names the sources by size" grep -q 'Uncertainty of the command, by source:' "$tmp/a.txt"
tap_run "and what would shrink them" grep -Eq 'intensity +give --zone' "$tmp/a.txt"
run --explain --zone FR -o "$tmp/a.txt" -- sh -c "$work" 50000
tap_is "with a zone it is not asked for" "$(grep -c 'give --zone' "$tmp/a.txt")" 0
run -f json -o "$tmp/base.json" --capture "$tmp/base.cap" --ledger "$tmp/d" --key-dir "$tmp/k" -- \
    sh -c "$work" 200000
tap_is "a baseline" $? 0
tap_is "the budget is in the JSON, largest first" "$(json base.json \
    '[b["sd_ppm"] for b in d["command_total"]["budget"]] == sorted([b["sd_ppm"] for b in
      d["command_total"]["budget"]], reverse=True) and len(d["command_total"]["budget"]) >= 4')" True
tap_is "and the method has its name" "$(json base.json 'd["method"]["uncertainty"]')" \
    analytical_truncated

# --- against a baseline ---
run -f json -o "$tmp/b.json" --compare "$tmp/base.json" -- sh -c "$work" 20000
tap_is "run --compare" $? 0
tap_is "a tenth of the work is less" "$(json b.json 'd["comparison"]["energy"]["ratio_ppm"] < 700000
    and d["comparison"]["energy"]["less_ppm"] > 990000')" True
tap_is "on one machine its model's error cancels" "$(json b.json \
    '(d["comparison"]["energy"]["ratio_high_ppm"] - d["comparison"]["energy"]["ratio_low_ppm"]) <
     (0.8 if d["comparison"]["same_machine"] else 3) * d["comparison"]["energy"]["ratio_ppm"]')" True
run -o "$tmp/b.txt" --compare "$tmp/base.json" -- sh -c "$work" 20000
tap_run "said in one sentence" grep -Eq 'This run used [0-9.]+ % .*less energy; .*confident' "$tmp/b.txt"
tap_is "without a baseline there is none" "$(json base.json 'd["comparison"]')" None

# refused NAME PATTERN FILE: before the command is run, with one line that says why
refused() {
    rm -f "$tmp/ran"
    run --compare "$3" -- touch "$tmp/ran"
    tap_is "$1: status" $? 2
    tap_is "$1: the command has not run" "$(ls "$tmp/ran" 2>/dev/null)" ""
    tap_is "$1: one line" "$(grep -c "cannot compare with .*$2" "$tmp/err")" 1
}
refused "no such file" 'No such file' "$tmp/none.json"
refused "a directory" 'directory' "$tmp"
echo 'no json' >"$tmp/bad.json"
refused "no JSON" 'no JSON' "$tmp/bad.json"
: >"$tmp/bad.json"
refused "an empty file" 'no JSON' "$tmp/bad.json"
head -c 1000 "$tmp/base.json" >"$tmp/bad.json"
refused "half a file" 'no JSON' "$tmp/bad.json"
"$JT" top --once -f json --power model >"$tmp/bad.json" 2>/dev/null
refused "what top wrote" 'jouletrail.top/1' "$tmp/bad.json"
python3 - "$tmp/base.json" "$tmp" <<'P'
import json, sys
base, tmp = sys.argv[1:]
def write(name, change):
    d = json.load(open(base))
    change(d)
    json.dump(d, open(tmp + "/" + name, "w"), indent=1)
write("pretty.json", lambda d: None)
write("missing.json", lambda d: d["command_total"].update(energy_uj=None))
write("old.json", lambda d: d["command_total"].pop("budget"))
write("weight.json", lambda d: d["method"].update(weight="cycles"))
write("metered.json", lambda d: d.update(quality="measured"))
P
refused "an unknown energy" 'not known' "$tmp/missing.json"
refused "an older version's" 'run the baseline again' "$tmp/old.json"
run -o "$tmp/b.txt" --compare "$tmp/pretty.json" -- sh -c "$work" 20000
tap_is "white space does not matter" $? 0
for differs in weight metered; do
    run -o "$tmp/b.txt" --compare "$tmp/$differs.json" -- true
    tap_is "another method ($differs): status" $? 1
    tap_run "another method ($differs): the report is there" grep -q 'Energy and carbon' "$tmp/b.txt"
    tap_run "another method ($differs): and one line on why" grep -q \
        'no comparison with .*not the same kind of figure' "$tmp/err"
done

# --- Monte Carlo ---
run --uncertainty montecarlo -f json -o "$tmp/m.json" --compare "$tmp/base.json" -- sh -c "$work" 20000
tap_is "run --uncertainty montecarlo" $? 0
tap_is "is named" "$(json m.json 'd["method"]["uncertainty"]')" monte_carlo
run --uncertainty bootstrap -- true
tap_is "an unknown method" "$?: $(grep -c 'analytical or montecarlo' "$tmp/err")" "1: 1"
"$JT" replay -f json "$tmp/base.cap" >"$tmp/r1.json" 2>/dev/null
"$JT" replay -f json --uncertainty montecarlo "$tmp/base.cap" >"$tmp/r2.json" 2>/dev/null
taskset -c 0 "$JT" replay -f json --uncertainty montecarlo "$tmp/base.cap" >"$tmp/r3.json" 2>/dev/null
tap_run "the same for any number of threads" cmp "$tmp/r2.json" "$tmp/r3.json"
tap_is "both methods agree to 3 %" "$(python3 - "$tmp/r1.json" "$tmp/r2.json" <<'P'
import json, sys
a, b = (json.load(open(f))["host"] for f in sys.argv[1:])
near = lambda x, y: abs(x - y) <= 0.03 * y + 2
print(near(a["energy_low_uj"], b["energy_low_uj"]) and near(a["energy_high_uj"], b["energy_high_uj"])
      and all(near(a["co2e_ug"][k], b["co2e_ug"][k]) for k in ("low", "high")))
P
)" True
report() {
    "$JT" report --key-dir "$tmp/k" "$@" "$tmp/d" 2>"$tmp/err"
}
tap_is "report --explain" "$(report --explain | grep -c 'Uncertainty of the host, by source:')" 1
# Where that has nearly everything there is nearly no other split: no row of the table says so.
tap_is "and of its largest row" "$(report --explain --by process | grep -c 'Uncertainty of .*, by source:')" 2
report -f json --uncertainty montecarlo >"$tmp/rm.json"
report -f json >"$tmp/ra.json"
tap_is "report names its method" "$(json rm.json 'd["method"]["uncertainty"]') \
$(json ra.json 'd["method"]["uncertainty"]')" "monte_carlo analytical_truncated"
tap_is "and has the budget" "$(json ra.json 'len(d["budget"]) >= 3')" True
tap_is "CSV too" "$(report -f csv | sed -n 2p | grep -c ',analytical_truncated$')" 1
report --uncertainty guess >/dev/null
tap_is "report with an unknown method" $? 2
timeout 60 "$JT" daemon --duration 1s --tick 1s --interval 500ms --power model --uncertainty montecarlo \
    --ledger "$tmp/dm" --key-dir "$tmp/km" 2>"$tmp/err"
tap_is "daemon --uncertainty montecarlo" $? 0
tap_is "is named in the ledger" \
    "$("$JT" ledger export --key-dir "$tmp/km" "$tmp/dm" 2>/dev/null |
        grep -ac '"uncertainty":"monte_carlo"')" 1
tap_done
