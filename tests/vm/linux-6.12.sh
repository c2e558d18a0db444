#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# linux-6.12.sh - the kernel of Debian 13, whole.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/vm/guests.sh
. tests/vm/guests.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

guest --smp 2,maxcpus=4 --out "$tmp" trixie-amd64 "${IN_KERNEL[@]}" tests/vm/guest/product.sh
product_is_sound "$tmp" "Linux 6.12"
left_out
tap_done
