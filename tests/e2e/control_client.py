# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Clients of the control socket, good ones and others: PART SOCKET …; a check per line."""
import json
import os
import resource
import socket
import subprocess
import sys
import time

path = sys.argv[2]


def check(name, good, *what):
    print("ok" if good else "bad", name, *(() if good else what), flush=True)


class Client:
    def __init__(self):
        self.s = socket.socket(socket.AF_UNIX)
        self.s.connect(path)
        self.s.settimeout(300)
        self.f = self.s.makefile("rb")

    def send(self, **request):
        self.s.sendall(json.dumps(request).encode() + b"\n")

    def read(self):
        line = self.f.readline()
        return json.loads(line) if line else None

    def ask(self, **request):
        """The answer to that request; events on the way are dropped."""
        self.send(**request)
        while (answer := self.read()) is not None and "event" in answer:
            pass
        return answer

    def ok(self, **request):
        answer = self.ask(**request)
        if answer is None or "ok" not in answer:
            raise SystemExit(f"bad {request}: {answer}")
        return answer["ok"]

    def code(self, **request):
        answer = self.ask(**request)
        return answer.get("error", {}).get("code", "ok") if answer else "closed"

    def raw(self, data):
        self.s.sendall(data)
        return self.read()

    def close(self):
        self.f.close()
        self.s.close()

    def is_closed(self):
        try:
            while self.s.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True


def burn(seconds):
    begin = time.process_time()
    while time.process_time() - begin < seconds:
        pass


def cpu_ns(children=True):
    """What this process used, and those that it has waited for."""
    t = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time_ns() + int((t.ru_utime + t.ru_stime) * 1e9) * children


def is_interval(v):
    return v is not None and 0 <= v["low"] <= v["value"] <= v["high"]


def operations():
    c = Client()
    v = c.ok(op="version", id=7)
    check("version", v["protocol"] == 1 and v["privileged"] and v["interval_ns"] == 100000000, v)
    check("the id comes back", c.ask(op="version", id=-9)["id"] == -9)
    while c.code(op="totals") == "not_available":
        time.sleep(0.05)
    t = c.ok(op="totals")
    check("totals", is_interval(t["host"]["energy_uj"]) and is_interval(t["idle"]["co2e_ug"])
          and t["host"]["energy_uj"]["value"] > 0 and t["wall_ns"] > 0, t)
    while c.code(op="consumers") == "not_available":
        time.sleep(0.05)
    d = c.ok(op="consumers")
    check("consumers", d["by"] == "process" and d["consumers"] and
          d["n_consumers"] >= len(d["consumers"]), d["by"])
    check("a limit of consumers", len(c.ok(op="consumers", limit=1)["consumers"]) == 1)
    i = c.ok(op="intensity")
    check("intensity", i["zone"] == "DE" and is_interval(i["mg_per_kwh"]), i)
    check("intensity of a time", is_interval(c.ok(op="intensity", from_real_us=1750000000000000,
                                                  to_real_us=1750003600000000)["mg_per_kwh"]))
    s = c.ok(op="status")
    check("status", s["state"] == "measuring" and s["by"] == "process" and s["n_windows"] > 0 and
          s["ledger"]["writable"] and s["ledger"]["dir"] and s["trouble"] == [] and
          s["lost"]["n_global"] == 0 and s["n_clients"] >= 1, s)


