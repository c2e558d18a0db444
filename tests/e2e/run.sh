#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# run.sh - `jouletrail run` as a user calls it: the command untouched, the figures adding up, and
# one clear line for whatever is wrong.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# json EXPRESSION: of the report in $tmp/r.json as d.
json() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$tmp/r.json" "$1"
}

report() {
    "$JT" run -f json -o "$tmp/r.json" "$@" 2>"$tmp/err"
}

# --- the command is left alone ---
report -- sh -c 'exit 37'
tap_is "its own status is passed on" $? 37
report -- sh -c 'kill -TERM $$'
tap_is "128 + the signal that ended it" $? 143
report -- /nonexistent/command
tap_is "127 for a command that is not there" $? 127
tap_is "and one line says so" "$(wc -l <"$tmp/err")" 1
report -- /etc/passwd
tap_is "126 for one that cannot be run" $? 126
tap_is "its output is untouched" "$(echo in | report -- cat)" in
tap_is "its environment and directory too" "$(X=y report -- sh -c 'echo $X; pwd')" "y
$PWD"
tap_is "no signal is blocked or ignored for it" \
    "$(report -- grep -E 'Sig(Blk|Ign)' /proc/self/status)" "$(grep -E 'Sig(Blk|Ign)' /proc/self/status)"
tap_is "it has the caller's capabilities" \
    "$(report -- grep CapEff /proc/self/status)" "$(grep CapEff /proc/self/status)"
# shellcheck disable=SC2012 # the names are numbers
tap_is "and no descriptor of ours" "$(report -- ls /proc/self/fd | tr '\n' ' ')" \
    "$(ls /proc/self/fd | tr '\n' ' ')"

tap_is "Ctrl-C reaches it, and the report still comes" "$(python3 - "$JT" "$tmp" <<'P'
import json, os, signal, subprocess, sys, time
p = subprocess.Popen([sys.argv[1], "run", "-f", "json", "-o", sys.argv[2] + "/r.json", "--",
                      "sh", "-c", "echo started; exec sleep 60"],
                     start_new_session=True, stdout=subprocess.PIPE)
p.stdout.readline()
os.killpg(p.pid, signal.SIGINT)
print(p.wait(), json.load(open(sys.argv[2] + "/r.json"))["exit_status"])
P
)" "130 130"
tap_is "SIGTERM is passed on to it" "$(python3 - "$JT" "$tmp" <<'P'
import signal, subprocess, sys
p = subprocess.Popen([sys.argv[1], "run", "-f", "json", "-o", sys.argv[2] + "/r.json", "--",
                      "sh", "-c", "trap 'exit 5' TERM; echo started; while :; do sleep 0.1; done"],
                     stdout=subprocess.PIPE)
p.stdout.readline()
p.send_signal(signal.SIGTERM)
print(p.wait())
P
)" 5

# shellcheck disable=SC2016 # the inner shell's own
tap_is "a parent that ignores SIGCHLD does not hang it" \
    "$(timeout 60 python3 -c 'import signal, os, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])' "$JT" run -f json -o "$tmp/r.json" -- true; echo $?)" 0
if unshare -pf --mount-proc true 2>/dev/null; then
    unshare -pf --mount-proc "$JT" run -- true 2>"$tmp/err"
    tap_is "a PID namespace of its own is refused" "$?" 1
    tap_run "with a word on why" grep -q 'PID namespace' "$tmp/err"
else
    tap_skip "a PID namespace of its own is refused" "unshare is not permitted here"
fi

# --- the figures ---
report --zone FR --power model -- \
    sh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; (setsid sh -c "true; true" &)'
tap_is "schema" "$(json 'd["schema"]')" jouletrail.run/1
tap_is "energy = idle + attributed + unattributed" "$(json '(lambda h: h["energy_uj"] -
    h["idle_uj"] - h["attributed_uj"] - h["unattributed_uj"])(d["host"])')" 0
tap_is "consumers sum to what was attributed" \
    "$(json 'sum(c["energy_uj"]["value"] for c in d["consumers"]) - d["host"]["attributed_uj"]')" 0
tap_is "the command's total has its consumers" \
    "$(json '(d["command_total"]["cpu_ns"] -
    sum(c["cpu_ns"] for c in d["consumers"] if c["labels"].get("of_command")))')" 0
tap_is "low <= value <= high everywhere" "$(json 'all(v["low"] <= v["value"] <= v["high"]
    for c in d["consumers"] + [d["command_total"]] for v in (c["energy_uj"], c["co2e_ug"]))')" True
tap_is "the zone is told" "$(json 'd["zone"]')" FR
tap_is "a model is no measurement" "$(json 'd["quality"]')" modelled
tap_is "energy is conserved" "$(json 'd["conservation"]["energy_uj"]')" 0
tap_is "no detail was lost" "$(json 'sum(d["lost"].values())')" 0

