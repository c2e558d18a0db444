#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check-format.sh - C is formatted as .clang-format says; `make format` mends it.
#
#   tools/check-format.sh [ROOT]
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tests/tap.sh"
cd "${1:-$(dirname "$0")/..}" || exit 1

# Another major version would format some lines otherwise, and nobody could please both.
version=$(clang-format --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p')
if [ "$version" = 14 ]; then
    found=$(find src include bpf tests tools -name '*.[ch]' 2>/dev/null | sort |
        xargs -r clang-format --dry-run -Werror 2>&1 | grep ' error: ' | cut -d: -f1 | uniq -c |
        sed 's/$/: run make format/')
    tap_empty "C is formatted (.clang-format)" "$found"
else
    tap_skip "C is formatted (.clang-format)" "needs clang-format 14, found ${version:-none}"
fi

tap_done