def spans():
    c = Client()
    begin_ns = cpu_ns()
    outer = c.ok(op="span_begin", name="ü\"\\\n", labels={"n": "3", "": "x"})["span"]
    burn(0.25)
    inner_ns = cpu_ns()
    inner = c.ok(op="span_begin", name="inner", parent=outer)["span"]
    check("both are open", [x["span"] for x in c.ok(op="spans")["spans"]] == [inner, outer])
    burn(0.25)
    r = c.ok(op="span_end", span=inner)
    inner_ns = cpu_ns() - inner_ns
    check("the result is the inner one's", r["span"] == inner and r["name"] == "inner" and
          r["labels"] == {} and r["ended_by"] == "client", r)
    # What it used after the answer was asked for is not the span's: some milliseconds.
    check("its CPU time is the process's", abs(r["cpu_ns"] - inner_ns) < 0.06 * inner_ns,
          r["cpu_ns"], inner_ns)
    check("it has energy within its interval, less than the host's",
          is_interval(r["energy_uj"]) and is_interval(r["co2e_ug"]) and
          0 < r["energy_uj"]["value"] <= r["host"]["energy_uj"]["value"], r)
    check("it says what it rests on", r["zone"] == "DE" and r["quality"] == "modelled" and
          r["power_source"].startswith("model") and not r["lost"], r)
    for _ in range(3):
        subprocess.run(["/bin/sh", "-c", "i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done"],
                       check=True)
    child = subprocess.Popen(["/bin/sh", "-c", "(sleep 600 & echo $!); exit 0"],
                             stdout=subprocess.PIPE)
    orphan = int(child.stdout.readline())
    child.stdout.close()
    child.wait()
    x = c.ok(op="span_read", span=outer)
    check("a span can be read and goes on", x["ended_by"] == "" and x["cpu_ns"] > 0, x)
    last = c.ok(op="span_begin", parent=outer)["span"]
    r = c.ok(op="span_end", span=outer)
    used_ns = cpu_ns() - begin_ns
    check("with its children, that it waited for", abs(r["cpu_ns"] - used_ns) < 0.06 * used_ns,
          r["cpu_ns"], used_ns)
    check("none of them by time", r["border_ppm"] < 20000, r["border_ppm"])
    check("its name and labels come back", r["name"] == "ü\"\\\n" and
          r["labels"] == {"n": "3", "": "x"}, r)
    # This one, three shells, the one with its child, and what these forked.
    check("whom it counts", 6 <= r["n_processes"] <= 8, r["n_processes"])
    x = c.ok(op="span_end", span=last)
    check("what lies in it ended with it", x["ended_by"] == "parent", x["ended_by"])
    os.kill(orphan, 9)
    check("none is left", c.ok(op="spans")["spans"] == [])
    check("an ended one is not known", c.code(op="span_end", span=outer) == "unknown_span")
    many = [c.ok(op="span_begin")["span"] for _ in range(64)]
    check("64 at most", c.code(op="span_begin") == "limit")
    for span in many:
        c.send(op="span_end", id=span, span=span)
    check("all are answered, each with its id", sorted(c.read()["id"] for _ in many) == many)


