# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Strict reader of Prometheus' text and OpenMetrics, written from their specifications.

  metrics_parse.py check text|openmetrics FILE   prints what is wrong
  metrics_parse.py sums FILE                     prints which families do not add up to the host's
  metrics_parse.py grows FILE LATER              prints counters that fell
  metrics_parse.py value FILE NAME [LABEL=VALUE …]
"""
import re
import sys
from decimal import Decimal

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL})(?:,{LABEL})*)\}})? (-?[0-9]+(?:\.[0-9]+)?)\Z")


def unescape(value):
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)


def read(path, openmetrics=False):
    """{(name, labels): value}, {family: type}, and what is wrong."""
    with open(path, encoding="utf-8", newline="") as f:
        text = f.read()
    wrong, samples, types, helped, current = [], {}, {}, set(), None
    if not text.endswith("# EOF\n" if openmetrics else "\n"):
        wrong.append("it does not end as it must")
    lines = text.split("\n")[:-1]
    if openmetrics:
        lines = lines[:-1]
    for line in lines:
        words = line.split(" ", 3)
        if words[:2] == ["#", "HELP"]:
            current = words[2]
            if current in helped:
                wrong.append(f"two HELP of {current}")
            helped.add(current)
            continue
        if words[:2] == ["#", "TYPE"]:
            if words[2] != current or words[2] in types or words[3] not in ("counter", "gauge"):
                wrong.append(f"TYPE out of place: {line}")
            types[words[2]] = words[3]
            continue
        m = SAMPLE.match(line)
        if not m:
            wrong.append(f"no sample: {line!r}")
            continue
        labels = tuple(sorted((k, unescape(v)) for k, v in re.findall(LABEL, m[2] or "")))
        if len({k for k, _ in labels}) != len(labels):
            wrong.append(f"a label twice: {line}")
        if (m[1], labels) in samples:
            wrong.append(f"twice: {line}")
        samples[m[1], labels] = Decimal(m[7])
        is_counter = types.get(current) == "counter"
        if m[1] != (current + "_total" if openmetrics and is_counter else current):
            wrong.append(f"outside its family: {line}")
        if m[1].endswith("_total") != is_counter:
            wrong.append(f"the suffix does not fit: {line}")
    wrong += [f"no TYPE: {name}" for name in helped - set(types)]
    return samples, types, wrong


def total(samples, name):
    return sum((v for (n, _), v in samples.items() if n == name), Decimal(0))


def sums(samples):
    task = samples["jouletrail_host_cpu_seconds_total", (("mode", "task"),)]
    for what, unit, host in (("energy", "joules", None), ("co2e", "grams", None), ("cpu", "seconds", task)):
        parts = total(samples, f"jouletrail_{what}_{unit}_total")
        evicted = total(samples, f"jouletrail_evicted_{what}_{unit}_total")
        if host is None:
            host = total(samples, f"jouletrail_host_{what}_{unit}_total")
            exact = 0
        else:
            exact = host / 500  # cells are read a moment after the books
        if abs(parts + evicted - host) > exact or host <= 0:
            print(f"{what}: {parts} and {evicted} evicted are not {host}")


def main():
    what, *args = sys.argv[1:]
    if what == "check":
        print("\n".join(read(args[1], args[0] == "openmetrics")[2]), end="")
    elif what == "sums":
        sums(read(args[0])[0])
    elif what == "grows":
        before, after = read(args[0])[0], read(args[1])[0]
        for key, value in before.items():
            if key[0].endswith("_total") and key in after and after[key] < value:
                print(f"{key} fell from {value} to {after[key]}")
    else:
        samples = read(args[0])[0]
        wanted = set(tuple(label.split("=", 1)) for label in args[2:])
        print(sum((v for (n, labels), v in samples.items() if n == args[1] and wanted <= set(labels)),
                  Decimal(0)))


if __name__ == "__main__":
    main()
