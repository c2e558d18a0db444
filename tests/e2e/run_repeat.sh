#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run_repeat.sh - runs that are repeated, two in turns, what runs already, and a row per window.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
busy=
cleanup() {
    [ -z "$busy" ] || kill "$busy" 2>/dev/null
    [ -z "${cgroup:-}" ] || rmdir "$cgroup/below" "$cgroup" 2>/dev/null
    rm -rf "$tmp"
}
trap cleanup EXIT

# json EXPRESSION [FILE]: of the report as d.
json() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "${2:-$tmp/r.json}" "$1"
}

run=("$JT" run --power model --zone PL -o "$tmp/r.json")
# As much work whatever the machine is like: bytes hashed.
work='head -c $((N * 1000000)) /dev/zero | sha256sum >/dev/null'

# --- repeats ---
N=20 "${run[@]}" -f json -r 5 -w 2 -- sh -c "echo run >>$tmp/runs; $work" 2>"$tmp/err"
tap_is "five runs after two" "$? $(wc -l <"$tmp/runs") $(json 'len(d["commands"][0]["runs"]), d["n_warmups"]')" \
    "0 7 (5, 2)"
tap_is "the mean is that of the runs" "$(json '
(lambda c: abs(sum(r["energy_uj"] for r in c["runs"]) / 5 - c["energy_uj"]["mean"]["value"]) <= 1
 and abs(sum(r["wall_ns"] for r in c["runs"]) / 5000 - c["wall_us"]["mean"]["value"]) <= 2)(d["commands"][0])')" True
tap_is "every interval holds its mean, least <= median <= most" "$(json 'all(
    q[k]["low"] <= q[k]["value"] <= q[k]["high"] and q["least"] <= q["median"] <= q["most"]
    for q in (d["commands"][0][n] for n in ("energy_uj", "co2e_ug", "cpu_us", "wall_us"))
    for k in ("mean", "mean_of_runs"))')" True
tap_is "what is common to all makes it wider" "$(json '(lambda q:
    q["mean"]["high"] - q["mean"]["low"] > q["mean_of_runs"]["high"] - q["mean_of_runs"]["low"])(
    d["commands"][0]["energy_uj"])')" True
tap_is "each run has its own tasks: sh, head, sha256sum" \
    "$(json 'sorted({r["n_tasks"] for r in d["commands"][0]["runs"]})')" "[3]"
tap_is "the books close" "$(json 'd["conservation"]["energy_uj"]')" 0

N=5 "${run[@]}" -f csv -r 2 -- sh -c "$work" 2>"$tmp/err"
tap_is "a CSV row per run" "$(wc -l <"$tmp/r.json") $(head -1 "$tmp/r.json")" \
    "3 command,run,wall_ns,cpu_ns,energy_uj,co2e_ug,n_tasks,exit_status"
N=5 "${run[@]}" -r 3 -- sh -c "$work"
tap_run "people see the mean and what is common" grep -q "with what is common to them all" "$tmp/r.json"
N=5 "${run[@]}" -r 1 -- sh -c "$work"
tap_run "one run is not said to differ" grep -q "with its uncertainty" "$tmp/r.json"

# --- what goes wrong ---
rm -f "$tmp/runs" "$tmp/r.json"
"${run[@]}" -r 4 -- sh -c "echo >>$tmp/runs; exit 3" 2>"$tmp/err"
tap_is "a run that fails is the last, and its status ours" \
    "$? $(wc -l <"$tmp/runs") $(ls "$tmp/r.json" 2>/dev/null)" "3 1 "
tap_run "said with how to go on" grep -q "ignore-failure" "$tmp/err"
"${run[@]}" -f json -r 2 --ignore-failure -- false
tap_is "or they go on" "$? $(json '[r["exit_status"] for r in d["commands"][0]["runs"]]')" "0 [1, 1]"
"${run[@]}" -r 2 -- /nonexistent 2>"$tmp/err"
tap_is "127 for a command that is not there, said once" "$? $(wc -l <"$tmp/err")" "127 1"
for wrong in "-w 2 -- true" "--versus true -- true" "-r 1 --versus true -- true" "-r 2 -p 1" \
    "-d 1s -- true" "-p 1 -- true" "-p 1 --cgroup /" "-r 2 --explain -- true" "-r 0 -- true" \
    "--cgroup / --by user" ""; do
    # shellcheck disable=SC2086 # words
    "$JT" run $wrong 2>"$tmp/err"
    tap_is "refused: run $wrong" "$? $(grep -c . "$tmp/err")" "2 1"
done
tap_is "Ctrl-C ends the runs, with what there is" "$(python3 - "$JT" "$tmp" <<'P'
import json, os, signal, subprocess, sys
out = sys.argv[2] + "/c.json"
p = subprocess.Popen([os.path.abspath(sys.argv[1]), "run", "--power", "model", "-f", "json", "-o", out, "-r", "1000",
                      "--", "sh", "-c", "n=$(cat n 2>/dev/null); echo $((n + 1)) >n; "
                      "[ $((n + 0)) -lt 3 ] || { echo started; exec sleep 60; }"],
                     start_new_session=True, stdout=subprocess.PIPE, cwd=sys.argv[2])
p.stdout.readline()
os.killpg(p.pid, signal.SIGINT)
print(p.wait(), len(json.load(open(out))["commands"][0]["runs"]))
P
)" "130 4"

