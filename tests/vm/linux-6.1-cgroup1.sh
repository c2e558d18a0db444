#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# linux-6.1-cgroup1.sh - cgroups of version 1 alone, then both versions side by side.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/vm/guests.sh
. tests/vm/guests.sh

guest --append jt.cgroup=v1 bookworm-amd64 "${IN_KERNEL[@]}"
guest --append jt.cgroup=hybrid bookworm-amd64 "${IN_KERNEL[@]}"
left_out
tap_done
