#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# feed.sh - the real client of the live feeds against a server that answers so and misbehaves.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/json.sh
. "$(dirname "$0")/../json.sh"
command -v python3 >/dev/null || tap_skip_all "python3 is not installed"
tmp=$(mktemp -d)
chmod 755 "$tmp" # the feed's process is nobody, and writes below it
python3 "$(dirname "$0")/feed_server.py" "$tmp" 2>"$tmp/server.err" &
server=$!
trap 'kill "$server" 2>/dev/null; rm -rf "$tmp"' EXIT
until [ -e "$tmp/port" ]; do
    kill -0 "$server" 2>/dev/null || tap_skip_all "the server does not start: $(tail -n 1 "$tmp/server.err")"
    sleep 0.1
done
url=http://127.0.0.1:$(cat "$tmp/port")
FEED=${JT%/*}/jouletrail-feed
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

# round NAME MODE KEY OPTION…: one round of a feed into $tmp/NAME.csv; output in $tmp/out
round() {
    local name=$1 mode=$2 key=$3

    shift 3
    printf '%s\n' "$key" | "$FEED" --once --cache "$tmp/$name.csv" --url "$url/$mode" "$@" >"$tmp/out" 2>&1
}

uk() {
    round "$1" "$2" "" --feed uk --location GB "${@:3}"
}

# column NAME FIELD: that member of `intensity check` of the only series
column() {
    "$JT" intensity check "$tmp/$1.csv" -f json |
        python3 -c 'import json, sys; print(json.load(sys.stdin)["series"][0][sys.argv[1]])' "$2"
}

# --- as they should be ---
uk uk ok
tap_is "uk: a round succeeds" $? 0
tap_is "uk: a day behind and a day ahead" "$(column uk n)" 96
tap_is "uk: no word of trouble" "$(column uk trouble)" ""
tap_is "uk: measured an hour ago: 100 g/kWh" "$("$JT" intensity at --intensity "$tmp/uk.csv" -f json \
    "$(date -u -d '-1 hour' +%FT%TZ)" |
    python3 -c 'import json, sys
i = json.load(sys.stdin)
print(i["mg_per_kwh"], i["kind"], i["boundary"], i["flags"] or "-")')" \
    "100000 average direct -"
tap_is "uk: in two hours: a forecast" "$("$JT" intensity at --intensity "$tmp/uk.csv" -f json \
    "$(date -u -d '+2 hours' +%FT%TZ)" |
    python3 -c 'import json, sys; i = json.load(sys.stdin); print(i["mg_per_kwh"], i["flags"])')" "200000 forecast"
round region ok "" --feed uk --location GB-13
tap_is "uk: a region" "$?$(tail -n 1 "$tmp/requests" | grep -c '/regional/intensity/.*/regionid/13$')" 01

round em ok good --feed electricitymaps --location FR
tap_is "electricitymaps: a round succeeds" $? 0
tap_is "electricitymaps: history, latest, forecast; null is none" "$(column em n) $(column em n_holes)" "46 1"
tap_is "electricitymaps: latest revises history" "$(grep -c ',41000,.*estimated' "$tmp/em.csv")" 1
round em2 noforecast good --feed electricitymaps --location FR
tap_is "electricitymaps: a plan without forecasts is no trouble" "$?$(column em2 trouble)" 0
round em3 ok bad --feed electricitymaps --location FR
tap_is "electricitymaps: a wrong token" "$?$(grep -c 'HTTP 401: Invalid auth-token' "$tmp/out")" 11
round em4 ok "" --feed electricitymaps --location FR
tap_is "electricitymaps: no key: said before anything is asked" "$?$(grep -c 'needs a key' "$tmp/out")" 21

round wt ok me:pw --feed watttime --location CAISO_NORTH
tap_is "watttime: a round with its login" $? 0
tap_is "watttime: marginal, 870 lb/MWh" "$(column wt kind) $(grep -c ',394625,' "$tmp/wt.csv")" "marginal 575"
round wt2 ok me:wrong --feed watttime --location CAISO_NORTH
tap_is "watttime: a wrong password" "$?$(grep -c 'HTTP 401' "$tmp/out")" 11
round wt3 percentile me:pw --feed watttime --location CAISO_NORTH
tap_is "watttime: a percentile is refused" "$?$(grep -c 'in percentile' "$tmp/out")" 11

# --- misbehaving, on top of a good cache: the last known good stays, the trouble is told ---
# keeps NAME MODE TEXT OPTION…
keeps() {
    local name=$1 mode=$2 text=$3 code

    cp "$tmp/uk.csv" "$tmp/bad.csv"
    uk bad "$mode" "${@:4}"
    code=$?
    if [ "$code" = 1 ] && grep -q -- "$text" "$tmp/out" && [ "$(column bad n)" = 96 ] &&
        column bad trouble | grep -q -- "$text"; then
        tap_pass "$name"
    else
        tap_fail "$name" "exit $code, n $(column bad n), trouble '$(column bad trouble)': $(cat "$tmp/out")"
    fi
}
keeps "slow: a time-out" slow "no whole answer within 300 ms" --timeout 300ms
keeps "429" 429 "HTTP 429: too many"
keeps "500, with HTML" 500 "HTTP 500"
keeps "cut short on the wire" truncated "."
keeps "cut short in the text" cutjson "no JSON"
keeps "all values null" null "without a value"
keeps "another unit" units "another unit"
keeps "100 MB of JSON, chunked" huge "more than 4194304 bytes"
keeps "100 MB of JSON, announced" hugelength "more than 4194304 bytes"
keeps "a million brackets" deep "nested deeper"
keeps "a redirection is not followed" redirect "HTTP 302"
tap_is "and nobody asked where it pointed" "$(tail -n 1 "$tmp/requests" | cut -d' ' -f1)" redirect

cp "$tmp/uk.csv" "$tmp/skew.csv"
uk skew skew
tap_is "values of the future: taken, as forecasts, and said" \
    "$?$(column skew trouble | grep -c 'clock') $(grep \
        -c ',100000,.*forecast' "$tmp/skew.csv" | sed 's/[1-9][0-9]*/some/')" "01 some"
uk date date
tap_is "a server whose clock is two hours late" "$?$(column date trouble | grep -c 'clock')" 01
cp "$tmp/uk.csv" "$tmp/revised.csv"
uk revised revised
tap_is "revised values replace" "$?$(grep \
    -c ',150000,.*revised' "$tmp/revised.csv" | sed 's/4[5-9]/most/')$(grep -c ',100000,' "$tmp/revised.csv")" "0most0"
printf 'rubbish' >"$tmp/rubbish.csv"
uk rubbish ok
tap_is "an unsound cache is begun anew" "$?$(column rubbish n)" 096
"$FEED" --once --cache "$tmp/x.csv" --feed uk --location GB --url http://example.org </dev/null >"$tmp/out" 2>&1
tap_is "no key goes over plain http to another machine" "$?$(grep -c 'neither https' "$tmp/out")" 21
uk nowhere "ok/../.." --location '../../etc'
tap_is "no path gets into a URL" "$?$(grep -c 'no zone or region' "$tmp/out")" 21

# --- a plan on a feed: asked once by the same process, with the same cache ---
printf 'good\n' >"$tmp/key.em"
printf 'me:pw\n' >"$tmp/key.wt"
# plan MODE FEED OPTION…: exit status; output in $tmp/out, what is said in $tmp/err
plan() {
    status "$JT" plan --duration 2h --forecast "$2=$url/$1" --intensity-cache "$tmp/plan/feeds" -f json "${@:3}"
}

tap_is "plan on uk" "$(plan ok uk --zones GB)" 0
tap_is "by its forecast" "$(json "$tmp/out" '(r["has_forecast"], r["best"]["zone"],
r["best"]["intensity_mg_per_kwh"]["average"]["value"], r["best"]["boundary"], r["best"]["source"][:15])')" \
    "(True, 'GB', 200000, 'direct', 'carbonintensity')"
