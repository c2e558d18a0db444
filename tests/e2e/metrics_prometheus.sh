#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# metrics_prometheus.sh - a real Prometheus scrapes the daemon; dashboard and rules work on what it has.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/metrics.sh
. "$(dirname "$0")/../metrics.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
command -v prometheus >/dev/null || tap_skip_all "prometheus is not installed"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
daemon=
prometheus=
trap 'kill -KILL $daemon $prometheus 2>/dev/null; rm -rf "$tmp"' EXIT

metrics_start --tick 200ms --by comm

cat >"$tmp/prometheus.yml" <<YAML
global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [$PWD/tools/dist/prometheus-rules.yml]
scrape_configs:
  - job_name: jouletrail
    static_configs: [{targets: ["127.0.0.1:$port"]}]
YAML
tap_run "promtool check config" promtool check config "$tmp/prometheus.yml"

# It does not say which port it got for 0: one that was free a moment ago, or another one.
is_ready() { curl -s -o /dev/null --fail --max-time 60 "http://127.0.0.1:$web/-/ready"; }
for _ in 1 2 3 4 5; do
    web=$(python3 -c 'import socket
s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    prometheus --config.file="$tmp/prometheus.yml" --storage.tsdb.path="$tmp/data" \
        --web.listen-address="127.0.0.1:$web" 2>"$tmp/log" &
    prometheus=$!
    while kill -0 "$prometheus" 2>/dev/null && ! is_ready; do sleep 0.1; done
    if kill -0 "$prometheus" 2>/dev/null; then break; fi
done
if ! is_ready; then
    tap_fail "prometheus starts" "$(tail -n 5 "$tmp/log")"
    tap_done
    exit
fi

python3 tests/e2e/metrics_prometheus.py "$web" >"$tmp/checks" 2>"$tmp/trace"
tap_verdicts "$tmp/checks"
tap_empty "all was asked" "$(cat "$tmp/trace")"
kill -TERM "$daemon"
wait "$daemon"
tap_is "the daemon ends well" $? 0
daemon=
tap_done
