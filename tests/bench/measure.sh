# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# measure.sh - what the benches share: a scratch directory, the product, one JSON line per figure.
# shellcheck shell=bash

B=${B:-build}
JT=${JT:-$B/jouletrail}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# measure FILE COMMAND…: the product's report of COMMAND in FILE; what COMMAND prints is dropped
measure() {
    local file=$1

    shift
    "$JT" run -f json -o "$file" --zone WORLD -- "$@" >"$work/stdout" 2>"$work/stderr" || {
        echo "$JT run: status $?: $(tail -n 3 "$work/stderr")" >&2
        exit 1
    }
}

# figures PROGRAM FILE…: PROGRAM (Python) sees reports as r[0], r[1] … and calls
# figure(name, value, unit, target, ok); target "" = for information
figures() {
    local program=$1

    shift
    python3 - "$program" "$@" <<'PYTHON'
import json
import sys


def figure(name, value, unit, target, ok):
    line = {"name": name, "value": value, "unit": unit, "target": target, "ok": bool(ok)}
    print(json.dumps(line))


def number(v):
    """An integer of the report: large ones may be written as decimal strings."""
    return int(v)


def apart_ppm(a, b):
    return round(abs(a - b) * 1_000_000 / b) if b else 1_000_000


r = [json.load(open(name, encoding="utf-8")) for name in sys.argv[2:]]
exec(sys.argv[1])
PYTHON
}