touch "$tmp/plan/feeds/uk-GB.csv" # however slow this machine is
asked=$(wc -l <"$tmp/requests")
tap_is "again within minutes: out of the cache" "$(plan ok uk --zones GB)$(wc -l <"$tmp/requests")" "0$asked"
touch -d '-10 minutes' "$tmp/plan/feeds/uk-GB.csv"
tap_is "later, of a server in trouble: what is known holds" "$(plan 500 uk --zones GB)" 0
tap_is "and the trouble is said" "$(grep -c 'plan: GB: uk: HTTP 500; what was known before holds' "$tmp/err")" 1
touch "$tmp/plan/feeds/uk-GB.csv"
asked=$(wc -l <"$tmp/requests")
tap_is "and it is left alone for a minute" \
    "$(plan ok uk --zones GB)$(wc -l <"$tmp/requests")$(grep -c 'uk: HTTP 500' "$tmp/err")" "0${asked}1"
tap_is "a place that it does not have" "$(plan ok uk --zones FR)$(grep -c 'GB-1 to GB-18' "$tmp/err")" 11
tap_is "a server in trouble and no cache" "$(plan 500 uk --zones GB-13)$(grep \
    -c 'GB-13: the feed has given nothing of it' "$tmp/err")" 11
asked=$(wc -l <"$tmp/requests")
tap_is "no key: said before anything is asked" \
    "$(plan ok electricitymaps --zones FR)$(grep -c 'electricitymaps needs a key' "$tmp/err")$(wc \
        -l <"$tmp/requests")" "11$asked"
