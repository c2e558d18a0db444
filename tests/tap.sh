# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# tap.sh - the Test Anything Protocol for shell suites and checkers: source it, then tap_done.
# shellcheck shell=bash

tap_count=0
tap_failures=0

tap_pass() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s\n' "$tap_count" "$1"
}

# tap_fail NAME [DETAIL]: DETAIL may be several lines.
tap_fail() {
    tap_count=$((tap_count + 1))
    tap_failures=$((tap_failures + 1))
    printf 'not ok %d - %s\n' "$tap_count" "$1"
    if [ -n "${2:-}" ]; then
        printf '%s\n' "$2" | sed 's/^/  # /'
    fi
}

tap_skip() {
    tap_count=$((tap_count + 1))
    printf 'ok %d - %s # SKIP %s\n' "$tap_count" "$1" "$2"
}

# The whole suite cannot run here: one counted skip with its reason.
tap_skip_all() {
    printf '1..0 # SKIP %s\n' "$1"
    exit 0
}

# tap_empty NAME TEXT: passes when TEXT is empty, else TEXT is what is wrong.
tap_empty() {
    if [ -z "$2" ]; then
        tap_pass "$1"
    else
        tap_fail "$1" "$2"
    fi
}

# tap_is NAME GOT WANT
tap_is() {
    if [ "$2" = "$3" ]; then
        tap_pass "$1"
    else
        tap_fail "$1" "got:  $2
want: $3"
    fi
}

# tap_run NAME COMMAND…: passes when COMMAND does; else shows what it printed.
tap_run() {
    local name=$1 output

    shift
    if output=$("$@" 2>&1); then
        tap_pass "$name"
    else
        tap_fail "$name" "$output"
    fi
}

# tap_verdicts FILE: each line of it is "ok NAME" or "bad NAME", from a program that checks.
tap_verdicts() {
    local verdict name

    while read -r verdict name; do
        if [ "$verdict" = ok ]; then tap_pass "$name"; else tap_fail "$name"; fi
    done <"$1"
}

# Last call of a suite.
tap_done() {
    printf '1..%d\n' "$tap_count"
    [ "$tap_failures" -eq 0 ]
}
