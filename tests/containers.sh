# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# containers.sh - real containers that burn CPU time: source it, containers_root, burn_RUNTIME.
# shellcheck shell=bash

# Each burns a bounded amount, says so by a file in its root directory and ends when it is let go.
# What its cgroup says of it by then is a line of "$CONTAINERS/truth": "NAME RUNTIME CGROUP µs". A
# runtime that cannot run here leaves "NAME RUNTIME - why" instead. BURN_BYTES are hashed: 1 s.

# containers_root DIR: where all is kept from now on, and the root directory of busybox in it
containers_root() {
    local name

    CONTAINERS=$1
    V2=/sys/fs/cgroup
    [ -e "$V2/cgroup.procs" ] || V2=/sys/fs/cgroup/unified
    mkdir -p "$CONTAINERS/root"/{bin,dev,etc,proc,run,sys,tmp,usr/lib,var}
    cp "$(command -v busybox)" "$CONTAINERS/root/bin/" || return 1
    for name in sh head sha256sum sleep; do
        ln -sf busybox "$CONTAINERS/root/bin/$name"
    done
    # nspawn takes a directory without it for no system.
    echo ID=test >"$CONTAINERS/root/etc/os-release"
    # /run and /tmp may be the runtime's own inside.
    printf '%s\n' '#!/bin/sh' "head -c ${BURN_BYTES:-160000000} /dev/zero | sha256sum >/dev/null" \
        'echo >/var/burnt' 'read x </var/go' >"$CONTAINERS/root/bin/burn"
    chmod +x "$CONTAINERS/root/bin/burn"
    : >"$CONTAINERS/truth"
}

# copy_root NAME: its own root directory; prints it
copy_root() {
    cp -a "$CONTAINERS/root" "$CONTAINERS/$1.root" && mkfifo "$CONTAINERS/$1.root/var/go"
    echo "$CONTAINERS/$1.root"
}

cannot() {
    echo "$1 $2 - $(grep -v '^[[:space:]]*$' "$CONTAINERS/$1.log" | tail -n 1)" >>"$CONTAINERS/truth"
}

# account NAME RUNTIME VAR PATTERN ALIVE…: waits until it has burnt, lets it go, reads its time.
# PATTERN: find's, of its cgroup's path; ALIVE: a command that fails when there is no point in waiting
account() {
    local name=$1 runtime=$2 var=$3 pattern=$4 group now usec populated=1

    shift 4
    until [ -e "$var/burnt" ]; do
        "$@" || {
            cannot "$name" "$runtime"
            return 1
        }
        sleep 0.1
    done
    group=$(find "$V2" -type d -path "$V2$pattern" -print -quit)
    read -r _ usec <"$group/cpu.stat"
    echo >"$var/go"
    # Its end takes time too, and then its cgroup may go at once.
    while [ "$populated" = 1 ] && { read -r _ now <"$group/cpu.stat"; } 2>/dev/null; do
        usec=$now
        { read -r _ populated <"$group/cgroup.events"; } 2>/dev/null
    done
    echo "$name $runtime ${group#"$V2"} $usec" >>"$CONTAINERS/truth"
}

