# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""aliasing.py - the two halves of tools/raplsim/aliasing.sh: the load with its slow reader, the table.

    aliasing.py load SIM SECONDS EVERY JOB OUT    short jobs, and a scraper that looks every so often
    aliasing.py table SIM RUN.json OUT WATTS      what each of them saw, beside the truth

The scraper does what many exporters do: every so often it reads /proc/PID/stat of every process and
the raw counter, takes differences, and adds the range once where the counter has gone back.
"""
import glob
import json
import os
import subprocess
import sys
import threading
import time

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def processes():
    """(pid, start) -> (comm, CPU seconds) of all that live now."""
    found = {}
    for name in glob.glob("/proc/[0-9]*/stat"):
        try:
            head, rest = open(name).read().rsplit(")", 1)
        except OSError:
            continue
        pid, comm = head.split(" (", 1)
        field = rest.split()
        found[int(pid), field[19]] = comm, (int(field[11]) + int(field[12])) * TICK_S
    return found


class Scraper:
    def __init__(self, sim):
        self.zone = sim + "/sys/class/powercap/intel-rapl:0/"
        self.range_uj = int(open(self.zone + "max_energy_range_uj").read())
        self.uj, self.seen = self.counter(), processes()
        self.energy_uj = self.wraps = 0
        self.cpu_s = self.job_s = 0.0
        self.jobs = set()

    def counter(self):
        return int(open(self.zone + "energy_uj").read())

    def look(self):
        uj, seen = self.counter(), processes()
        self.wraps += uj < self.uj
        self.energy_uj += uj - self.uj + (self.range_uj if uj < self.uj else 0)
        for key, (comm, cpu_s) in seen.items():
            spent = cpu_s - self.seen.get(key, (comm, 0.0))[1]
            self.cpu_s += spent
            if comm == "shortjob":
                self.job_s += spent
                self.jobs.add(key)
        self.uj, self.seen = uj, seen


def load(sim, seconds, every, job, out):
    """Two jobs a second, a fifth of a second of CPU each; the scraper beside them."""
    scraper, stop = Scraper(sim), threading.Event()

    def scrape():
        while not stop.wait(every):
            scraper.look()

    thread = threading.Thread(target=scrape)
    thread.start()
    end, n, cpu_s = time.monotonic() + seconds, 0, 0.0
    work = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done"
    while time.monotonic() < end:
        begun = time.monotonic()
        child = subprocess.Popen([job, "-c", work])
        usage = os.wait4(child.pid, 0)[2]
        child.returncode = 0
        n, cpu_s = n + 1, cpu_s + usage.ru_utime + usage.ru_stime
        time.sleep(max(0.0, begun + 0.5 - time.monotonic()))
    stop.set()
    thread.join()
    scraper.look()
    share = scraper.job_s / scraper.cpu_s if scraper.cpu_s else 0.0
    json.dump({"jobs": n, "cpu_s": cpu_s,
               "scraper": [scraper.energy_uj / 1e6, scraper.wraps, len(scraper.jobs),
                           scraper.job_s, scraper.energy_uj / 1e6 * share]}, open(out, "w"))


def table(sim, run, out, watts):
    load_seen, report = json.load(open(out)), json.load(open(run))
    rows = [line.split() for line in open(sim + "/readings.tsv") if "\tpackage-0\t" in line]
    truth = next(d for d in json.load(open(sim + "/truth.json"))["domains"]
                 if d["label"] == "package-0")
    # Between the first and the last reading, which are jouletrail's own.
    drawn_j = (int(rows[-1][3]) - int(rows[0][3])) / 1e6
    period_uj = int(truth["range_uj"]) + int(truth["step_uj"])
    jobs = [c for c in report["consumers"]
            if c["comm"] == "shortjob" and c["labels"].get("of_command")]
    job_j = sum(c["energy_uj"]["value"] for c in jobs) / 1e6
    host_j = report["host"]["energy_uj"] / 1e6
    gap_s = sum(g["to_us"] - g["from_us"] for g in report["gaps"]) / 1e6
    mine = [host_j, gap_s, int(host_j * 1e6) // period_uj, len(jobs),
            sum(c["cpu_ns"] for c in jobs) / 1e9, job_j]
    names = ["energy of the package, J", "said to be missing, s", "times round the counter",
             "short jobs seen", "their CPU time, s", "their energy, J"]
    facts = [drawn_j, "", int(drawn_j * 1e6) // period_uj, load_seen["jobs"], load_seen["cpu_s"],
             load_seen["cpu_s"] * float(watts)]
    theirs = load_seen["scraper"]
    theirs.insert(1, "")
    print("%-26s %12s %12s %12s" % ("", "truth", "jouletrail", "scraper"))
    for name, *values in zip(names, facts, mine, theirs):
        print("%-26s" % name + "".join(" %12s" % (v if isinstance(v, (int, str)) else "%.2f" % v)
                                       for v in values))


if sys.argv[1] == "load":
    load(sys.argv[2], float(sys.argv[3]), float(sys.argv[4]), sys.argv[5], sys.argv[6])
else:
    table(*sys.argv[2:])
