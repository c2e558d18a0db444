#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# bench-conservation.sh - time within 0.1 % and energy to the microjoule, loaded and idle.
set -u
# shellcheck source=tests/bench/measure.sh
. "$(dirname "$0")/measure.sh"

command -v stress-ng >/dev/null || { echo "stress-ng is not installed" >&2; exit 1; }
measure "$work/loaded.json" stress-ng --cpu 2 --timeout 5
measure "$work/idle.json" sleep 5
figures '
for state, run in zip(("loaded", "idle"), r):
    c, h = run["conservation"], run["host"]
    ppm = number(c["time_ppm"])
    figure(f"conservation.{state}.time", ppm, "ppm", "<= 1000", ppm <= 1000)
    uj = number(c["energy_uj"])
    figure(f"conservation.{state}.energy", uj, "uJ", "== 0", uj == 0)
    parts = sum(number(h[k]) for k in ("idle_uj", "attributed_uj", "unattributed_uj"))
    off = number(h["energy_uj"]) - parts
    figure(f"conservation.{state}.host_parts", off, "uJ", "== 0", off == 0)
    rows = sum(number(s["energy_uj"]["value"]) for s in run["consumers"])
    off = number(h["attributed_uj"]) - rows
    figure(f"conservation.{state}.consumers", off, "uJ", "== 0", off == 0)
' "$work/loaded.json" "$work/idle.json"
