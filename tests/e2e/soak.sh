#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# soak.sh - the daemon among processes and cgroups that come and go, scraped and reloaded: memory and descriptors stay.
#
# Rounds of the same work: after the first ones nothing may grow. LONG=1 does many more of them.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
top=/sys/fs/cgroup
[ -e $top/cgroup.procs ] || top=/sys/fs/cgroup/unified
[ -e $top/cgroup.procs ] || tap_skip_all "no cgroup v2 hierarchy below /sys/fs/cgroup"
rounds=8
[ -z "${LONG:-}" ] || rounds=300
warm=4
tmp=$(mktemp -d)
chmod 755 "$tmp"
daemon=
trap '[ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null; rmdir $top/jt-soak-$$-* 2>/dev/null; rm -rf "$tmp"' EXIT
export JOULETRAIL_CONFIG=$tmp/conf
zones=(DE FR)

printf '%s\n' "ledger = $tmp/ledger" "key-dir = $tmp/keys" 'interval = 100ms' 'tick = 200ms' 'power = model' \
    'by = container' 'metrics = 127.0.0.1:0' 'metrics-series = 50' 'zone = DE' \
    "control = $tmp/control.sock" >"$tmp/conf"
"$JT" daemon 2>"$tmp/err" &
daemon=$!
until grep -q measuring "$tmp/err"; do sleep 0.1; done
port=$(sed -n 's|.*metrics on http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$tmp/err")

ticks() { curl -s "http://127.0.0.1:$port/metrics" | sed -n 's/^jouletrail_ticks_total //p'; }
fds() { find "/proc/$daemon/fd" -type l | wc -l; }
anon() { sed -n 's/^RssAnon:\t *\([0-9]*\) kB/\1/p' "/proc/$daemon/status"; }

# As a container that starts, works and ends: 20 cgroups with a process in each.
churn() {
    local i group

    for ((i = 0; i < 20; i++)); do
        group=$top/jt-soak-$$-docker-$(printf '%064x' $((1000 * $1 + i))).scope
        mkdir "$group"
        sh -c 'echo $$ >"$1/cgroup.procs"; i=0; while [ $i -lt 3000 ]; do i=$((i + 1)); done' sh "$group"
        rmdir "$group"
    done
}

for ((round = 0; round < rounds; round++)); do
    before=$(ticks)
    churn "$round"
    # A span, of a connection that comes and goes.
    "$JT" run --control "$tmp/control.sock" -o /dev/null -- true 2>>"$tmp/runs"
    sed -i "s/^zone.*/zone = ${zones[round % 2]}/" "$tmp/conf"
    kill -HUP "$daemon"
    # Five ticks, however busy the machine: what was seen is forgotten two ticks after it was removed.
    until [ "$(ticks)" -ge $((before + 5)) ]; do sleep 0.1; done
    if ((round == warm)); then
        fds_before=$(fds)
        anon_before=$(anon)
    fi
done
tap_is "descriptors do not grow" "$(fds)" "$fds_before"
# Of each round's 20 containers some KiB would stay, if anything did.
grown=$(($(anon) - anon_before))
if nm "$JT" 2>/dev/null | grep -q __asan_init; then
    tap_skip "memory does not grow" "a sanitizer keeps what was freed"
elif [ "$grown" -le 512 ]; then
    tap_pass "memory does not grow"
else
    tap_fail "memory does not grow" "by $grown KiB from $anon_before in $((rounds - warm - 1)) rounds"
fi
kill -TERM "$daemon"
wait "$daemon"
tap_is "it ends well" $? 0
daemon=
tap_is "nor had who asked it for spans" "$(grep -c 'error' "$tmp/runs")" 0
tap_is "it had no trouble" "$(grep -c 'error\|warning' "$tmp/err")" 0
tap_run "the ledger verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"
# Ticks follow each other without a hole, or a gap record says that there is one.
tap_empty "no time is missing that the ledger does not tell of" "$("$JT" ledger export --key-dir "$tmp/keys" \
    "$tmp/ledger" 2>/dev/null | python3 -c '
import json, sys
end, told = None, False
for r in map(json.loads, sys.stdin):
    if r["k"] == "gap":
        told = True
    if r["k"] != "tick":
        continue
    begin = int(r["window"]["begin_mono_ns"])
    if end is not None and begin != end and not told:
        print("hole of", begin - end, "ns at", r["window"]["from_us"])
    end, told = int(r["window"]["end_mono_ns"]), False
')"
tap_done
