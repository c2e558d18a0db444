#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# metrics.sh - the metrics endpoint: clean for promtool, right in its sums, and nobody's way in.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null; rm -rf "$tmp"' EXIT
mkfifo "$tmp/said"

# start OPTION…: the daemon on any port; sets daemon and port. What it says goes on in $tmp/err.
start() {
    "$JT" daemon --zone DE --interval 100ms --tick 200ms --key-dir "$tmp/keys" \
        --ledger "$tmp/ledger" --metrics 127.0.0.1:0 "$@" 2>"$tmp/said" &
    daemon=$!
    exec 3<"$tmp/said"
    read -r said <&3
    cat <&3 >"$tmp/err" &
    port=${said%/metrics}
    port=${port##*:}
}

stop() {
    kill -TERM "$daemon"
    wait "$daemon"
    status=$?
    daemon=
}

# scrape FILE [CURL OPTION…]
scrape() {
    curl -s --max-time 120 -o "$1" "${@:2}" "http://127.0.0.1:$port/metrics"
}

# value NAME [LABEL=VALUE…]: of a scrape of now
value() {
    scrape "$tmp/now" && python3 tests/e2e/metrics_parse.py value "$tmp/now" "$@"
}

# wait_until EXPRESSION COMMAND…: until python says so of what the command prints
wait_until() {
    until python3 -c "import sys; from decimal import Decimal as D
sys.exit(not ($1)(D(sys.argv[1] or 0)))" "$("${@:2}")"; do sleep 0.1; done
}

server_of() { # PID: the process that answers for it; its spawner started it
    pgrep -P "$(pgrep -P "$1" jouletrail-spwn)" jouletrail-metr
}

cp /bin/bash "$tmp/jt-burner"
burn() { "$tmp/jt-burner" -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; }
burner_cpu() { value jouletrail_cpu_seconds_total consumer=jt-burner; }

start --by comm
server=$(server_of "$daemon")
tap_is "it says where" "${said%:*}" "jouletrail: metrics on http://127.0.0.1"
tap_run "whom it says answers there" test -n "$server"
tap_is "who answers is not root" \
    "$(grep -c '^[UG]id:.\(0\|.*\t0\(\t\|$\)\)' "/proc/$server/status")" 0
tap_is "and has no capability" "$(sed -n 's/^Cap\(Eff\|Prm\|Inh\|Amb\):\t0*$/x/p' "/proc/$server/status" |
    tr -d '\n')" xxxx
tap_is "nor gets one" "$(sed -n 's/^NoNewPrivs:\t//p' "/proc/$server/status")" 1
held=$(find "/proc/$server/fd" -type l -printf '%l\n' | grep -v "^$tmp/said")
tap_empty "it holds no ledger, no map, no meter: a socket, a board and a queue" "$(printf '%s\n' "$held" |
    grep -vE '^(socket:|anon_inode:\[(eventpoll|eventfd)\]|/memfd:jouletrail-board|pipe:)')"

# --- what it says ---
wait_until 'lambda v: v > 1' value jouletrail_ticks_total
burn
wait_until 'lambda v: v > 0' burner_cpu
once=$(burner_cpu)
scrape "$tmp/text"
tap_empty "its text is what it should be" "$(python3 tests/e2e/metrics_parse.py check text "$tmp/text")"
scrape "$tmp/open" -H 'Accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5'
tap_empty "and its OpenMetrics" "$(python3 tests/e2e/metrics_parse.py check openmetrics "$tmp/open")"
tap_empty "series add up to the host" "$(python3 tests/e2e/metrics_parse.py sums "$tmp/text")"
if command -v promtool >/dev/null; then
    for file in "$tmp/text" tests/fixtures/golden/export/metrics-*.prom; do
        tap_run "promtool check metrics: $(basename "$file")" sh -c "promtool check metrics <'$file'"
    done
    tap_run "promtool check rules" promtool check rules tools/dist/prometheus-rules.yml