def targets():
    c = Client()
    child = subprocess.Popen(["/bin/sh", "-c", "read x; i=0; while [ $i -lt 300000 ]; do "
                              "i=$((i+1)); done; (exit 0); read x"],
                             stdin=subprocess.PIPE)
    tree = c.ok(op="span_begin", target={"pid": child.pid})["span"]
    alone = c.ok(op="span_begin", target={"pid": child.pid, "children": False})["span"]
    mine = c.ok(op="span_begin", target={"pid": os.getpid(), "children": False})["span"]
    group = c.ok(op="span_begin", target={"cgroup": "/"})["span"]
    capture = c.ok(op="subscribe", to="windows", span=tree)["subscription"]
    child.stdin.write(b"\n")
    child.stdin.flush()
    child.stdin.close()
    child.wait()
    c.send(op="span_end", span=tree, id=1)
    lines, answer = [], None
    while answer is None or "id" not in answer:
        answer = c.read()
        if answer.get("event") == "capture":
            lines.append(answer["line"])
        elif answer.get("event") == "end":
            check("the capture's end comes before the result",
                  answer["subscription"] == capture)
    r = answer["ok"]
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    used_ns = int((used.ru_utime + used.ru_stime) * 1e9)
    check("a process that has gone has all its time", abs(r["cpu_ns"] - used_ns) < 0.1 * used_ns,
          r["cpu_ns"], used_ns)
    check("and the span says that it has gone", r["ended_by"] == "target", r["ended_by"])
    x = c.ok(op="span_end", span=alone)
    check("alone: less, and one process", x["n_processes"] == 1 and
          0 < x["cpu_ns"] <= r["cpu_ns"], x)
    x = c.ok(op="span_end", span=mine)
    check("ours did next to nothing", 0 < x["cpu_ns"] < r["cpu_ns"], x["cpu_ns"])
    x = c.ok(op="span_end", span=group)
    check("the root's cgroup is everything", x["cpu_ns"] >= r["cpu_ns"], x)
    check("a capture is replayed", lines and json.loads(lines[0])["k"] == "capture")
    with open(sys.argv[3], "w", encoding="utf-8") as f:
        f.write("".join(line + "\n" for line in lines))
    rows = [json.loads(line) for line in lines]
    own = [x for x in rows if x["k"] == "row" and x["flags"] & 1]
    # Rows are whole: what the target did in the window before the span began is in them.
    own_ns = sum(int(x["total_ns"]) for x in own)
    check("the target's rows are its own", r["cpu_ns"] <= own_ns < 1.2 * r["cpu_ns"], own_ns,
          r["cpu_ns"])
    others = [x for x in rows if x["k"] == "row" and not x["flags"] & 1]
    check("all others are one", {x["comm"] for x in others} == {"(others)"} and
          len(others) == sum(1 for x in rows if x["k"] == "window"), len(others))
    for target in [{"pid": 0}, {"pid": -1}, {"pid": "1"}, {"pid": 1 << 40}, {}, [], "x", 7,
                   {"pid": 1, "children": 1}, {"cgroup": 1}, {"cgroup": "a"}, {"cgroup": ""},
                   {"cgroup": "/a/../b"}, {"cgroup": "/./a"}, {"cgroup": "//a"},
                   {"cgroup": "/" + "a" * 1023}]:
        code = c.code(op="span_begin", target=target)
        check(f"a target that is none: {str(target)[:30]}", code == "bad_request", code)
    check("a process that is not there", c.code(op="span_begin",
                                                target={"pid": 4194303}) == "not_found")
    check("a cgroup that is not there", c.code(op="span_begin",
                                               target={"cgroup": "/no/such"}) == "not_found")


def subscriptions():
    c = Client()
    windows = c.ok(op="subscribe", to="windows")["subscription"]
    ticks = c.ok(op="subscribe", to="ticks")["subscription"]
    records = c.ok(op="subscribe", to="records")["subscription"]
    seen = {"window": [], "tick": [], "record": []}
    while not all(len(x) > 2 for x in seen.values()):
        e = c.read()
        seen[e["event"]].append(e)
    w = seen["window"]
    check("windows follow each other", w[0]["window"]["end_us"] == w[1]["window"]["begin_us"], w)
    check("with the host's figures", is_interval(w[1]["host"]["energy_uj"]) and
          w[1]["subscription"] == windows, w[1])
    check("ticks have consumers", seen["tick"][0]["consumers"] and
          seen["tick"][0]["subscription"] == ticks)
    check("records are lines of the ledger", all(isinstance(json.loads(x["line"]), dict)
                                                 for x in seen["record"]) and
          seen["record"][0]["subscription"] == records)
    for s in windows, ticks, records:
        check("a subscription ends", c.ask(op="unsubscribe", subscription=s)["ok"] == {})
    check("once", c.code(op="unsubscribe", subscription=windows) == "not_found")
    check("to nothing", c.code(op="subscribe", to="nothing") == "bad_request")
    check("to a span that is none", c.code(op="subscribe", to="windows", span=1) == "unknown_span")
    for _ in range(16):
        c.ok(op="subscribe", to="windows")
    check("16 at most", c.code(op="subscribe", to="windows") == "limit")


