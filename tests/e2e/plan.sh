#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# plan.sh - plan as a command: the best time and place, bad input, and the command that it runs.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
# shellcheck source=tests/json.sh
. "$(dirname "$0")/../json.sh"
cd "$(dirname "$0")/../.." || exit 1
JT=$(realpath "${JT:-build/jouletrail}")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# says TEXT: what was said on standard error holds it
says() {
    grep -qF -- "$1" "$tmp/err" && echo yes
}

# A day of three zones by the hour: SE least at 05:00, DE with its marginal intensity too.
python3 - >"$tmp/day.csv" <<'PYTHON'
print("time,zone,kind,g_per_kwh")
for zone, kind, base in ("FR", "average", 60), ("DE", "average", 400), ("SE", "average", 30), \
        ("DE", "marginal", 700):
    for hour in range(24):
        dip = 0.5 if hour in (5, 6) else 1
        print(f"2026-01-01T{hour:02}:00Z,{zone},{kind},{base * dip + hour / 10}")
PYTHON
day=(--forecast "$tmp/day.csv" --from 2026-01-01T00:30Z --duration 2h)

tap_is "the best of three zones" "$(status "$JT" plan "${day[@]}" --zones FR,DE,SE -f json)" 0
tap_is "its place and time" \
    "$(json "$tmp/out" '[r["best"][k] for k in ("zone", "start", "end")]')" \
    "['SE', '2026-01-01T05:00:00Z', '2026-01-01T07:00:00Z']"
tap_is "its intensity: the mean of 15.5 and 15.6 g" \
    "$(json "$tmp/out" 'r["best"]["intensity_mg_per_kwh"]["average"]["value"]')" 15550
tap_is "candidates, best first" "$(json "$tmp/out" '[c["zone"] for c in r["candidates"]]')" \
    "['SE', 'FR', 'DE']"
tap_is "average and marginal side by side, none made up" \
    "$(json "$tmp/out" '[c["intensity_mg_per_kwh"]["marginal"] is None for c in r["candidates"]]')" \
    "[True, True, False]"
tap_is "really better, surely" "$(json "$tmp/out" 'r["best"]["probability_better_ppm"] > 990000')" \
    True
tap_is "against what it is at once where it is" \
    "$(json "$tmp/out" '[r["now"][k] for k in ("zone", "start")]')" "['FR', '2026-01-01T00:30:00Z']"
tap_is "by marginal intensity" \
    "$(status "$JT" plan "${day[@]}" --zones FR,DE,SE --kind marginal -f json)" 0
tap_is "zones without are left out and named" \
    "$(json "$tmp/out" '(r["best"]["zone"], [x["zone"] for x in r["excluded"]], r["now"])')" \
    "('DE', ['FR', 'SE'], None)"
tap_is "a deadline" "$(status "$JT" plan "${day[@]}" --zones SE --deadline 4h -f json)" 0
tap_is "is kept" "$(json "$tmp/out" '(r["best"]["end"], r["deadline"])')" \
    "('2026-01-01T02:30:00Z', '2026-01-01T04:30:00Z')"
tap_is "at once, where nothing is better" "$(json "$tmp/out" 'r["best"]["start"]')" \
    2026-01-01T00:30:00Z
tap_is "and then there is no probability" \
    "$(json "$tmp/out" 'r["best"]["probability_better_ppm"]')" None
tap_run "for people" "$JT" plan "${day[@]}" --zones FR,DE,SE

tap_is "without a forecast" "$(status "$JT" plan --duration 2h --zones DE,FR -f json)" 0
tap_is "annual means tell where" \
    "$(json "$tmp/out" '(r["best"]["zone"], r["best"]["is_annual_mean"], r["has_forecast"])')" \
    "('FR', True, False)"
tap_is "and it is said that they do not tell when" \
    "$("$JT" plan --duration 2h --zones DE,FR | grep -c 'where, not when')" 1

printf '# allowed\nFR large,small\nSE small\nDE\n' >"$tmp/allow"
tap_is "zones from a file" \
    "$(status "$JT" plan "${day[@]}" --allow-zones "$tmp/allow" --sku large -f json)" 0
tap_is "where it is to be had" \
    "$(json "$tmp/out" '(r["best"]["zone"], len(r["candidates"]), len(r["excluded"]))')" \
    "('FR', 1, 2)"
tap_is "zones given and not allowed" \
    "$(status "$JT" plan "${day[@]}" --zones PL,SE --allow-zones "$tmp/allow" -f json)" 0
tap_is "are left out" "$(json "$tmp/out" '(r["best"]["zone"], r["excluded"][0]["zone"])')" \
    "('SE', 'PL')"
tap_is "none is left" \
    "$(status "$JT" plan "${day[@]}" --allow-zones "$tmp/allow" --sku huge)" 1

tap_is "a forecast of the past" \
    "$(status "$JT" plan --duration 2h --zones FR --forecast "$tmp/day.csv")" 1
tap_is "is told" "$(says 'of the past: it ends 2026-01-02T00:00:00Z')" yes
tap_is "a deadline that cannot be met" "$(status "$JT" plan "${day[@]}" --zones FR --deadline 1h)" 1
tap_is "is told" "$(says 'cannot be met')" yes
tap_is "an unknown zone" "$(status "$JT" plan "${day[@]}" --zones FX,FR)" 1
tap_is "names its near misses" "$(says ' FR')" yes
tap_is "no zone at all is no default country" "$(status "$JT" plan --duration 2h)" 2
tap_is "no duration" "$(status "$JT" plan --zones FR)" 2
tap_is "a time that is none" "$(status "$JT" plan "${day[@]}" --zones FR --deadline soon)" 2
tap_is "a forecast that is none" \
    "$(status "$JT" plan --duration 2h --zones FR --forecast "$tmp/allow")" 1
