#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# vm.sh - runs test suites in a guest with one of Debian's kernels; prints their TAP as one.
#
#   tools/vm.sh [--smp SPEC] [--append PARAMETERS] [--out DIR] [--name NAME] [--share DIR]
#               SUITE-ARCH TEST…
#
#   tools/vm.sh bookworm-amd64 build/tests/bpf/lives
#   tools/vm.sh --smp 8,sockets=2,cores=2,threads=2 trixie-amd64 build/tests/vm/guest/packages
#
# SUITE-ARCH is a Debian suite and architecture: its newest cloud kernel (tools/vm-fetch.sh). A TEST
# is a criterion program below B or a shell script for busybox's sh that prints TAP; it runs from
# the top of the tree, as root, in a guest that has busybox, jouletrail and nothing else.
# --smp and --name are qemu's, --append adds kernel parameters; what tests leave in the guest's /out
# comes back in --out; --share is virtiofs "hostshare" in the guest (kernels from 6.12 on). Each line
# of the TAP begins with the kernel's release. The guest is emulated: no KVM.
#
# Exit status: 0, 1 after a failure. VM_TIMEOUT_S (540) guards against a hang; it measures nothing.
set -u
cd "$(dirname "$0")/.." || exit 1
export B=${B:-build}
VM_TIMEOUT_S=${VM_TIMEOUT_S:-540}
smp=2
append=
out=
name=
share=

usage() {
    sed -n '5,9s/^# \{0,1\}//p' "$0" >&2
    exit 2
}

skip_all() {
    printf '1..0 # SKIP %s\n' "$*"
    exit 0
}

while [ $# -gt 0 ]; do
    case $1 in
    --smp) smp=$2 ;;
    --append) append=$2 ;;
    --out) out=$2 ;;
    --name) name=$2 ;;
    --share) share=$2 ;;
    -*) usage ;;
    *) break ;;
    esac
    shift 2 || usage
done
[ $# -ge 2 ] || usage
suite=${1%-*} arch=${1#*-}
shift

# What differs by architecture: emulator, where libraries lie, the tree that tests come from.
sysroot=
tree=$B
case $arch in
amd64)
    triplet=x86_64-linux-gnu
    # An emulated cmpxchg16b stops all CPUs: slow, and some 6.12 kernels crash over it. The
    # vendor makes SMT siblings right.
    qemu=(qemu-system-x86_64 -machine q35 -cpu "max,-cx16,vendor=GenuineIntel")
    console=ttyS0
    # On a busy host the timer's interrupt comes too late for the kernel's trial of it: a panic.
    append="$append no_timer_check"
    # Nor can it measure the TSC there: off by a factor, and later taken for unstable. An emulated
    # one is the host's, on all CPUs.
    tsc_khz=$("$B/tests/vm/tsc-khz" 2>/dev/null)
    [ -z "$tsc_khz" ] || append="$append tsc=reliable tsc_early_khz=$tsc_khz"
    # Without cmpxchg16b kmalloc_nolock() of 7.x, and so task storage, needs caches for debugging.
    [ "$suite" != sid ] || append="$append slab_debug=F,kmalloc-*"
    ;;
arm64)
    triplet=aarch64-linux-gnu
    qemu=(qemu-system-aarch64 -machine "virt,gic-version=3" -cpu cortex-a72)
    console=ttyAMA0
    tree=$B/vm/arm64
    ;;
*) usage ;;
esac

# cross_build TEST…: the program and the tests for arm64, against Debian's unpacked libraries
cross_build() {
    local cc=aarch64-linux-gnu-gcc-12 test goals=("$tree/jouletrail")

    command -v "$cc" >/dev/null || skip_all "no $cc here: tools/bootstrap.sh vm installs it"
    sysroot=$(tools/vm-fetch.sh sysroot bookworm arm64 busybox-static libcriterion-dev libbpf-dev \
        libelf-dev libdw-dev zlib1g-dev libssl-dev libjansson-dev libmicrohttpd-dev \
        libcurl4-openssl-dev libncurses-dev 2>"$work/err") || skip_all "$(cat "$work/err")"
    for test; do
        case $test in *.sh) ;; *) goals+=("$tree/${test#"$B"/}") ;; esac
    done
    make -s B="$tree" ARCH=arm64 CC="$cc" AR=aarch64-linux-gnu-ar \
        CFLAGS="-O2 -g --sysroot=$sysroot" "${goals[@]}" >"$work/err" 2>&1 && return
    printf '1..1\nnot ok 1 - %s: builds for arm64\n' "$release"
    sed 's/^/  # /' "$work/err"
    exit 1
}

virtiofsd=/usr/lib/qemu/virtiofsd
for tool in "${qemu[0]}" cpio readelf ${share:+"$virtiofsd"}; do
    command -v "$tool" >/dev/null || skip_all "no $tool here: tools/bootstrap.sh vm installs it"
done
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
kernel=$(tools/vm-fetch.sh kernel "$suite" "$arch" 2>"$work/err") || skip_all "$(cat "$work/err")"
release=$(cat "$kernel/release")

busybox=$(command -v busybox) || skip_all "no busybox here: tools/bootstrap.sh vm installs it"
if [ "$arch" = arm64 ]; then
    cross_build "$@"
    busybox=$sysroot/bin/busybox
fi

# needed FILE…: the shared libraries and the loader that the programs name
needed() {
    readelf -W -l -d "$@" 2>/dev/null |
        sed -n -e 's/.*(NEEDED).*\[\(.*\)\]/\1/p' -e 's/.*program interpreter: \(.*\)\]/\1/p' |
        sort -u
}

