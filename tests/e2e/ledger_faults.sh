#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ledger_faults.sh - a fault in each system call of writing a ledger: an error, or death at it.
#
# For every call that a writer makes between its first look at the directory and its last close:
# the run with the fault, then verify (SIGNED or TORN), then a run without (which must not begin a
# new log), then verify (SIGNED); every tick that was acknowledged is there. LONG=1: more errors.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
JT=$(realpath "${JT:-build/jouletrail}")
mk=$(realpath "${B:-build}/tests/e2e/mkledger")
command -v strace >/dev/null || tap_skip_all "strace is not installed"
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
# Leaks of a process that is killed or traced are none; the tracer is in LeakSanitizer's way.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0

strace -o /dev/null -e inject=fsync:error=EIO:when=1 true 2>/dev/null ||
    tap_skip_all "strace cannot inject here"

# A ledger with sealed, packed segments and several epochs.
"$mk" "$tmp/base" "$tmp/basekeys" 6 4000 1000 2>/dev/null || { tap_fail "a ledger"; tap_done; exit; }

# writer [strace argument…]: two ticks onto $tmp/d; acknowledgements counted in $tmp/acked
writer() {
    strace -f -o "$tmp/trace" "$@" "$mk" "$tmp/d" "$tmp/k" 2 4000 1000 2>"$tmp/err"
    grep -c acked "$tmp/err" >"$tmp/acked"
}

# ticks: how many verify counts; the verdict goes to $tmp/verdict
ticks() {
    "$JT" verify -f json --key-dir "$tmp/k" "$tmp/d" >"$tmp/out" 2>/dev/null
    sed -n 's/.*"verdict":"\([^"]*\)".*/\1/p' "$tmp/out" >"$tmp/verdict"
    sed -n 's/.*"n_ticks":\([0-9]*\).*/\1/p' "$tmp/out"
}

fresh() {
    rm -rf "$tmp/d" "$tmp/k"
    cp -a "$tmp/base" "$tmp/d"
    cp -a "$tmp/basekeys" "$tmp/k"
}

# one FAULT: the whole sequence; prints what is wrong
one() {
    local fault=$1 acked n verdict

    fresh
    writer -e "inject=$fault"
    acked=$(cat "$tmp/acked")
    n=$(ticks)
    verdict=$(cat "$tmp/verdict")
    case $verdict in
    SIGNED | TORN) ;;
    *) echo "$fault: $verdict after it: $(cat "$tmp/out")" && return ;;
    esac
    [ "$n" -ge $((6 + acked)) ] || echo "$fault: $acked ticks acknowledged, $n - 6 are there"
    "$mk" "$tmp/d" "$tmp/k" 1 4000 1000 2>"$tmp/err" || echo "$fault: then: $(cat "$tmp/err")"
    [ ! -e "$tmp/d/old" ] || echo "$fault: a new log was begun"
    n=$(ticks)
    verdict=$(cat "$tmp/verdict")
    [ "$verdict" = SIGNED ] || echo "$fault: $verdict at last: $(cat "$tmp/out")"
    [ "$n" -ge $((7 + acked)) ] || echo "$fault: at last $n ticks, not $((7 + acked))"
}

calls="write pwrite64 fdatasync fsync openat renameat unlinkat ftruncate fchmod linkat mkdirat pread64 read"
fresh
writer -e "trace=${calls// /,}"
cp "$tmp/trace" "$tmp/plain"

# Short: each kind of call, with every error once, at every step-th of its places.
step=${LONG:+2}
step=${step:-9}
for call in $calls; do
    n=$(grep -c " $call(" "$tmp/plain")
    [ "$n" -gt 0 ] || continue
    faults=(error=EIO signal=KILL)
    case $call in
    write | pwrite64 | openat | fsync | fdatasync) faults+=(error=ENOSPC) ;;
    esac
    case $call in
    write) faults+=(retval=7) ;;
    esac
    [ -z "${LONG:-}" ] || faults+=(error=EINTR)
    for fault in "${faults[@]}"; do
        wrong=
        for ((i = 1 + RANDOM % step; i <= n; i += step)); do
            wrong+=$(one "$call:$fault:when=$i")
        done
        tap_empty "$call, $fault" "$wrong"
    done
done
tap_done
