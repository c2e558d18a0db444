#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# guest-energy.sh - a guest that reads its own energy from its host: is it the host's share?
#
# The host is this machine, with the daemon and the power model; the guest a qemu that the daemon has
# to recognise, with jouletrail in it that takes what the host tells for its meter.
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
# shellcheck source=tests/vm/guests.sh
. tests/vm/guests.sh
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=$B/jouletrail}"
tmp=$(mktemp -d)
pid=
# shellcheck disable=SC2329 # by the trap
finish() {
    [ -z "$pid" ] || kill "$pid"
    rm -rf "$tmp"
}
trap finish EXIT
name=jt-guest-$$
folder=$tmp/guests/$name
zone=$folder/sys/class/powercap/intel-rapl:0

# Before the machine starts, as its definition names it.
mkdir -p "$zone"
chmod 750 "$folder"
echo 123456789 >"$zone/energy_uj"
"$JT" daemon --by vm --power model --zone DE --interval 500ms --tick 500ms --ledger "$tmp/host" \
    --key-dir "$tmp/keys" --guest-energy "$tmp/guests" 2>"$tmp/daemon.err" &
pid=$!
guest --name "guest=$name,debug-threads=on" --share "$folder" --out "$tmp/out" trixie-amd64 \
    tests/vm/guest/energy.sh
kill "$pid"
wait "$pid"
tap_is "the daemon ends well" $? 0
pid=
if [ ! -e "$tmp/out/run.json" ]; then
    tap_skip "what guest and host say" "no guest left a report"
    tap_done
    exit
fi
tap_run "the host's ledger verifies" "$JT" verify "$tmp/host" --key-dir "$tmp/keys"

# Sums of the host's records of this guest, from tick to tick, are what its folder said in turn.
python3 - "$tmp" "$name" "$zone" >"$tmp/figures" <<'P'
import glob, json, sys
tmp, name, zone = sys.argv[1:]
steps, ticks = [123456789], 0
for path in sorted(glob.glob(tmp + "/host/seg/*.jsonl")):
    for line in open(path, "rb"):
        r = json.loads(line)
        ticks += r["k"] == "tick"
        if r["k"] == "sample" and r.get("id") == name:
            steps.append(steps[-1] + int(r["energy_uj"]))
number = lambda path: int(open(path).read())
run = json.load(open(tmp + "/out/run.json"))
host, told = run["host"], number(zone + "/energy_uj")
before, after = number(tmp + "/out/before"), number(tmp + "/out/after")
total = host["energy_uj"]
pairs = [(a, b) for i, a in enumerate(steps) for b in steps[i:] if b - a == total]
near = [(a, b) for a, b in pairs if a >= before and b <= after]
# What the host says of the time from the first of its readings that the guest can have begun with.
share = min((b - a for i, a in enumerate(steps) if a >= before for b in steps[i:] if b <= after),
            key=lambda s: abs(s - total), default=0)
print("folder", told == steps[-1])
print("exact", len(near) > 0, total > 0)
print("within", abs(share - total) <= total // 100)
print("quality", run["quality"], len(run["gaps"]))
said = dict(line.split() for line in open(zone + "/share"))
width = [host["energy_low_uj"] / total / int(said["low_ppm"]), host["energy_high_uj"] / total / int(said["high_ppm"])]
print("interval", width[0] * 1e6 < 1.01, width[1] * 1e6 > 0.99)
print("closed", total == host["idle_uj"] + host["attributed_uj"] + host["unattributed_uj"])
print("# guest %d uJ, host %d uJ, of %d updates" % (total, share, len(steps)))
P
# figure WORD: what was found under it
figure() {
    sed -n "s/^$1 //p" "$tmp/figures"
}

grep '^#' "$tmp/figures"
tap_is "the folder says what the host's ledger has of this guest, to the microjoule" "$(figure folder)" True
tap_is "the guest's total is the host's share of the same windows, to the microjoule" "$(figure exact)" "True True"
tap_is "and so within 1 %" "$(figure within)" True
tap_is "the guest knows it for modelled, and has no gap" "$(figure quality)" "modelled 0"
tap_is "its interval is no narrower than the host's" "$(figure interval)" "True True"
tap_is "it says whose figure that is" "$(grep -q "of this guest by its host" "$tmp/out/doctor" && echo yes)" yes
tap_is "the guest's own sums add up" "$(figure closed)" True
tap_done
