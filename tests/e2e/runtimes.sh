#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# runtimes.sh - are real containers named, and is their time what their cgroups say it is?
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/containers.sh
. tests/containers.sh
# shellcheck source=tests/agrees.sh
. tests/agrees.sh
JT=${JT:-${B:=build}/jouletrail}

[ "$(id -u)" -eq 0 ] || tap_skip_all "needs root"
[ -w /sys/fs/cgroup/unified/cgroup.procs ] || [ -w /sys/fs/cgroup/cgroup.procs ] ||
    tap_skip_all "no cgroup v2 hierarchy to write to"
command -v busybox >/dev/null || tap_skip_all "no busybox here: tools/bootstrap.sh test installs it"

# The runtimes keep their state where they always do, but nothing of it stays on the machine.
if [ -z "${RUNTIMES_APART:-}" ]; then
    unshare -m --propagation private true 2>/dev/null ||
        tap_skip_all "mounts of its own are not allowed here"
    RUNTIMES_APART=1 exec unshare -m --propagation private "$0"
fi
for directory in /run /var/lib; do
    mount -t tmpfs tmpfs $directory || tap_skip_all "no tmpfs on $directory"
done
tmp=$(mktemp -d /tmp/jouletrail-e2e-XXXXXX)
containers_root "$tmp"

# Cgroups that runtimes leave, where they are empty.
clean_up() {
    command -v podman >/dev/null && podman_here rm -f -a -t 0 >/dev/null 2>&1
    find /sys/fs/cgroup -depth -type d \( -name 'jt-*' -o -name 'lxc.*.jt-*' -o -name lxc.pivot -o \
        -path '*/libpod_parent*' -o -path /sys/fs/cgroup/'*'/default -o -path '*/payload' -o \
        -path '*/supervisor' \) -exec rmdir {} + 2>/dev/null
    rm -rf "$tmp"
}
trap clean_up EXIT

# What is measured: all that is here, one after the other; by cgroup, runc alone.
measure() {
    "$JT" run --by "$1" -f json -o "$tmp/$1" -- bash -c '. tests/containers.sh
CONTAINERS=$1 V2=$2
"${@:3}"' - "$tmp" "$V2" "${@:2}" 2>"$tmp/err" || cat "$tmp/err" >&2
}

measure container burn_all
# Its cgroup has its id; its name is in Podman's state.
agrees_check "$tmp/truth" jt-web "jt-web podman agrees" "$tmp/container"
agrees_check "$tmp/truth" jt-ctr "jt-ctr containerd agrees" "$tmp/container"
agrees_check "$tmp/truth" jt-lxc "jt-lxc lxc agrees" "$tmp/container"
# Without a unit there is nothing in its path that names it.
agrees_check "$tmp/truth" jt-machine "payload nspawn agrees" "$tmp/container"
# runc alone makes a cgroup as anybody might: it is named, but not a container to be known by it.
command -v runc >/dev/null && measure cgroup burn_runc jt-bare /jt-bare /jt-bare
agrees_check "$tmp/truth" jt-bare "/jt-bare None agrees" "$tmp/cgroup"
tap_done
