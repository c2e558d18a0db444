#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# product.sh - in a guest: the program from end to end; report and ledger go to /out for the host.
# shellcheck source=tests/tap.sh
. tests/tap.sh
: "${JT:=build/jouletrail}"

tap_run "doctor finds all that is needed" "$JT" doctor
# shellcheck disable=SC2016 # the inner shell's own
tap_run "run measures a command" "$JT" run -f json -o /out/run.json --zone FR \
    --ledger /out/run --key-dir /out/run-keys -- \
    sh -c 'i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done'
tap_run "its ledger verifies" "$JT" verify /out/run --key-dir /out/run-keys
tap_run "the daemon keeps a ledger" "$JT" daemon --interval 200ms --tick 400ms --duration 2s \
    --zone DE --ledger /out/daemon --key-dir /out/daemon-keys
tap_run "which verifies" "$JT" verify /out/daemon --key-dir /out/daemon-keys
"$JT" daemon --interval 200ms --tick 400ms --zone DE --ledger /out/daemon --key-dir /out/daemon-keys &
pid=$!
sleep 2
kill -KILL $pid
wait $pid 2>/dev/null
tap_run "after a SIGKILL too" "$JT" verify /out/daemon --key-dir /out/daemon-keys
tap_run "and the next one goes on" "$JT" daemon --interval 200ms --tick 400ms --duration 1s \
    --zone DE --ledger /out/daemon --key-dir /out/daemon-keys
tap_done
