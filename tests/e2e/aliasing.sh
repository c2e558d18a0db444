#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# aliasing.sh - the demonstration of docs/aliasing.md, short: what a slow reader misses, we do not.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/sim.sh
. "$(dirname "$0")/../sim.sh"
sim_need
table=$(mktemp)
trap 'rm -f "$table"' EXIT
if [ "${LONG:-}" ]; then seconds=120 every=15; else seconds=20 every=7; fi

tap_run "one command shows it" bash -c "tools/raplsim/aliasing.sh $seconds $every >$table"
sed 's/^/# /' "$table"
# row PATTERN EXPRESSION: of the row's truth $t, jouletrail $m, scraper $s
row() {
    awk -v pattern="$1" 'index($0, pattern) == 1 {
        s = $NF; m = $(NF - 1); t = $(NF - 2); print ('"$2"') ? "yes" : t " " m " " s }' "$table"
}
# Readings that come late by a whole time round are gaps: less energy is known, never more.
gap_s=$(awk 'index($0, "said to be missing") == 1 { print $NF }' "$table")
tap_is "jouletrail has the energy, or says for how long it is missing ($gap_s s)" \
    "$(row 'energy of the package' "t > 0 && m < 1.02 * t && (m > 0.98 * t || $gap_s > 0)")" yes
tap_is "the scraper loses energy with every time round that it does not see" \
    "$(row 'energy of the package' 's < 0.9 * t')" yes
tap_is "times round" "$(row 'times round' 's < t')" yes
tap_is "jouletrail sees every short job" "$(row 'short jobs' 'm == t')" yes
tap_is "the scraper misses most" "$(row 'short jobs' 's < t / 2')" yes
tap_is "jouletrail has their CPU time within 2 %" \
    "$(row 'their CPU time' 'm > 0.98 * t && m < 1.02 * t')" yes
tap_done
