#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# container.sh - the daemon in a Podman container, as docs/operations.md starts it, and with the least that works.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}" "${B:=build}"
case $B in *asan*) tap_skip_all "sanitizers need more than the container has" ;; esac
command -v podman >/dev/null || tap_skip_all "podman is not installed"
tmp=$(mktemp -d)
root=$tmp/root
# shellcheck disable=SC2317 # the trap's
podman_here() {
    podman --root "$tmp/storage" --runroot "$tmp/run" --storage-driver vfs --runtime runc \
        --cgroup-manager cgroupfs "$@"
}
trap 'podman_here rm -f -a -t 0 >/dev/null 2>&1; podman_here system reset -f >/dev/null 2>&1; rm -rf "$tmp"' EXIT

mkdir -p "$root"/{usr/bin,usr/libexec/jouletrail,etc,proc,sys,dev,tmp,run,var/lib/jouletrail}
cp "$JT" "$root/usr/bin/"
cp "$B"/jouletrail-{feed,resolver,metrics} "$root/usr/libexec/jouletrail/"
ldd "$JT" "$B"/jouletrail-{feed,resolver,metrics} | grep -o '/[^ :]*\.so[^ :]*' | sort -u | while read -r library; do
    install -D "$(readlink -f "$library")" "$root$library"
done
printf '%s\n' 'root:x:0:0::/:/bin/false' 'jouletrail:x:900:900::/:/bin/false' >"$root/etc/passwd"
tar -C "$root" -c . | podman_here import - localhost/jouletrail >"$tmp/err" 2>&1 ||
    tap_skip_all "podman cannot make an image here: $(tail -n 1 "$tmp/err")"

# contained NAME OPTION…: a second of the daemon; its ledger is $tmp/NAME
contained() {
    local name=$1

    shift
    podman_here run --rm --network=none --ulimit nofile=1024:1024 --ulimit nproc=1000:1000 \
        --pid=host --uts=host --cgroupns=host --read-only --cap-drop=all \
        --security-opt seccomp=unconfined --security-opt unmask=/sys/devices/virtual/powercap \
        -v /sys/fs/cgroup:/sys/fs/cgroup:ro -v "$tmp/$name:/var/lib/jouletrail" \
        -v "$tmp/$name.run:/run/jouletrail" "$@" \
        localhost/jouletrail /usr/bin/jouletrail daemon --zone DE --by container --power model \
        --interval 100ms --tick 500ms --duration 1s --ledger /var/lib/jouletrail/ledger >"$tmp/out" 2>&1
}

mkdir "$tmp/full" "$tmp/least" "$tmp/full.run" "$tmp/least.run"
contained full --cap-add=bpf,perfmon,dac_override,dac_read_search,chown,setuid,setgid,setpcap,kill,sys_nice
status=$?
if [ "$status" -gt 124 ]; then
    tap_skip_all "podman cannot run a container here: $(tail -n 1 "$tmp/out")"
fi
tap_is "as the manual says: exit 0" "$status" 0
tap_is "without a word but what it measures with" "$(grep -cv 'measuring with' "$tmp/out")" 0
tap_run "its ledger verifies outside" "$JT" verify "$tmp/full/ledger" --key-dir "$tmp/full/keys"
tap_is "and is the user's" "$(stat -c %u "$tmp/full/ledger")" 900
tap_is "it saw its own container, by its id" "$("$JT" ledger export --key-dir "$tmp/full/keys" \
    "$tmp/full/ledger" 2>/dev/null | grep -cE '"kind":"container"' | sed 's/^[1-9][0-9]*$/some/')" some

chown 900:900 "$tmp/least" "$tmp/least.run"
contained least --user 900:900 --cap-add=bpf,perfmon
tap_is "a plain user with CAP_BPF and CAP_PERFMON: exit 0" $? 0
tap_run "its ledger verifies" "$JT" verify "$tmp/least/ledger" --key-dir "$tmp/least/keys"
contained least --user 900:900 --cap-add=bpf
tap_is "without CAP_PERFMON: exit 1, and what is missing" "$? $(grep -c 'CAP_BPF and CAP_PERFMON' "$tmp/out")" "1 1"
tap_done