# --- two in turns ---
N=20 "${run[@]}" -f json -r 6 --versus "N=40; $work" -- sh -c "$work"
tap_is "twice the work is seen, and how sure" "$(json '(lambda c:
    c["energy"]["ratio_low_ppm"] < c["energy"]["ratio_ppm"] < c["energy"]["ratio_high_ppm"]
    and c["energy"]["ratio_ppm"] < 800000 and c["energy"]["less_ppm"] > 950000
    and c["wall"]["less_ppm"] > 500000)(d["comparison"])')" True
tap_is "what is common to both cancels" "$(json '(lambda c, e:
    c["ratio_high_ppm"] / c["ratio_low_ppm"] < e["mean"]["high"] / e["mean"]["low"])(
    d["comparison"]["energy"], d["commands"][0]["energy_uj"])')" True
N=5 "${run[@]}" -r 2 --versus "N=5; $work" -- sh -c "$work"
tap_run "in a sentence" grep -qE "It used .* (less|more) energy" "$tmp/r.json"

# --- what runs already ---
sh -c 'while :; do :; done' &
busy=$!
"${run[@]}" -f json -p "$busy" -d 1s
tap_is "a process, from now on" "$? $(json '(lambda c: c["n_tasks"] == 1 and 0 < c["cpu_ns"]
    <= 1.05 * d["wall_ns"] and d["exit_status"] is None)(d["command_total"])')" "0 True"
"${run[@]}" -p "$busy" -d 300ms -i 100ms --timeline "$tmp/t.csv"
tap_run "named on the screen" grep -q "Energy and carbon of process $busy (sh)" "$tmp/r.json"
tap_is "a row per window, of the same columns" \
    "$(awk -F, 'NR == 1 { n = NF } NF != n { bad = 1 } END { print bad + 0, (NR > 3) }' "$tmp/t.csv")" "0 1"
# attached: waits for the first row of the run that was just begun.
attached() {
    until [ -s "$tmp/a.csv" ] && [ "$(wc -l <"$tmp/a.csv")" -gt 1 ]; do kill -0 $! || return; done
}
rm -f "$tmp/a.csv"
"${run[@]}" -f json -p "$busy" -i 200ms --timeline "$tmp/a.csv" &
attached
kill "$busy"
wait $!
tap_is "its end is the end" "$? $(json 'd["attached"].split()[0]')" "0 $busy"
wait "$busy" 2>/dev/null
busy=
"$JT" run -p 4194303 2>"$tmp/err"
tap_is "no such process" "$? $(grep -c 'no such process' "$tmp/err")" "1 1"

v2=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
if [ -n "$v2" ] && mkdir "$v2/jt-attach-$$" 2>/dev/null; then
    cgroup=$v2/jt-attach-$$
    mkdir "$cgroup/below"
    # shellcheck disable=SC2016 # the inner shell's own
    sh -c 'echo $$ >"$1/cgroup.procs"; while :; do :; done' sh "$cgroup/below" &
    busy=$!
    until grep -q . "$cgroup/below/cgroup.procs"; do :; done
    "${run[@]}" -f json --cgroup "/jt-attach-$$" -d 500ms
    tap_is "a cgroup with what is below it" "$? $(json '(d["attached"], d["command_total"]["cpu_ns"] > 0,
        sum(c["cpu_ns"] for c in d["consumers"] if c["cgroup"] == d["attached"] + "/below")
        == d["command_total"]["cpu_ns"])')" "0 ('/jt-attach-$$', True, True)"
    "${run[@]}" -f json --cgroup "$cgroup/below" -d 200ms
    tap_is "by its directory too" "$? $(json 'd["attached"]')" "0 /jt-attach-$$/below"
    rm -f "$tmp/a.csv"
    "${run[@]}" -f json --cgroup "$cgroup/below" -i 200ms --timeline "$tmp/a.csv" &
    attached
    kill "$busy"
    until rmdir "$cgroup/below" 2>/dev/null; do :; done
    wait $!
    tap_is "its removal is the end" "$?" 0
    wait "$busy" 2>/dev/null
    busy=
else
    tap_skip "a cgroup with what is below it" "no cgroup v2 to make one in"
fi
"$JT" run --cgroup /no/such/cgroup 2>"$tmp/err"
tap_is "no such cgroup" "$? $(grep -c 'no such cgroup' "$tmp/err")" "1 1"

# --- a row per window, and what it adds up to ---
N=100 "${run[@]}" -f json -i 100ms --timeline "$tmp/t.csv" -- sh -c "$work"
tap_is "the rows add up to the report" "$(python3 - "$tmp" <<'P'
import csv, json, sys
d = json.load(open(sys.argv[1] + "/r.json"))
rows = list(csv.DictReader(open(sys.argv[1] + "/t.csv")))
print(sum(int(r["energy_uj"]) for r in rows) == d["command_total"]["energy_uj"]["value"],
      sum(int(r["host_energy_uj"]) for r in rows) == d["host"]["energy_uj"],
      sum(int(r["cpu_ns"]) for r in rows) == d["command_total"]["cpu_ns"],
      all(a["end_mono_ns"] == b["begin_mono_ns"] for a, b in zip(rows, rows[1:])))
P
)" "True True True True"
N=1 "$JT" run --power none --timeline "$tmp/t.csv" -o "$tmp/r" -- sh -c "$work" 2>/dev/null
tap_is "what is missing is an empty field" "$(tail -1 "$tmp/t.csv" | cut -d, -f7-9)" ",,"
"$JT" run --timeline /nonexistent/t.csv -- true 2>"$tmp/err"
tap_is "a file that cannot be made is said before anything runs" "$? $(wc -l <"$tmp/err")" "1 1"

tap_done
