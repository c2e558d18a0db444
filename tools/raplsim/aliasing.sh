#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# aliasing.sh - the same two minutes read by jouletrail and by a scraper that looks every 15 s.
#
#   sudo tools/raplsim/aliasing.sh [SECONDS [EVERY]]      120 and 15; prints a table
#
# Simulated meters, whose truth is known: see docs/aliasing.md. Needs what `make raplsim` builds.
set -eu
cd "$(dirname "$0")/../.."
B=${B:-build}
JT=${JT:-$B/jouletrail}
seconds=${1:-120}
every=${2:-15}
watts=20

if [ ! -x "$B/raplsim" ] || [ ! -x "$JT" ]; then
    echo "aliasing: $B/raplsim or $JT is missing: apt-get install libfuse3-dev; make all raplsim" >&2
    exit 1
fi
work=$(mktemp -d)
trap 'umount -l "$work/sim" 2>/dev/null || true; rm -rf "$work"' EXIT
mkdir "$work/sim"
# Once round the counter takes a second at least: as with one of fewer bits, or a bigger machine.
"$B/raplsim" --domains "" --idle 2 --busy "$watts" --range 40 "$work/sim" &
for _ in $(seq 600); do
    [ ! -e "$work/sim/truth.json" ] || break
    sleep 0.05
done
ln -s "$(readlink -f /bin/sh)" "$work/shortjob"

echo "Simulated power. $seconds s of short jobs, read by jouletrail and by a scraper every $every s:"
"$JT" run --power powercap --power-root "$work/sim" -f json -o "$work/run.json" -- \
    python3 tools/raplsim/aliasing.py load "$work/sim" "$seconds" "$every" "$work/shortjob" \
    "$work/out.json" 2>"$work/err" || {
    cat "$work/err" >&2
    exit 1
}
python3 tools/raplsim/aliasing.py table "$work/sim" "$work/run.json" "$work/out.json" "$watts"
