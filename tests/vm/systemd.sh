#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# systemd.sh - real runtimes in a Debian guest with systemd and unified cgroups: names, and their time;
# and the package there, with its service.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/agrees.sh
. tests/agrees.sh
export B=${B:-build}
unset MAKEFLAGS MFLAGS MAKELEVEL
VM_TIMEOUT_S=${VM_TIMEOUT_S:-540}
VIRTIOFSD=/usr/lib/qemu/virtiofsd

[ "$(id -u)" -eq 0 ] || tap_skip_all "needs root"
for tool in qemu-system-x86_64 mmdebstrap busybox "$VIRTIOFSD"; do
    command -v "$tool" >/dev/null || tap_skip_all "no $tool here: tools/bootstrap.sh vm installs it"
done
tmp=$(mktemp -d /tmp/jouletrail-vm-XXXXXX)
end() {
    [ ! -d "$tmp/system/jt" ] || umount "$tmp/system" 2>/dev/null
    rm -rf "$tmp"
}
trap end EXIT
trap 'exit 130' INT TERM

kernel=$(tools/vm-fetch.sh kernel trixie amd64 2>"$tmp/err") || tap_skip_all "$(cat "$tmp/err")"
system=$(tools/vm-fetch.sh system bookworm amd64 kmod iproute2 libbpf1 libelf1 libjansson4 \
    libmicrohttpd12 libncursesw6 libseccomp2 libriemann-client0 libssl3 libcurl4 libdw1 adduser procps busybox-static \
    podman runc systemd-container containerd lxc \
    2>"$tmp/err") || tap_skip_all "$(cat "$tmp/err")"

# The system stays as it was fetched: what the guest writes lies beside it.
mkdir "$tmp"/{system,upper,work}
mount -t overlay overlay -o "lowerdir=$system,upperdir=$tmp/upper,workdir=$tmp/work,index=off" \
    "$tmp/system" 2>"$tmp/err" || tap_skip_all "no overlay mount here: $(cat "$tmp/err")"
root=$tmp/system
install -D -t "$root/jt/build" "$B/jouletrail" "$B/jouletrail-resolver"
install -D -t "$root/jt/tests" tests/containers.sh
install tests/vm/systemd/guest.sh "$root/jt/guest.sh"
mkdir "$root/jt/out"
package=''
if command -v dh >/dev/null; then
    tap_run "the package is built" make -s B="$B" deb
    install -t "$root/jt" "$B"/jouletrail_*.deb && package=1
    # Emulated, on a machine with other work, opening can take minutes.
    mkdir "$root/etc/systemd/system/jouletrail.service.d"
    printf '[Service]\nTimeoutStartSec=600\nTimeoutStopSec=600\nWatchdogSec=600\n' \
        >"$root/etc/systemd/system/jouletrail.service.d/emulated.conf"
fi
# What Podman's own services find at boot must be what the test uses.
printf '%s\n' '[storage]' 'driver = "vfs"' 'runroot = "/run/containers/storage"' \
    'graphroot = "/var/lib/containers/storage"' >"$root/etc/containers/storage.conf"
cat >"$root/etc/systemd/system/jt.service" <<UNIT
[Unit]
After=multi-user.target
[Service]
Type=oneshot
Environment=BURN_BYTES=60000000 HOME=/root
ExecStart=/jt/guest.sh
ExecStopPost=/bin/systemctl poweroff --force --no-block
StandardOutput=file:/jt/out/stdout
StandardError=file:/jt/out/errors
UNIT
mkdir -p "$root/etc/systemd/system/default.target.wants"
ln -sf ../jt.service "$root/etc/systemd/system/default.target.wants/jt.service"

timeout -k 10 "$VM_TIMEOUT_S" $VIRTIOFSD --socket-path="$tmp/socket" -o source="$root" \
    -o cache=always -o xattr >"$tmp/virtiofsd" 2>&1 &
until [ -S "$tmp/socket" ]; do
    kill -0 $! 2>/dev/null || tap_skip_all "virtiofsd: $(tail -n 1 "$tmp/virtiofsd")"
    sleep 0.1
done
nice -n -19 timeout -k 10 "$VM_TIMEOUT_S" qemu-system-x86_64 -machine q35 -accel tcg \
    -cpu max,-cx16,vendor=GenuineIntel -smp 2 -m 2048 -nographic -nodefaults -no-reboot \
    -serial stdio -kernel "$kernel/vmlinuz" \
    -object memory-backend-memfd,id=mem,size=2048M,share=on -numa node,memdev=mem \
    -chardev socket,id=c0,path="$tmp/socket" -device vhost-user-fs-pci,chardev=c0,tag=hostshare \
    -append "console=ttyS0 panic=-1 quiet no_timer_check root=hostshare rootfstype=virtiofs rw" \
    </dev/null >"$tmp/console" 2>&1
wait

out=$root/jt/out
if [ ! -e "$out/done" ]; then
    tap_fail "the guest runs its containers" "$(tail -n 30 "$tmp/console" "$out/errors" 2>/dev/null)"
    tap_done
    exit
fi
tap_pass "the guest runs its containers"
tap_is "its cgroups are unified" "$(grep -c cpu "$out/controllers")" 1
agrees_check "$out/truth" jt-web "jt-web podman agrees" "$out/container"
agrees_check "$out/truth" jt-ctr "jt-ctr containerd agrees" "$out/container"
agrees_check "$out/truth" jt-lxc "jt-lxc lxc agrees" "$out/container"
agrees_check "$out/truth" jt-machine "jt-machine nspawn agrees" "$out/container"
agrees_check "$out/truth" jt-runc "jt-runc runc agrees" "$out/container"
tap_is "a service by its name" "$(python3 -c 'import json, sys
print([x["name"] for x in json.load(open(sys.argv[1]))["consumers"] if x["id"] == "jt-service.service"])' \
    "$out/unit")" "['jt-service.service']"
if [ "$package" ]; then
    tap_verdicts "$out/package"
    ! grep -q ^bad "$out/package" || tail -n 40 "$out/said" "$out/journal" | sed 's/^/# /'
else
    tap_skip "the package installs" "no debhelper here: tools/bootstrap.sh test installs it"
fi
tap_run "an independent verifier agrees" python3 docs/verify_ledger.py "$out/container.ledger" \
    "$out"/container.keys/*.vkey
tap_done
