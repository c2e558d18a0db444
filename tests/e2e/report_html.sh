#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# report_html.sh - is the page of a report whole, the same as the JSON, and open about what is wrong?
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
: "${JT:=build/jouletrail}"
mk=$(dirname "$JT")/tests/e2e
command -v python3 >/dev/null || tap_skip_all "python3 is not installed"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# page NAME ARG…: the page of that report in $tmp/NAME.html, its status in $status, stderr in $tmp/err
page() {
    local name=$1

    shift
    "$JT" report --key-dir "$tmp/keys" -f html -o "$tmp/$name.html" "$@" 2>"$tmp/err"
    status=$?
}

# checked NAME [ROWS ARG…]: its verdicts, against the JSON of the same report
checked() {
    local name=$1

    if [ $# -gt 1 ]; then
        "$JT" report --key-dir "$tmp/keys" -f json "${@:3}" >"$tmp/$name.json" 2>/dev/null
        python3 tests/e2e/report_html.py "$tmp/$name.html" "$tmp/$name.json" "$2" >"$tmp/verdicts" 2>&1
    else
        python3 tests/e2e/report_html.py "$tmp/$name.html" >"$tmp/verdicts" 2>&1
    fi || sed 's/^/bad /' -i "$tmp/verdicts"
    sed "s/^\(ok\|bad\) /&$name: /" "$tmp/verdicts" >"$tmp/named"
    tap_verdicts "$tmp/named"
}

# has NAME TEXT…: the page has each of them
has() {
    local name=$1 text

    shift
    for text; do
        tap_run "$name: says '$text'" grep -qF -- "$text" "$tmp/$name.html"
    done
}

# Three days in ticks of ten minutes, 60 containers: more than have a row.
"$mk/mkweek" "$tmp/days" "$tmp/keys" 432 60 600 2>"$tmp/err" ||
    { tap_fail "a ledger is made" "$(cat "$tmp/err")"; tap_done; exit; }

page days --by container "$tmp/days"
tap_is "a page: exit 0" "$status" 0
tap_empty "without a word on standard error" "$(cat "$tmp/err")"
checked days 50 --by container "$tmp/days"
has days 'Nothing was measured for 3 h.' '6 ticks have no energy' 'grid &lt;operator&gt; &amp; Co' \
    '&lt;b&gt;&amp;&quot;&#39;\x1b[31m\xff-5' '… and 10 others' 'Energy and carbon of host.example' \
    'powercap intel-rapl:0' 'rapl_gain' 'energy to the microjoule'
tap_run "names have no meaning to HTML" sh -c '! grep -q "<b>&" "$1"' - "$tmp/days.html"
tap_run "and are at most 1 MB" test "$(wc -c <"$tmp/days.html")" -lt 1000000
"$JT" report --key-dir "$tmp/keys" -f html --by container "$tmp/days" >"$tmp/again.html" 2>/dev/null
tap_run "the same report is the same page, on standard output too" cmp "$tmp/days.html" "$tmp/again.html"

for by in cgroup user host zone; do
    page "by-$by" --by "$by" "$tmp/days"
    checked "by-$by" 50 --by "$by" "$tmp/days"
done
page site --by host --pue 1.3 --embodied server "$tmp/days"
checked site 50 --by host --pue 1.3 --embodied server "$tmp/days"
has site 'Carbon with its site and machine' 'PUE: 1.300'
page zone --by host --zone FR "$tmp/days"
checked zone 50 --by host --zone FR "$tmp/days"
has zone 'another grid was asked for' 'France'
page since --by host --since 2026-11-18T00:00Z --until 2026-11-18T12:00Z "$tmp/days"
checked since 50 --by host --since 2026-11-18T00:00Z --until 2026-11-18T12:00Z "$tmp/days"
page nothing --since 2030-01-01 "$tmp/days"
tap_is "no tick in that time: a page" "$status" 0
has nothing 'no tick in that time' 'not known'

# Retention: what is left of most ticks is their sum.
"$mk/mkledger" "$tmp/rolled" "$tmp/keys" 300 20000 0 500000000 2>/dev/null
page rolled "$tmp/rolled"
checked rolled 50 "$tmp/rolled"
if grep -q 'summed up by day or month' "$tmp/rolled.html"; then
    has rolled 'a day or a month of sums' 'are there as sums alone'
else
    tap_skip "what retention summed up is said" "the ledger was written too fast to be retired"
fi

# --- a ledger that is not what it should be ---
page unanchored --key-dir "$tmp/nokeys" "$tmp/days"
[ "$status" = 5 ] && has unanchored SELF-SIGNED 'class="verdict warn"'
tap_is "self-signed: figures, and exit 5" "$status" 5
cp -r "$tmp/days" "$tmp/bad"
first=$(find "$tmp/bad/seg" -type f | sort | head -n 1)
case $first in *.gz) gunzip "$first" && first=${first%.gz} ;; esac
sed -i '0,/"cpu_ns":"[0-9]/s/"cpu_ns":"\([0-9]\)/"cpu_ns":"1\1/' "$first"
page bad "$tmp/bad"
tap_is "tampered with: verify's exit code" "$status" 10
tap_is "one line says so" "$(wc -l <"$tmp/err")" 1
checked bad
has bad TAMPERED 'no figures'
page none "$tmp/nowhere"
tap_is "no ledger at all: unreadable" "$status" 2
checked none
"$JT" report --key-dir "$tmp/keys" -f html -o /nonexistent/page "$tmp/days" 2>"$tmp/err"
tap_is "a file that cannot be written: exit 1" "$?:$(grep -c /nonexistent/page "$tmp/err")" 1:1
openssl genpkey -algorithm ed25519 -out "$tmp/w.pem" 2>/dev/null
page witness --witness "w.example+00000000+AQAA" "$tmp/days"
tap_run "a witness that is no key: no page with figures" test "$status" -ne 0

# --- a browser ---
if command -v chromium >/dev/null; then
    browser() {
        timeout 300 chromium --headless=new --no-sandbox --disable-gpu --disable-dev-shm-usage \
            --user-data-dir="$tmp/chromium" "$@" 2>"$tmp/err"
    }
    browser --dump-dom "file://$tmp/days.html" >"$tmp/dom"
    tap_run "a browser opens it" grep -q '<h1>Energy and carbon of host.example</h1>' "$tmp/dom"
    # It would have closed, moved or dropped what it does not take.
    tap_is "and finds in it what was written" \
        "$(grep -o '<data\|<rect\|<path\|<tr' "$tmp/dom" | sort | uniq -c)" \
        "$(grep -o '<data\|<rect\|<path\|<tr' "$tmp/days.html" | sort | uniq -c)"
    browser --window-size=1280,2000 --screenshot="$tmp/shot.png" "file://$tmp/days.html"
    tap_run "and shows it" test "$(wc -c <"$tmp/shot.png")" -gt 50000
else
    tap_skip "a browser opens it" "chromium is not installed"
fi

tap_done
