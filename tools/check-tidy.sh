#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check-tidy.sh - the compilers' own critics: clang-tidy and cppcheck over all user-space C.
#
#   tools/check-tidy.sh [ROOT]     generated headers are taken from ROOT/$B (default build)
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tests/tap.sh"
cd "${1:-$(dirname "$0")/..}" || exit 1
B=${B:-build}

c_files() {
    # Not what is compiled for the kernel.
    find "$@" -name '*.c' ! -name '*.bpf.c' ! -path 'tests/vm/powercap/*' 2>/dev/null | sort
}

# What is built only where its library is.
with_headers() {
    if [ -e /usr/include/fuse3/fuse.h ]; then cat; else grep -v '^tools/raplsim/fuse\.c$'; fi
}

if command -v clang-tidy >/dev/null; then
    # One file a process keeps both CPUs busy to the end.
    found=$(c_files src tests tools | with_headers | B=$B xargs -r -P "$(nproc)" -n 1 sh -c '
        clang-tidy --quiet "$@" -- -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
            -DJT_VERSION=\"lint\" -Isrc -Iinclude -Itests -Itools -Ivmlinux -Ibpf \
            -I"$B"/gen -isystem "$B"/skel 2>&1 ||
            echo "clang-tidy failed on $*"' sh |
        grep -E ' (error|warning): |^clang-tidy failed')
    tap_empty "clang-tidy finds nothing (.clang-tidy)" "$found"
else
    tap_skip "clang-tidy finds nothing (.clang-tidy)" "clang-tidy is not installed"
fi

if command -v cppcheck >/dev/null; then
    # It knows neither the cleanup attribute (leaks are the sanitizer tree's to find) nor that
    # readdir is safe on a stream of one's own. -D keeps it from trying every #ifdef.
    found=$(cppcheck -q -j "$(nproc)" --enable=warning,performance,portability --inline-suppr \
        --std=c11 --library=posix -D__linux__ -D_GNU_SOURCE -D__SIZEOF_INT128__=16 \
        -DJT_VERSION='"lint"' --suppress=missingIncludeSystem --suppress=unknownMacro \
        --suppress=memleak --suppress=resourceLeak --suppress=readdirCalled \
        -Isrc -Iinclude -I"$B/gen" src 2>&1)
    tap_empty "cppcheck finds nothing" "$found"
else
    tap_skip "cppcheck finds nothing" "cppcheck is not installed"
fi

tap_done
