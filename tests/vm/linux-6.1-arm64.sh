#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# linux-6.1-arm64.sh - arm64: other registers, other memory order, the same program.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/vm/guests.sh
. tests/vm/guests.sh
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

guest --out "$tmp" bookworm-arm64 "${IN_KERNEL[@]}" "$B/tests/vm/guest/hotplug" \
    tests/vm/guest/product.sh tests/vm/guest/hotplug.sh
product_is_sound "$tmp" "Linux 6.1 on arm64"
left_out
tap_done
