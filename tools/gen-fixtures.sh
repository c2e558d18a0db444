#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# gen-fixtures.sh - writes tests/fixtures/sys/*: small copies of /sys and /proc as real machines
# have them, and broken ones. The trees are committed; run this again only to change them.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)/tests/fixtures/sys

# zone MACHINE DIR NAME ENERGY RANGE [MAX_POWER]
zone() {
    d="$top/$1/sys/class/powercap/$2"
    mkdir -p "$d"
    printf '%s\n' "$3" > "$d/name"
    printf '%s\n' "$4" > "$d/energy_uj"
    printf '%s\n' "$5" > "$d/max_energy_range_uj"
    if [ -n "${6-}" ]; then
        printf '%s\n' "$6" > "$d/constraint_0_max_power_uw"
    fi
}

# cpuinfo MACHINE VENDOR FAMILY MODEL STEPPING PACKAGES FLAGS NAME
cpuinfo() {
    mkdir -p "$top/$1/proc"
    i=0
    : > "$top/$1/proc/cpuinfo"
    while [ "$i" -lt "$6" ]; do
        printf 'processor\t: %d\nvendor_id\t: %s\ncpu family\t: %s\nmodel\t\t: %s\n' \
            "$i" "$2" "$3" "$4" >> "$top/$1/proc/cpuinfo"
        printf 'model name\t: %s\nstepping\t: %s\nphysical id\t: %d\nflags\t\t: %s\n\n' \
            "$8" "$5" "$i" "$7" >> "$top/$1/proc/cpuinfo"
        i=$((i + 1))
    done
}

# A two-socket server: the class folder shows all zones; the blanks at the end are real.
cpuinfo xeon2 GenuineIntel 6 85 7 2 'fpu vme' 'Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz'
zone xeon2 intel-rapl:0 'package-0 ' 100000000 262143328850 150000000
zone xeon2 intel-rapl:0:0 dram 20000000 65712999613 41250000
zone xeon2 intel-rapl:0:1 core 70000000 262143328850
zone xeon2 intel-rapl:1 package-1 200000000 262143328850 150000000
zone xeon2 intel-rapl:1:0 dram 30000000 65712999613 41250000

# A laptop: psys has everything, the MMIO interface shows the package a second time.
cpuinfo laptop GenuineIntel 6 142 10 1 'fpu vme' 'Intel(R) Core(TM) i7-8650U CPU @ 1.90GHz'
zone laptop intel-rapl:0 package-0 5000000 262143328850 15000000
zone laptop intel-rapl:0:0 core 3000000 262143328850
zone laptop intel-rapl:0:1 uncore 100000 262143328850
zone laptop intel-rapl:1 psys 9000000 262143328850
zone laptop intel-rapl-mmio:0 package-0 5000000 262143328850 15000000

# AMD: the same names, no dram.
cpuinfo amd AuthenticAMD 25 1 1 1 'fpu vme' 'AMD EPYC 7543 32-Core Processor'
zone amd intel-rapl:0 package-0 7000000 65532610987
zone amd intel-rapl:0:0 core 4000000 65532610987

# Two dies in one package.
cpuinfo dies GenuineIntel 6 85 7 1 'fpu vme' 'Intel(R) Xeon(R) Platinum 9242 CPU @ 2.30GHz'
zone dies intel-rapl:0 package-0-die-0 1000000 262143328850
zone dies intel-rapl:0:0 dram 1000000 65712999613
zone dies intel-rapl:1 package-0-die-1 1000000 262143328850
zone dies intel-rapl:1:0 dram 1000000 65712999613

# A guest: no meter, a CPU name without a number.
cpuinfo guest AuthenticAMD 26 2 1 1 'fpu hypervisor' 'AMD EPYC'
mkdir -p "$top/guest/sys"

# Broken in one way each; package-0 is sound where the counter is what breaks.
cpuinfo broken GenuineIntel 6 85 7 1 'fpu vme' 'Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz'
zone broken intel-rapl:0 package-0 1000000 262143328850
zone broken intel-rapl:1 package-1 '' 262143328850
zone broken intel-rapl:2 package-2 -5 262143328850
zone broken intel-rapl:3 package-3 18446744073709551616 262143328850
zone broken intel-rapl:4 package-4 12x4 262143328850
zone broken intel-rapl:5 package-5 300000000000 262143328850
zone broken intel-rapl:6 package-6 1000000 0
zone broken intel-rapl:7 package-7 1000000 262143328850
rm -f "$top/broken/sys/class/powercap/intel-rapl:7/max_energy_range_uj"
ln -sfn intel-rapl:9 "$top/broken/sys/class/powercap/intel-rapl:8"
ln -sfn intel-rapl:8 "$top/broken/sys/class/powercap/intel-rapl:9"
