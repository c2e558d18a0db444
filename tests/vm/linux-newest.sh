#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# linux-newest.sh - the newest kernel that Debian has, in sid.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/vm/guests.sh
. tests/vm/guests.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

guest --smp 2,maxcpus=4 --out "$tmp" sid-amd64 "${IN_KERNEL[@]}" "$B/tests/vm/guest/hotplug" \
    tests/vm/guest/product.sh tests/vm/guest/hotplug.sh
guest --append lockdown=confidentiality sid-amd64 tests/vm/guest/lockdown.sh
product_is_sound "$tmp" "the newest kernel"
left_out
tap_done
