#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# flame.sh - `jouletrail flame` as a user calls it: every microjoule of the consumer in the graph,
# functions where they are, honest words where they are not, one clear line for whatever is wrong.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
trap 'kill $load $flame 2>/dev/null; rm -rf "$tmp"' EXIT
load=
flame=
# Others may have many thousand tasks: room for all of them.
room=(--max-tasks 131072)

# Every function keeps its frame pointer without optimisation, leaves too.
${CC:-gcc} -O0 -g -D_GNU_SOURCE -o "$tmp/hotcold" "$(dirname "$0")/hotcold.c" 2>"$tmp/err" ||
    { tap_fail "the program with known functions builds" "$(cat "$tmp/err")"; tap_done; exit; }

# total FILE: Σ of folded lines
total() { awk '{ s += $NF } END { printf "%d\n", s }' "$1"; }
# of PATTERN FILE: Σ of the lines that match
of() { awk -v p="$1" '$0 ~ p { s += $NF } END { printf "%d\n", s }' "$2"; }
# replayed FILE EXPRESSION: of the report of a captured run as d; command_uj: of its consumers
command_uj='sum(c["energy_uj"]["value"] for c in d["consumers"] if c["labels"].get("of_command"))'
replayed() {
    "$JT" replay -f json "$1" 2>/dev/null | python3 -c 'import json, sys
print(eval(sys.argv[1], {"d": json.load(sys.stdin)}))' "$2"
}

# --- a command ---
"$JT" flame "${room[@]}" -f folded -o "$tmp/f" --capture "$tmp/capture" -- \
    "$tmp/hotcold" work 2 </dev/null 2>"$tmp/err"
tap_is "a command's graph: exit 0" $? 0
tap_is "the folded lines sum to what the run had, to the microjoule" "$(total "$tmp/f")" \
    "$(replayed "$tmp/capture" "$command_uj")"
tap_run "lines are frames and a number" sh -c '! grep -vE "^[^ ].* [0-9]+$" "$1"' - "$tmp/f"
hot=$(of ';main;work;hot' "$tmp/f")
cold=$(of ';main;work;cold' "$tmp/f")
if [ "$hot" -gt "$cold" ] && [ "$cold" -gt 0 ]; then
    tap_pass "hot() used more than cold(), and both are below main() and work()"
else
    tap_fail "hot() used more than cold(), and both are below main() and work()" \
        "$hot and $cold: $(head -c 2000 "$tmp/f")"
fi
tap_run "the process's name is the root, made harmless" grep -q '^<hot>&:cold;' "$tmp/f"

"$JT" flame "${room[@]}" -F 499 -f json -o "$tmp/j" --by thread -- \
    sh -c "dd if=/dev/zero of=/dev/null bs=1M count=4000 2>/dev/null; exit 37" 2>"$tmp/err"
tap_is "the command's own status is passed on" $? 37
json() { python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$tmp/j" "$1"; }
tap_is "JSON sums to the microjoule, by thread too" \
    "$(json 'sum(s["energy_uj"] for s in d["stacks"]) - d["energy_uj"]["value"]')" 0
tap_is "and its samples are all" \
    "$(json 'sum(s["n_samples"] for s in d["stacks"]) - d["n_samples"]')" 0
tap_is "with kernel frames by name" "$(json 'any(f["kind"] == "kernel" and "[unknown]" not in f["name"]
    for s in d["stacks"] for f in s["frames"])')" True
tap_is "schema" "$(json 'd["schema"], d["frequency_hz"], d["command"][0], d["pid"]')" \
    "('jouletrail.flame/1', 499, 'sh', None)"

"$JT" flame "${room[@]}" -f folded -o "$tmp/f" -- true 2>"$tmp/err"
tap_is "a command too short for a sample: exit 0" $? 0
if [ "$(total "$tmp/f")" -gt 0 ] && ! grep -v 'no sample\]\|;' "$tmp/f"; then
    tap_pass "and its energy is there all the same"
else
    tap_fail "and its energy is there all the same" "$(cat "$tmp/f")"
fi

"$JT" flame "${room[@]}" -- "$tmp/hotcold" work 0.3 </dev/null >"$tmp/svg" 2>"$tmp/err"
tap_run "the picture is XML with a script, frames and a title, and asks nobody" python3 -c '
import sys, xml.etree.ElementTree as e
text = open(sys.argv[1], encoding="utf-8").read()
r, ns = e.fromstring(text), "{http://www.w3.org/2000/svg}"
assert r.tag == ns + "svg" and len(r.findall(ns + "script")) == 1
names = [t.text for t in r.iter(ns + "title")]
assert any(n.startswith("hot (") for n in names), names
assert any(n.startswith("<hot>&;cold (") for n in names), names
assert text.count("http") == 1, "more than the name space"
assert not any("href" in k for x in r.iter() for k in x.attrib)' "$tmp/svg"
tap_run "one line tells of it" sh -c '[ "$(wc -l <"$1")" = 1 ] && grep -qE "J .*\((modelled|measured)\)" "$1"' \
    - "$tmp/err"

# --- what has no name ---
strip -o "$tmp/stripped" "$tmp/hotcold"
"$JT" flame "${room[@]}" -f folded -o "$tmp/f" -- "$tmp/stripped" work 0.5 </dev/null 2>"$tmp/err"
tap_run "a stripped program: its file and address" grep -qE ';\[unknown\] stripped\+0x[0-9a-f]+ ' "$tmp/f"
tap_is "and none of its functions" "$(grep -cE ';(main|work|hot|cold)[; ]' "$tmp/f")" 0

