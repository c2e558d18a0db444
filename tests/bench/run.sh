#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run.sh - runs every tests/bench/bench-*, prints a table, writes $B/bench.json and $B/bench.md.
#
#   tests/bench/run.sh [NAME…]     NAME: only benches whose name holds it
#
# A bench is a script or a program built to $B/tests/bench that prints one JSON line per figure:
# {"name":…,"value":…,"unit":…,"target":…,"ok":…}. Other files here are what benches use.
# Exit status 1 when a figure misses its target or a bench fails.
set -u
cd "$(dirname "$0")/../.." || exit 1
export B=${B:-build}
export JT=${JT:-$B/jouletrail}
command -v python3 >/dev/null || { echo "bench: python3 is not installed" >&2; exit 1; }
[ "$(id -u)" -eq 0 ] || echo "bench: not root: most figures will be missing" >&2

lines=$(mktemp) || exit 1
read -r load _ </proc/loadavg
trap 'rm -f "$lines"' EXIT

for source in tests/bench/bench-*.sh tests/bench/bench-*.c; do
    [ -e "$source" ] || continue
    name=$(basename "${source%.*}")
    [ $# -eq 0 ] || printf '%s\n' "$@" | grep -qF "${name#bench-}" || continue
    echo "bench: ${name#bench-}" >&2
    case $source in
    *.sh) timeout -k 10 900 bash "$source" >>"$lines" </dev/null ;;
    *) timeout -k 10 900 "$B/tests/bench/$name" >>"$lines" </dev/null ;;
    esac || printf '{"name":"%s","value":null,"unit":"","target":"runs","ok":false}\n' \
        "${name#bench-}" >>"$lines"
done
python3 tests/bench/merge.py "$lines" "$B/bench" "$load"
