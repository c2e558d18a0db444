#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# daemon.sh - the daemon and its ledger through SIGKILL, a second writer, a full disk and tampering.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
trap 'umount "$tmp/small" 2>/dev/null; rm -rf "$tmp"' EXIT
ledger=$tmp/ledger
keys=$tmp/keys

daemon=("$JT" daemon --zone DE --interval 100ms --tick 200ms --key-dir "$keys" --ledger "$ledger")

# n_records: how many the checkpoint covers.
n_records() {
    sed -n 2p "$ledger/checkpoint"
}

# wait_for N: until the checkpoint covers more than N records, 30 s at most.
wait_for() {
    local i

    for ((i = 0; i < 300; i++)); do
        if [ -e "$ledger/checkpoint" ] && [ "$(n_records)" -gt "$1" ]; then
            return 0
        fi
        sleep 0.1
    done
    return 1
}

"${daemon[@]}" --duration 1s 2>"$tmp/err"
tap_is "--duration ends it well" $? 0
tap_run "its ledger verifies" "$JT" verify "$ledger" --key-dir "$keys"
tap_run "an independent verifier agrees" python3 docs/verify_ledger.py "$ledger" "$keys"/*.vkey
tap_is "ticks, samples and conservation are in it" "$(python3 - "$ledger" <<'P'
import glob, json, sys
kinds = {}
for name in sorted(glob.glob(sys.argv[1] + "/seg/*.jsonl")):
    for line in open(name, "rb"):
        r = json.loads(line)
        kinds[r["k"]] = kinds.get(r["k"], 0) + 1
print(kinds["open"], kinds["tick"] >= 4, kinds["sample"] >= kinds["tick"], kinds["close"])
P
)" "1 True True 1"

# --- SIGKILL, ten times, at whatever it is doing ---
n_attached() { bpftool prog show 2>/dev/null | grep -c on_newtask; }
attached=$(n_attached)
lost=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
    before=$(n_records)
    "${daemon[@]}" 2>>"$tmp/err" &
    pid=$!
    wait_for "$before" || lost=$((lost + 1))
    sleep "0.$((RANDOM % 4))"
    committed=$(n_records)
    kill -KILL "$pid"
    wait "$pid" 2>/dev/null
    [ "$(n_records)" -ge "$committed" ] || lost=$((lost + 1))
    "$JT" verify "$ledger" --key-dir "$keys" >"$tmp/out" 2>&1 || lost=$((lost + 1))
done
tap_is "ten times SIGKILL: nothing committed is lost, every state verifies" "$lost" 0
# The kernel releases them a little later; other tracers may be about.
for ((i = 0; i < 600 && $(n_attached) > attached; i++)); do sleep 0.1; done
tap_is "nothing of it is left in the kernel" "$(($(n_attached) > attached))" 0
"${daemon[@]}" --duration 500ms 2>>"$tmp/err"
tap_run "it goes on after that" "$JT" verify "$ledger" --key-dir "$keys"
tap_run "the independent verifier too" python3 docs/verify_ledger.py "$ledger" "$keys"/*.vkey

# --- SIGTERM closes the tick and the ledger ---
before=$(n_records)
"${daemon[@]}" 2>>"$tmp/err" &
pid=$!
wait_for "$before"
"$JT" daemon --ledger "$ledger" --key-dir "$keys" --duration 1s 2>"$tmp/second"
tap_is "a second writer is refused" $? 1
tap_run "and told who holds it" grep -q "$pid" "$tmp/second"
tap_run "verify works while it is written" "$JT" verify "$ledger" --key-dir "$keys"
kill -TERM "$pid"
wait "$pid"
tap_is "SIGTERM: exit 0" $? 0
tap_is "the last record is close" "$(cat "$ledger"/seg/*.jsonl | tail -n 1 |
    python3 -c 'import json, sys; print(json.loads(sys.stdin.readline())["k"])')" close

# --- one changed byte, a cut tail ---
# spoiled NAME COMMAND: on a copy; both verifiers must reject it.
spoiled() {
    local copy=$tmp/copy last

    rm -rf "$copy"
    cp -a "$ledger" "$copy"
    last=$(find "$copy/seg" -name '*.jsonl' | sort | tail -n 1)
    "$2" "$last"
    if "$JT" verify "$copy" --key-dir "$keys" >"$tmp/out" 2>&1; then
        tap_fail "$1: rejected" "$(cat "$tmp/out")"
    else
        tap_pass "$1: rejected"
    fi
    if python3 docs/verify_ledger.py "$copy" "$keys"/*.vkey >"$tmp/out" 2>&1; then
        tap_fail "$1: rejected by the independent verifier" "$(cat "$tmp/out")"
    else
        tap_pass "$1: rejected by the independent verifier"
    fi
}
change_byte() { python3 -c 'import sys
b = bytearray(open(sys.argv[1], "rb").read()); b[len(b) // 2] ^= 1; open(sys.argv[1], "wb").write(b)' "$1"; }
cut_record() { sed -i '$d' "$1"; }
cut_byte() { truncate -s -1 "$1"; }
spoiled "one changed byte" change_byte
spoiled "a cut record" cut_record
spoiled "a cut byte" cut_byte

# --- a full disk ---
mkdir "$tmp/small"
if mount -t tmpfs -o size=1m tmpfs "$tmp/small" 2>/dev/null; then
    ledger=$tmp/small/ledger
    daemon+=(--ledger "$ledger")
    "${daemon[@]}" 2>"$tmp/err" &
    pid=$!
    wait_for 4
    dd if=/dev/zero of="$tmp/small/filler" bs=4k 2>/dev/null
    for ((i = 0; i < 300; i++)); do
        grep -q 'error' "$tmp/err" && break
        sleep 0.1
    done
    sleep 1
    kill -TERM "$pid"
    wait "$pid"
    tap_is "full disk: exit 1" $? 1
    tap_is "full disk: said once, with the place" "$(grep -c "error.*$tmp/small" "$tmp/err")" 1
    tap_run "full disk: what was committed verifies" "$JT" verify "$ledger" --key-dir "$keys"
    rm "$tmp/small/filler"
    "${daemon[@]}" --duration 600ms 2>>"$tmp/err"
    tap_is "space again: it goes on" $? 0
    tap_run "space again: verifies" "$JT" verify "$ledger" --key-dir "$keys"
else
    tap_skip "full disk" "tmpfs cannot be mounted here"
fi

"$JT" daemon 2>"$tmp/err"
tap_is "no --ledger: usage" $? 2
tap_is "one line" "$(wc -l <"$tmp/err")" 1
tap_done
