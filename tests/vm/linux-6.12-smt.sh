#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# linux-6.12-smt.sh - two sockets of two cores of two threads: time is kept apart by package.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/vm/guests.sh
. tests/vm/guests.sh
: "${B:=build}"

# Eight emulated CPUs are slow: of the in-kernel suites, the two that look at CPUs.
suites=("$B/tests/bpf/self")
[ -n "${VM_QUICK:-}" ] || suites+=("$B/tests/bpf/weight")
[ -n "${VM_QUICK:-}" ] || suites+=("$B/tests/vm/guest/hotplug")
guest --smp 8,sockets=2,cores=2,threads=2 trixie-amd64 "${suites[@]}" \
    "$B/tests/vm/guest/siblings" "$B/tests/vm/guest/packages"
tap_skip "all other in-kernel suites" "eight emulated CPUs: linux-6.12.sh runs them on two"
tap_done
