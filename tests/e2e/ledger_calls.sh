#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ledger_calls.sh - what one more tick costs in system calls: one write and one sync of the segment.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
mk=$(realpath "${B:-build}/tests/e2e/mkledger")
command -v strace >/dev/null || tap_skip_all "strace is not installed"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
# The tracer is in LeakSanitizer's way.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 LC_ALL=C
strace -o /dev/null true 2>/dev/null || tap_skip_all "strace cannot trace here"

# traced N: every call that writes or syncs, on what, over a ledger of N ticks: "COUNT CALL FILE"
traced() {
    rm -rf "$tmp/d" "$tmp/k"
    local calls=write,writev,pwrite64,pwritev,fsync,fdatasync,sync_file_range,msync

    calls+=,rename,renameat,renameat2,linkat,ftruncate
    strace -f -y -o "$tmp/trace" -e "trace=$calls" \
        "$mk" "$tmp/d" "$tmp/k" "$1" 2>/dev/null
    # Names with an incarnation, a process or a size in them are others in every ledger.
    sed -nE "s|^[0-9]+ +([a-z0-9_]+)\\([0-9]+<$tmp/([dk][^>]*)>.*|\\1 \\2|p" "$tmp/trace" |
        sed -E 's|k/[0-9a-f]{16}\.|k/|; s|[0-9]+\.tmp$|N|' | sort | uniq -c | sort -k 2
}

# What begins and ends a ledger is in both, and falls out. No tile is full, no segment, no hour.
traced 10 >"$tmp/10"
traced 30 >"$tmp/30"
tap_is "20 more ticks, and each call on each file that they make 20 times" \
    "$(join -1 2 -2 2 -a 1 -a 2 -e 0 -o 0,1.1,2.1 \
        <(awk '{ print $1, $2 ":" $3 }' "$tmp/10") <(awk '{ print $1, $2 ":" $3 }' "$tmp/30") |
        awk '$3 != $2 { print $1, ($3 - $2) / 20 }')" \
    "fdatasync:d/seg/00000000000000000000.jsonl 1
fsync:d 1
fsync:d/checkpoint.tmp 1
pwrite64:k/seen 1
renameat:d 1
write:d/checkpoint.tmp 1
write:d/seg/00000000000000000000.jsonl 1"
tap_done
