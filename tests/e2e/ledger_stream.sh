#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ledger_stream.sh - `--ledger -` of run and daemon: what comes out, who reads it, and who does not.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
cd "$(dirname "$0")/../.." || exit 1
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# status COMMAND…: its exit status; what it prints goes to $tmp/out and $tmp/err
status() {
    "$@" >"$tmp/out" 2>"$tmp/err"
    echo $?
}

run=("$JT" run --zone DE --key-dir "$tmp/k" --ledger -)
daemon=("$JT" daemon --zone DE --interval 100ms --tick 200ms --key-dir "$tmp/k" --ledger -)
check=(python3 docs/verify_ledger.py)

tap_is "run streams, and passes the command's status on" \
    "$(status "${run[@]}" -- sh -c 'echo hello; exit 3')" 3
cp "$tmp/out" "$tmp/stream"
"$JT" run --zone DE --key-dir "$tmp/k" --ledger "$tmp/d" -o "$tmp/null" -- true
vkey=$(sed -n 's/.*"key":"\([^"]*\)".*/\1/p;q' "$tmp/stream")
tap_is "a stranger verifies it" "$(status "${check[@]}" --strict "$tmp/stream" "$vkey")" 0
tap_is "without a key it is self-signed" "$(status "${check[@]}" "$tmp/stream")" 5
other=$(head -n 1 "$(find "$tmp/k" -name '*.vkey' | head -n 1)")
[ "$other" != "$vkey" ] || other=$(cat "$(find "$tmp/k" -name '*.vkey' | tail -n 1)")
tap_is "another ledger's key does not do" "$(status "${check[@]}" "$tmp/stream" "$other")" 10
"${run[@]}" -- sh -c 'echo hello' >"$tmp/stream" 2>"$tmp/err"
tap_is "only records are on standard output" "$(grep -c hello "$tmp/stream")" 0
tap_run "what the command writes is on standard error" grep -q '^hello$' "$tmp/err"
tap_run "so is the report, which says where the ledger went" \
    grep -q 'records in the stream on standard output' "$tmp/err"
tap_is "two things for standard output are one too many" \
    "$(status "${run[@]}" -f json -- true)" 2
tap_is "of which one may go to a file" \
    "$(status "${run[@]}" -f json -o "$tmp/report" -- true) $(python3 -c '
import json, sys; print(json.load(open(sys.argv[1]))["ledger"]["dir"])' "$tmp/report")" "0 -"

tap_is "the daemon streams" "$(status "${daemon[@]}" --duration 1s)" 0
cp "$tmp/out" "$tmp/stream"
vkey=$(sed -n 's/.*"key":"\([^"]*\)".*/\1/p;q' "$tmp/stream")
tap_is "a stranger verifies that" "$(status "${check[@]}" --strict "$tmp/stream" "$vkey")" 0
tap_is "ticks in it, and it was closed" "$(python3 - "$tmp/stream" <<'PYTHON'
import json, sys
kinds = [json.loads(line).get("k") for line in open(sys.argv[1], "rb")]
print(kinds.count("tick") >= 3, kinds[-2:])
PYTHON
)" "True ['close', None]"

# --- damage ---
head -c -1 "$tmp/stream" >"$tmp/cut"
tap_is "cut inside the last line" "$(status "${check[@]}" "$tmp/cut" "$vkey")" 14
sed '$d' "$tmp/stream" >"$tmp/cut"
tap_is "cut before the last checkpoint: it is not signed" \
    "$(status "${check[@]}" --strict "$tmp/cut" "$vkey")" 3
sed 3d "$tmp/stream" >"$tmp/cut"
tap_is "a line less" "$(status "${check[@]}" "$tmp/cut" "$vkey")" 10
grep -v '^{"checkpoint"' "$tmp/stream" >"$tmp/cut"
tap_is "no checkpoints" "$(status "${check[@]}" "$tmp/cut" "$vkey")" 4
sed '0,/^{"checkpoint"/{/^{"checkpoint"/s/Z/Y/}; 0,/^{"checkpoint"/s/=\\n/A\\n/' "$tmp/stream" >"$tmp/cut"
tap_is "a checkpoint that was changed" "$(status "${check[@]}" "$tmp/cut" "$vkey")" 10
: >"$tmp/cut"
tap_is "nothing" "$(status "${check[@]}" "$tmp/cut" "$vkey")" 2

# --- nobody reads, or nobody can ---
{ "${daemon[@]}" 2>"$tmp/err"; echo $? >"$tmp/code"; } | head -n 3 >/dev/null
tap_is "its reader is gone: the daemon ends" "$(cat "$tmp/code")" 1
tap_is "and says so once" "$(grep -c 'Broken pipe; stopping' "$tmp/err")" 1
"${run[@]}" -- sleep 0.1 >/dev/full 2>"$tmp/err"
tap_is "a full disk: run does not begin" $? 1
tap_run "and says why" grep -q 'No space left' "$tmp/err"

# --- what a stream has not ---
tap_is "--retain of a stream" "$(status "${daemon[@]}" --retain 30d --duration 1s)" 2
for bad in 59m 0 x -1d 40000d ''; do
    tap_is "--retain '$bad'" \
        "$(status "$JT" daemon --ledger "$tmp/e" --key-dir "$tmp/k" --retain "$bad" --duration 1s)" 2
done
tap_is "--retain 30d" \
    "$(status "$JT" daemon --ledger "$tmp/e" --key-dir "$tmp/k" --retain 30d --duration 1s)" 0
tap_is "its ledger verifies" "$(status "$JT" verify --key-dir "$tmp/k" "$tmp/e")" 0
tap_done
