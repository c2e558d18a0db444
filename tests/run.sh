#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run.sh - runs test suites one after the other and adds up what their TAP says.
#
#   tests/run.sh [--tree B] SUITE… [--tree B SUITE…]
#
# A suite is a criterion program below B or a shell script that prints TAP. It runs from the top of
# the tree with B and JT=B/jouletrail in its environment. --tree names the B of the suites after it.
# A suite that crashes, hangs, is silent or breaks its plan counts as one failure more.
# Last line: "N passed, N failed, N skipped". Exit status: 0, or 1 after any failure.
#
# SUITE_TIMEOUT_S (600) guards against a hang; it measures nothing.
set -u
cd "$(dirname "$0")/.." || exit 1

SUITE_TIMEOUT_S=${SUITE_TIMEOUT_S:-600}
TREE=${B:-build}
n_passed=0
n_failed=0
n_skipped=0

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

# What the sanitizer tree needs; the plain tree ignores it. A suite may override it.
export ASAN_OPTIONS=${ASAN_OPTIONS:-strict_string_checks=1:detect_stack_use_after_return=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}

# Suite -> $work/tap and $work/out; returns its exit status.
run_suite() {
    local guard=(timeout -k 10 "$SUITE_TIMEOUT_S")
    local jobs=()

    case $1 in
    *.sh)
        B=$TREE JT=$TREE/jouletrail "${guard[@]}" bash "$1" >"$work/tap" 2>"$work/out" </dev/null
        ;;
    *)
        # Kernel tests attach to the whole machine: one at a time.
        case $1 in */tests/bpf/*) jobs=(-j1) ;; esac
        # Criterion writes "-" to standard error: only a file keeps TAP apart from test output.
        B=$TREE JT=$TREE/jouletrail "${guard[@]}" "$1" "${jobs[@]}" --quiet \
            --tap="$work/tap" >"$work/out" 2>&1 </dev/null
        ;;
    esac
}

# $work/tap -> "passed failed skipped" on the first line, then failures and skips for people.
read_tap() {
    awk -v status="$1" -v limit="$SUITE_TIMEOUT_S" '
    function extra(what) { n_failed++; text = text "    FAILED  " what "\n"; }
    function clean(s) { sub(/^[0-9]+ */, "", s); sub(/^- */, "", s); return s; }
    {
        lower = tolower($0)
        skip = match(lower, /# *skip/)
        reason = skip ? substr($0, RSTART + RLENGTH) : ""
        sub(/^ +/, "", reason)
    }
    /^1\.\.[0-9]+/ {
        planned = substr($1, 4) + 0; plan = 1
        if (planned == 0 && skip) {
            n_skipped++; text = text "    skipped  everything: " reason "\n"
        }
        failing = 0; next
    }
    /^ok( |$)/ {
        n++; failing = 0
        name = clean(substr($0, 4))
        if (skip) {
            n_skipped++; sub(/ *# *[Ss][Kk][Ii][Pp].*/, "", name)
            text = text "    skipped  " name ": " (reason ? reason : "no reason given") "\n"
        } else {
            n_passed++
        }
        next
    }
    /^not ok( |$)/ {
        n++; n_failed++; failing = 1
        text = text "    FAILED  " clean(substr($0, 8)) "\n"
        next
    }
    /^Bail out!/ { extra($0); bailed = 1; next }
    failing && /^[ #]/ { text = text "        " $0 "\n" }
    END {
        if (status == 124 || status == 137)
            extra("killed: no end after " limit " s")
        else if (!plan && !bailed)
            extra("no TAP plan (exit status " status "): crashed or silent")
        else if (n != planned && !bailed)
            extra("planned " planned " tests, ran " n + 0 " (exit status " status ")")
        else if (status != 0 && n_failed == 0)
            extra("exit status " status " though no test failed")
        printf "%d %d %d\n%s", n_passed, n_failed, n_skipped, text
    }' "$work/tap"
}

for suite; do
    if [ "${want_tree:-}" ]; then
        TREE=$suite want_tree=
        continue
    elif [ "$suite" = --tree ]; then
        want_tree=1
        continue
    fi
    : >"$work/tap"
    : >"$work/out"
    began=$SECONDS
    run_suite "$suite"
    status=$?
    read_tap "$status" >"$work/sum"
    read -r passed failed skipped <"$work/sum"
    n_passed=$((n_passed + passed))
    n_failed=$((n_failed + failed))
    n_skipped=$((n_skipped + skipped))
    mark=ok
    [ "$failed" -eq 0 ] || mark=FAIL
    name=$suite
    case $name in "$TREE"/*) ;; *) name="$TREE: $suite" ;; esac
    printf '%-4s %-52s %3d passed %2d failed %2d skipped  %ds\n' \
        "$mark" "$name" "$passed" "$failed" "$skipped" $((SECONDS - began))
    sed 1d "$work/sum"
    if [ "$failed" -ne 0 ] && [ -s "$work/out" ]; then
        echo "    output (last 60 lines):"
        tail -n 60 "$work/out" | sed 's/^/        | /'
    fi
done

if [ $((n_passed + n_failed + n_skipped)) -eq 0 ]; then
    echo "no suite given"
    n_failed=1
fi
printf '%d passed, %d failed, %d skipped\n' "$n_passed" "$n_failed" "$n_skipped"
[ "$n_failed" -eq 0 ]
