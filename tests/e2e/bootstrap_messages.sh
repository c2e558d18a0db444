#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bootstrap_messages.sh - tools/bootstrap.sh says what is missing, and the mend, in one line.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"

[ "$(id -u)" -eq 0 ] || tap_skip_all "not root"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# fake NAME BODY: a program that stands before the real one in PATH
fake() {
    printf '#!/bin/sh\n%s\n' "$2" >"$work/bin/$1"
    chmod +x "$work/bin/$1"
}

# says NAME STATUS PATTERN COMMAND…: exit status, and one line on stderr that matches
says() {
    local name=$1 want=$2 pattern=$3 output status

    shift 3
    output=$("$@" 2>&1 </dev/null)
    status=$?
    if [ $status -eq "$want" ] && printf '%s\n' "$output" | grep -q "$pattern"; then
        tap_pass "$name"
    else
        tap_fail "$name" "status $status, want $want with \"$pattern\":
$output"
    fi
}

says "no action is a usage error" 2 'usage: ' tools/bootstrap.sh
says "an unknown action is a usage error" 2 'usage: ' tools/bootstrap.sh all
mkdir "$work/bin"
fake id 'echo 1000'
says "not root" 1 'not root: .*run: sudo tools/bootstrap.sh deps' \
    env PATH="$work/bin:$PATH" tools/bootstrap.sh deps
rm "$work/bin/id"

# A PATH with no apt in it.
mkdir "$work/bare"
for tool in dirname sed id sh; do
    ln -s "$(command -v $tool)" "$work/bare/$tool"
done
says "no apt" 1 'no apt on .*by hand' env PATH="$work/bare" /bin/sh tools/bootstrap.sh deps

fake dpkg-query 'case "$*" in *" clang") exit 1 ;; esac; echo installed'
fake apt-get 'echo "E: Could not resolve mirror.invalid"; exit 100'
says "no network for a missing package" 1 'cannot install .*apt-get install clang$' \
    env PATH="$work/bin:$PATH" tools/bootstrap.sh deps
fake dpkg-query 'printf installed'
says "nothing missing needs no network" 0 '' env PATH="$work/bin:$PATH" tools/bootstrap.sh deps
tap_done
