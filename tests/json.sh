# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# json.sh - for suites of commands: an exit status with what was printed, and JSON looked into.
# shellcheck shell=bash

# json FILE EXPRESSION: of the object r in FILE
json() {
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$@"
}

# status COMMAND…: its exit status; what it prints goes to $tmp/out and $tmp/err
status() {
    # shellcheck disable=SC2154 # the suite's directory
    "$@" >"$tmp/out" 2>"$tmp/err"
    echo $?
}
