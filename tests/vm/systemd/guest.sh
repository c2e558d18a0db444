#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest.sh - in a Debian guest: containers of every runtime below systemd, measured; results in /jt/out.
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
: >out/done
