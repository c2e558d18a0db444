#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""gen-zones-tsv.py - makes src/intensity/zones.tsv out of source tables, and checks every zone.

usage: tools/gen-zones-tsv.py [DIR] > src/intensity/zones.tsv

DIR (tools/figures) holds intensity_regions_permissive.csv, cloud_regions.csv,
emission_factors.csv and intensity_conflicts.csv; docs/data-sources.md says where their figures
come from and why the choices below were made. Any zone out of range of its source stops the script.
"""
import csv
import math
import os
import re
import sys

# Lifecycle over direct for a fossil-heavy grid, with what is assumed about it: half to twice the
# upstream part, and never less room than the lifecycle of the plants that burn nothing.
HARMONISED = 1.16
HARMONISED_LOW = 1.08
HARMONISED_HIGH = 1.32
MOST_AT_THE_MARGIN_G = 1600.0  # lignite or oil burnt at a fifth of its heat
NOTHING_BURNT_G = 24.0  # median of hydro power, IPCC AR5 WG3 Annex III

# What the table says of a source, by how its long form begins: (source, licence).
SOURCES = [
    ("Ember yearly", "Ember yearly electricity data, via CO2.js 0.19.0",
     "CC-BY-SA-4.0 (CO2.js; Ember: CC-BY-4.0)"),
    ("Our World in Data", "Our World in Data energy mix x emission factors, via CodeCarbon",
     "CC-BY-4.0 (Our World in Data)"),
    ("Canada Energy Regulator",
     "Canada Energy Regulator provincial mix x IPCC AR5 factors, via CodeCarbon",
     "facts (compilation: MIT, CodeCarbon)"),
    ("US EPA eGRID2023 rev2", "US EPA eGRID2023 rev2 subregions, direct x 1.16", "public domain"),
    ("US EPA eGRID2022", "US EPA eGRID2022 states, direct x 1.16, via OpenUBEM", "public domain"),
    ("US EPA eGRID2021", "US EPA eGRID2021 states, direct x 1.16, via ComStock", "public domain"),
    ("UNFCCC IFI", "UNFCCC IFI TWG default grid factors 2021 v3.1, via CO2.js 0.19.0",
     "CC-BY-SA-4.0 (CO2.js)"),
]

# Rows that are no place of a machine, or no figure: (why, does it concern the row).
LEFT_OUT = [
    ("block of countries: its interval is of the block's mean, not of a place in it",
     lambda r: "do not use for a machine with unknown country" in r["method"]),
    ("0 g/kWh: no lifecycle figure is 0 and no margin free of carbon, so the source has none",
     lambda r: float(r["high"]) == 0),
]

COLUMNS = ["zone", "name", "kind", "mg_per_kwh", "low_mg_per_kwh", "high_mg_per_kwh", "boundary",
           "accounting", "year", "source", "licence", "within"]
FIGURES = COLUMNS[2:11]  # what a cloud region has of its zone


def read(folder, name):
    with open(os.path.join(folder, name), encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f))


def fail(zone, text):
    sys.exit(f"gen-zones-tsv.py: zone {zone}: {text}")


def citation(row):
    for begins, source, licence in SOURCES:
        if row["source"].startswith(begins):
            return source, licence
    return fail(row["zone"], f"source not known: {row['source']}")


def lifecycle(row):
    """(low, central, high) in g/kWh, lifecycle, whatever the row's own boundary."""
    low, central, high = (float(row[k]) for k in ("low", "gco2_per_kwh", "high"))
    if row["boundary"] == "lifecycle":
        return low, central, high
    if row["boundary"] != "direct":
        fail(row["zone"], f"boundary {row['boundary']}")
    scaled = central * HARMONISED
    if abs(scaled - float(row["lc_gco2_per_kwh"])) > 0.06 + 0.001 * scaled:
        fail(row["zone"], f"harmonised {row['lc_gco2_per_kwh']}, expected {scaled:.1f}")
    # The row's own sides and those of the harmonisation are independent: in quadrature, in ln.
    up = max(HARMONISED_HIGH * central, central + NOTHING_BURNT_G) / scaled
    minus = math.hypot(math.log(central / low), math.log(HARMONISED / HARMONISED_LOW))
    plus = math.hypot(math.log(high / central), math.log(up))
    return scaled * math.exp(-minus), scaled, scaled * math.exp(plus)


def as_it_is(row):
    """A marginal figure stays what it is: direct, at the stack of what would run more."""
    if (row["boundary"], row["accounting"]) != ("direct", "operating-margin"):
        fail(row["zone"], f"marginal, {row['boundary']}, {row['accounting']}")
    return tuple(float(row[k]) for k in ("low", "gco2_per_kwh", "high"))


