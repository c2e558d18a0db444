#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# live.sh - the live page in a real browser: its figures, its looks, and what it may not do.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/metrics.sh
. "$(dirname "$0")/../metrics.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
command -v chromium >/dev/null || tap_skip_all "chromium is not installed"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null; rm -rf "$tmp"' EXIT

metrics_start --tick 1s --by comm

# LIVE_SHOTS=FOLDER keeps what the browser shows.
python3 tests/e2e/live_page.py "$port" "${LIVE_SHOTS:-$tmp}" >"$tmp/checks" 2>"$tmp/trace"
tap_verdicts "$tmp/checks"
tap_empty "all was looked at" "$(cat "$tmp/trace")"
for shot in live-1280 live-dark live-360; do
    tap_run "a screenshot: $shot" test -s "${LIVE_SHOTS:-$tmp}/$shot.png"
done
kill -TERM "$daemon"
wait "$daemon"
tap_is "the daemon ends well" $? 0
daemon=
tap_done