def bad():
    c = Client()
    for line in [b"\n", b"{\n", b"[]\n", b"7\n", b"null\n", b'"version"\n', b"{}\n",
                 b'{"op":1}\n', b'{"op":null}\n', b'{"op":"version","op":"version"}\n',
                 b'{"op":"version"}{}\n', b"\xff\xfe\n", b'{"op":"\xff"}\n', b"\0\n",
                 b'{"op":"version\\u0000"}\n', b'{"op":"version","id":1.5}\n',
                 b'{"op":"version","id":"1"}\n', b'{"op":"version","id":9223372036854775808}\n',
                 b'{"op":"span_begin","name":5}\n', b'{"op":"span_begin","name":null}\n',
                 b'{"op":"span_begin","name":"' + b"n" * 129 + b'"}\n',
                 b'{"op":"span_begin","labels":[]}\n', b'{"op":"span_begin","labels":{"a":1}}\n',
                 b'{"op":"span_begin","labels":{"a":"' + b"x" * 257 + b'"}}\n',
                 b'{"op":"span_begin","labels":{"' + b"x" * 65 + b'":""}}\n',
                 b'{"op":"span_begin","labels":{' +
                 b",".join(b'"%d":""' % i for i in range(17)) + b"}}\n",
                 b'{"op":"span_end","span":-1}\n', b'{"op":"consumers","limit":-1}\n',
                 b'{"op":"consumers","limit":1e3}\n', b'{"op":"intensity","from_real_us":5}\n',
                 b'{"op":"intensity","from_real_us":5,"to_real_us":4}\n',
                 b'{"op":"intensity","from_real_us":0,"to_real_us":99999999999999999}\n',
                 b'{"op":"subscribe"}\n', b'{"a":' * 9 + b"1" + b"}" * 9 + b"\n",
                 b"[" * 8000 + b"\n", b'{"a":[' + b"0," * 5000 + b"0]}\n",
                 b'{"op":"version"' + b" " * 16000 + b"\n"]:
        answer = c.raw(line)
        check(f"refused: {line[:40]!r}", answer["error"]["code"] == "bad_request", answer)
    check("an op that there is not", c.code(op="dance") == "unknown_op")
    check("nor that", c.code(op="ü") == "unknown_op")
    check("no span yet", c.code(op="span_end") == "unknown_span" and
          c.code(op="span_begin", parent=77) == "unknown_span")
    check("the connection goes on", c.code(op="version") == "ok")
    check("keys of another day are passed over", c.code(op="version", flavour={"a": [1]}) == "ok")
    check("16 KiB are a line", c.raw(b'{"op":"version"' + b" " * 16367 + b"}\n")["ok"]["protocol"] == 1)
    answer = c.raw(b"x" * 20000)
    check("more are too long", answer["error"]["code"] == "too_long", answer)
    check("and the last", c.is_closed())
    c = Client()
    for byte in b'{"op":"version","id":3}\n':
        c.s.sendall(bytes([byte]))
    check("byte by byte", c.read()["id"] == 3)
    n = 5000
    c.s.sendall(b'{"op":"version","id":4}\n' * n)
    check("many at once", all(c.read()["id"] == 4 for _ in range(n)))
    c.s.sendall(b'{"op":"version","id":5}\n{"op":"span_begin","id":6}\n{"op":"totals","id":7}\n{"op":')
    c.s.shutdown(socket.SHUT_WR)
    check("half-closed: answered", [c.read()["id"] for _ in range(3)] == [5, 6, 7])
    check("and then closed", c.read() is None)
    c = Client()
    span = c.ok(op="span_begin")["span"]
    c.send(op="span_end", span=span, id=8)
    c.s.shutdown(socket.SHUT_WR)
    check("half-closed: also what takes its time", c.read()["id"] == 8)
    check("and then closed as well", c.read() is None)


