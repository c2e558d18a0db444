# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# metrics.sh - a daemon that answers scrapes: source it, then metrics_start.
# shellcheck shell=bash

# metrics_start OPTION…: on any port, with what it keeps in $tmp. Sets daemon, said (its first line) and port; what
# it says goes on in $tmp/err.
# shellcheck disable=SC2034,SC2154 # theirs who source it
metrics_start() {
    [ -p "$tmp/said" ] || mkfifo "$tmp/said"
    "$JT" daemon --zone DE --interval 100ms --key-dir "$tmp/keys" --ledger "$tmp/ledger" --metrics 127.0.0.1:0 "$@" \
        2>"$tmp/said" &
    daemon=$!
    exec 3<"$tmp/said"
    read -r said <&3
    cat <&3 >"$tmp/err" &
    port=${said%/metrics}
    port=${port##*:}
}
