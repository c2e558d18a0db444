#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# linux-6.1.sh - the oldest kernel that is tested; a CPU comes and goes, two more never come.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/vm/guests.sh
. tests/vm/guests.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Taking CPUs away hangs an emulated 6.1 now and then on a busy host: not in the quick part.
hotplug=()
[ -n "${VM_QUICK:-}" ] || hotplug=("$B/tests/vm/guest/hotplug" tests/vm/guest/hotplug.sh)
guest --smp 2,maxcpus=4 --out "$tmp" bookworm-amd64 "${IN_KERNEL[@]}" \
    tests/vm/guest/product.sh "${hotplug[@]}"
product_is_sound "$tmp" "Linux 6.1"
left_out
tap_done
