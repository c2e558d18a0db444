#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guests.sh - virtual machines are recognised and told their energy, whatever is in the way.
#
# The machines are programs called qemu-system-… that work and are none. What a guest makes of what
# it is told is in tests/vm/guest-energy.sh.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
JT=$(readlink -f "$JT")
tmp=$(mktemp -d)
chmod 755 "$tmp"
guests=$tmp/guests
zone=sys/class/powercap/intel-rapl:0
machines=()
daemon=
# shellcheck disable=SC2329 # by the trap
finish() {
    local pid

    for pid in $daemon "${machines[@]}"; do
        kill "$pid" 2>/dev/null
    done
    wait
    umount "$tmp/small" 2>/dev/null
    rm -rf "$tmp"
}
trap finish EXIT

install -m 755 "$(readlink -f /bin/bash)" "$tmp/qemu-system-x86_64"

# start_machine ARGUMENT…: leaves its process id in $machine; as the user $as where that is set
start_machine() {
    # shellcheck disable=SC2016,SC2086 # the inner shell's own; two words
    ${as:+setpriv --clear-groups --reuid=$as --regid=$as} "$tmp/qemu-system-x86_64" -c 'while :; do :; done' "$@" &
    machine=$!
    machines+=("$machine")
}

stop_machine() {
    kill "$1"
    wait "$1" 2>/dev/null
}

start_daemon() {
    "$JT" daemon --power model --zone DE --interval 100ms --tick 100ms --by vm --ledger "$tmp/ledger" \
        --key-dir "$tmp/keys" --guest-energy "$guests" 2>>"$tmp/err" &
    daemon=$!
}

stop_daemon() {
    kill "$daemon"
    wait "$daemon"
    daemon=
}

# energy GUEST: 0 = it was not told any
energy() {
    cat "$guests/$1/$zone/energy_uj" 2>/dev/null || echo 0
}

# until CONDITION…: until it holds, for a minute at most.
until_true() {
    local i

    for ((i = 0; i < 600; i++)); do
        ! "$@" || return 0
        sleep 0.1
    done
    return 1
}

told_more() {
    [ "$(energy "$1")" -gt "$2" ]
}

# said TEXT: by the daemon
said() {
    grep -qF -- "$1" "$tmp/err"
}

# --- recognised, named, told ---
owner=$(id -u jouletrail 2>/dev/null || echo 65534)
start_machine -name guest=web,debug-threads=on
web=$machine
# shellcheck disable=SC1003 # a backslash
start_machine -name '../../x\'
start_machine -m 1G
nameless=$machine
start_daemon
tap_run "a machine is told its energy" until_true told_more web 0
tap_run "a hostile name is a folder's, and leads nowhere" until_true told_more '%2E.%2F..%2Fx%5C' 0
tap_is "one that nobody gave a name has none" "$(find "$guests" -name 'pid-*')" ""
tap_is "who may look: its owner and the machine's group" "$(stat -c '%a %u' "$guests/web")" "750 $owner"

# What the daemon becomes may not give a folder to a group: it lets the group in by name.
# reader FOLDER: the group of its access list, else its own
reader() {
    python3 - "$guests/$1" <<'P'
import os, struct, sys
try:
    acl = os.getxattr(sys.argv[1], "system.posix_acl_access")
    print(*[i for tag, perm, i in struct.iter_unpack("<HHI", acl[4:]) if (tag, perm) == (8, 5)])
except OSError:
    print(os.stat(sys.argv[1]).st_gid)
P
}

# --- another process on the same folder ---
"$JT" daemon --power model --zone DE --duration 1s --ledger "$tmp/second" --key-dir "$tmp/keys2" \
    --guest-energy "$guests" 2>"$tmp/err2"
tap_is "a second process is refused" "$? $(grep -c 'in use by another process' "$tmp/err2")" "1 1"

# --- two of one name ---
start_machine -name web
second=$machine
tap_run "of two machines of one name one is not told, and it is said" \
    until_true said "guest web is not told its energy: another one of that name runs"
stop_machine "$web"
tap_run "it is when the other has ended" until_true eval '[ "$(grep -c "guest web is told" "$tmp/err")" -ge 2 ]'
before=$(energy web)
tap_run "and the counter goes on" until_true told_more web "$before"

