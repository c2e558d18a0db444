#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Writes src/power/cpus.tsv, the table of the CPU power model, from a folder of source CSVs.

usage: tools/gen-cpus-tsv.py FOLDER > src/power/cpus.tsv

FOLDER/cpu_power.csv has one row per CPU and source; its columns are named in main().
"""
import csv
import os
import re
import sys

HEADER = """\
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Written by tools/gen-cpus-tsv.py; do not edit. One CPU, microarchitecture or fallback per line.
#
# Sources (facts of measurement and product data; both licences ask for this notice):
#   S  SPECpower_ssj2008 published results to 2026-03, aggregated in
#      cloud-carbon-footprint/ccf-coefficients@b0032d9 (Apache-2.0). WHOLE SERVER, at the wall (RAM,
#      fans, disks and power supply inside), divided by the server's hardware threads.
#   T  CPU package TDP, cores and threads: mlco2/codecarbon@b05965e4 (MIT, Copyright (c) 2020-2021
#      CodeCarbon developers), itself from Intel ARK, AMD.com and Boavizta.
#
# key      model: the name as cpuinfo_normalise_name() writes it; uarch, generic: a name for people
# cpuid    uarch: vendor:family:model-model:stepping-stepping:word, where word is in the name
# mw       milliwatts; idle and max per hardware thread, low and high are the least and the most
#          (models) or the 2.5 % and 97.5 % points (uarch, generic) of n systems
# Empty is unknown.
"""
COLUMNS = ("kind key cpuid tdp_mw cores threads idle_mw idle_low_mw idle_high_mw "
           "max_mw max_low_mw max_high_mw n source").split()

# CPUID of the server parts: arch/x86/include/asm/intel-family.h and arch/x86/kernel/cpu/amd.c of
# Linux. Skylake and Cascade Lake differ by stepping only.
CPUID = {
    "AMD EPYC 1st gen (Naples)": ["AuthenticAMD:23:0-15:0-15:epyc"],
    "AMD EPYC 2nd gen (Rome)": ["AuthenticAMD:23:48-63:0-15:epyc"],
    "AMD EPYC 3rd gen (Milan)": ["AuthenticAMD:25:0-15:0-15:epyc"],
    "AMD EPYC 4th gen (Genoa/Bergamo/Siena)": [
        "AuthenticAMD:25:16-31:0-15:epyc", "AuthenticAMD:25:160-175:0-15:epyc"],
    "AMD EPYC 5th gen (Turin)": ["AuthenticAMD:26:0-31:0-15:epyc"],
    "Intel Nehalem/Westmere (Xeon 55xx/56xx)": [
        "GenuineIntel:6:26-26:0-15:xeon", "GenuineIntel:6:44-44:0-15:xeon",
        "GenuineIntel:6:46-47:0-15:xeon"],
    "Intel Sandy Bridge": ["GenuineIntel:6:42-42:0-15:xeon", "GenuineIntel:6:45-45:0-15:xeon"],
    "Intel Ivy Bridge": ["GenuineIntel:6:58-58:0-15:xeon", "GenuineIntel:6:62-62:0-15:xeon"],
    "Intel Haswell": ["GenuineIntel:6:60-60:0-15:xeon", "GenuineIntel:6:63-63:0-15:xeon"],
    "Intel Broadwell": ["GenuineIntel:6:71-71:0-15:xeon", "GenuineIntel:6:79-79:0-15:xeon",
                        "GenuineIntel:6:86-86:0-15:xeon"],
    "Intel Skylake": ["GenuineIntel:6:85-85:0-4:xeon"],
    "Intel Cascade Lake": ["GenuineIntel:6:85-85:5-10:xeon"],
    "Intel Coffee Lake": ["GenuineIntel:6:158-158:0-15:xeon"],
    "Intel Ice Lake": ["GenuineIntel:6:106-106:0-15:xeon", "GenuineIntel:6:108-108:0-15:xeon"],
    "Intel Rocket Lake (Xeon E-23xx)": ["GenuineIntel:6:167-167:0-15:xeon"],
    "Intel Sapphire Rapids": ["GenuineIntel:6:143-143:0-15:xeon"],
    "Intel Emerald Rapids": ["GenuineIntel:6:207-207:0-15:xeon"],
    "Intel Granite Rapids": ["GenuineIntel:6:173-174:0-15:xeon"],
    "Intel Sierra Forest": ["GenuineIntel:6:175-175:0-15:xeon"],
}


def key_of(name):
    """As cpuinfo_normalise_name() in src/power/cpuinfo.c; a unit test compares the two."""
    text = name.encode("ascii", "ignore").decode().lower()
    text = text.replace("(r)", " ").replace("(tm)", " ").replace("(c)", " ")
    words = []
    for word in text.replace(",", " ").split():
        if word in ("@", "with", "w/"):
            break
        if word in ("cpu", "processor", "gen") or word.endswith("-core"):
            continue
        if re.fullmatch(r"[0-9]+(st|nd|rd|th)", word):
            continue
        words.append(word)
    return " ".join(words)


def number(row, column, factor=1):
    return str(round(float(row[column]) * factor)) if row[column] else ""


def line(kind, key, cpuid, row, source):
    per_thread = [number(row, c, 1000) for c in (
        "idle_w_per_thread", "idle_w_per_thread_lo", "idle_w_per_thread_hi",
        "max_w_per_thread", "max_w_per_thread_lo", "max_w_per_thread_hi")]
    return [kind, key, cpuid, number(row, "tdp_w", 1000), number(row, "cores"),
            number(row, "threads"), *per_thread, number(row, "n"), source]


def merge(old, new):
    """Fills old's empty columns from new; the sources add up."""
    merged = [a or b for a, b in zip(old, new)]
    merged[-1] = "".join(sorted(set(old[-1] + new[-1])))
    return merged


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip().splitlines()[2])
    with open(os.path.join(sys.argv[1], "cpu_power.csv"), newline="", encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    models, fixed = {}, []
    for row in rows:
        name = row["name"]
        if row["kind"] in ("model_spec", "model_tdp"):
            key = key_of(name)
            new = line("model", key, "", row, "S" if row["kind"] == "model_spec" else "T")
            # Measured figures come first, and the first of two that differ only in spelling.
            models[key] = merge(models[key], new) if key in models else new
        elif row["kind"] == "generic":
            fixed.append(line("generic", "generic server CPU", "", row, "S"))
        elif name in CPUID:
            fixed += [line("uarch", name, c, row, "S") for c in CPUID[name]]
    print(HEADER + "\t".join(COLUMNS))
    for fields in fixed + [models[key] for key in sorted(models, key=lambda k: k.encode())]:
        print("\t".join(fields))


main()