left=$(report -- sh -c 'sleep 60 >/dev/null 2>&1 & echo $!')
tap_is "descendants that live on are told" "$(json 'd["command_total"]["n_survivors"]')" 1
kill "$left"

# CPU time of a tree against the kernel's own account of it.
python3 - "$JT" "$tmp" <<'P' >"$tmp/wait4"
import json, subprocess, sys
jt, tmp = sys.argv[1:]
code = '''
import os, json
pid = os.fork()
if pid == 0:
    for _ in range(50):
        p = os.fork()
        if p == 0:
            sum(range(20000)); os._exit(0)
        os.waitpid(p, 0)
    sum(range(5000000)); os._exit(0)
u = os.wait4(pid, 0)[2]
json.dump([os.getpid(), u.ru_utime + u.ru_stime], open("%s/ru", "w"))
''' % tmp
subprocess.run([jt, "run", "-f", "json", "-o", tmp + "/r.json", "--", "python3", "-c", code], check=True)
d, (first, truth) = json.load(open(tmp + "/r.json")), json.load(open(tmp + "/ru"))
others = {c["pid"]: c["cpu_ns"] for c in d["consumers"] if c["labels"].get("of_command")}
mine = sum(ns for p, ns in others.items() if p != first) / 1e9
print("within" if abs(mine - truth) <= 0.003 * truth + 0.002 else f"{mine} against {truth}")
P
tap_is "CPU time of 51 processes is the kernel's" "$(cat "$tmp/wait4")" within

# --- the formats ---
"$JT" run -f csv -o "$tmp/r.csv" -- true
tap_is "CSV has a header and rows of one width" \
    "$(python3 -c 'import csv, sys
r = list(csv.reader(open(sys.argv[1])))
print(len(r) > 1 and len({len(x) for x in r}) == 1)' "$tmp/r.csv")" True
"$JT" run -- true 2>"$tmp/human" >"$tmp/out"
tap_is "the human report goes to standard error" "$(wc -c <"$tmp/out")" 0
tap_run "and fits 80 columns" python3 -c 'import sys
sys.exit(any(len(line.rstrip("\n")) > 80 for line in open(sys.argv[1], encoding="utf-8")))' "$tmp/human"
tap_run "no zone is WORLD, said loudly" grep -q -- '--zone' "$tmp/human"

# --- what is wrong is said in one line ---
# refuses NAME STATUS PATTERN ARG…
refuses() {
    local name=$1 status=$2 pattern=$3

    shift 3
    "$JT" "$@" >"$tmp/out" 2>"$tmp/err"
    tap_is "$name: exit $status" $? "$status"
    if [ "$(wc -l <"$tmp/err")" = 1 ] && grep -qE "$pattern" "$tmp/err"; then
        tap_pass "$name: one line says what"
    else
        tap_fail "$name: one line says what" "$(cat "$tmp/err")"
    fi
}
refuses "unknown zone" 1 "FX.*intensity list" run --zone FX -- true
refuses "unknown meter" 1 "abacus.*powercap" run --power abacus -- true
refuses "no such meter here" 1 "powercap.*modprobe" run --power powercap --power-root tests/fixtures/sys/guest -- true
refuses "report that cannot be written" 1 "/nonexistent" run -f json -o /nonexistent/r -- true
refuses "no command" 2 "" run
refuses "unknown option" 2 "frob" run --frob -- true
refuses "bad duration" 2 "interval" run --interval 1x -- true
mkdir "$tmp/mine" && echo hello >"$tmp/mine/file"
refuses "a directory that is no ledger" 1 "$tmp/mine" run --ledger "$tmp/mine" --key-dir "$tmp/k" -- true
tap_is "and it is left alone" "$(ls "$tmp/mine")" file
"$JT" run --ledger "$tmp/a" --key-dir "$tmp/ka" -o "$tmp/null" -- true
refuses "a ledger of another key" 1 "$tmp/a" run --ledger "$tmp/a" --key-dir "$tmp/kb" -- true
tap_run "and it still verifies" "$JT" verify "$tmp/a" --key-dir "$tmp/ka"

# --- machines that this one is not ---
for machine in xeon-2s amd laptop multi-die broken; do
    report --power-root "tests/fixtures/sys/$machine" -- sleep 0.1
    tap_is "$machine: counters that stand still are missing, not 0" \
        "$(json '(d["quality"], d["host"]["energy_uj"], len(d["gaps"]) > 0)')" \
        "('missing', None, True)"
done
report --power none -- true
tap_is "no meter at all: CPU time goes on" \
    "$(json '(d["quality"], d["command_total"]["cpu_ns"] > 0, d["command_total"]["energy_uj"])')" \
    "('missing', True, None)"

tap_done