else
    tap_skip "promtool" "promtool is not installed"
fi
# The same again: another process of the same name, as a container that is restarted.
burn
wait_until "lambda v: v > D('$once')" burner_cpu
tap_pass "a consumer that comes back goes on"
scrape "$tmp/later"
tap_empty "no counter falls" "$(python3 tests/e2e/metrics_parse.py grows "$tmp/text" "$tmp/later")"

# checks SCRIPT ARGUMENT…: each line of it is "ok NAME", or "bad NAME"
checks() {
    python3 "$1" "$port" "$server" "${@:2}" >"$tmp/checks" 2>"$tmp/trace"
    tap_verdicts "$tmp/checks"
    tap_empty "$(basename "$1") ran to its end" "$(cat "$tmp/trace")"
}

checks tests/e2e/metrics_hostile.py
before=$(value jouletrail_ticks_total)
checks tests/e2e/http_slow.py /metrics /metrics
tap_run "ticks went on meanwhile" wait_until "lambda v: v > D('$before') + 10" value jouletrail_ticks_total

kill -KILL "$server"
wait_until 'lambda v: v > 0' value jouletrail_ticks_total
tap_run "one that is killed is started again, with all that was counted" \
    wait_until "lambda v: v >= D('$once')" burner_cpu
tap_run "and that is said" grep -q 'jouletrail-metrics ended (signal 9)' "$tmp/err"
server=$(server_of "$daemon")
stop
tap_is "SIGTERM: exit 0" "$status" 0
tap_run "who answered is gone" sh -c "! test -d /proc/$server"
tap_run "the ledger verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"

# --- few series ---
start --by comm --metrics-series 2
wait_until 'lambda v: v > 0' value jouletrail_metrics_folded_total
tap_is "no more series than are allowed" "$(value jouletrail_metrics_series)" 2
scrape "$tmp/text"
tap_empty "and all others together add up" "$(python3 tests/e2e/metrics_parse.py sums "$tmp/text")"
tap_empty "in the same form" "$(python3 tests/e2e/metrics_parse.py check text "$tmp/text")"

# --- who cannot listen ---
# fails STATUS TEXT ARGUMENT…: the daemon ends at once, with one line that says why
fails() {
    timeout 60 "$JT" daemon --ledger "$tmp/other" --key-dir "$tmp/keys" "${@:3}" 2>"$tmp/fail"
    [ $? -eq "$1" ] && [ "$(wc -l <"$tmp/fail")" = 1 ] && grep -q -- "$2" "$tmp/fail"
}
tap_run "an address in use" fails 1 "127.0.0.1:$port: Address already in use" --metrics "127.0.0.1:$port"
stop
tap_run "no port" fails 2 "no HOST:PORT" --metrics 127.0.0.1
tap_run "a name is not looked up" fails 2 "names are not looked up" --metrics example.org:9841
tap_run "a port that is none" fails 2 "no HOST:PORT" --metrics 127.0.0.1:99999
tap_run "an address that is not here" fails 1 "cannot listen on 192.0.2.1:9841" --metrics 192.0.2.1:9841
tap_run "no series at all" fails 2 "metrics-series" --metrics 127.0.0.1:0 --metrics-series 0
tap_run "nothing was begun" test ! -e "$tmp/other"

"$JT" daemon --duration 300ms --interval 100ms --ledger "$tmp/open-ledger" --key-dir "$tmp/keys" \
    --metrics 0.0.0.0:0 2>"$tmp/err"
tap_run "an address that others reach is warned of" grep -q 'warning: --metrics 0.0.0.0:0' "$tmp/err"

# --- a stream ends with the daemon, though somebody else has listened ---
"$JT" daemon --duration 300ms --interval 100ms --ledger - --key-dir "$tmp/keys" \
    --metrics 127.0.0.1:0 2>"$tmp/err" | tail -n 1 >"$tmp/last"
tap_run "a stream of records is whole" grep -q '^{"checkpoint"' "$tmp/last"
tap_done