def entry(row):
    marginal = row["kind"] == "marginal"
    low, central, high = as_it_is(row) if marginal else lifecycle(row)
    source, licence = citation(row)
    name = re.sub(r"^(AZURE|OVH) ", lambda m: {"AZURE": "Azure", "OVH": "OVHcloud"}[m[1]] + " ",
                  row["name"])
    inherits = re.match(r"INHERIT zone=([^;]+);", row["method"])
    if inherits:
        name += f" ({inherits[1]})"
    return {"zone": row["zone"], "name": name, "kind": row["kind"], "mg_per_kwh": round(central * 1000),
            "low_mg_per_kwh": math.floor(low * 1000 + 1e-6),
            "high_mg_per_kwh": math.ceil(high * 1000 - 1e-6),
            "boundary": "direct" if marginal else "lifecycle",
            "accounting": row["accounting"], "year": row["year"],
            "source": source, "licence": licence, "within": inherits[1] if inherits else "-"}


def check_range(e, row, least, most):
    zone = e["zone"]
    if not 0 < e["low_mg_per_kwh"] <= e["mg_per_kwh"] <= e["high_mg_per_kwh"]:
        fail(zone, "not 0 < low <= central <= high")
    # What runs at the margin is what burns something; old steam plants burn more than lifecycles say.
    bounds = (least, most) if e["kind"] == "average" else (NOTHING_BURNT_G, MOST_AT_THE_MARGIN_G)
    if not bounds[0] * 1000 <= e["mg_per_kwh"] <= bounds[1] * 1000:
        fail(zone, f"{e['mg_per_kwh']} mg/kWh is outside what any plant emits")
    of_source = float(row["lc_gco2_per_kwh"] or row["gco2_per_kwh"])
    if abs(e["mg_per_kwh"] / 1000 - of_source) > 0.06 + 0.001 * of_source:
        fail(zone, f"is not the source's {of_source}")
    if not e["low_mg_per_kwh"] / 1000 <= float(row["gco2_per_kwh"]) <= e["high_mg_per_kwh"] / 1000:
        fail(zone, f"the source's own {row['gco2_per_kwh']} is outside its interval")
    if not re.fullmatch(r"[A-Za-z0-9:_-]{2,31}", zone) or not 1990 <= int(e["year"]) <= 2100:
        fail(zone, "name or year")
    for text in (e["name"], e["source"], e["licence"], e["accounting"]):
        if not text or re.search(r'[\t\n"\\]', text):
            fail(zone, f"text {text!r}")


def check_cloud(table, folder):
    """A cloud region has its zone's figures, and the zone that cloud_regions.csv says."""
    of_region = {f"{r['provider']}:{r['region']}": r["zone"]
                 for r in read(folder, "cloud_regions.csv")}
    for e in table.values():
        if e["within"] == "-":
            continue
        if of_region.get(e["zone"]) != e["within"]:
            fail(e["zone"], f"is in {of_region.get(e['zone'])}, not in {e['within']}")
        of = table.get((e["within"], e["kind"])) or \
            fail(e["zone"], f"inherits from unknown {e['within']}")
        if any(e[k] != of[k] for k in FIGURES):
            fail(e["zone"], f"differs from {e['within']}")


def check_sources_agree(table, folder):
    """The side-by-side table of sources has the same Ember figure."""
    for r in read(folder, "intensity_conflicts.csv"):
        e = table.get((r["zone"], "average"))
        if e and r["ember"] and e["source"].startswith("Ember") and \
                abs(float(r["ember"]) * 1000 - e["mg_per_kwh"]) > 60:
            fail(r["zone"], f"{e['mg_per_kwh']} mg/kWh, side by side {r['ember']} g/kWh")


def main():
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    folder = sys.argv[1] if len(sys.argv) > 1 else \
        os.path.join(os.path.dirname(os.path.abspath(__file__)), "figures")
    factors = read(folder, "emission_factors.csv")
    least = min(float(f["median"]) for f in factors)
    most = max(float(f["max"]) for f in factors if f["source"].startswith("coal") and f["max"])

    table = {}
    for row in read(folder, "intensity_regions_permissive.csv"):
        why = next((w for w, concerns in LEFT_OUT if concerns(row)), None)
        if why:
            print(f"left out: {row['zone']}, {row['kind']}: {why}", file=sys.stderr)
            continue
        e = entry(row)
        check_range(e, row, least, most)
        if (e["zone"], e["kind"]) in table or e["zone"].lower() in (
                z.lower() for z, _ in table if z != e["zone"]):
            fail(e["zone"], "twice")
        table[e["zone"], e["kind"]] = e
    check_cloud(table, folder)
    check_sources_agree(table, folder)

    # No date and no host: the same sources give the same bytes.
    print("# Generated by tools/gen-zones-tsv.py; see docs/data-sources.md and LICENSE.zones.")
    print("\t".join(COLUMNS))
    for zone, kind in sorted(table, key=lambda k: (k[0].lower(), k[1])):
        print("\t".join(str(table[zone, kind][c]) for c in COLUMNS))
    marginal = sum(kind == "marginal" for _, kind in table)
    print(f"{len(table) - marginal} average, {marginal} marginal", file=sys.stderr)


if __name__ == "__main__":
    main()