# --- a user's machine that is called as the system's ---
as=65534 start_machine -name api
tap_run "for a user's machine no folder is made" \
    until_true said "guest api is not told its energy: a user's machine is told where there is a folder for it"
mkdir -m 750 "$guests/api"
chown "$owner" "$guests/api"
tap_run "where there is one it is told" until_true told_more api 0
tap_is "its folder is for its group" "$(stat -c '%a %u' "$guests/api") $(reader api)" "750 $owner 65534"
start_machine -name api
tap_run "one of root's of that name comes first" \
    until_true eval '[ "$(reader api)" = 0 ]'
tap_run "and that is said" until_true said "guest api is not told its energy: another one of that name runs"

# --- the daemon ends and comes back ---
stop_daemon
before=$(energy web)
gaps=$(sed -n 's/^n_gaps //p' "$guests/web/$zone/share")
tap_is "while the daemon is away the counter stands" "$(energy web)" "$before"
sums() {
    python3 - "$tmp/ledger" "$1" <<'P'
import glob, json, sys
total = 0
for path in sorted(glob.glob(sys.argv[1] + "/seg/*.jsonl")):
    for line in open(path, "rb"):
        r = json.loads(line)
        if r["k"] == "sample" and r.get("id") == sys.argv[2]:
            total += int(r["energy_uj"])
print(total)
P
}
ledger_before=$(sums web)
# shellcheck disable=SC1003 # a backslash
tap_is "all of them are in the ledger" "$([ "$ledger_before" -gt 0 ] && [ "$(sums '../../x\')" -gt 0 ] &&
    [ "$(sums "pid-$nameless")" -gt 0 ] && echo yes)" yes
start_daemon
tap_run "after it the counter goes on from there" until_true told_more web "$before"
stop_daemon
tap_is "by as much as the ledger has, to the microjoule" "$(($(energy web) - before))" \
    "$(($(sums web) - ledger_before))"
tap_is "and what was between is a gap" "$(sed -n 's/^n_gaps //p' "$guests/web/$zone/share")" $((gaps + 1))

# --- leftovers of another machine, its value near the end; a folder somebody made before ---
rm "$guests/web/$zone/energy_uj"
echo 9223372036854775000 >"$guests/web/$zone/energy_uj"
mkdir -m 700 "$guests/db"
start_machine -name db
start_daemon
tap_run "a counter goes round at its range" until_true eval \
    '[ "$(energy web)" -lt 9223372036854775000 ] && told_more web 0'
tap_run "a folder that is there is used" until_true told_more db 0
tap_is "and keeps its mode" "$(stat -c %a "$guests/db")" 700
stop_daemon
stop_machine "$second"

# --- a full disk ---
mkdir "$tmp/small"
mount -t tmpfs -o size=64k,nr_inodes=64,mode=755 tmpfs "$tmp/small"
guests=$tmp/small/guests
: >"$tmp/err"
start_daemon
until_true told_more db 0
head -c 1000000 /dev/zero >"$tmp/small/fill" 2>/dev/null
tap_run "a full disk is said" until_true said "guest db is not told its energy: No space left on device"
before=$(energy db)
tap_run "the last value is still there, whole" test "$before" -gt 0
rm "$tmp/small/fill"
tap_run "with room again it is told on" until_true said "guest db is told its energy again"
tap_run "and has what was drawn meanwhile" until_true told_more db "$before"
stop_daemon

# --- folders that will not do ---
refused() {
    "$JT" daemon --power model --zone DE --duration 1s --ledger "$tmp/r" --key-dir "$tmp/rk" \
        --guest-energy "$1" 2>&1
    echo "status $?"
}
mkdir -m 777 "$tmp/open"
touch "$tmp/file"
tap_is "one that others may write to is refused" "$(refused "$tmp/open" | tr '\n' ' ')" \
    "jouletrail: error: $tmp/open: others may write there: the guests' folder is to be root's, mode 0755 status 1 "
tap_is "one that cannot be made too" "$(refused /proc/guests | tail -n1)" "status 1"
tap_is "and a file" "$(refused "$tmp/file" | tail -n1)" "status 1"
tap_is "and no name at all" "$(refused "" | tail -n1)" "status 2"

tap_run "the ledger verifies" "$JT" verify "$tmp/ledger" --key-dir "$tmp/keys"
tap_done
