#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ledger_go.sh - checkpoint, root, inclusion and consistency by Go's sumdb/note and sumdb/tlog.
#
# Debian: golang-go and golang-golang-x-mod-dev (81 MB, half a minute to install).
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
JT=$(realpath "${JT:-build/jouletrail}")
mk=$(realpath "${B:-build}/tests/e2e/mkledger")
modules=/usr/share/gocode
if ! command -v go >/dev/null || [ ! -d "$modules/src/golang.org/x/mod/sumdb/tlog" ]; then
    tap_skip_all "golang-go and golang-golang-x-mod-dev are not installed"
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export GO111MODULE=off GOPATH=$modules GOCACHE=$tmp/cache GOFLAGS=

tap_run "it compiles" go build -o "$tmp/verify" tests/e2e/ledger_verify.go
tap_run "a ledger of 100 ticks" "$mk" "$tmp/d" "$tmp/k" 100 30000 1000
vkey=$(echo "$tmp"/k/*.vkey)
"$JT" ledger export --key "$vkey" "$tmp/d" >"$tmp/lines"
for pair in "0 1" "255 256" "256 255" "399 401"; do
    "$JT" prove --index "${pair% *}" "$tmp/d" >"$tmp/proof"
    "$JT" prove --from "${pair#* }" "$tmp/d" >"$tmp/consistency"
    tap_run "Go agrees, record and size $pair" \
        "$tmp/verify" "$tmp/lines" "$tmp/d/checkpoint" "$vkey" "$tmp/proof" "$tmp/consistency"
done
sed -i '7s/"v":1/"v":2/' "$tmp/lines"
tap_is "Go objects to a changed line" \
    "$("$tmp/verify" "$tmp/lines" "$tmp/d/checkpoint" "$vkey" "$tmp/proof" "$tmp/consistency" |
        cut -d: -f1)" root
tap_done
