#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# service.sh - the daemon as a service: what it has given up, its configuration, reload, its manager.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}" "${B:=build}"
tmp=$(mktemp -d)
daemon=
trap '[ -z "$daemon" ] || kill -KILL "$daemon" 2>/dev/null; umount "$tmp/small" 2>/dev/null; rm -rf "$tmp"' EXIT
chmod 755 "$tmp"
export JOULETRAIL_CONFIG=$tmp/conf
user=$(id -u jouletrail 2>/dev/null || echo 65534)
# Under sanitizers there is no filter: they need more than it leaves.
filtered=2
! nm "$JT" 2>/dev/null | grep -q __asan_init || filtered=0

# until_true COMMAND…: no limit of its own; the suite's guard is one.
until_true() {
    until "$@"; do sleep 0.05; done
}
said() { grep -q "$1" "$tmp/err"; }
n_said() { grep -c "$1" "$tmp/err"; }

configure() {
    printf '%s\n' "ledger = $tmp/ledger" "key-dir = $tmp/keys" 'interval = 100ms' 'tick = 200ms' \
        'power = model' "$@" >"$tmp/conf"
}
start() {
    : >"$tmp/err"
    "$JT" daemon "$@" 2>"$tmp/err" &
    daemon=$!
    until_true said 'measuring with\|error'
}
stop() {
    kill -TERM "$daemon"
    wait "$daemon"
    status=$?
    daemon=
}
records() { "$JT" ledger export --key-dir "$tmp/keys" "$tmp/ledger" 2>/dev/null; }

# --- what must fail ---
echo mine >"$tmp/outside"
if [ "$filtered" = 2 ]; then
    "$B/tests/e2e/confined" "$tmp/outside" >"$tmp/tried" 2>"$tmp/err"
    tap_is "it tried all" $? 0
    tap_verdicts "$tmp/tried"
else
    tap_skip "what must fail" "sanitizers need more system calls than the filter leaves"
fi

# --- what it has given up ---
configure 'zone = DE' 'metrics = 127.0.0.1:0'
start
cp "/proc/$daemon/status" "$tmp/status"
tap_is "the daemon is not root" "$(sed -n 's/^[UG]id:\t//p' "$tmp/status" | tr -s '\t\n' ' ' |
    tr ' ' '\n' | sort -u | grep -cx 0)" 0
tap_is "it is the service's user" "$(sed -n 's/^Uid:\t\([0-9]*\)\t.*/\1/p' "$tmp/status")" "$user"
tap_is "no capability, in any set" "$(sed -n 's/^Cap[A-Za-z]*:\t0*$/x/p' "$tmp/status" | tr -d '\n')" xxxxx
tap_is "no new privileges, a filter" "$(sed -n 's/^\(NoNewPrivs\|Seccomp\):\t//p' "$tmp/status" | tr '\n' ' ')" \
    "1 $filtered "
tap_empty "every thread of it" "$(cat /proc/"$daemon"/task/*/status | grep '^Cap\(Eff\|Prm\|Amb\):' |
    grep -v '0000000000000000$')"
spawner=$(pgrep -P "$daemon" jouletrail-spwn)
tap_is "what starts programs has five capabilities" "$(sed -n 's/^CapPrm:\t0*//p' "/proc/$spawner/status")" 1e4
tap_is "and what it starts is not root" \
    "$(for p in $(pgrep -P "$spawner"); do sed -n 's/^Uid:\t\([0-9]*\)\t.*/\1/p' "/proc/$p/status"; done |
        grep -cvx 0)" 2
held=$(find "/proc/$spawner/fd" -type l -printf '%l\n' | grep -cvE '^(socket:|anon_inode:\[signalfd\]|/dev/null)')
tap_is "it holds nothing but standard error" "$held" 1
tap_is "ledger and keys are the user's" "$(find "$tmp/ledger" "$tmp/keys" ! -uid "$user")" ""
tap_is "who else may look at the keys" "$(stat -c %a "$tmp/keys")" 700
stop
tap_is "SIGTERM: exit 0" "$status" 0
tap_is "the last record is close" "$(records | tail -n 1 | grep -o '"k":"close"')" '"k":"close"'
tap_run "what it wrote without privileges verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"
until_true eval '! kill -0 "$spawner" 2>/dev/null'
tap_pass "nothing that it started is left"

