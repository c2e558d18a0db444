#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest.sh - in a guest, with the module in /tmp/jt_rapl.ko: jouletrail on the real powercap class.
# shellcheck source=tests/tap.sh
. tests/tap.sh
: "${JT:=build/jouletrail}"
class=/sys/class/powercap
truth=/sys/module/jt_rapl/parameters

# drawn ZONE: what the module says that zone drew between its first read and its last
drawn() {
    echo $(($(cut -d , -f "$1" $truth/last_uj) - $(cut -d , -f "$1" $truth/first_uj)))
}

# field NAME FILE: the first figure of that name in JSON
field() {
    sed 's/[,{]/\n/g' "$2" | sed -n "s/^\"$1\":\"\{0,1\}\([0-9]*\).*/\1/p" | head -n 1
}

"$JT" doctor >/tmp/doctor
tap_run "without the module: no powercap, and the mend" grep -q 'NO .*powercap.*modprobe' /tmp/doctor
tap_run "the module goes into this kernel" insmod /tmp/jt_rapl.ko
tap_is "the class is the kernel's own: symlinks, root-only counters" \
    "$(readlink $class/intel-rapl:0:1) $(stat -c %a $class/intel-rapl:0/energy_uj)" \
    "../../devices/virtual/powercap/intel-rapl/intel-rapl:0/intel-rapl:0:1 400"

# --- through wraps, to the microjoule ---
"$JT" daemon --power powercap --zone DE --interval 500ms --tick 1s --duration 24s --ledger /tmp/ledger \
    --key-dir /tmp/keys 2>/tmp/err
tap_is "the daemon measures with it" $? 0
package_uj=$(drawn 1)
dram_uj=$(drawn 3)
tap_is "for 10 times round the counter and more" "$((package_uj / 100000000 >= 10))" 1
"$JT" verify /tmp/ledger --key-dir /tmp/keys -f json >/tmp/verify
energy_uj=$(field energy_uj /tmp/verify)
off_uj=$((package_uj + dram_uj - energy_uj))
gaps=$(cat /tmp/ledger/seg/*.jsonl | grep -o '"reason":"[a-z]*"' | sort | uniq -c | tr -s ' \n' ' ')
if [ -z "$gaps" ]; then
    # The range file gives the largest value: each time round is short by the step to 0.
    tap_is "package and dram, and not core: to a microjoule for each time round (off $off_uj)" \
        "$((off_uj >= 0 && off_uj <= package_uj / 100000000 + dram_uj / 100000000 + 2))" 1
else
    # An emulated CPU may stand still for longer than the counter takes.
    tap_is "with gaps ($gaps): less than was drawn, never more (off $off_uj)" "$((off_uj > 0))" 1
fi

# --- the driver goes and comes back ---
"$JT" daemon --power powercap --zone DE --interval 500ms --tick 1s --duration 12s --ledger /tmp/gone \
    --key-dir /tmp/keys 2>>/tmp/err &
pid=$!
sleep 4
tap_run "the driver is unloaded under a daemon that reads it" rmmod jt_rapl
sleep 2
tap_run "and loaded again" insmod /tmp/jt_rapl.ko
wait $pid
tap_is "the daemon has gone on" $? 0
tap_run "the time without it is a gap" grep -q '"reason":"vanished"' /tmp/gone/seg/00000000000000000000.jsonl
tap_run "the ledger verifies" "$JT" verify /tmp/gone --key-dir /tmp/keys
"$JT" run --power powercap -f json -o /tmp/run.json -- true
tap_run "and it is measured again" grep -q '"quality":"measured"' /tmp/run.json
tap_done
