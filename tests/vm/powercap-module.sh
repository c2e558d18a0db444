#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# powercap-module.sh - jouletrail on the kernel's own powercap class, with a module of known power.
#
# The module (tests/vm/powercap/) is built against Debian's headers of the guest's kernel, and goes
# into the guest in the head of its test.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
: "${B:=build}"
export B
kernel=bookworm-amd64
dir=$B/vm/powercap

mkdir -p "$dir"
if ! headers=$(tools/vm-fetch.sh headers bookworm amd64 2>"$dir/err"); then
    tap_skip_all "$(tail -n 1 "$dir/err")"
fi
for tool in gcc-12 make; do
    command -v $tool >/dev/null || tap_skip_all "no $tool here, which the module's build needs"
done
cp tests/vm/powercap/jt_rapl.c "$dir/jt_rapl.c"
echo 'obj-m := jt_rapl.o' >"$dir/Makefile"
if ! env -u MAKEFLAGS make -s -C "$headers/build" M="$(cd "$dir" && pwd)" CC=gcc-12 modules >"$dir/err" 2>&1; then
    tap_fail "the module builds against Debian's headers" "$(tail -n 20 "$dir/err")"
    tap_done
    exit
fi
{
    sed -n 1,3p tests/vm/powercap/guest.sh
    printf 'base64 -d >/tmp/jt_rapl.ko <<MODULE\n'
    base64 "$dir/jt_rapl.ko"
    printf 'MODULE\n'
    sed 1,3d tests/vm/powercap/guest.sh
} >"$dir/powercap.sh"
exec tools/vm.sh "$kernel" "$dir/powercap.sh"
