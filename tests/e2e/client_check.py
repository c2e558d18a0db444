# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What client.sh cannot compare by itself; prints "ok NAME" or "bad NAME".

client_check.py run REPORT CPU      a run's report against the CPU time that the command found itself
client_check.py example OUTPUT CPU  what docs/client.c printed, against its CPU time by wait4(2)
client_check.py wait4 FILE CMD…     runs CMD; its CPU time in ns to FILE; exits as it does
"""
import json
import os
import re
import sys


def say(good, name, detail=""):
    print("ok" if good else "bad", name if good else f"{name}: {detail}")


def close(got_ns, want_ns):
    """Of CPU time: starting and ending a program lie outside of what it can see of itself."""
    return abs(got_ns - want_ns) <= 30_000_000 + want_ns // 20


def check_run(report_path, cpu_path):
    report = json.load(open(report_path, encoding="utf-8"))
    want_ns = int(open(cpu_path, encoding="utf-8").read())
    total = report["command_total"]
    own = [c for c in report["consumers"] if c["labels"].get("of_command")]
    energy, host = total["energy_uj"], report["host"]["energy_uj"]

    say(close(total["cpu_ns"], want_ns), "CPU time is the command's", f"{total['cpu_ns']} for {want_ns}")
    say(sum(c["cpu_ns"] for c in own) == total["cpu_ns"], "its processes add up to it")
    say(len(own) >= 2 and all(c["comm"] for c in own), "they are listed by name", own)
    say(energy["low"] <= energy["value"] <= energy["high"] and energy["value"] > 0, "energy with an interval", energy)
    say(total["co2e_ug"]["value"] > 0, "carbon")
    say(energy["value"] < host, "the host has more", f"{energy} of {host}")
    say(not report["conservation"]["breached"], "the books agree", report["conservation"])
    say(sum(report["lost"].values()) == 0, "nothing is lost", report["lost"])
    if "daemon" in report:
        others = [c for c in report["consumers"] if not c["labels"].get("of_command")]
        say([c["name"] for c in others] == ["(others)"], "all others are one", [c["name"] for c in others])


def check_example(output_path, cpu_path):
    text = open(output_path, encoding="utf-8").read()
    want_ns = int(open(cpu_path, encoding="utf-8").read())
    cpu_ns = {name: int(float(s) * 1e9)
              for name, s in re.findall(r"^(training|epoch \d): ([0-9.]+) s of CPU time, [0-9.]+ J \[", text, re.M)}

    say(sorted(cpu_ns) == ["epoch 0", "epoch 1", "epoch 2", "training"], "four spans with energy", text)
    training = cpu_ns.pop("training", 0)
    say(close(training, want_ns), "the training's CPU time is the program's", f"{training} for {want_ns}")
    say(close(sum(cpu_ns.values()), training), "its epochs add up to it", f"{cpu_ns} in {training}")
    say("the machine since the daemon's start: " in text and "the daemon: measuring" in text, "totals and status", text)


def run_wait4(file, argv):
    pid = os.posix_spawnp(argv[0], argv, os.environ)
    _, status, usage = os.wait4(pid, 0)
    with open(file, "w", encoding="utf-8") as f:
        print(int((usage.ru_utime + usage.ru_stime) * 1e9), file=f)
    sys.exit(os.waitstatus_to_exitcode(status))


if sys.argv[1] == "wait4":
    run_wait4(sys.argv[2], sys.argv[3:])
else:
    {"run": check_run, "example": check_example}[sys.argv[1]](*sys.argv[2:])
