#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check-docs.sh - what the documentation names is there: tests, files.
#
#   tools/check-docs.sh [ROOT]
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tests/tap.sh"
cd "${1:-$(dirname "$0")/..}" || exit 1

pages=$(find README.md docs -name '*.md' 2>/dev/null | sort)

# `suite::test`
tap_empty "every test that a page names exists" "$(
    printf '%s\n' "$pages" | xargs -r grep -noE '`[a-z0-9_]+::[a-z0-9_]+`' /dev/null |
        tr -d '\`' | while IFS=: read -r file line suite _ test; do
        grep -rqE "^(Test|ParameterizedTest)\(([^)]*, )?${suite}, ${test}[,)]" tests --include='*.c' ||
            echo "$file:$line: no test $suite::$test"
    done)"

# `docs/x.md`, `src/power/x.c`, `tests/unit/x/y.c`, …: paths; NAME, PART and X stand for others
tap_empty "every file of the tree that a page names exists" "$(
    printf '%s\n' "$pages" |
        xargs -r grep -noE '`(src|docs|tests|tools|bpf|include)/[A-Za-z0-9_./-]+\.[a-z0-9]+`' /dev/null |
        tr -d '\`' | grep -vE '[:/-][A-Z]+([./]|$)' | while IFS=: read -r file line path; do
        [ -e "$path" ] || echo "$file:$line: no file $path"
    done)"

tap_done