tap_is "two zones of electricitymaps" "$(plan ok electricitymaps --zones FR,DE --intensity-key "$tmp/key.em")" 0
tap_is "each asked for" "$(json "$tmp/out" '[c["zone"] for c in r["candidates"]]')$(grep \
    -c 'forecast?zone=DE' "$tmp/requests")" "['FR', 'DE']1"
wt=(watttime --zones CAISO_NORTH --intensity-key "$tmp/key.wt")
tap_is "watttime is marginal: no plan by average" \
    "$(plan ok "${wt[@]}")$(grep -c 'no average intensities of it in the forecast' "$tmp/err")" 11
tap_is "but by marginal, and nothing beside it" "$(plan ok "${wt[@]}" --kind marginal)$(json "$tmp/out" \
    '(r["kind"], r["best"]["intensity_mg_per_kwh"]["average"],
r["best"]["intensity_mg_per_kwh"]["marginal"]["value"])')" "0('marginal', None, 394625)"

# --- the tracer and its feed ---
if [ "$(id -u)" = 0 ]; then
    "$JT" run --power model --intensity "uk=$url/ok" --intensity-cache "$tmp/cache/feeds" -f json -o "$tmp/run.json" \
        --interval 100ms -- bash -c 'for i in {1..600}; do [ -e "$1" ] && break; sleep 0.1; done
            for pid in $(pgrep -f "^jouletrail-feed .*$1"); do
                grep -hE "^(Uid|NoNewPrivs|CapEff)" "/proc/$pid/status"
            done >"$2"; sleep 0.5' - "$tmp/cache/feeds/uk-GB.csv" "$tmp/who" >/dev/null 2>"$tmp/err"
    tap_is "run with a feed: the command's status" $? 0
    tap_is "its process has no privilege, and is gone with the run" \
        "$(tr -s '\t\n' ' ' <"$tmp/who" | sed -E 's/^Uid: [1-9][0-9]* .* CapEff/Uid: other CapEff/')$(pgrep \
            -c -f "^jouletrail-feed .*$tmp/cache")" \
        "Uid: other CapEff: 0000000000000000 NoNewPrivs: 1 0"
    # The first windows may have come before the first answer: then the total is of two signals.
    tap_is "the figure is of the moment, once there is one" "$(python3 -c 'import json, sys