# --- root's files of before, and others' ---
"$JT" run --ledger "$tmp/ledger" --key-dir "$tmp/keys" -o /dev/null -- true 2>"$tmp/err"
tap_is "root's own run goes on with it" $? 0
start --duration 1s
wait "$daemon"
tap_is "and the daemon with what root wrote" $? 0
daemon=
tap_is "which is the user's then" "$(find "$tmp/ledger" "$tmp/keys" ! -uid "$user")" ""
tap_run "all verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"
file=$(find "$tmp/ledger/seg" -type f | head -n 1)
chown 1234 "$file"
"$JT" daemon --duration 1s 2>"$tmp/err"
tap_is "somebody else's file in it: exit 1" $? 1
tap_run "and said whose" said 'belongs to user 1234'
chown "$user" "$file"
chmod 644 "$tmp/keys/ledger.pem"
"$JT" daemon --duration 1s 2>"$tmp/err"
tap_is "a key that others may read: exit 1" "$? $(n_said 'may be read by others; chmod 600')" "1 1"
chmod 600 "$tmp/keys/ledger.pem"
mkdir "$tmp/mixed"
touch "$tmp/mixed/passwd"
"$JT" daemon --duration 1s --key-dir "$tmp/mixed" --ledger "$tmp/other" 2>"$tmp/err"
tap_is "keys among other things: exit 1" "$? $(n_said 'holds passwd, which is none of ours')" "1 1"
tap_is "which stay root's" "$(stat -c %u "$tmp/mixed/passwd")" 0
"$JT" daemon --duration 1s --user root 2>"$tmp/err"
tap_is "--user root: usage" "$? $(n_said 'that is root')" "2 1"
"$JT" daemon --duration 1s --user no-such-user 2>"$tmp/err"
tap_is "a user that is none: usage" "$? $(n_said 'no such user')" "2 1"

# --- a small program that ends is started again; without its spawner measuring goes on ---
start
spawner=$(pgrep -P "$daemon" jouletrail-spwn)
port=$(sed -n 's|.*metrics on http://127.0.0.1:\([0-9]*\)/.*|\1|p' "$tmp/err")
"$JT" daemon --duration 1s --metrics "127.0.0.1:$port" --ledger "$tmp/second" 2>"$tmp/err2"
tap_is "an address in use: exit 1, and said" "$? $(grep -ci 'address already in use' "$tmp/err2")" "1 1"
kill -KILL "$spawner"
until_true said 'jouletrail-metrics ended'
before=$(sed -n 2p "$tmp/ledger/checkpoint")
more_records() { [ "$(sed -n 2p "$tmp/ledger/checkpoint")" -gt "$before" ]; }
until_true more_records
tap_pass "without its spawner measuring goes on"
stop
tap_is "and ends as it should" "$status" 0

# --- what was there before: its executable is a link that only its owner, and root, may read ---
cp "$(readlink -f /bin/bash)" "$tmp/jt-before"
"$tmp/jt-before" -c 'while :; do :; done' &
burner=$!
until grep -q jt-before "/proc/$burner/comm"; do sleep 0.05; done
"$JT" daemon --by process --duration 1s --ledger "$tmp/before" 2>"$tmp/err"
kill "$burner"
tap_run "what ran before the daemon has its executable" grep -q "$tmp/jt-before" \
    <("$JT" ledger export --key-dir "$tmp/keys" "$tmp/before" 2>/dev/null)

# --- configuration ---
"$JT" daemon --check --interval 1s >"$tmp/shown" 2>"$tmp/err"
tap_is "--check: exit 0" $? 0
tap_is "says what would hold, the command line first" \
    "$(grep -c '^interval = 1s$\|^tick = 200ms$\|^zone = DE$' "$tmp/shown")" 3
tap_run "in a form that can be read again" env JOULETRAIL_CONFIG="$tmp/shown" "$JT" daemon --check
tap_is "and as JSON" "$("$JT" daemon --check -f json | python3 -c 'import json, sys
d = json.load(sys.stdin); print(d["format"], d["options"]["tick"])')" "jouletrail.config/1 200ms"
wrong() { # TEXT MESSAGE: with that line in the file
    configure "$1"
    "$JT" daemon --check >"$tmp/shown" 2>"$tmp/err"
    tap_is "$1: usage, with the line" "$? $(n_said "$tmp/conf, line 6: .*$2")" "2 1"
}
wrong 'intervall = 1s' "did you mean interval?"
wrong 'interval = soon' "no duration"
wrong 'format = json' "belongs on the command line"
configure 'idle-policy = mine'
"$JT" daemon --check >/dev/null 2>"$tmp/err"
tap_is "a word that is none: usage" "$? $(n_said 'unknown idle policy')" "2 1"
printf 'zone = DE\nledger = /nowhere\ninterval = 100ms\n' >"$tmp/conf"
"$JT" run -o "$tmp/run" -- true 2>"$tmp/err"
tap_is "what is the daemon's is not run's" "$? $(n_said nowhere)" "0 0"
sed -n '/^#/!p; s/^#\([a-z-]* = \)/\1/p' tools/dist/jouletrail.conf | grep -v '^user' >"$tmp/all"
tap_run "the file that is installed names what there is" \
    env JOULETRAIL_CONFIG="$tmp/all" "$JT" daemon --check
tap_empty "and all that there is" "$("$JT" daemon --help | sed -n 's/^  .*--\([a-z-]*\).*/\1/p' |
    grep -vx 'help\|check\|format' | while read -r name; do
    grep -q "^#\?$name = " tools/dist/jouletrail.conf || echo "$name"
