# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Ticks are pushed, to real and to made-up sinks: JOULETRAIL FOLDER; a check per line."""
import concurrent.futures
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import metrics_parse
from push_sinks import Agent, Datagrams, Hostile, Riemann

jt, folder = sys.argv[1:3]
HOST = socket.gethostname()
NEAR = 1e-4  # joules, for sums of figures that are written to the microjoule


def check(name, passed, detail=""):
    sys.stdout.write(f"ok {name}\n" if passed else f"bad {name} {str(detail)[:300]!r}\n")
    sys.stdout.flush()


def until(condition):
    """The suite's guard against hangs says so where it never is."""
    while not condition():
        time.sleep(0.05)


class Daemon:
    def __init__(self, name, sinks):
        self.log = f"{folder}/{name}.log"
        with open(self.log, "w") as err:
            self.process = subprocess.Popen(
                [jt, "daemon", "--zone", "DE", "--interval", "100ms", "--tick", "200ms", "--by", "comm", "--key-dir",
                 f"{folder}/keys", "--ledger", f"{folder}/{name}", "--push", " ".join(sinks)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=err)

    def said(self):
        with open(self.log) as f:
            return f.read()

    def said_of(self, server, what):
        """How often it said so of that one."""
        return sum(f":{server.port}" in line and what in line for line in self.said().split("\n"))

    def pusher(self):
        """Below the spawner, which is below the daemon; 0 = there is none."""
        below = [self.process.pid]
        while below:
            pid = below.pop()
            try:
                with open(f"/proc/{pid}/comm") as comm:
                    if comm.read() == "jouletrail-push\n":
                        return pid
                with open(f"/proc/{pid}/task/{pid}/children") as f:
                    below += [int(child) for child in f.read().split()]
            except OSError:
                pass
        return 0

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()


def field(pid, name):
    with open(f"/proc/{pid}/status") as f:
        return next(line.split()[1] for line in f if line.startswith(f"{name}:"))


def lines(path):
    """Whole lines: the last one may be under way."""
    if not os.path.exists(path):
        return []
    with open(path) as f:
        return [json.loads(line) for line in f.read().split("\n")[:-1]]


def hosts(documents):
    return [d for d in documents if "HostEnergyJoules" in d]


def energy(documents, name="HostEnergyJoules"):
    return sum(d.get(name, 0) for d in documents)


def burn():
    code = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"
    subprocess.run([f"{folder}/jt-burner", "-c", code], check=True)


class Gateway:
    """A real Pushgateway. It does not say which port it got for 0: one that was free a moment ago."""

    def __init__(self):
        self.process = None
        while self.process is None or self.process.poll() is not None:
            with socket.socket() as s:
                s.bind(("127.0.0.1", 0))
                self.port = s.getsockname()[1]
            self.process = subprocess.Popen(
                ["prometheus-pushgateway", f"--web.listen-address=127.0.0.1:{self.port}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder)
            until(lambda: self.process.poll() is not None or self.get("/-/ready") is not None)

    def get(self, path):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
                return answer.read()
        except OSError:
            return None

    def metrics(self):
        with open(f"{folder}/gateway", "wb") as f:
            f.write(self.get("/metrics"))
        return metrics_parse.read(f"{folder}/gateway")[0]


def values(samples, name):
    return {labels: float(v) for (n, labels), v in samples.items() if n == name}


def expect_documents(emf):
    for d in emf:
        directive = d["_aws"]["CloudWatchMetrics"][0]
        wanted = [m["Name"] for m in directive["Metrics"]] + sum(directive["Dimensions"], [])
        if directive["Namespace"] != "Jouletrail" or len(wanted) > 100 or any(w not in d for w in wanted):
            return d
    return None


def expect_riemann(messages, emf):
    events = [e for m in messages for e in m]
    host = [e for e in events if e["service"] == "jouletrail energy"]
    # Ticks that came while one was on its way are one: how many there are is the machine's to say.
    check("riemann: an event for each delivery", len(host) == len(messages) > 1, (len(host), len(messages)))
    check("riemann: of this host, with an end and tags",
          all(e["host"] == HOST and 0 < e["ttl"] and e["tags"] == ["jouletrail", "host"] for e in host), host[:1])
    check("riemann: dated in order", [e["time_micros"] for e in host] == sorted({e["time_micros"] for e in host}))
    check("riemann: with its range", all(float(e["attributes"]["low"]) < e["metric"] < float(e["attributes"]["high"])
                                         for e in host), host[:1])
    burner = [e for e in events if e["service"] == "jouletrail energy of jt-burner"]
    check("riemann: a consumer", burner and all(e["tags"] == ["jouletrail", "consumer"] and
                                                e["attributes"]["consumer"] == "jt-burner" for e in burner), burner[:1])
    check("riemann: no energy is lost, though it was away", abs(energy(host, "metric") - energy(hosts(emf))) < NEAR,
          (energy(host, "metric"), energy(hosts(emf))))
    parts = [e for e in events if e["service"].startswith("jouletrail energy ")]
    check("riemann: and its parts are the host", abs(energy(parts, "metric") - energy(host, "metric")) < NEAR,
          (energy(parts, "metric"), energy(host, "metric")))


def deliver():
    """All kinds at once; two of them are away for a while."""
    riemann, agent, datagrams = Riemann(), Agent(), Datagrams()
    gateway = Gateway() if shutil.which("prometheus-pushgateway") else None
    path = f"{folder}/out/emf.jsonl"
    sinks = [f"emf:{path}", f"riemann://127.0.0.1:{riemann.port}", f"emf+tcp://127.0.0.1:{agent.port}",
             f"emf+udp://127.0.0.1:{datagrams.port}"]
    if gateway:
        sinks.append(f"pushgateway+http://127.0.0.1:{gateway.port}")
    daemon = Daemon("ledger", sinks)
    until(lambda: riemann.messages and agent.lines and datagrams.lines and hosts(lines(path)))
    pusher = daemon.pusher()
    check("who pushes is nobody", (field(pusher, "Uid"), field(pusher, "CapPrm"), field(pusher, "CapBnd") != "",
                                   field(pusher, "NoNewPrivs")) == ("65534", "0" * 16, True, "1"))
    held = {os.readlink(f"/proc/{pusher}/fd/{fd}").split(":")[0] for fd in os.listdir(f"/proc/{pusher}/fd")}
    check("and holds no ledger, no map and no meter", held <= {"socket", "/memfd", "/dev/null", "pipe", "anon_inode",
                                                               daemon.log, path}, held)
    burn()
    riemann.down()
    agent.down()
    n = len(hosts(lines(path)))
    away = (riemann, agent)
    until(lambda: all(daemon.said_of(s, "it is tried again") for s in away) and len(hosts(lines(path))) > n + 3)
    burn()
    agent.up()
    riemann.up()
    until(lambda: all(daemon.said_of(s, "works again, after") for s in away))
    check("SIGTERM: exit 0", daemon.end() == 0, daemon.said())
    check("who pushed is gone", not os.path.exists(f"/proc/{pusher}"))
    riemann.down()
    agent.down()
    emf = lines(path)
    check("emf: each line is a document", expect_documents(emf) is None, expect_documents(emf))
    check("emf: dimensions", all(d["Host"] == HOST for d in emf))
    parts = energy(emf, "EnergyJoules")
    check("emf: consumers, others, idle and nobody are the host", abs(parts - energy(hosts(emf))) < NEAR,
          (parts, energy(hosts(emf))))
    check("emf: a consumer's CPU time", sum(d["CpuSeconds"] for d in emf if d.get("Consumer") == "jt-burner") > 0)
    check("emf: an agent that was away gets all of the energy",
          abs(energy(hosts(agent.lines)) - energy(hosts(emf))) < NEAR, energy(hosts(agent.lines)))
    check("emf: in fewer lines", 0 < len(hosts(agent.lines)) < len(hosts(emf)))
    check("emf: datagrams", hosts(datagrams.lines) and expect_documents(datagrams.lines) is None)
    expect_riemann(riemann.messages, emf)
    check("trouble is said once, and its end", all(daemon.said_of(s, what) == 1 for s in away for what in
                                                   ("Connection refused; it is tried again", "works again, after")),
          daemon.said())
    if gateway:
        samples = gateway.metrics()
        group = (("instance", HOST), ("job", "jouletrail"))
        total = values(samples, "jouletrail_host_energy_joules_total")
        check("pushgateway: the last tick", set(total) == {group} and abs(total[group] - energy(hosts(emf))) < NEAR,
              (total, energy(hosts(emf))))
        check("pushgateway: all its consumers", len(values(samples, "jouletrail_cpu_seconds_total")) > 5)
        check("pushgateway: it refused nothing", values(samples, "push_failure_time_seconds") == {group: 0.0})
        gateway.process.kill()
        gateway.process.wait()


def withstand():
    """A sink that means harm is its own trouble alone."""
    target = Hostile("error")
    hostile = [Hostile(how) for how in ("silent", "garbage", "huge", "headers", "error")]
    hostile.append(Hostile("redirect", target.port))
    length = Hostile("length")
    path = f"{folder}/out/beside.jsonl"
    sinks = [f"pushgateway+http://127.0.0.1:{h.port}/x" for h in hostile]
    daemon = Daemon("beside", [*sinks, f"riemann://127.0.0.1:{length.port}", f"emf:{path}"])
    until(lambda: all(daemon.said_of(s, "it is tried again") for s in [*hostile, length]))
    pusher = daemon.pusher()
    before_kb = int(field(pusher, "RssAnon"))
    n = len(hosts(lines(path)))
    until(lambda: hostile[4].n > 2 and len(hosts(lines(path))) > n + 10)
    check("seven hostile sinks: each is said, once", all(daemon.said_of(s, "it is tried again") == 1
                                                         for s in [*hostile, length]), daemon.said())
    check("and the one beside them gets its ticks", True)
    more_kb = int(field(pusher, "RssAnon")) - before_kb
    check("no memory is taken", more_kb < 16384, more_kb)
    check("nobody is sent elsewhere", target.n == 0 and hostile[5].n > 0)
    os.kill(pusher, signal.SIGKILL)
    until(lambda: daemon.pusher() not in (0, pusher))
    check("one that is killed is started again", "jouletrail-push ended (signal 9)" in daemon.said())
    n = len(hosts(lines(path)))
    until(lambda: len(hosts(lines(path))) > n)
    check("and goes on", True)
    check("SIGTERM, with one that never answers: exit 0", daemon.end() == 0, daemon.said())


def refuse():
    for sinks, why in (("ftp://127.0.0.1", "begins with none of"), ("emf:relative", "neither a path from /"),
                       ("riemann://127.0.0.1:0", "no HOST:PORT"), (" ", "no sink is named"),
                       ("pushgateway+http://user:word@127.0.0.1/", "no room for a user"),
                       (" ".join(["riemann://127.0.0.1"] * 9), "more than 8 sinks")):
        run = subprocess.run([jt, "daemon", "--ledger", f"{folder}/none", "--key-dir", f"{folder}/keys",
                              "--push", sinks], stdin=subprocess.DEVNULL, capture_output=True, text=True)
        check(f"refused: {sinks[:40]}", run.returncode == 2 and why in run.stderr and run.stderr.count("\n") == 1 and
              not os.path.exists(f"{folder}/none"), run.stderr)


def print_lines():
    """Standard output is a sink, unless it is the ledger's."""
    options = ["daemon", "--duration", "500ms", "--interval", "100ms", "--tick", "200ms", "--key-dir", f"{folder}/keys",
               "--push", "emf:-"]
    run = subprocess.run([jt, *options, "--ledger", f"{folder}/printed"], stdin=subprocess.DEVNULL,
                         capture_output=True, text=True)
    documents = [json.loads(line) for line in run.stdout.splitlines()]
    check("lines on standard output", run.returncode == 0 and hosts(documents), run.stderr)
    run = subprocess.run([jt, *options, "--ledger", "-"], stdin=subprocess.DEVNULL, capture_output=True, text=True)
    check("but not among a ledger's records", run.returncode == 0 and "_aws" not in run.stdout and
          '{"checkpoint"' in run.stdout, run.stderr)


os.mkdir(f"{folder}/out")
os.chmod(f"{folder}/out", 0o777)
refuse()
print_lines()
# Most of it is waiting: at once.
with concurrent.futures.ThreadPoolExecutor() as pool:
    for part in [pool.submit(deliver), pool.submit(withstand)]:
        part.result()