def clients():
    """Those that die, those that come in hundreds, those that ask and do not read."""
    watch = Client()
    before = watch.ok(op="status")
    told = Client()
    told.ok(op="subscribe", to="windows")
    events = []
    child = os.fork()
    if child == 0:
        c = Client()
        c.ok(op="span_begin")
        os.kill(os.getpid(), 9)
    os.waitpid(child, 0)
    while watch.ok(op="status")["n_spans"] != before["n_spans"]:
        time.sleep(0.01)
    check("a client's spans end with it", True)
    flood = Client()
    flood.s.setblocking(False)
    sent = 0
    try:
        while True:
            sent += flood.s.send(b'{"op":"status"}\n' * 100)
    except BlockingIOError:
        pass
    except (BrokenPipeError, ConnectionResetError):
        sent = -1
    flood.s.setblocking(True)
    try:
        while sent >= 0:
            flood.s.sendall(b'{"op":"status"}\n' * 100)
    except (BrokenPipeError, ConnectionResetError):
        check("who does not read what it asks for is dropped", True)
    deaf = [Client() for _ in range(4)]
    for d in deaf:
        for to in "windows", "ticks", "records":
            d.ok(op="subscribe", to=to)
    crowd = []
    for _ in range(1000):
        crowd.append(Client())
    for c in crowd:
        c.send(op="version", id=1)
    check("a thousand connections are answered", all(c.read()["id"] == 1 for c in crowd))
    for c in crowd[:200]:
        c.send(op="span_begin", id=2)
    check("and have spans", all("ok" in c.read() for c in crowd[:200]))
    n = watch.ok(op="status")
    check("all are counted", n["n_clients"] >= 1001 and n["n_spans"] >= 200, n["n_clients"])
    more = []
    refused = None
    while refused is None and len(more) < 100:
        c = Client()
        try:
            answer = c.ask(op="version")
        except (BrokenPipeError, ConnectionResetError):
            answer = c.read()
        refused = answer if answer and "error" in answer else None
        more.append(c)
    check("one more than there may be is told so", refused and refused["error"]["code"] == "limit")
    for c in crowd + more:
        c.close()
    while watch.ok(op="status")["n_clients"] > 7:
        time.sleep(0.01)
    after = watch.ok(op="status")
    now_us = time.time_ns() // 1000
    check("all are gone", after["n_spans"] == before["n_spans"], after["n_spans"])
    while not events or events[-1]["begin_us"] < now_us:
        events.append(told.read()["window"])
    check("measuring went on, window by window", all(
        a["end_us"] == b["begin_us"] for a, b in zip(events, events[1:])), events)


def few_files():
    """The daemon may have 200 files: who comes beyond waits, and it does not wait with them."""
    watch = Client()
    waiting = []
    while not watch.ok(op="status")["trouble"]:
        s = socket.socket(socket.AF_UNIX)
        s.setblocking(False)
        try:
            s.connect(path)
            waiting.append(s)
        except BlockingIOError:  # as many as wait to be accepted
            s.close()
    check("it says that it has no files left",
          "open files" in watch.ok(op="status")["trouble"][0])
    watch.ok(op="subscribe", to="windows")
    check("and measures on", all(watch.read()["event"] == "window" for _ in range(3)))
    for s in waiting:
        s.close()
    while watch.ok(op="status")["trouble"]:
        time.sleep(0.05)
    check("until there are some again", Client().ok(op="version")["protocol"] == 1)


