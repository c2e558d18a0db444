#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run_selftest.sh - tests/run.sh counts right and takes no broken suite for a good one.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# suite TEXT: a shell suite; the last line of running it, with the exit status before it
suite() {
    printf '%s\n' "$1" >"$work/s.sh"
    SUITE_TIMEOUT_S=2 tests/run.sh "$work/s.sh" >"$work/out"
    echo "$? $(tail -n 1 "$work/out")"
}

tap_is "passes" "$(suite 'echo ok 1; echo ok 2 - b; echo 1..2')" "0 2 passed, 0 failed, 0 skipped"
tap_is "a failure" "$(suite 'echo 1..2; echo ok; echo not ok 2 - bad; echo "# why"; exit 1')" \
    "1 1 passed, 1 failed, 0 skipped"
tap_run "a failure is shown with its reason" grep -q '# why' "$work/out"
tap_is "a skip" "$(suite 'echo 1..1; echo "ok 1 - x # SKIP no meter"')" \
    "0 0 passed, 0 failed, 1 skipped"
tap_run "a skip is shown with its reason" grep -q 'x: no meter' "$work/out"
tap_is "a suite that skips itself" "$(suite 'echo "1..0 # SKIP not root"')" \
    "0 0 passed, 0 failed, 1 skipped"
tap_is "silence" "$(suite 'true')" "1 0 passed, 1 failed, 0 skipped"
tap_is "no plan" "$(suite 'echo ok 1')" "1 1 passed, 1 failed, 0 skipped"
tap_is "fewer tests than planned" "$(suite 'echo 1..3; echo ok 1')" \
    "1 1 passed, 1 failed, 0 skipped"
tap_is "a crash" "$(suite 'echo 1..1; echo ok 1; kill -SEGV $$')" "1 1 passed, 1 failed, 0 skipped"
tap_is "a failing exit after good tests" "$(suite 'echo 1..1; echo ok 1; exit 3')" \
    "1 1 passed, 1 failed, 0 skipped"
tap_is "bail out" "$(suite 'echo 1..5; echo ok 1; echo "Bail out! no disk"; exit 1')" \
    "1 1 passed, 1 failed, 0 skipped"
tap_is "a hang" "$(suite 'echo 1..1; echo ok 1; sleep 60')" "1 1 passed, 1 failed, 0 skipped"
tap_is "a suite that is not there" \
    "$(tests/run.sh "$work/none.sh" | tail -n 1)" "0 passed, 1 failed, 0 skipped"
tap_done
