# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""raplsim_compare.py - a ledger against what raplsim knows of the same counters.

    raplsim_compare.py LEDGER TRUTH_DIR

For every tick and domain: the energy recorded is the unwrapped counter's difference between the
readings that ended the two windows, or it is missing with a gap. Prints one line for each domain:
label, "exact" or what is wrong, ticks with energy, ticks missing, wraps inside those with energy,
the largest error and the sum of errors in steps of the counter, the reasons of the gaps.
"""
import glob
import json
import sys


def ticks(ledger):
    for name in sorted(glob.glob(ledger + "/seg/*.jsonl")):
        for line in open(name, "rb"):
            r = json.loads(line)
            if r["k"] == "tick":
                yield r


def readings(directory):
    by_label = {}
    for line in open(directory + "/readings.tsv"):
        mono_ns, label, state, unwrapped_uj, drawn_uj = line.split()
        by_label.setdefault(label, []).append(
            (int(mono_ns), state, int(unwrapped_uj), int(drawn_uj)))
    return by_label


def first_at(rows, mono_ns):
    """The reading that ends a window: the first at or after it."""
    low, high = 0, len(rows)
    while low < high:
        mid = (low + high) // 2
        if rows[mid][0] < mono_ns:
            low = mid + 1
        else:
            high = mid
    return rows[low] if low < len(rows) else None


def compare(name, records, rows, truth):
    step, period = int(truth["step_uj"]), int(truth["range_uj"]) + int(truth["step_uj"])
    n_known = n_missing = n_wraps = worst = total = 0
    wrong, reasons = "exact", set()
    before = rows[0]
    for r in records:
        domain = next(d for d in r["domains"] if d["name"] == name)
        reasons |= {g["reason"] for g in r["gaps"] if g["domain"] == name}
        now = first_at(rows, int(r["window"]["end_mono_ns"]))
        if domain["energy_uj"] is None:
            n_missing += 1
            if not any(g["domain"] == name for g in r["gaps"]):
                wrong = "missing without a gap"
        else:
            n_known += 1
            moved = now[2] - before[2]
            error = int(domain["energy_uj"]) - moved
            wraps = moved // period + 1
            gaps = any(g["domain"] == name for g in r["gaps"])
            # A tick of several windows, one of them a gap, has the energy of the others. And a
            # counter that froze within the last 40 ms cannot be told from one that is slow.
            less = gaps or now[1] == "freeze"
            if error > wraps * step or (error < -wraps * step and not less):
                wrong = f"tick {r['window']['index']}: {error} uJ off"
            if less:
                before = now
                continue
            # A step for each time around at most, of which the range says nothing.
            n_wraps += moved
            worst, total = max(worst, abs(error)), total + error
        before = now
    print(name, wrong.replace(" ", "_"), n_known, n_missing, n_wraps // period, worst // step,
          total // step, ",".join(sorted(reasons)) or "-")


def main():
    ledger, directory = sys.argv[1:3]
    records, by_label = list(ticks(ledger)), readings(directory)
    for truth in json.load(open(directory + "/truth.json"))["domains"]:
        if truth["label"] in by_label:
            compare(truth["label"], records, by_label[truth["label"]], truth)


main()
