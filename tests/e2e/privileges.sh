#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# privileges.sh - which capabilities are enough, and one clear line for those that are not.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
# Where the user of the test can reach it; a checkout may lie in a directory that is closed to him.
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
mkdir -m 777 "$tmp/out"
install -m 755 "$JT" "$tmp/jouletrail"
cd / || exit 1
# The leak checker wants to trace its own process; other users may not.
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0
# Nobody is asked to trace in our place.
export JOULETRAIL_SOCKET=$tmp/none

# as CAPABILITIES ARG…: the program as a plain user with just these (+bpf,+perfmon or "").
as() {
    local caps=()

    [ -z "$1" ] || caps=(--inh-caps "$1" --ambient-caps "$1")
    shift
    setpriv --reuid 65534 --regid 65534 --clear-groups "${caps[@]}" "$tmp/jouletrail" "$@"
}

if ! setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +bpf,+perfmon \
    --ambient-caps +bpf,+perfmon true 2>"$tmp/err"; then
    tap_skip_all "setpriv cannot give capabilities here: $(tail -n 1 "$tmp/err")"
fi

as +bpf,+perfmon run --power model -f json -o "$tmp/out/r.json" -- \
    sh -c 'i=0; while [ $i -lt 50000 ]; do i=$((i+1)); done' 2>"$tmp/err"
tap_is "CAP_BPF and CAP_PERFMON are enough: exit 0" $? 0
tap_is "… without a word" "$(cat "$tmp/err")" ""
tap_is "… and it measures, its command and others" "$(python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(d["command_total"]["cpu_ns"] > 0, len(d["consumers"]) > 1, d["lost"]["n_no_cell"])' \
    "$tmp/out/r.json")" "True True 0"
as +bpf,+perfmon daemon --power model --duration 1s --interval 100ms --ledger "$tmp/out/ledger" \
    --key-dir "$tmp/out/keys" 2>"$tmp/err"
tap_is "the daemon too" $? 0
tap_run "its ledger verifies" "$tmp/jouletrail" verify "$tmp/out/ledger" --key-dir "$tmp/out/keys"

# refused CAPABILITIES: exit 1, one line with what is missing.
refused() {
    as "$1" run -o "$tmp/out/none" -- true 2>"$tmp/err"
    tap_is "with ${1:-no capability}: exit 1" $? 1
    if [ "$(wc -l <"$tmp/err")" = 1 ] && grep -q 'CAP_BPF and CAP_PERFMON' "$tmp/err"; then
        tap_pass "with ${1:-no capability}: one line says what is missing"
    else
        tap_fail "with ${1:-no capability}: one line says what is missing" "$(cat "$tmp/err")"
    fi
}
refused ""
refused +bpf
refused +perfmon

# Maps are charged to the memory cgroup, not to this limit, since 5.11.
(
    ulimit -l 64
    setpriv --bounding-set -sys_resource "$tmp/jouletrail" run -f json -o "$tmp/out/r.json" -- true
) 2>"$tmp/err"
tap_is "without CAP_SYS_RESOURCE, 64 KiB of locked memory: exit 0" $? 0
tap_is "… without a word" "$(cat "$tmp/err")" ""
tap_done
