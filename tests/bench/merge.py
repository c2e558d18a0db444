# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# merge.py - figures of all benches (JSON lines) -> a table, and files that name the machine.
#
# merge.py LINES OUT LOAD: OUT.json gets everything, OUT.md the table of docs/bench.md, "One run".
# LOAD is the load average of the last minute before the first bench: was the machine quiet?
import json
import os
import platform
import sys
import time


def cpu_model():
    with open("/proc/cpuinfo", encoding="utf-8") as f:
        for line in f:
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.machine()


def machine_line(machine):
    return (f"{machine['cpu']}, {machine['n_cpus']} CPUs, Linux {machine['kernel']}, "
            f"{machine['date']}, load {machine['load_before']} before")


def number(value):
    """Three digits below one, at most one decimal above: as much as a figure can mean."""
    if value is None:
        return "none"
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 1 else f"{value:.1f}"


def mark(figure):
    return ("ok" if figure["ok"] else "MISS") if figure["target"] else ""


def markdown(machine, figures):
    """NAME_error is no row of its own but the +- of NAME."""
    by_name = {x["name"]: x for x in figures}
    lines = [machine_line(machine), "", "| figure | value | target |", "|---|---|---|"]
    for x in figures:
        if x["name"].endswith("_error") and x["name"].removesuffix("_error") in by_name:
            continue
        error = by_name.get(x["name"] + "_error")
        value = number(x["value"])
        if error:
            value += f" ± {number(error['value'])}"
        target = f"{x['target']}: {'ok' if x['ok'] else '**missed**'}" if x["target"] else ""
        lines.append(f"| `{x['name']}` | {value} {x['unit']} | {target} |")
    return "\n".join(lines) + "\n"


def main(lines_path, out_path, load_before):
    with open(lines_path, encoding="utf-8") as f:
        figures = [json.loads(line) for line in f if line.strip()]
    machine = {
        "cpu": cpu_model(),
        "n_cpus": os.cpu_count(),
        "kernel": platform.release(),
        "load_before": load_before,
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    os.makedirs(os.path.dirname(out_path) or ".", exist_ok=True)
    with open(out_path + ".md", "w", encoding="utf-8") as f:
        f.write(markdown(machine, figures))
    with open(out_path + ".json", "w", encoding="utf-8") as f:
        json.dump({"schema": "jouletrail.bench/1", "machine": machine, "figures": figures}, f,
                  indent=1)
        f.write("\n")
    print(machine_line(machine))
    for x in figures:
        value = "none" if x["value"] is None else f"{x['value']:,}"
        print(f"{x['name']:<42} {value:>16} {x['unit']:<13} {x['target']:<14} {mark(x)}")
    missed = sum(not x["ok"] for x in figures)
    print(f"{len(figures)} figures, {missed} missed; {out_path}.json, {out_path}.md")
    return 1 if missed or not figures else 0


sys.exit(main(*sys.argv[1:4]))
