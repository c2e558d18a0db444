#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# linux-6.12-lockdown.sh - lockdown=confidentiality, which takes helpers away from tracers.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/vm/guests.sh
. tests/vm/guests.sh

guest --append lockdown=confidentiality trixie-amd64 tests/vm/guest/lockdown.sh
tap_done
