#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# push.sh - ticks reach a Pushgateway, Riemann and CloudWatch's agent, whatever becomes of these.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
chmod 711 "$tmp"
trap 'rm -rf "$tmp"' EXIT

cp /bin/bash "$tmp/jt-burner"
python3 tests/e2e/push_check.py "$JT" "$tmp" >"$tmp/checks" 2>"$tmp/trace"
tap_verdicts "$tmp/checks"
tap_empty "all was checked" "$(cat "$tmp/trace")"
command -v prometheus-pushgateway >/dev/null || tap_skip "pushgateway" "prometheus-pushgateway is not installed"
tap_done
