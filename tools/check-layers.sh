#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check-layers.sh - the one dependency rule: who may include whom, and who may touch the world.
#
#   tools/check-layers.sh [ROOT]
#
# L0 base; L1 quant, types, expo; L2 stages, each on its own, and view, which shows what export words; L3 daemon,
# control, cli, feed, resolver, serve, push, client; L4 main*.c.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tests/tap.sh"
cd "${1:-$(dirname "$0")/..}" || exit 1

INCLUDE='^[[:space:]]*#[[:space:]]*include[[:space:]]*'
STAGES="sched stacks power identity intensity attrib carbon plan ledger export"

# includes FOLDER: "file:line folder/header" of each quoted include of ours below src/FOLDER.
includes() {
    grep -nE "$INCLUDE\"" -r "src/$1" --include='*.[ch]' 2>/dev/null |
        sed -nE 's/^([^:]*:[0-9]+):[^"]*"([^"]*)".*/\1 \2/p'
}

# only FOLDER ALLOWED…: what FOLDER includes from anywhere else. Skeletons and generated tables
# have their own rule.
only() {
    local folder=$1 where header allowed

    shift
    includes "$folder" | while read -r where header; do
        case $header in
        *.skel.h) continue ;;
        "$folder"/*.inc) continue ;;
        esac
        for allowed in "$@"; do
            case $header in "$allowed"/*) continue 2 ;; esac
        done
        echo "$where: includes $header; $folder/ may include only: $*"
    done
}

# calls FOLDERS NAMES: calls of the functions NAMES (a|b|c), comments left out.
calls() {
    local folder

    for folder in $1; do
        grep -nE "(^|[^_[:alnum:]\".])($2)[[:space:]]*\(" -r "src/$folder" --include='*.[ch]' \
            2>/dev/null | grep -vE ':[0-9]+:[[:space:]]*(\*|/\*|//)'
    done
}

tap_empty "base includes only base" "$(only base base)"
tap_empty "quant includes only quant and base" "$(only quant quant base)"
tap_empty "expo, which reads our text back, includes only base" "$(only expo expo base)"
tap_empty "types includes only types, quant, base and include/" \
    "$(only types types quant base jouletrail)"
for stage in $STAGES; do
    tap_empty "$stage includes no other stage" \
        "$(only "$stage" "$stage" base quant types jouletrail)"
done

unknown=$(find src -mindepth 1 -maxdepth 1 -type d -printf '%f\n' 2>/dev/null | while read -r d; do
    case " base quant types expo $STAGES view daemon control cli feed resolver serve push client " in
    *" $d "*) ;;
    *) echo "src/$d: no layer is defined for it (design: one folder, one layer)" ;;
    esac
done)
tap_empty "every folder below src has a layer" "$unknown"

tap_empty "view, a screen without a terminal, includes only export and what lies below" \
    "$(only view view export quant types base jouletrail)"

found=$(grep -nE "${INCLUDE}[<\"](curses|ncurses|term)\.h" -r src --include='*.[ch]' 2>/dev/null |
    grep -v '^src/cli/screen\.c:')
tap_empty "ncurses in one file only" "$found"

tap_empty "feed, a process of its own, includes only intensity and what lies below" \
    "$(only feed feed intensity quant types base jouletrail)"

tap_empty "resolver, a process of its own, includes only what lies below" \
    "$(only resolver resolver types base jouletrail)"

found=$(grep -nE "${INCLUDE}[<\"]resolver/" -r src --include='*.[ch]' 2>/dev/null |
    grep -vE '^src/(resolver/|main-resolver\.c:)')
tap_empty "state files of strangers are read in the resolver's process only" "$found"

tap_empty "client, a library for others, includes only base and include/" \
    "$(only client client base jouletrail)"

found=$(grep -nE "${INCLUDE}[<\"]client/" -r src --include='*.[ch]' 2>/dev/null |
    grep -vE '^src/(client|cli)/')
tap_empty "the daemon is asked by commands only" "$found"

tap_empty "serve, what listens, includes only expo and base" "$(only serve serve expo base jouletrail)"

tap_empty "push, a process of its own, includes only feed's fetch, expo and base" \
    "$(only push push feed expo base jouletrail)"

found=$(grep -nE "${INCLUDE}[<\"](microhttpd\.h|serve/)" -r src --include='*.[ch]' 2>/dev/null |
    grep -vE '^src/(serve/|main-metrics\.c:|cli/api)')
tap_empty "HTTP is spoken in processes of its own, never in the tracer's" "$found"

found=$(grep -nE "${INCLUDE}[<\"](curl/|riemann/|feed/|push/)" -r src --include='*.[ch]' 2>/dev/null |
    grep -vE '^src/(feed/|push/|main-feed\.c:|main-push\.c:)')
tap_empty "the network only in the processes of the feed and of the sinks" "$found"

found=$(grep -nE "${INCLUDE}[<\"](bpf/|.*\.skel\.h)" -r src --include='*.[ch]' 2>/dev/null |
    grep -v '^src/sched/')
tap_empty "libbpf and skeletons only in sched" "$found"

world='base/(clock|fs|log)\.h|time\.h|fcntl\.h|dirent\.h|sys/(stat|socket|time|mman)\.h'
found=$(grep -nE "${INCLUDE}[<\"]($world)[>\"]" \
    -r src/attrib src/carbon src/plan src/quant --include='*.[ch]' 2>/dev/null)
tap_empty "attrib, carbon, plan and quant include no clock and no files" "$found"

world='f?printf|puts|fopen|fread|fwrite|open|openat|read|write|getenv'
found=$(calls "attrib carbon plan quant" "$world|time|clock|clock_gettime|gettimeofday|rand|random")
tap_empty "attrib, carbon, plan and quant do no I/O, read no clock and draw no unseeded number" "$found"

found=$(grep -nE 'include[[:space:]]*"base/log\.h"' -r src --include='*.[ch]' 2>/dev/null |
    grep -vE '^src/(daemon|cli|base)/|^src/main(-feed|-metrics|-push|-resolver)?\.c:')
tap_empty "only daemon, cli and main log" "$found"

# The maps, the meters and the ledger (which dates its own close and gap records) read it.
found=$(calls "identity intensity export types view" \
    'clock_gettime|gettimeofday|time|clock_mono_ns|clock_real_us')
tap_empty "identity, intensity, export and view get times as arguments" "$found"

found=$(grep -nE '(^|[^_[:alnum:]])(double|float)([^_[:alnum:]]|$)' \
    -r src/sched src/ledger src/identity bpf include/jouletrail/shared.h --include='*.[ch]' \
    2>/dev/null |
    grep -vE ':[0-9]+:[[:space:]]*(\*|/\*|//)|/\*.*(double|float)')
tap_empty "kernel, books and ledger know integers only" "$found"

found=$(grep -nE "$INCLUDE\"" -r bpf include --include='*.[ch]' 2>/dev/null |
    grep -E '"(\.\.|src/|base/|types/|quant/)')
tap_empty "bpf/ and include/ do not reach into src/" "$found"

found=$(grep -nE "$INCLUDE\"\.\." -r src bpf include --include='*.[ch]' \
    2>/dev/null)
tap_empty "no include climbs with .." "$found"

tap_done
