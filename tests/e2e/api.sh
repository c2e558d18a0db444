#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# api.sh - the API as a server: hostile requests get an answer or an end, and memory stays bounded.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
JT=$(realpath "${JT:-build/jouletrail}")
tmp=$(mktemp -d) || exit 1
chmod 755 "$tmp" # the server reads it as nobody
server=
trap '[ -z "$server" ] || kill -KILL "$server" 2>/dev/null; rm -rf "$tmp"' EXIT

# A quarter of a year of 5 minutes of two places: what an answer in one piece would need 5 MB for.
python3 - >"$tmp/data.csv" <<'PYTHON'
import datetime
print("time,duration,zone,g_per_kwh")
begin = datetime.datetime(2025, 1, 1)
for zone, base in ("FR", 50), ("SE", 20):
    for i in range(90 * 288):
        print(f"{(begin + datetime.timedelta(minutes=5 * i)).isoformat()}Z,00:05:00,{zone},"
              f"{base + i % 97}")
PYTHON
printf 'time,duration,zone,g_per_kwh\n2025-04-01T00:00Z,01:00:00,FR,50\n' >"$tmp/forecast.csv"

mkfifo "$tmp/said"
# serve OPTION…: sets server, said and port
serve() {
    "$JT" api --listen 127.0.0.1:0 --data "$tmp/data.csv" "$@" 2>"$tmp/said" &
    server=$!
    exec 3<"$tmp/said"
    read -r said <&3
    port=${said##*:}
}

# checks SCRIPT [ARGUMENT…]: each line of it is "ok NAME", or "bad NAME"
checks() {
    python3 "$1" "$port" "$server" "${@:2}" >"$tmp/checks" 2>"$tmp/trace"
    tap_verdicts "$tmp/checks"
    tap_empty "$(basename "$1") ran to its end" "$(cat "$tmp/trace")"
}

serve --forecast "$tmp/forecast.csv" --timeout 10m
tap_is "it says where it listens" "${said%:*}" "jouletrail: api: listening on http://127.0.0.1"
if [ "$(id -u)" -eq 0 ]; then
    tap_is "root is given up" "$(grep -c '^Uid:.\(0\|.*\t0\(\t\|$\)\)' "/proc/$server/status")" 0
    tap_is "and every capability" "$(sed -n 's/^CapEff:\t//p' "/proc/$server/status")" \
        0000000000000000
else
    tap_skip "root is given up" "not root"
fi

checks tests/e2e/api_client.py

sed 's/,50$/,10/' "$tmp/forecast.csv" >"$tmp/new.csv"
mv "$tmp/new.csv" "$tmp/forecast.csv"
read -r said <&3
tap_is "a file that changes is read anew" "$said" "jouletrail: api: the files were read anew"
tap_is "and answered from" "$(python3 - "$port" <<'PYTHON'
import json, sys, urllib.request
url = f"http://127.0.0.1:{sys.argv[1]}/emissions/forecasts/current?location=FR"
print(json.load(urllib.request.urlopen(url))[0]["optimalDataPoint"]["value"])
PYTHON
)" 10
echo '{' >"$tmp/new.csv"
mv "$tmp/new.csv" "$tmp/forecast.csv"
read -r said <&3
tap_run "one that is broken is said" grep -q 'what was read before stays' <<<"$said"
tap_run "and what was before stays" python3 -c "import urllib.request
urllib.request.urlopen('http://127.0.0.1:$port/emissions/forecasts/current?location=FR')"
kill -TERM "$server"
wait "$server"
tap_is "it ends when it is told to" $? 0

serve --timeout 1s
checks tests/e2e/http_slow.py /locations \
    "/emissions/bylocations?$(printf 'location=FR&location=SE&%.0s' 1 2 3 4 5 6 7 8 9 10)"
kill -TERM "$server"
wait "$server"
server=

# fails STATUS ARGUMENT…: api ends at once with that status
fails() {
    timeout 20 "$JT" api "${@:2}" 2>"$tmp/err"
    [ $? -eq "$1" ]
}
tap_run "without a file there is nothing to serve" fails 2 --listen 127.0.0.1:0
tap_run "a file that is not there" fails 1 --listen 127.0.0.1:0 --data "$tmp/none"
tap_run "an address that is none" fails 1 --listen nowhere --data "$tmp/data.csv"
tap_run "a port that is none" fails 1 --listen 127.0.0.1:99999 --data "$tmp/data.csv"
tap_done
