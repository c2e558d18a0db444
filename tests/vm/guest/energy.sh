#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# energy.sh - in a guest whose host tells it its energy: what does it see of it?
# shellcheck source=tests/tap.sh
. tests/tap.sh
: "${JT:=build/jouletrail}"
share=/mnt/host
zone=$share/sys/class/powercap/intel-rapl:0

mkdir -p $share
tap_run "the host's folder is mounted" mount -t virtiofs -o ro hostshare $share

# updates: how often the host has told this guest its energy; 0 = not yet.
updates() {
    sed -n 's/^n_updates //p' $zone/share 2>/dev/null | grep . || echo 0
}

# until N: works until the host has told it N times more, 300 turns at most.
until_told() {
    turn=0 end=$(($(updates) + $1))

    while [ "$(updates)" -lt "$end" ] && [ $turn -lt 300 ]; do
        head -c 1000000 /dev/zero | sha256sum >/dev/null
        turn=$((turn + 1))
    done
    [ "$(updates)" -ge "$end" ]
}

if [ "${1:-}" = work ]; then
    until_told 12
    exit
fi
tap_run "the host tells this guest its energy" until_told 2
cp $zone/energy_uj /out/before
tap_run "run measures with it" "$JT" run -f json -o /out/run.json --interval 500ms \
    --power powercap --power-root $share --ledger /out/run --key-dir /out/run-keys -- \
    sh tests/vm/guest/energy.sh work
cp $zone/energy_uj /out/after
tap_run "the guest's ledger verifies" "$JT" verify /out/run --key-dir /out/run-keys
tap_run "what it takes this meter for" "$JT" doctor --power-root $share
"$JT" doctor --power-root $share >/out/doctor
tap_done
