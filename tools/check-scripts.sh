#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# check-scripts.sh - shell, the completion and Python are sound.
#
#   tools/check-scripts.sh [ROOT]
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tests/tap.sh"
cd "${1:-$(dirname "$0")/..}" || exit 1

files() {
    find . \( -name .git -o -name build -o -name 'build-*' \) -prune -o \
        -type f -name "$1" -print |
        sed 's|^\./||' | sort
}

scripts=$(files '*.sh'; files '*.bash'; [ ! -e .ci/run ] || echo .ci/run)
tap_empty "bash parses every script" "$(
    printf '%s\n' "$scripts" | while read -r file; do
        [ -z "$file" ] || bash -n "$file" 2>&1
    done)"

if command -v shellcheck >/dev/null; then
    tap_empty "shellcheck finds nothing" \
        "$(printf '%s\n' "$scripts" | xargs -r shellcheck -x -s bash -f gcc 2>&1)"
else
    tap_skip "shellcheck finds nothing" "shellcheck is not installed"
fi

tap_empty "scripts with a #! are executable" "$(
    printf '%s\n' "$scripts" "$(files '*.py')" | while read -r file; do
        [ -n "$file" ] && head -n 1 "$file" | grep -q '^#!' && [ ! -x "$file" ] && echo "$file"
    done)"

if command -v python3 >/dev/null; then
    # Compiled in memory only: the tree stays clean.
    tap_empty "Python compiles" "$(
        files '*.py' | xargs -r python3 -c '
import sys
for name in sys.argv[1:]:
    try:
        compile(open(name, encoding="utf-8").read(), name, "exec")
    except SyntaxError as e:
        print(f"{name}:{e.lineno}: {e.msg}")' 2>&1)"
else
    tap_skip "Python compiles" "python3 is not installed"
fi

tap_done
