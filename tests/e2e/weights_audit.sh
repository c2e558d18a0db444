#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# weights_audit.sh - --weight says what this machine lacks, and the self-audit agrees with the
# kernel's own account of a cgroup.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
[ "$(id -u)" = 0 ] || tap_skip_all "needs root"
: "${JT:=build/jouletrail}"
tmp=$(mktemp -d)
group=
trap 'rm -rf "$tmp"; [ -z "$group" ] || rmdir "$group"' EXIT

# json EXPRESSION: of the report in $tmp/r.json as d.
json() {
    python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]))' "$tmp/r.json" "$1"
}

# --- weights ---
"$JT" run --weight watts -- true 2>"$tmp/err"
tap_is "an unknown weight is refused" $? 1
tap_is "in one line with the words there are" \
    "$(grep -c 'time, smt, freq or cycles' "$tmp/err") $(wc -l <"$tmp/err")" "1 1"
for weight in smt freq cycles; do
    if "$JT" run --weight "$weight" -f json -o "$tmp/r.json" -- sh -c 'head -c 99999999 /dev/zero | cksum' \
        >/dev/null 2>"$tmp/err"; then
        tap_is "$weight: the report says so" "$(json 'd["method"]["weight"]')" "$weight"
        tap_is "$weight: energy adds up" "$(json 'd["conservation"]["energy_uj"]')" 0
    else
        tap_is "$weight: what is lacking and what to do, in one line" \
            "$(grep -c -- '--weight' "$tmp/err") $(wc -l <"$tmp/err")" "1 1"
    fi
done

# A machine with cpufreq, played: the frequency decides nothing as it is the same everywhere.
mkdir -p "$tmp/sys/devices/system/cpu" "$tmp/proc"
cat /proc/cpuinfo >"$tmp/proc/cpuinfo"
for f in possible online; do
    cat "/sys/devices/system/cpu/$f" >"$tmp/sys/devices/system/cpu/$f"
done
for cpu in /sys/devices/system/cpu/cpu[0-9]*; do
    mkdir -p "$tmp/sys/devices/system/cpu/${cpu##*/}/cpufreq"
    echo 2500000 >"$tmp/sys/devices/system/cpu/${cpu##*/}/cpufreq/scaling_cur_freq"
done
"$JT" run --root "$tmp" --power model --weight freq -f json -o "$tmp/r.json" -- \
    sh -c 'head -c 99999999 /dev/zero | cksum' >/dev/null 2>"$tmp/err" || cat "$tmp/err"
tap_is "freq: by the frequencies below --root" "$(json 'd["method"]["weight"]')" freq
tap_is "freq: the command has energy" "$(json 'd["command_total"]["energy_uj"]["value"] > 0')" True

# --- the audit ---
for mount in /sys/fs/cgroup /sys/fs/cgroup/unified; do
    [ -e "$mount/cgroup.procs" ] && group=$mount/jouletrail-audit-$$ && break
done
if [ -n "$group" ] && mkdir "$group"; then
    # The group's ids come in turn with those of others on this machine: long enough for some.
    "$JT" run --interval 100ms -f json -o "$tmp/r.json" -- sh -c "echo \$\$ >$group/cgroup.procs
        python3 -c 'import time
while time.process_time() < 4: pass'" 2>"$tmp/err" || cat "$tmp/err"
    tap_is "cgroups were audited" "$(json 'd["conservation"]["audit"]["n_audits"] > 0')" True
    tap_is "and none was off" "$(json 'd["conservation"]["audit"]["n_breaches"]')" 0
    [ "$(json 'd["conservation"]["audit"]["n_breaches"]')" = 0 ] || cat "$tmp/r.json"
else
    group=
    tap_skip "cgroups were audited" "no cgroup v2 hierarchy to make a group in"
fi
tap_done