done)"

# --- reload ---
configure 'zone = DE'
start
said_more() { [ "$(n_said "$pattern")" -gt "$count" ]; }
hang_up() { # PATTERN: until it is said once more
    pattern=$1
    count=$(n_said "$pattern")
    kill -HUP "$daemon"
    until_true said_more
}
configure 'zone = FR' 'retain = 30d' 'weight = smt'
hang_up 'was read anew'
tap_is "what needs a restart is said" "$(n_said 'reload: weight has changed, which takes a restart')" 1
until_true eval 'records | grep -q "\"zone\":\"FR\""'
tap_pass "another zone holds from then on"
configure 'zone = FR' 'retain = 30d' 'zonne = SE'
hang_up 'nothing changes'
tap_is "a broken file is one line, with its line" "$(n_said "error: reload: $tmp/conf, line 8: 'zonne'")" 1
configure 'zone = nowhere'
hang_up 'unknown zone'
rm "$tmp/conf"
hang_up 'No such file'
tap_run "and it measures on" kill -0 "$daemon"
stop
tap_is "zones in their order, each tick of one" "$(records | grep -o '"zone":"[A-Z]*"' | uniq | tr '\n' ' ')" \
    '"zone":"DE" "zone":"FR" '
tap_run "the ledger verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"

# --- its manager ---
configure 'zone = DE'
python3 tests/e2e/service_manager.py "$tmp/told" 1000000 "$JT" daemon 2>"$tmp/err" >"$tmp/pid" &
manager=$!
until_true test -s "$tmp/pid"
daemon=$(cat "$tmp/pid")
until_true grep -qs '^WATCHDOG=1' "$tmp/told"
tap_is "ready is the first that it says" "$(head -n 1 "$tmp/told" | cut -d ' ' -f 1)" READY=1
kill -HUP "$daemon"
until_true grep -qs '^RELOADING=1 MONOTONIC_USEC=[1-9]' "$tmp/told"
until_true eval '[ "$(grep -c "^READY=1" "$tmp/told")" = 2 ]'
tap_pass "a reload begins and ends"
# Windows that do not come feed no watchdog.
kill -STOP "$daemon"
sleep 0.3
n=$(grep -c '^WATCHDOG' "$tmp/told")
sleep 1
tap_is "one that stands still feeds no watchdog" "$(grep -c '^WATCHDOG' "$tmp/told")" "$n"
kill -CONT "$daemon"
until_true eval '[ "$(grep -c "^WATCHDOG" "$tmp/told")" -gt "$n" ]'
kill -TERM "$daemon"
wait "$manager"
tap_is "and stops well" "$? $(tail -n 1 "$tmp/told" | cut -d ' ' -f 1)" "0 STOPPING=1"
daemon=
python3 tests/e2e/service_manager.py "$tmp/told2" 100000 "$JT" daemon --duration 500ms 2>"$tmp/err" >"$tmp/pid"
tap_is "a watchdog that is shorter than windows is widened" "$(head -n 1 "$tmp/told2")" WATCHDOG_USEC=400000

if command -v systemd-analyze >/dev/null; then
    sed "s|@BINDIR@|$(dirname "$(readlink -f "$JT")")|" tools/dist/jouletrail.service >"$tmp/jouletrail.service"
    tap_empty "the unit is sound" "$(systemd-analyze verify --man=no "$tmp/jouletrail.service" 2>&1)"
    tap_run "its exposure is what docs/security.md says, or less" systemd-analyze security --no-pager \
        --offline=true --threshold=38 "$tmp/jouletrail.service"
    tap_is "so are its users" "$(systemd-sysusers --dry-run "$PWD/tools/dist/jouletrail.sysusers" 2>&1 |
        grep -c 'not a valid\|ignoring')" 0
else
    tap_skip "the unit" "systemd-analyze is not installed"
fi

# --- a ledger on a full disk: said once, measured on, and the hole is a record ---
mkdir "$tmp/small"
if mount -t tmpfs -o size=1m tmpfs "$tmp/small" 2>/dev/null; then
    configure 'zone = DE'
    start --ledger "$tmp/small/ledger"
    dd if=/dev/zero of="$tmp/small/filler" bs=4k 2>/dev/null
    until_true said 'error: .*No space left'
    sleep 1
    rm "$tmp/small/filler"
    until_true said 'the ledger can be written again'
    stop
    tap_is "full disk: said once" "$(n_said 'No space left')" 1
    tap_is "then exit 0" "$status" 0
    tap_run "the hole is a record" eval \
        '"$JT" ledger export --key-dir "$tmp/keys" "$tmp/small/ledger" 2>/dev/null | grep -q "\"k\":\"gap\".*ENOSPC"'
    tap_run "and all verifies" "$JT" verify "$tmp/small/ledger" --key-dir "$tmp/keys"
else
    tap_skip "a full disk" "tmpfs cannot be mounted here"
fi
tap_done