def stranger():
    """As a user without privileges; argv: the pid of a process of another user, a cgroup."""
    c = Client()
    check("not privileged", c.ok(op="version")["privileged"] is False)
    check("records are not for him", c.code(op="subscribe", to="records") == "forbidden")
    check("nor another's process", c.code(op="span_begin",
                                          target={"pid": int(sys.argv[3])}) == "forbidden")
    check("nor another's cgroup", c.code(op="span_begin", target={"cgroup": "/"}) == "forbidden")
    s = c.ok(op="status")
    check("nor where the ledger is", s["ledger"]["dir"] is None, s["ledger"])
    span = c.ok(op="span_begin", name="mine")["span"]
    inner = c.ok(op="span_begin", target={"pid": os.getpid()}, parent=span)["span"]
    short = c.ok(op="version")["interval_ns"] < 900000000
    if short:
        check("no capture of windows shorter than a second",
              c.code(op="subscribe", to="windows", span=inner) == "not_available")
        windows = c.ok(op="subscribe", to="windows")["subscription"]
        w = [c.read() for _ in range(2)]
        check("those that he is told of are not", all(
            x["subscription"] == windows and x["window"]["length_ns"] >= 900000000
            for x in w) and w[0]["window"]["end_us"] == w[1]["window"]["begin_us"], w)
        c.ok(op="unsubscribe", subscription=windows)
    else:
        c.ok(op="subscribe", to="windows", span=inner)
    begin_ns = time.process_time_ns()
    burn(0.5)
    c.send(op="span_end", span=inner, id=1)
    lines, answer = [], {}
    while "id" not in answer:
        answer = c.read()
        if answer.get("event") == "capture":
            lines.append(json.loads(answer["line"]))
    r = answer["ok"]
    used_ns = time.process_time_ns() - begin_ns
    check("his own process is his", short or abs(r["cpu_ns"] - used_ns) < 0.06 * used_ns, r["cpu_ns"])
    check("he has what he used", used_ns * 0.9 < r["cpu_ns"], r["cpu_ns"], used_ns)
    check("no window is shorter than a second", r["host"]["wall_ns"] > 900000000 * r["n_windows"])
    mine = {os.getpid()}
    check("the capture has nobody else", {x["tgid"] for x in lines if x["k"] == "row"} <=
          mine | {0}, [x for x in lines if x["k"] == "row"][:3])
    ticks = c.ok(op="subscribe", to="ticks")["subscription"]
    while True:
        burn(0.05)
        c.s.settimeout(300)
        e = c.read()
        if e.get("event") == "tick":
            break
    check("his ticks have his processes alone", e["subscription"] == ticks and
          {x["pid"] for x in e["consumers"]} == mine, [x["pid"] for x in e["consumers"]])
    d = c.ok(op="consumers")
    check("so do consumers", {x["pid"] for x in d["consumers"]} <= mine)
    check("totals are for all", is_interval(c.ok(op="totals")["host"]["energy_uj"]))
    if short:
        return
    c = Client()
    n = 10000
    c.s.sendall(b'{"op":"version"}\n' * (n // 2))
    got = sum(c.read()["id"] == 0 for _ in range(n // 2))
    c.s.sendall(b'{"op":"version"}\n' * (n // 2))
    got += sum(c.read()["id"] == 0 for _ in range(n // 2))
    check("who asks more than 4,000 times in a window waits, and is answered", got == n, got)
    # Half of them, and one.
    crowd = []
    code = "ok"
    while code == "ok" and len(crowd) < 600:
        x = Client()
        try:
            code = x.code(op="version")
        except (BrokenPipeError, ConnectionResetError):
            code = "limit"
        crowd.append(x)
    check("nobody has more than half of the connections", code in ("limit", "closed") and
          len(crowd) < 520, len(crowd))


def stopping():
    """Is told what is open when the daemon ends; argv: its pid."""
    c = Client()
    c.ok(op="span_begin", name="left")
    s = c.ok(op="subscribe", to="windows")["subscription"]
    os.kill(int(sys.argv[3]), 15)
    events = []
    while (e := c.read()) is not None:
        events.append(e)
    spans_told = [e for e in events if e["event"] == "span"]
    check("the result of an open span is told at the end", len(spans_told) == 1 and
          spans_told[0]["result"]["ended_by"] == "stopping" and
          spans_told[0]["result"]["name"] == "left", events)
    check("a subscription's end is the last", events[-1] == {"event": "end", "subscription": s},
          events[-1:])


resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
globals()[sys.argv[1]]()
