# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Is a line the rightful next record of a ledger? A part of verify_ledger.py."""
import hashlib
import json
import re

from signed_note import fail, need, vkey_parse

NAME = re.compile(r"[a-z0-9_]{1,32}")
BIG = re.compile(r"0|[1-9][0-9]{0,19}")
HEX32 = re.compile(r"[0-9a-f]{64}")


def members(pairs):
    need(all(NAME.fullmatch(k) for k, _ in pairs), "a name outside [a-z0-9_]{1,32}")
    return dict(pairs)


def number(text):
    need(abs(int(text)) < 2**53, "an integer beyond 2^53 - 1")
    return int(text)


def depth(value):
    if not isinstance(value, (dict, list)):
        return 0
    return 1 + max(map(depth, value.values() if isinstance(value, dict) else value), default=0)


def no_number(text):
    fail("TAMPERED", f"{text} is no integer")


def record_parse(line, where):
    """A canonical line is exactly what json.dumps() makes of it again."""
    need(len(line) <= 65535, f"{where}: longer than 65535 bytes")
    try:
        record = json.loads(line.decode(), object_pairs_hook=members, parse_int=number,
                            parse_float=no_number, parse_constant=no_number)
        again = json.dumps(record, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        canonical = again.encode() == line
    except (ValueError, RecursionError) as error:
        fail("TAMPERED", f"{where}: {error}")
    need(isinstance(record, dict) and canonical and depth(record) <= 4, f"{where}: not canonical")
    return record


def figure(obj, name, missing=False):
    """A decimal string; null only where energy is missing, and then it counts nothing."""
    value = obj.get(name, "")
    if value is None:
        need(missing, f"{name} is null although its quality is not missing")
        return 0
    need(isinstance(value, str) and BIG.fullmatch(value) and int(value) < 2**64,
         f"{name}: no figure")
    return int(value)


def split(obj, what):
    """Energy, and what is left of it for consumers."""
    need(isinstance(obj, dict), f"{what}: missing")
    missing = obj.get("quality") == "missing"
    names = ("energy_uj", "idle_uj", "attributed_uj", "unattributed_uj")
    energy, idle, attributed, unattributed = (figure(obj, k, missing) for k in names)
    need(energy == idle + attributed + unattributed, f"{what}: conservation of energy")
    return energy, attributed


class Checker:
    """Takes the records one by one; raises Verdict at the first that is not the rightful next."""

    def __init__(self, origin):
        self.origin, self.n, self.prev = origin, 0, "0" * 64
        self.epochs = []  # (name, public key, index of the record) of each
        self.heartbeat_us, self.silent_since = 0, None
        self.boot, self.mono = None, 0
        self.tick, self.left, self.energy, self.co2e, self.missing = 0, 0, 0, 0, False
        self.peaks = []  # (height, hash) of the RFC 6962 tree's full subtrees, largest first
        self.rolled = self.rolled_from = self.more = 0  # what rollups stand for, and how many follow
        self.base, self.base_index, self.base_line, self.base_said = 0, -1, b"", True

    def begin(self, line):
        """The first records were retired: as the line of their rollup says, if it is found."""
        r = record_parse(line, "base")
        at = r.get("at")
        need(r.get("k") == "rollup" and r.get("n_more") == 0 and isinstance(at, dict) and
             all(type(v) is int and v > 0 for v in (r.get("to"), r.get("i"))), "base: no rollup")
        need(HEX32.fullmatch(str(at.get("prev"))) and isinstance(at.get("boot_id"), str) and
             all(type(at.get(k)) is int for k in ("mono_us", "rolled", "heartbeat_us")), "base: at")
        self.n = self.base = r["to"]
        self.base_index, self.base_line, self.base_said = r["i"], line, False
        self.prev, self.boot, self.mono = at["prev"], at["boot_id"], at["mono_us"]
        self.rolled, self.heartbeat_us = at["rolled"], at["heartbeat_us"]
        self.silent_since = figure(at, "end_mono_ns") or None
        if at.get("epoch") is not None:
            epoch = at["epoch"]
            need(isinstance(epoch, dict) and type(epoch.get("number")) is int and
                 0 <= epoch["number"] < 1 << 22, "base: epoch")
            self.epochs = [None] * epoch["number"]
            self.epochs.append((*vkey_parse(str(epoch.get("key"))), epoch.get("index")))
        heights = [b for b in range(63, -1, -1) if self.n >> b & 1]
        tree = at.get("tree")
        need(isinstance(tree, list) and len(tree) == len(heights) and
             all(HEX32.fullmatch(str(h)) for h in tree), "base: tree")
        self.peaks = [(b, bytes.fromhex(h)) for b, h in zip(heights, tree)]

    def take(self, line):
        where = f"record {self.n}"
        r = record_parse(line, where)
        need(r.get("v") == 1 and r.get("i") == self.n, f"{where}: i or v")
        need(isinstance(r.get("prev"), str) and HEX32.fullmatch(r["prev"]), f"{where}: no prev")
        need(r["prev"] == self.prev, f"{where}: prev is not the hash of the record before it")
        need(re.fullmatch("[0-9a-f]{32}", str(r.get("salt"))), f"{where}: no salt")
        need(type(r.get("t")) is int and type(r.get("mono_us")) is int, f"{where}: no t, mono_us")
        need(r["mono_us"] >= 0 and (self.n or r.get("k") == "open"), f"{where}: no open record")
        self.kind(r, where)
        need(r["mono_us"] >= self.mono, f"{where}: mono_us goes back within one boot")
        self.mono = r["mono_us"]
        if self.n == self.base_index:
            self.base_said = line == self.base_line
        leaf = hashlib.sha256(b"\0" + line).digest()
        self.prev, self.n = leaf.hex(), self.n + 1
        self.grow(leaf)

    def kind(self, r, where):
        if r.get("k") == "sample":
            need(self.left > 0 and r.get("tick") == self.tick, f"{where}: not a sample of its tick")
            self.left -= 1
            self.energy -= figure(r, "energy_uj", self.missing)
            self.co2e -= figure(r, "co2e_ug", self.missing)
        else:
            if self.left or r.get("k") != "rollup":
                self.complete()
            if r.get("k") == "rollup":
                self.open_rollup(r, where)
            elif r.get("k") == "tick":
                self.open_tick(r, where)
            elif r.get("k") == "open":
                self.origin = self.origin or r.get("origin")
                need(r.get("origin") == self.origin, f"{where}: of another origin")
                need(isinstance(r.get("boot_id"), str), f"{where}: no boot_id")
                if r["boot_id"] != self.boot:
                    self.boot, self.mono = r["boot_id"], 0
                self.heartbeat_us, self.silent_since = r.get("heartbeat_us", 0), None
                need(type(self.heartbeat_us) is int, f"{where}: heartbeat_us is no number")
            elif r.get("k") == "key":
                self.open_epoch(r, where)
            elif r.get("k") == "gap":
                need(type(r.get("n_ticks")) is int, f"{where}: no n_ticks")
                self.silent_since = None
        if self.left == 0:
            need(self.energy == 0 and self.co2e == 0, f"record {self.tick}: conservation")
            self.energy = self.co2e = 0

    def open_rollup(self, r, where):
        """Adds up as a tick does; goes on where the last one ended, or is of its group."""
        counts = [r.get(k) for k in ("from", "to", "n_more", "n_ticks", "n_missing")]
        need(all(type(v) is int and v >= 0 for v in counts), f"{where}: no counts")
        first, to, more = counts[:3]
        need(first < to <= self.n, f"{where}: a rollup of no records before it")
        need((first, to, more) == (self.rolled_from, self.rolled, self.more - 1) if self.more
             else first == self.rolled, f"{where}: a rollup of other records than its turn")
        self.rolled_from, self.rolled, self.more = first, to, more
        self.open_sums(r, where)
        self.missing = self.missing or counts[4] > 0

    def open_sums(self, r, where):
        energy, self.energy = split(r.get("host"), where)
        need(isinstance(r.get("domains"), list), f"{where}: no domains")
        domains = [split(d, where)[0] for d in r["domains"]
                   if not isinstance(d, dict) or d.get("counted") is not False]
        need(sum(domains) == energy, f"{where}: the domains do not add up to the host")
        self.missing = r["host"].get("quality") == "missing"
        co2e, idle, unattributed = (figure(r["host"], k, self.missing) for k in
                                    ("co2e_ug", "idle_co2e_ug", "unattributed_co2e_ug"))
        self.co2e = co2e - idle - unattributed
        need(type(r.get("n")) is int and r["n"] >= 0, f"{where}: no n")
        self.tick, self.left = self.n, r["n"]

    def open_tick(self, r, where):
        self.open_sums(r, where)
        window = r.get("window")
        need(isinstance(window, dict), f"{where}: no window")
        begin, end = figure(window, "begin_mono_ns"), figure(window, "end_mono_ns")
        if self.heartbeat_us and self.silent_since:
            silent_us = (begin - self.silent_since) // 1000
            need(silent_us <= self.heartbeat_us, f"{where}: silence without a gap record")
        self.silent_since = end

    def open_epoch(self, r, where):
        need(r.get("epoch") == len(self.epochs), f"{where}: epoch gap")
        name, public = vkey_parse(str(r.get("key")))
        need(name == f"{self.origin}/epoch/{len(self.epochs)}", f"{where}: key of another epoch")
        self.epochs.append((name, public, self.n))

    def epoch_now(self):
        """Who signs a checkpoint over the records so far: None before there are epochs."""
        if not self.epochs:
            return None
        ends = len(self.epochs) > 1 and self.epochs[-1][2] + 1 == self.n
        now = self.epochs[-2 if ends else -1]
        return now and now[:2]

    def complete(self):
        need(self.more == 0 or self.left, f"record {self.tick}: {self.more} rollups are missing")
        need(self.left == 0, f"record {self.tick}: {self.left} of its samples are missing")

    def grow(self, node):
        height = 0
        while self.peaks and self.peaks[-1][0] == height:
            node = hashlib.sha256(b"\1" + self.peaks.pop()[1] + node).digest()
            height += 1
        self.peaks.append((height, node))

    def root(self):
        if not self.peaks:
            return hashlib.sha256().digest()
        node = self.peaks[-1][1]
        for _, left in reversed(self.peaks[:-1]):
            node = hashlib.sha256(b"\1" + left + node).digest()
        return node
