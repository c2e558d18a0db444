#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bootstrap.sh - from a fresh Debian 12 to a measured command, or to all tests, in one step.
#
#   sudo tools/bootstrap.sh run     install what is missing, build, measure a command, verify
#   sudo tools/bootstrap.sh run --simulate    the same on simulated meters, where there are none
#   sudo tools/bootstrap.sh test    install the test tools too, build, run every test
#   sudo tools/bootstrap.sh vm      what the kernel matrix needs too, then run it: make check-vm
#   sudo tools/bootstrap.sh deps    only install what building and running need
#
# Outside this tree it touches packages and, where they are not mounted, tracefs and bpffs. Of the
# packages of `test` Debian starts containerd, prometheus and its pushgateway where systemd runs.
set -eu

DEPS="make gcc libc6-dev clang llvm libbpf-dev libelf-dev libdw-dev zlib1g-dev libssl-dev bpftool"
# In two lines, for a message in one.
DEPS="$DEPS libjansson-dev libcurl4-openssl-dev libmicrohttpd-dev libseccomp-dev libriemann-client-dev libncurses-dev"
TEST_DEPS="g++ libcriterion-dev clang-format clang-tidy cppcheck shellcheck groff-base stress-ng
python3 procps openssl qemu-system-x86 busybox-static cpio binutils bpftrace libbpf-tools linux-perf
libfuse3-dev fuse3 strace golang-go golang-golang-x-mod-dev pkgconf"
# The Python client's types, and how it installs.
TEST_DEPS="$TEST_DEPS mypy python3-pip python3-setuptools python3-wheel"
# What scrapes, is pushed to, and opens pages; runtimes, for what real containers are called.
TEST_DEPS="$TEST_DEPS curl prometheus prometheus-pushgateway chromium podman runc containerd lxc systemd-container"
# A terminal to look at.
TEST_DEPS="$TEST_DEPS tmux"
# What makes and tests the package and its manual pages.
TEST_DEPS="$TEST_DEPS debhelper dh-python lintian adduser man-db"
VM_DEPS="qemu-system-arm gcc-12-aarch64-linux-gnu mmdebstrap"
SIM_DEPS="libfuse3-dev fuse3"

say() {
    printf '%s\n' "$*" >&2
}

die() {
    printf 'bootstrap: %s\n' "$*" >&2
    exit 1
}

usage() {
    say "usage: sudo tools/bootstrap.sh deps|run [--simulate]|test|vm"
    exit 2
}

need_root() {
    [ "$(id -u)" -eq 0 ] ||
        die "not root: packages and BPF need it; run: sudo tools/bootstrap.sh $action"
}

need_debian() {
    if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
        name=$(sed -n 's/^PRETTY_NAME="\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' /etc/os-release 2>/dev/null)
        die "no apt on ${name:-this system}: install the like of \"$DEPS\" by hand, then run: make"
    fi
}

# missing PACKAGE…: those that are not installed
missing() {
    for package; do
        state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
        [ "$state" = installed ] || printf '%s ' "$package"
    done
}

apt_quiet() {
    DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o APT::Update::Error-Mode=any \
        -o Dpkg::Use-Pty=0 "$@" >>"$log" 2>&1
}

# install PACKAGE…: only what is missing; the package lists are fetched only if they must be
install() {
    wanted=$(missing "$@")
    wanted=${wanted% }
    [ -n "$wanted" ] || return 0
    say "installing: $wanted"
    log=$(mktemp)
    # shellcheck disable=SC2086 # a list of packages
    if ! apt_quiet install --no-install-recommends $wanted &&
        { ! apt_quiet update || ! apt_quiet install --no-install-recommends $wanted; }; then
        tail -n 5 "$log" | sed 's/^/  apt: /' >&2
        rm -f "$log"
        die "cannot install packages; give this machine network and a Debian mirror" \
            "(/etc/apt/sources.list), or install by hand: apt-get install $wanted"
    fi
    rm -f "$log"
}

