#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""gen-cpus-tsv.py DIR > src/power/cpus.tsv - the power model's table out of source CSVs in DIR.

DIR/cpu_power.csv has one row per CPU model, microarchitecture or generic server, with its source
and method. Watts become milliwatts; names become what the look-up compares: see docs/power.md.
"""
import csv
import re
import sys

# Two systems with the same CPU model differ by about that much (uarch rows: 2.5 to 97.5 %).
LEAST_SPREAD = 1.25


def key(name):
    name = name.lower()
    name = re.sub(r"\((r|tm)\)", " ", name)
    name = re.sub(r"\b(cpu|processor|with radeon.*|[0-9]+-core)\b", " ", name)
    name = re.sub(r"@.*", " ", name)
    return " ".join(re.sub(r"[^a-z0-9+]+", " ", name).split())


def milli(text):
    return round(float(text) * 1000)


def widen(low, central, high):
    return min(low, round(central / LEAST_SPREAD)), max(high, round(central * LEAST_SPREAD))


def rows(path):
    for r in csv.DictReader(open(path, encoding="utf-8")):
        # A name without a number ("Intel Xeon") is no model.
        if r["kind"].startswith("model") and not re.search("[0-9]", key(r["name"])):
            continue
        if r["kind"] == "model_tdp":
            if not r["tdp_w"]:
                continue
            yield ["tdp", key(r["name"]), milli(r["tdp_w"]), int(float(r["threads"] or 0)),
                   0, 0, 0, 0, 0, 0, "TDP"]
            continue
        if not r["idle_w_per_thread"]:
            continue
        idle, most = milli(r["idle_w_per_thread"]), milli(r["max_w_per_thread"])
        idle_low, idle_high = widen(milli(r["idle_w_per_thread_lo"]), idle,
                                    milli(r["idle_w_per_thread_hi"]))
        max_low, max_high = widen(milli(r["max_w_per_thread_lo"]), most,
                                  milli(r["max_w_per_thread_hi"]))
        if not 0 < idle_low <= idle <= idle_high or not 0 < max_low <= most <= max_high:
            sys.exit(f"{r['name']}: bounds out of order")
        kind = {"model_spec": "server", "uarch": "uarch", "generic": "generic"}[r["kind"]]
        yield [kind, key(r["name"]) if kind == "server" else r["name"], 0,
               int(float(r["threads"] or 0)), idle_low, idle, idle_high, max_low, most, max_high,
               "SPECpower"]


def main():
    seen = {}
    for r in rows(sys.argv[1] + "/cpu_power.csv"):
        if r[1] and (r[0], r[1]) not in seen:
            seen[r[0], r[1]] = r
    print("# kind\tname\ttdp_mw\tthreads\tidle_low\tidle\tidle_high\tmax_low\tmax\tmax_high\tsource")
    print("# server, uarch, generic: mW per hardware thread of a whole server at the wall "
          "(SPECpower_ssj2008 via ccf-coefficients, Apache-2.0)")
    print("# tdp: mW of one package (makers' figures via codecarbon, MIT)")
    for k in sorted(seen):
        print(*seen[k], sep="\t")


main()
