#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# hotplug.sh - in a guest: the daemon keeps its ledger while a CPU goes and comes.
# shellcheck source=tests/tap.sh
. tests/tap.sh
: "${JT:=build/jouletrail}"
cpu=/sys/devices/system/cpu/cpu1/online

[ -w "$cpu" ] || {
    tap_skip "a CPU goes and comes under the daemon" "this kernel cannot take CPU 1 off"
    tap_done
}
"$JT" daemon --interval 200ms --tick 400ms --zone FR --ledger /out/plug --key-dir /out/plug-keys &
pid=$!
sleep 1
for _ in 1 2 3; do
    tap_run "a CPU goes" sh -c "echo 0 >$cpu"
    sleep 1
    tap_run "and comes" sh -c "echo 1 >$cpu"
    sleep 1
done
tap_run "the daemon is still there" kill -TERM $pid
wait $pid
tap_is "and ends well" "$?" 0
tap_run "its ledger verifies" "$JT" verify /out/plug --key-dir /out/plug-keys
tap_done
