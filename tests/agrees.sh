# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# agrees.sh - a report's rows against what cgroups say, as tests/containers.sh wrote it down: source it.
# shellcheck shell=bash

# agrees TRUTH NAME REPORT: "NAME RUNTIME agrees" of its row, or how far off its time is
agrees() {
    python3 - "$@" <<'PYTHON'
import json, sys
truth, name, report = sys.argv[1:]
_, runtime, group, usec = [l.split() for l in open(truth) if l.startswith(name + " ")][0]
rows = [r for r in json.load(open(report))["consumers"]
        if r["cgroup"] and (group + "/").startswith(str(r["cgroup"]) + "/") and len(r["cgroup"]) > 1]
for r in rows:
    off = r["cpu_ns"] / 1000 / int(usec) - 1
    print(r["name"], r["labels"].get("runtime"),
          "agrees" if abs(off) <= 0.005 else "%+.3f %% of %s us" % (100 * off, usec))
if not rows:
    print("no row of", group)
PYTHON
}

# agrees_check TRUTH NAME WANT REPORT: as a test, or a skip with the reason
agrees_check() {
    local line

    line=$(grep "^$2 " "$1")
    case $line in
    "") tap_skip "$2" "not installed: tools/bootstrap.sh test does that" ;;
    *" - "*) tap_skip "$2" "cannot run here: ${line#* - }" ;;
    *) tap_is "$2: its name, and its time within 0.5 % of its cgroup's" \
        "$(agrees "$1" "$2" "$4")" "$3" ;;
    esac
}
