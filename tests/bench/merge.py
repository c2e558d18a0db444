# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# merge.py - figures of all benches (JSON lines) -> a table, and a file that names the machine.
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


def main(lines_path, out_path):
    with open(lines_path, encoding="utf-8") as f:
        figures = [json.loads(line) for line in f if line.strip()]
    machine = {
        "cpu": cpu_model(),
        "n_cpus": os.cpu_count(),
        "kernel": platform.release(),
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    os.makedirs(os.path.dirname(out_path) or ".", exist_ok=True)
    with open(out_path, "w", encoding="utf-8") as f:
        json.dump({"schema": "jouletrail.bench/1", "machine": machine, "figures": figures}, f,
                  indent=1)
        f.write("\n")
    print(f"{machine['cpu']}, {machine['n_cpus']} CPUs, Linux {machine['kernel']}, "
          f"{machine['date']}")
    for x in figures:
        mark = ("ok" if x["ok"] else "MISS") if x["target"] else ""
        value = "none" if x["value"] is None else f"{x['value']:,}"
        print(f"{x['name']:<42} {value:>16} {x['unit']:<13} {x['target']:<14} {mark}")
    missed = sum(not x["ok"] for x in figures)
    print(f"{len(figures)} figures, {missed} missed; {out_path}")
    return 1 if missed or not figures else 0


sys.exit(main(*sys.argv[1:3]))