i = json.load(open(sys.argv[1]))["intensity_mg_per_kwh"]
source = i["source"][:15] in ("carbonintensity", "mixed")
print(i["kind"], i["boundary"] in ("direct", "mixed"), source)' "$tmp/run.json")" \
        "average True True"
    "$JT" run --power model --intensity "uk=$url/500" --intensity-cache "$tmp/cache2" -f json -o "$tmp/run2.json" \
        --interval 100ms -- bash -c 'for i in {1..600}; do [ -e "$1" ] && break; sleep 0.1; done; sleep 0.5' \
        - "$tmp/cache2/uk-GB.csv" >/dev/null 2>"$tmp/err2"
    tap_is "a feed that fails stops nothing" $? 0
    tap_is "and is said" "$(grep -c 'jouletrail: warning: intensity: .*HTTP 500' "$tmp/err2")" 1
    tap_is "the annual mean of GB stands in, and says so" "$(python3 -c 'import json, sys
r = json.load(open(sys.argv[1])); i = r["intensity_mg_per_kwh"]
print(r["zone"], i["is_annual_mean"], i["flags"], i["source"][:24])' "$tmp/run2.json")" \
        "GB True filled annual mean of the table"
    # It answers only once it is asked for: until then the table's figure of the same kind stands in.
    "$JT" run --power model --zone US --kind marginal --intensity "watttime=$url/ok" \
        --intensity-location CAISO_NORTH --intensity-key "$tmp/key.wt" --intensity-cache "$tmp/cache3" -f json \
        -o "$tmp/run3.json" --ledger "$tmp/ledger3" --key-dir "$tmp/keys" --interval 100ms -- \
        bash -c 'for i in {1..600}; do [ -e "$1" ] && break; sleep 0.1; done; sleep 0.5' \
        - "$tmp/cache3/watttime-CAISO_NORTH.csv" >/dev/null 2>&1
    tap_is "marginal from the first tick to the last" "$(grep -rh '"k":"tick"' "$tmp/ledger3" |
        python3 -c 'import json, sys
print({json.loads(l)["intensity"]["kind"] for l in sys.stdin})')$(json "$tmp/run3.json" \
        'r["intensity_mg_per_kwh"]["kind"]')" "{'marginal'}marginal"
    "$JT" run --power model --intensity "uk=$url/ok" --intensity-cache "$tmp/cache/feeds" --ledger "$tmp/ledger" \
        --key-dir "$tmp/keys" --capture "$tmp/capture" --interval 100ms --tick 200ms -- sleep 1 >/dev/null 2>&1
    tap_is "a cache that is there is used at once: one signal" "$(grep -rh '"k":"tick"' "$tmp/ledger" |
        python3 -c 'import json, sys
print({(i["boundary"], i["flags"], i["mg_per_kwh"]) for i in (json.loads(l)["intensity"] for l in sys.stdin)})')" \
        "{('direct', 'forecast', 200000)}"
    # The cache changes under it: who asked is not due again for minutes, so that only the command writes.
    sed 's/^# source: .*/# source: another/' "$tmp/cache/feeds/uk-GB.csv" >"$tmp/other.csv"
    "$JT" run --power model --intensity "uk=$url/500" \
        --intensity-cache "$tmp/cache/feeds" --ledger "$tmp/ledger2" --key-dir "$tmp/keys" \
        --interval 100ms --tick 1h -- bash -c 'sleep 0.5; mv "$1" "$2"; sleep 0.5' \
        - "$tmp/other.csv" "$tmp/cache/feeds/uk-GB.csv" >/dev/null 2>&1
    tap_is "another signal is another tick" "$(grep -rh '"k":"tick"' "$tmp/ledger2" |
        python3 -c 'import json, sys
print([json.loads(l)["intensity"]["source"][:15] for l in sys.stdin])')" "['carbonintensity', 'another']"
    tap_run "the ledger verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"
    tap_is "a replay on a file of the same moment" \
        "$("$JT" replay "$tmp/capture" --intensity "$tmp/revised.csv" -f json 2>/dev/null |
        python3 -c 'import json, sys
print(json.load(sys.stdin)["intensity_mg_per_kwh"]["value"])')" 250000
else
    tap_skip "run with a feed" "needs root"
fi
tap_done
