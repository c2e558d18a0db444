#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bench-html.sh - what a page of a week of 10 s ticks with 50 containers costs, and how large it is.
set -u
# 650 MB whose writing is not what is measured.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
# shellcheck source=tests/bench/measure.sh
. "$(dirname "$0")/measure.sh"

# A report verifies first. The page's own cost is what it takes beyond `verify`; least of three each.
"$B/tests/e2e/mkweek" "$work/week" "$work/keys" 60480 50 || exit 1
for i in 1 2 3; do
    "$B/tests/bench/rusage" "$work/verify-$i" "$JT" verify --key-dir "$work/keys" "$work/week" \
        >/dev/null 2>&1 || exit 1
    "$B/tests/bench/rusage" "$work/page-$i" "$JT" report --key-dir "$work/keys" --by container \
        -f html -o "$work/week.html" "$work/week" || exit 1
done
wc -c <"$work/week.html" >"$work/bytes"
figures '
verify = min(number(d["cpu_ns"]) for d in r[0:3]) / 1e9
whole = min(number(d["cpu_ns"]) for d in r[3:6]) / 1e9
figure("html.week_verify_cpu", round(verify, 3), "s", "", True)
figure("html.week_whole_cpu", round(whole, 3), "s", "", True)
figure("html.week_page_cpu", round(whole - verify, 3), "s", "<= 3", whole - verify <= 3)
figure("html.week_page_size", r[6] / 1e6, "MB", "<= 5", r[6] <= 5e6)
' "$work"/verify-[123] "$work"/page-[123] "$work/bytes"