# shellcheck disable=SC2016 # the inner shell's own
"$JT" flame "${room[@]}" -f folded -o "$tmp/f" -- \
    sh -c 'echo $$ >"$1/pid"; exec "$1/hotcold" jit 2' - "$tmp" 2>"$tmp/err"
tap_run "code of a perf map has its name" grep -qF 'LJit:::<made>&_[j]' "$tmp/f"
rm -f "/tmp/perf-$(cat "$tmp/pid").map"

case $JT in
*asan*) tap_skip "a symbol table that kills who reads it costs names, not the graph" "no preload under ASan" ;;
*)
    echo '#include <stdlib.h>
void *dwfl_begin(void *c) { (void)c; abort(); }' >"$tmp/kill.c"
    ${CC:-gcc} -shared -fPIC -o "$tmp/kill.so" "$tmp/kill.c"
    LD_PRELOAD="$tmp/kill.so" "$JT" flame "${room[@]}" -f folded -o "$tmp/f" --capture "$tmp/capture" -- \
        "$tmp/hotcold" work 0.5 </dev/null 2>"$tmp/err"
    tap_is "a symbol table that kills who reads it costs names, not the graph" \
        "$?:$(total "$tmp/f")" \
        "0:$(replayed "$tmp/capture" "$command_uj")"
    tap_run "which is said" grep -q 'symbols of [0-9]* files could not be read' "$tmp/err"
    tap_run "and kernel frames have theirs" sh -c \
        'grep -q "\[unknown\] hotcold+0x" "$1" && ! grep -q "\[unknown\] \[kernel\]" "$1"' - "$tmp/f"
    ;;
esac

# --- a process that runs already, and ends meanwhile ---
# attached PID: waits until that flame measures; its timer is the last that it opens
attached() {
    while kill -0 "$1" 2>/dev/null && ! find "/proc/$1/fd" -lname '*timerfd*' 2>/dev/null | grep -q .; do
        sleep 0.05
    done
}
mkfifo "$tmp/go"
"$tmp/hotcold" work 1 <"$tmp/go" &
load=$!
exec 3>"$tmp/go"
"$JT" flame "${room[@]}" -i 200ms -f folded -o "$tmp/f" --capture "$tmp/capture" -p $load \
    2>"$tmp/err" 3>&- &
flame=$!
attached $flame
echo >&3
exec 3>&-
wait $load
wait $flame
tap_is "a process that ends while it is profiled ends it: exit 0" $? 0
load=
flame=
tap_is "its energy, to the microjoule" "$(total "$tmp/f")" \
    "$(replayed "$tmp/capture" "$command_uj")"
tap_run "its functions are known, though its mappings are older" grep -q ';main;work;hot ' "$tmp/f"

# --- the whole machine ---
"$JT" flame "${room[@]}" -a -d 1s -f folded -o "$tmp/f" --capture "$tmp/capture" 2>"$tmp/err"
tap_is "the whole machine: exit 0" $? 0
tap_is "it sums to the host's energy, to the microjoule" "$(total "$tmp/f")" \
    "$(replayed "$tmp/capture" 'd["host"]["energy_uj"]')"
tap_is "idle energy is a root of its own" "$(of '^\[idle\] ' "$tmp/f")" \
    "$(replayed "$tmp/capture" 'd["host"]["idle_uj"]')"
"$JT" flame "${room[@]}" -a -f folded -o "$tmp/f" 2>"$tmp/err" &
flame=$!
attached $flame
kill -INT $flame
wait $flame
tap_is "Ctrl-C ends it with a graph" "$?:$([ "$(total "$tmp/f")" -gt 0 ] && echo some)" 0:some
flame=

# --- what is wrong is said in one line ---
# refuses NAME STATUS PATTERN ARG…
refuses() {
    local name=$1 status=$2 pattern=$3

    shift 3
    "$JT" flame "$@" >"$tmp/out" 2>"$tmp/err"
    tap_is "$name: exit $status" $? "$status"
    if [ "$(wc -l <"$tmp/err")" = 1 ] && grep -qE -- "$pattern" "$tmp/err"; then
        tap_pass "$name: one line says what"
    else
        tap_fail "$name: one line says what" "$(cat "$tmp/err")"
    fi
}
refuses "nothing to look at" 2 "-p PID, -a, or a command"
refuses "two things" 2 "-p PID, -a, or a command" -a -p 1
refuses "a process and a command" 2 "-p PID, -a, or a command" -p 1 -- true
refuses "a command with a duration" 2 "duration" -d 1s -- true
refuses "no format of it" 2 "svg, folded or json" -f human -a
refuses "by what has no samples" 2 "by is process or thread" --by cgroup -a
refuses "no frequency" 2 "frequency.*small" -F 0 -a
refuses "too high a frequency" 2 "frequency.*big" -F 10000 -a
refuses "no process 0" 2 "pid.*small" -p 0
refuses "a process that is not there" 1 "no process 2147483646" -p 2147483646 -o "$tmp/none"
refuses "a file that cannot be written" 1 "/nonexistent" -o /nonexistent/f -a
refuses "no energy" 1 "no energy is known" --power none -o "$tmp/none" -- true
refuses "a command that is not there" 127 "nonexistent" -o "$tmp/none" -- /nonexistent
refuses "a ledger on standard output" 2 "standard output" --ledger - -a

tap_done