# put FILE AS: into the guest
put() {
    install -D "$1" "$work/root/$2"
}

# Libraries of what lies in the guest already, then theirs, until nothing new comes.
put_libraries() {
    local files=("$@") name path new

    while [ ${#files[@]} -gt 0 ]; do
        new=()
        # shellcheck disable=SC2012 # library names are plain
        for name in $(needed "${files[@]}"); do
            case $name in
            /*) path=$name ;;
            *) path=$(cd "$sysroot/" && ls -d {,usr/}lib/$triplet/"$name" 2>/dev/null | head -n1) ;;
            esac
            [ -n "$path" ] || { echo "$name: not found" >&2 && continue; }
            path=${path#/}
            [ ! -e "$work/root/$path" ] || continue
            put "$sysroot/$path" "$path"
            new+=("$sysroot/$path")
        done
        files=("${new[@]}")
    done
}

make_initrd() {
    local test programs=("$tree/jouletrail")

    put "$busybox" bin/busybox
    ln -s busybox "$work/root/bin/sh"
    put tests/vm/init.sh init
    put tests/tap.sh jt/tests/tap.sh
    put "$tree/jouletrail" jt/build/jouletrail
    mkdir -p "$work/root"/{proc,sys,dev,tmp,root,etc}
    for test; do
        case $test in
        *.sh) put "$test" "jt/$test" ;;
        *)
            test=build/${test#"$B"/}
            put "$tree/${test#build/}" "jt/$test"
            programs+=("$tree/${test#build/}")
            ;;
        esac
        echo "$test" >>"$work/root/etc/suites"
    done
    put_libraries "${programs[@]}"
    (cd "$work/root" && find . | cpio -o -H newc --quiet) >"$work/initrd"
}

# The share's server, which ends with the guest.
serve_share() {
    local i

    rm -f "$work/fs"
    $virtiofsd --socket-path="$work/fs" -o source="$share" -o cache=auto >"$work/fs.log" 2>&1 &
    for ((i = 0; i < 300; i++)); do
        [ ! -S "$work/fs" ] || break
        sleep 0.1
    done
}

# Ahead of the host's other work, where that is allowed: what stops a virtual CPU counts as run time.
boot() {
    [ -z "$share" ] || serve_share
    nice -n -19 timeout -k 10 "$VM_TIMEOUT_S" "${qemu[@]}" -accel tcg -smp "$smp" -m 1024 -nographic \
        -nodefaults -no-reboot -serial stdio -kernel "$kernel/vmlinuz" -initrd "$work/initrd" \
        -append "console=$console panic=-1 quiet $append" </dev/null 2>&1 |
        stdbuf -oL tr -d '\r' >"$work/console"
}

# The console -> TAP: every suite must end and keep its plan.
to_tap() {
    awk -v release="$release" '
    function say(verdict, what) { printf "%s %d - %s: %s\n", verdict, ++n, release, what }
    function fail(what) { n_failed++; say("not ok", what) }
    function clean(s) { sub(/^[0-9]+ */, "", s); sub(/^- */, "", s); return s }
    /^@suite / { suite = substr($0, 8); plan = -1; ran = failed = 0; next }
    /^@tap 1\.\./ {
        plan = substr($2, 4) + 0
        if (plan == 0) say("ok", suite " # SKIP " substr($0, index($0, "SKIP ") + 5))
        next
    }
    /^@tap ok( |$)/ { ran++; say("ok", clean(substr($0, 9))); next }
    /^@tap not ok( |$)/ { ran++; failed++; fail(clean(substr($0, 13))); next }
    /^@tap / { print "  " substr($0, 6); next }
    /^@out / { output = output "  # " substr($0, 6) "\n"; next }
    /^@status / {
        if (plan < 0) fail(suite ": no TAP plan (exit status " $2 "): crashed or silent")
        else if (plan != ran) fail(suite ": planned " plan " tests, ran " ran)
        else if ($2 != 0 && !failed) fail(suite ": exit status " $2 " though no test failed")
        printf "%s", output
        suite = output = ""; next
    }
    /^@end$/ { ended = 1 }
    END {
        if (!ended) fail("the guest did not end well" (suite ? ": it was in " suite : ""))
        printf "1..%d\n", n
        exit ended && !n_failed ? 0 : 1
    }' "$work/console"
}

# A CPU that is stuck in the kernel for a minute says where, and ends the guest.
append="$append watchdog_thresh=30 softlockup_panic=1"
make_initrd "$@"
[ -z "$name" ] || qemu+=(-name "$name")
# shellcheck disable=SC2054 # qemu's commas
[ -z "$share" ] ||
    qemu+=(-object "memory-backend-memfd,id=mem,size=1024M,share=on" -numa node,memdev=mem
        -chardev "socket,id=fs,path=$work/fs" -device "vhost-user-fs-pci,chardev=fs,tag=hostshare")
boot
# No test is run twice, but a kernel that did not come to the first of them has run none.
if ! grep -q '^@suite ' "$work/console"; then
    { tail -n 30 "$work/console"; echo "the guest ended before its first suite: booted once more"; } | sed 's/^/  # /'
    boot
fi
to_tap
status=$?
grep -q '^@end' "$work/console" || tail -n 100 "$work/console" | sed 's/^/  # /'
if [ -n "$out" ]; then
    mkdir -p "$out"
    sed -n 's/^@file //p' "$work/console" | base64 -d | tar -x -z -C "$out" 2>/dev/null
fi
exit $status
