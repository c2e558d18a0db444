#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# emissions_csv.sh - does `run --emissions-csv` append rows with CodeCarbon's columns, the same ones that
# tools/python writes?
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
command -v python3 >/dev/null || tap_skip_all "python3 is not installed"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
file=$tmp/emissions.csv

tap_run "a run appends a row" "$JT" run --zone FR --emissions-csv "$file" -- \
    sh -c 'head -c 100000000 /dev/zero | sha256sum'
tap_run "and another one, with PUE" "$JT" run --zone aws:eu-west-3 --pue 1.5 -f json -o "$tmp/run.json" \
    --emissions-csv "$file" -- sh -c 'head -c 100000000 /dev/zero | sha256sum'
tap_is "the columns are the Python client's" "$(head -n 1 "$file")" \
    "$(PYTHONPATH=tools/python python3 -B -c 'import jouletrail; print(",".join(jouletrail.COLUMNS))')"
tap_is "the rows say what the report does" "$(python3 - "$file" "$tmp/run.json" <<'P'
import csv, json, sys
rows = list(csv.DictReader(open(sys.argv[1], newline="")))
total = json.load(open(sys.argv[2]))["command_total"]
first, second = rows
kwh, kg = float(second["energy_consumed"]), float(second["emissions"])
near = abs(kwh / (total["energy_uj"]["value"] * 1.5 / 3.6e12) - 1) < 1e-9
print(len(rows), near, abs(kg - total["co2e_ug"]["value"] * 1.5e-9) < 1e-15, second["pue"], second["cloud_region"],
      first["country_name"], first["project_name"], first["cpu_energy"] == "", len({r["run_id"] for r in rows}))
P
)" "2 True True 1.5 eu-west-3 France sh True 2"
tap_run "the Python client appends to the same file" env PYTHONPATH=tools/python python3 -B - "$file" <<'P'
import sys
from jouletrail.emissions import EmissionsData, append_row
assert append_row(sys.argv[1], EmissionsData(project_name="p")) == sys.argv[1]
P
tap_run "and the program to one of the client's" "$JT" run --zone FR --emissions-csv "$file" -- true
tap_is "it is one table" "$(wc -l <"$file")" 5

echo "timestamp,emissions" >"$tmp/old.csv"
tap_is "other columns are left alone, and that is said" "$(
    "$JT" run --zone FR --emissions-csv "$tmp/old.csv" -- true 2>&1 >/dev/null | grep -c "old_1.csv"
    wc -l <"$tmp/old.csv" && wc -l <"$tmp/old_1.csv")" "1
1
2"
"$JT" run --zone FR --emissions-csv "$tmp/none/x.csv" -- true 2>"$tmp/err"
tap_is "a row that cannot be written is a failure" "$? $(grep -c 'no row of this run' "$tmp/err")" "1 1"

tap_done