tap_is "a forecast that is not there" \
    "$(status "$JT" plan --duration 2h --zones FR --forecast "$tmp/none")" 1
head -c 104857600 /dev/zero | tr '\0' '[' >"$tmp/hostile.json"
tap_is "100 MB of brackets" \
    "$(status "$JT" plan --duration 2h --zones FR --forecast "$tmp/hostile.json")" 1
rm "$tmp/hostile.json"
printf '2026-01-01T00:00Z,01:00:00,FR,50\n2026-01-01T01:00Z,00:01:00,FR,\n2026-01-01T01:01Z,01:30:00,FR,10\n' |
    sed '1itime,duration,zone,g_per_kwh' >"$tmp/hole.csv"
tap_is "missing time is in no window" \
    "$(status "$JT" plan --duration 2h --zones FR --forecast "$tmp/hole.csv" --from 2026-01-01)" 1
tap_is "and that is why" "$(says 'without missing time')" yes

"$JT" plan "${day[@]}" --zones SE --cron -- echo "it's" 100% >"$tmp/out"
tap_is "a line for cron" "$(grep -v '^#' "$tmp/out")" \
    "0 5 1 1 * [ \"\$(date +\\%Y)\" = 2026 ] && echo 'it'\\''s' '100\\%'"
"$JT" plan "${day[@]}" --zones SE --systemd -- echo "it's" '100% $HOME' >"$tmp/out"
tap_is "a timer for systemd" "$(grep -c '^OnCalendar=2026-01-01 05:00:00 UTC$' "$tmp/out")" 1
# shellcheck disable=SC2016 # as systemd wants it
tap_is "and its service" "$(grep -cF 'ExecStart="echo" "it'\''s" "100%% $$HOME"' "$tmp/out")" 1

now=(plan --duration 1s --zones FR --exec)
tap_is "exec passes the status on" "$(status "$JT" "${now[@]}" -- sh -c 'exit 7')" 7
tap_is "and that of a signal" "$(status "$JT" "${now[@]}" -- sh -c 'kill -9 $$')" 137
tap_is "and of what is not there" "$(status "$JT" "${now[@]}" -- "$tmp/none")" 127
tap_is "exec runs here, not elsewhere" \
    "$(status "$JT" plan --duration 1s --zones FR,SE --exec -- true)" 2
tap_is "a command needs a way" "$(status "$JT" plan --duration 1s --zones FR -- true)" 2

mkfifo "$tmp/up"
"$JT" "${now[@]}" -- sh -c 'trap "exit 9" USR1; echo up >"$1"; while :; do sleep 1; done' sh \
    "$tmp/up" &
read -r _ <"$tmp/up"
kill -USR1 $!
wait $!
tap_is "a signal reaches the command" $? 9
"$JT" plan --duration 1s --zones FR --from 24h --exec -- touch "$tmp/ran" 2>"$tmp/up" &
read -r _ <"$tmp/up"
kill -TERM $!
wait $!
tap_is "a signal ends the waiting" $? 143
tap_is "and nothing is run" "$([ -e "$tmp/ran" ] && echo ran)" ""

if [ "$(id -u)" -ne 0 ] || [ ! -r /sys/kernel/btf/vmlinux ]; then
    tap_skip "the plan is in the ledger of what it ran" "needs root and BTF"
else
    python3 - >"$tmp/now.csv" <<'PYTHON'
import time
begin = int(time.time()) // 60 * 60 - 600
print("time,duration,zone,g_per_kwh")
for i in range(1500):
    print(f"{begin + 60 * i},00:01:00,FR,50")
PYTHON
    tap_is "planned, run and measured" "$(status "$JT" plan --duration 2s --zones FR \
        --forecast "$tmp/now.csv" --exec --ledger "$tmp/d" --key-dir "$tmp/k" -- sh -c 'exit 3')" 3
    tap_is "in a ledger that verifies" "$(status "$JT" verify --key-dir "$tmp/k" "$tmp/d")" 0
    "$JT" ledger export --key-dir "$tmp/k" "$tmp/d" 2>/dev/null | head -n 1 >"$tmp/open"
    tap_is "with the plan in its first record" "$(json "$tmp/open" '(r["k"], r["plan"]["zone"],
r["plan"]["mg_per_kwh"], r["plan"]["start_us"] <= r["t"], len(r["plan"]["sha256"]))')" \
        "('open', 'FR', 50000, True, 64)"
    tap_is "as another verifier finds too" \
        "$(python3 docs/verify_ledger.py "$tmp/d" | cut -d' ' -f1)" SELF-SIGNED
    tap_is "undone, it would have been at once: the same here" "$(status "$JT" whatif --unplanned \
        --series "$tmp/now.csv" --key-dir "$tmp/k" -f json "$tmp/d")" 0
    tap_is "of figures that are known" \
        "$(json "$tmp/out" '(r["change"]["zone"], r["total"]["saved_co2e_ug"]["value"])')" "('FR', 0)"
fi
tap_done