# has_processes PATTERN: in the cgroup, or below it
has_processes() {
    [ -n "$(find "$V2" -path "$V2$1/*cgroup.procs" -exec cat {} + 2>/dev/null)" ]
}

podman_here() {
    local options=(--storage-driver vfs --runtime runc)

    # Without systemd as process 1 there is no one to ask for a scope.
    [ -d /run/systemd/system ] || options+=(--cgroup-manager cgroupfs)
    podman "${options[@]}" "$@"
}

# burn_podman NAME [OPTION…]: of an image, with a label; its state stays until it is removed
burn_podman() {
    local name=$1 var=$CONTAINERS/$1.var id pattern

    shift
    mkdir -p "$var" && mkfifo "$var/go"
    {
        podman_here image exists localhost/jouletrail-test ||
            tar -C "$CONTAINERS/root" -c . | podman_here import - localhost/jouletrail-test
        id=$(podman_here run -d --name "$name" --label team=blue --label secret=x --network=none \
            --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 -v "$var:/var" "$@" \
            localhost/jouletrail-test /bin/burn)
    } >"$CONTAINERS/$name.log" 2>&1 || {
        cannot "$name" podman
        return
    }
    pattern="*/libpod-$id*"
    account "$name" podman "$var" "$pattern" has_processes "$pattern"
    podman_here wait "$name" >/dev/null 2>&1
}

# burn_runc NAME CGROUPSPATH PATTERN [OPTION…]
burn_runc() {
    local name=$1 pattern=$3 bundle=$CONTAINERS/$1.bundle root

    root=$(copy_root "$name")
    mkdir -p "$bundle"
    runc spec -b "$bundle"
    # The machine may forbid higher limits, and a device of its own for a terminal.
    sed -i -e 's/"terminal": true/"terminal": false/' -e 's/"readonly": true/"readonly": false/' \
        -e "s|\"path\": \"rootfs\"|\"path\": \"$root\"|" -e 's|"sh"$|"/bin/burn"|' \
        -e "s|\"linux\": {|&\"cgroupsPath\": \"$2\",|" \
        -e 's/"\(hard\|soft\)": [0-9]*/"\1": 256/' "$bundle/config.json"
    shift 3
    if runc "$@" run -d -b "$bundle" "$name" </dev/null >"$CONTAINERS/$name.log" 2>&1; then
        account "$name" runc "$root/var" "$pattern" has_processes "$pattern"
    else
        cannot "$name" runc
    fi
    runc "$@" delete -f "$name" >/dev/null 2>&1
}

# burn_containerd NAME: with a daemon of its own, in the usual places
burn_containerd() {
    local name=$1 daemon root

    root=$(copy_root "$name")
    printf '%s\n' 'version = 2' 'disabled_plugins = ["io.containerd.grpc.v1.cri"]' \
        >"$CONTAINERS/containerd.toml"
    containerd -c "$CONTAINERS/containerd.toml" >"$CONTAINERS/$name.log" 2>&1 </dev/null &
    daemon=$!
    until ctr version >/dev/null 2>&1; do
        kill -0 $daemon 2>/dev/null || {
            cannot "$name" containerd
            return
        }
        sleep 0.1
    done
    if ctr run -d --rootfs "$root" "$name" /bin/burn </dev/null >"$CONTAINERS/$name.log" 2>&1; then
        account "$name" containerd "$root/var" "/default/$name" has_processes "/default/$name"
    else
        cannot "$name" containerd
    fi
    ctr task delete -f "$name" >/dev/null 2>&1
    ctr container delete "$name" >/dev/null 2>&1
    kill $daemon
    wait $daemon 2>/dev/null
}

# burn_lxc NAME
burn_lxc() {
    local name=$1 root

    root=$(copy_root "$name")
    mkdir -p "$CONTAINERS/lxc/$name"
    printf '%s\n' "lxc.rootfs.path = dir:$root" "lxc.uts.name = $name" 'lxc.net.0.type = none' \
        'lxc.mount.auto = proc:mixed' 'lxc.apparmor.profile = unconfined' \
        >"$CONTAINERS/lxc/$name/config"
    lxc-execute -P "$CONTAINERS/lxc" -n "$name" -l ERROR -o "$CONTAINERS/$name.log" -- /bin/burn \
        </dev/null >/dev/null 2>&1 &
    account "$name" lxc "$root/var" "*/lxc.payload.$name" kill -0 $!
    wait $!
}

# burn_nspawn NAME PATTERN OPTION…
burn_nspawn() {
    local name=$1 pattern=$2 root

    shift 2
    root=$(copy_root "$name")
    systemd-nspawn -q -D "$root" -M "$name" --as-pid2 "$@" /bin/burn \
        </dev/null >"$CONTAINERS/$name.log" 2>&1 &
    account "$name" nspawn "$root/var" "$pattern" kill -0 $!
    wait $!
}

# burn_all: with every runtime that is installed, one after the other
burn_all() {
    local nspawn=("*/payload" --register=no --keep-unit) systemd=

    if [ -d /run/systemd/system ]; then
        nspawn=("/machine.slice/machine-jt*machine.scope") systemd=1
    fi
    command -v podman >/dev/null && burn_podman jt-web
    command -v ctr >/dev/null && burn_containerd jt-ctr
    command -v lxc-execute >/dev/null && burn_lxc jt-lxc
    command -v systemd-nspawn >/dev/null && burn_nspawn jt-machine "${nspawn[@]}"
    if [ "$systemd" ] && command -v runc >/dev/null; then
        burn_runc jt-runc system.slice:runc:jt-runc /system.slice/runc-jt-runc.scope --systemd-cgroup
    fi
}
