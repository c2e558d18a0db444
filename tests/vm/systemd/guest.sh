#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest.sh - in a Debian guest: containers of every runtime below systemd, measured; the package with its
# service, installed and gone again; results in /jt/out.
set -u
cd /jt || exit 1
# shellcheck source=tests/containers.sh
. tests/containers.sh
# What is mounted over the host's directory has no FIFOs to wait at.
mount -t tmpfs tmpfs /tmp
containers_root /tmp/jt
trap 'cp /tmp/jt/truth /tmp/jt/*.log out/ 2>/dev/null' EXIT

# measure BY NAME COMMAND…
measure() {
    build/jouletrail run --by "$1" --label team -f json -o "out/$2" --ledger "out/$2.ledger" \
        --key-dir "out/$2.keys" -- bash -c '. tests/containers.sh
CONTAINERS=$1 V2=$2
"${@:3}"' - "$CONTAINERS" "$V2" "${@:3}" 2>>out/errors
}

measure container container burn_all
# A pod of Podman's, and a service and a timer's scope beside it, by what systemd calls them.
cat /sys/fs/cgroup/cgroup.controllers >out/controllers
measure unit unit systemd-run --quiet --wait --unit jt-service -p CPUAccounting=yes \
    bash -c "head -c $BURN_BYTES /dev/zero | sha256sum >/dev/null"

# ok NAME COMMAND…: a verdict
ok() {
    local name=$1

    shift
    if "$@" >>out/said 2>&1; then echo "ok $name"; else echo "bad $name"; fi >>out/package
}
# A tick is there as soon as it verifies; the count is a guard against hangs.
has_tick() {
    for _ in {1..120}; do
        jouletrail verify /var/lib/jouletrail/ledger | tee -a out/said | grep -q ' [1-9][0-9]* tick' && return
        systemctl is-active --quiet jouletrail || return 1
        sleep 1
    done
    return 1
}
property() { systemctl show --value -p "$1" jouletrail; }

deb=(./*.deb)
if [ -e "${deb[0]}" ]; then
    ok "the package installs" env DEBIAN_FRONTEND=noninteractive dpkg -i "${deb[@]}"
    ok "its service is enabled" systemctl is-enabled jouletrail
    ok "its service is started" systemctl is-active jouletrail
    ok "its service writes a ledger" has_tick
    journalctl -u jouletrail --no-pager >out/journal 2>&1
    ok "the ledger is not everybody's" bash -c '! runuser -u nobody -- ls /var/lib/jouletrail/keys'
    ok "its service is stopped" systemctl stop jouletrail
    ok "it ended well" test "$(property Result) $(property ExecMainStatus)" = "success 0"
    ok "what it wrote verifies" jouletrail verify --strict /var/lib/jouletrail/ledger
    ok "its service is started again" systemctl start jouletrail
    ok "it installs over itself" env DEBIAN_FRONTEND=noninteractive dpkg -i "${deb[@]}"
    ok "and its service runs" systemctl is-active jouletrail
    ok "it is removed" dpkg -r jouletrail
    ok "its service runs no more" test "$(property ActiveState) $(pgrep -c jouletrail)" = "inactive 0"
    ok "it is purged" dpkg -P jouletrail
    ok "its service is gone" test "$(property LoadState)" = not-found
    ok "its ledger stays" test -d /var/lib/jouletrail/ledger
    journalctl -u jouletrail --no-pager >out/journal 2>&1
fi
: >out/done