# mounted TYPE DIRECTORY: mounts a kernel file system that is missing; not fatal
mounted() {
    grep -q "^[^ ]* [^ ]* $1 " /proc/mounts && return 0
    mount -t "$1" "$1" "$2" 2>/dev/null ||
        say "note: $1 is not mounted and cannot be here; if BPF fails: mount -t $1 $1 $2"
}

need_btf() {
    [ -r /sys/kernel/btf/vmlinux ] ||
        die "this kernel has no BTF (/sys/kernel/btf/vmlinux), which the accounting needs:" \
            "boot one built with CONFIG_DEBUG_INFO_BTF=y, as Debian's own kernels are"
}

build() {
    say "building"
    make -s -j "$(nproc)" "$@" || die "the build failed: see above"
}

# The command that run measures: about two seconds on one CPU, with tools that are always there.
DEMO='head -c 800000000 /dev/zero | sha256sum >/dev/null
head -c 300000000 /dev/zero | gzip -1 >/dev/null'

# simulate: meters that are not there, below build/sim, for as long as this script runs
simulate() {
    [ -c /dev/fuse ] || die "no /dev/fuse, which the simulator needs: modprobe fuse"
    mkdir -p build/sim
    build/raplsim --domains core,uncore,dram,psys build/sim &
    trap 'umount build/sim 2>/dev/null' EXIT
    tries=0
    until [ -e build/sim/truth.json ]; do
        tries=$((tries + 1))
        [ "$tries" -le 100 ] || die "the simulator does not start: see above"
        sleep 0.1
    done
    say ""
    say "*** SIMULATED: no figure of energy or carbon below is a measurement. The meters are a"
    say "*** program's, build/raplsim: 10 W, and 12 W more for each busy CPU, whatever CPU this is."
}

# run_demo [OPTION…]: measures the demonstration and verifies its ledger
run_demo() {
    demo=build/demo-ledger
    rm -rf "$demo" "$demo-keys"
    say ""
    say "\$ jouletrail run${*:+ $*} --zone WORLD --ledger $demo -- sh -c 'sha256sum and gzip of zeroes'"
    build/jouletrail run "$@" --zone WORLD --ledger "$demo" --key-dir "$demo-keys" -- sh -c "$DEMO" ||
        die "the measurement failed; what this machine can do: build/jouletrail doctor"
    say ""
    say "\$ jouletrail verify $demo"
    build/jouletrail verify --key-dir "$demo-keys" "$demo" || die "the ledger does not verify"
    [ $# -eq 0 ] || say "*** SIMULATED: the figures above are not measurements."
    say ""
    say "Yours now:  sudo build/jouletrail run --zone FR -- COMMAND"
    say "Zones: docs/data-sources.md. What this machine can do: sudo build/jouletrail doctor"
}

action=$*
case $action in
deps | run | "run --simulate" | test | vm) ;;
*) usage ;;
esac
cd "$(dirname "$0")/.."
need_root
need_debian
# shellcheck disable=SC2086 # a list of packages
install $DEPS
[ "$action" != deps ] || exit 0
mounted tracefs /sys/kernel/tracing
mounted bpf /sys/fs/bpf

if [ "$action" = run ]; then
    need_btf
    build all
    run_demo
    exit 0
fi
if [ "$action" = "run --simulate" ]; then
    need_btf
    # shellcheck disable=SC2086
    install $SIM_DEPS
    build all raplsim
    simulate
    run_demo --power-root build/sim
    exit 0
fi
# shellcheck disable=SC2086
install $TEST_DEPS
if [ "$action" = vm ]; then
    # shellcheck disable=SC2086
    install $VM_DEPS
    build all
    exec make -s -j "$(nproc)" check-vm
fi
[ -r /sys/kernel/btf/vmlinux ] ||
    say "note: this kernel has no BTF (/sys/kernel/btf/vmlinux): kernel tests will be skipped"
build all
# make's own word on a failure is dropped: the last line stays the summary.
status_file=$(mktemp)
{ make -s -j "$(nproc)" check 2>&1 || echo failed >"$status_file"; } | sed -u '/^make.*\*\*\* /d'
failed=$(cat "$status_file")
rm -f "$status_file"
[ -z "$failed" ]
