#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Checks a jouletrail ledger without jouletrail: Python 3.11, its standard library, ed25519.py.

    verify_ledger.py [--strict] [--witness KEYS] DIR|STREAM [KEY]

STREAM is a file of what `--ledger -` wrote.

KEY is a verifier key ("origin+hash+base64") or a file that holds one, with the key of epoch 0 on a
second line where it is known. Without it only the key that
the ledger itself names can be used, which proves nobody's identity (exit 5). KEYS are those of the
witnesses that must all have cosigned it, in one word or a file, one a line. Exit codes are those
of docs/ledger.md, "Verdicts". The rules checked are those of "What a verifier checks" there.
"""
import base64
import hashlib
import json
import os
import re
import stat
import struct
import sys
import zlib

from ed25519 import ed25519_verify

NAME = re.compile(r"[a-z0-9_]{1,32}")
BIG = re.compile(r"0|[1-9][0-9]{0,19}")
HEX32 = re.compile(r"[0-9a-f]{64}")
CODES = {"SIGNED": 0, "WITNESSED": 0, "UNREADABLE": 2, "UNSEALED": 3, "UNANCHORED": 4, "SELF-SIGNED": 5,
         "TAMPERED": 10, "TRUNCATED": 11, "ROLLED_BACK": 13, "TORN": 14}


class Verdict(Exception):
    pass


def fail(verdict, why):
    raise Verdict(verdict, why)


def need(condition, why):
    if not condition:
        fail("TAMPERED", why)


# ---- signed notes ------------------------------------------------------------------------------
def b64(text, why):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        fail("TAMPERED", why)
    need(base64.b64encode(data).decode() == text, why)
    return data


def key_hash(name, public, kind=1):
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def vkey_parse(text, kind=1):
    """The name and the 32 bytes of a verifier key; kind 4 is a witness's."""
    name, _, rest = text.partition("+")
    short, _, data = rest.partition("+")
    data = b64(data, "the verifier key is malformed")
    need(len(data) == 33 and data[0] == kind and key_hash(name, data[1:], kind).hex() == short,
         "the verifier key is malformed")
    return name, data[1:]


def checkpoint_parse(note):
    """Text that is signed, origin, size, root, and the signature lines."""
    need(len(note) <= 16384, "checkpoint: too long")
    try:
        text, blank, signatures = note.decode().rpartition("\n\n")
    except UnicodeDecodeError:
        fail("TAMPERED", "checkpoint: not valid UTF-8")
    need(blank and signatures.endswith("\n"), "checkpoint: no signature lines")
    need(not re.search(r"[\x00-\x09\x0b-\x1f]", text + signatures), "checkpoint: control character")
    lines = text.split("\n")
    need(len(lines) >= 3 and re.fullmatch(r"[^\s+\x7f]{1,159}", lines[0]), "checkpoint: origin")
    need(re.fullmatch(r"0|[1-9][0-9]*", lines[1], re.A) and int(lines[1]) < 2**64,
         "checkpoint: size")
    root = b64(lines[2], "checkpoint: root")
    need(len(root) == 32, "checkpoint: root")
    parsed = []
    for line in signatures[:-1].split("\n"):
        match = re.fullmatch("\u2014 ([^\\s+\x7f]{1,159}) (\\S+)", line)
        need(match, "checkpoint: malformed signature line")
        parsed.append((match[1], b64(match[2], "checkpoint: malformed signature line")))
        need(len(parsed) <= 64 and len(parsed[-1][1]) >= 5, "checkpoint: malformed signature line")
    return (text + "\n").encode(), lines[0], int(lines[1]), root, parsed


def signed_by(checkpoint, name, public):
    known = key_hash(name, public)
    for signer, blob in checkpoint[4]:
        if signer == name and blob[:4] == known:
            need(ed25519_verify(public, checkpoint[0], blob[4:]),
                 f"checkpoint: the signature of {name} is wrong")
            return
    fail("TAMPERED", f"checkpoint {checkpoint[2]} is not signed by {name}")


class Witnesses:
    """Who cosigned what: c2sp.org/tlog-cosignature."""

    def __init__(self, vkeys):
        self.seen = {vkey_parse(v, 4): (0, 0) for v in vkeys.split("\n") if v}

    def take(self, checkpoint):
        for (name, public), (size, _) in self.seen.items():
            known = key_hash(name, public, 4)
            blob = next((b for n, b in checkpoint[4] if n == name and b[:4] == known), None)
            if blob is None:
                continue
            at = int.from_bytes(blob[4:12], "big")
            text = f"cosignature/v1\ntime {at}\n".encode() + checkpoint[0]
            need(len(blob) == 76 and at < 1 << 63 and ed25519_verify(public, text, blob[12:]),
                 f"checkpoint {checkpoint[2]}: the cosignature of {name} is wrong")
            if checkpoint[2] >= size:
                self.seen[name, public] = (checkpoint[2], at)

    def conclude(self):
        size = min(size for size, _ in self.seen.values())
        if not size:
            fail("UNSEALED", "not witnessed: not all of the witnesses cosigned a checkpoint here")
        at = min(at for _, at in self.seen.values())
        fail("WITNESSED", f"size={size} at={at} by={', '.join(name for name, _ in self.seen)}")


def checkpoint_verify(checkpoint, name, public):
    need(checkpoint[1] == name, f"checkpoint is of {checkpoint[1]}, the key of {name}")
    signed_by(checkpoint, name, public)


# ---- records -----------------------------------------------------------------------------------
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


# ---- files -------------------------------------------------------------------------------------
def open_plain(path):
    fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        fail("UNREADABLE", f"{path}: not a regular file")
    return os.fdopen(fd, "rb")


MEMBER = bytes.fromhex("1f8b08040000000000ff34004a543000")


def members_of(f):
    """Plain bytes of a packed segment, member by member: docs/ledger.md, "Packed segments"."""
    while head := f.read(64):
        need(len(head) == 64 and head[:16] == MEMBER, "a packed segment is damaged")
        first, n_lines, size = struct.unpack_from("<QII", head, 16)
        need(size <= 1 << 18, "a packed segment is damaged")
        deflated, end = f.read(size), f.read(8)
        need(hashlib.sha256(deflated).digest() == head[32:], "a packed segment is damaged")
        inflater = zlib.decompressobj(-15)
        try:
            plain = inflater.decompress(deflated, 1 << 17)
        except zlib.error as error:
            fail("TAMPERED", error)
        need(inflater.eof and not inflater.unused_data and plain.endswith(b"\n") and
             end == struct.pack("<II", zlib.crc32(plain), len(plain)) and
             plain.count(b"\n") == n_lines, "a packed segment is damaged")
        yield first, plain


def lines_of(f, checker):
    for first, plain in members_of(f):
        need(first == checker.n, "a packed segment is damaged")
        yield from plain.splitlines(keepends=True)


def lines(directory, checker, used):
    """Lines with their LF (or without, at a cut), following segments by the next index."""
    while checker.n not in used:
        plain = os.path.join(directory, f"{checker.n:020}.jsonl")
        packed = not os.path.lexists(plain)
        if packed and not os.path.lexists(plain + ".gz"):
            return
        used.add(checker.n)
        with open_plain(plain + ".gz" if packed else plain) as f:
            if packed:
                yield from lines_of(f, checker)
            while not packed and (line := f.readline(65537)):
                yield line


def kept(directory):
    """The checkpoints that were kept, by size."""
    path = os.path.join(directory, "checkpoints")
    if not os.path.isdir(path):
        return {}
    return {int(n): os.path.join(path, n) for n in os.listdir(path)
            if re.fullmatch(r"0|[1-9][0-9]{0,19}", n, re.A)}


def check_seal(checker, checkpoint, key):
    """A checkpoint over exactly the records so far: root, log's key, epoch's key."""
    need(checkpoint[1] == checker.origin and checkpoint[2] == checker.n,
         f"checkpoints/{checker.n} is of another log or size")
    need(checkpoint[3] == checker.root(), f"checkpoints/{checker.n}: not what was signed then")
    for signer in (key, checker.epoch_now()):
        if signer:
            signed_by(checkpoint, *signer)


def covered(checker, source, size, later, seals, key, witnesses):
    while checker.n < size:
        line = next(source, b"")
        if not line.endswith(b"\n"):
            need(len(line) < 65537, f"record {checker.n}: longer than 65535 bytes")
            need(not later(), f"record {checker.n} is missing although later segments are there")
            fail("TRUNCATED", f"ends in record {checker.n}; the checkpoint covers {size}")
        n_epochs = len(checker.epochs)
        checker.take(line[:-1])
        need(len(checker.epochs) in (0, 1, n_epochs) or checker.n in seals or checker.n == size,
             f"record {checker.n - 1}: epoch gap: no checkpoint seals the epoch before it")
        if checker.n in seals:
            with open_plain(seals.pop(checker.n)) as f:
                note = checkpoint_parse(f.read(16385))
            check_seal(checker, note, key)
            if witnesses:
                witnesses.take(note)
    checker.complete()
    if seals:
        fail("ROLLED_BACK", f"there is a kept checkpoint over {max(seals)} records")


def tail(checker, source, anchored):
    """Bytes beyond the checkpoint, and whether they are whole, chained records."""
    n, whole = 0, True
    for line in source:
        n += len(line)
        try:
            if whole and not line.endswith(b"\n"):
                whole = False
            elif whole:
                checker.take(line[:-1])
        except Verdict:
            if not anchored:
                raise
            whole = False
    return n, whole and checker.left == 0


def retired(directory, checker, listed):
    """Begins behind the records that were retired. Returns the segments of them that are left."""
    path = os.path.join(directory, "base")
    if not os.path.lexists(path):
        return set()
    with open_plain(path) as f:
        line = f.read(65537)
    need(line.endswith(b"\n") and line.count(b"\n") == 1, "base: not one line")
    checker.begin(line[:-1])
    return {n for n in listed if n < checker.base}


def verify(directory, key, strict, witnesses):
    seg = os.path.join(directory, "seg")
    path = os.path.join(directory, "checkpoint")
    checkpoint = None
    if os.path.lexists(path):
        with open_plain(path) as f:
            checkpoint = checkpoint_parse(f.read(16385))
        if not os.path.isdir(seg):
            fail("TRUNCATED", "there is a checkpoint but no seg/")
    names = [n for n in os.listdir(seg) if re.fullmatch(r"[0-9]{20}\.jsonl(\.gz)?", n, re.A)]
    listed = {int(n[:20]) for n in names}
    if not listed and not checkpoint:
        fail("UNREADABLE", f"{directory} holds no record")
    checker, used = Checker(checkpoint and checkpoint[1]), set()
    remnants = retired(directory, checker, listed)
    used |= remnants
    source = lines(seg, checker, used)
    if checkpoint:
        vkey = key
        if not key:
            first = checker.base_line or next(lines(seg, checker, set()), b"")[:-1]
            first = record_parse(first, "the first record")
            vkey = str(first["at"].get("key") if checker.base else first.get("key"))
        vkey, *epoch = vkey.split("\n")[:2]
        trusted = vkey_parse(vkey)
        checkpoint_verify(checkpoint, *trusted)
        seals = {n: path for n, path in kept(directory).items() if n > checker.base}
        covered(checker, source, checkpoint[2], lambda: listed - used, seals, trusted,
                witnesses)
        need(checker.root() == checkpoint[3], "root: the records are not those that were signed")
        need(checker.base_said, "records are missing, and no rollup in the ledger retires them")
        if checker.epoch_now():
            signed_by(checkpoint, *checker.epoch_now())
        if witnesses:
            witnesses.take(checkpoint)
        if epoch and epoch[0] and not checker.base:
            need(checker.epochs and vkey_parse(epoch[0]) == checker.epochs[0][:2],
                 "the key of epoch 0 is not the one that was given")
    size = checker.n
    n_tail, whole = tail(checker, source, checkpoint)
    need(not (listed - used) or not whole, "a segment does not follow the one before it")
    need(checker.base_said, "records are missing, and no rollup in the ledger retires them")
    if remnants:
        fail("TORN", "a segment that was retired is still there: a crash while retiring")
    if len(names) > len(listed):
        fail("TORN", "a segment is there both plain and packed: a crash while packing")
    if not whole:
        fail("TORN", f"{n_tail} bytes after record {size} are no whole records")
    if not checkpoint:
        fail("UNANCHORED", f"no checkpoint: only the chain of {checker.n} records was checked")
    if not key:
        fail("SELF-SIGNED", f"{size} records, by the key that the ledger itself names")
    if n_tail and strict:
        fail("UNSEALED", f"{n_tail} bytes after the checkpoint are not signed")
    if witnesses:
        witnesses.conclude()
    note = f"; the records before {checker.base} were retired" if checker.base else ""
    fail("SIGNED", f"size={size} tail={n_tail} {checkpoint[1]}{note}")


def verify_stream(path, key, strict):
    """Records, and after each write the checkpoint over all of them: `--ledger -`."""
    checker, signed, tail_bytes = Checker(None), 0, 0
    trusted = vkey_parse(key.split("\n")[0]) if key else None
    with open(path, "rb") as f:
        while line := f.readline(65537):
            if not line.endswith(b"\n"):
                need(len(line) < 65537, f"record {checker.n}: longer than 65535 bytes")
                fail("TORN", f"the stream ends inside record {checker.n}; {signed} are signed")
            if not line.startswith(b'{"checkpoint":'):
                checker.take(line[:-1])
                if checker.n == 1 and not trusted:
                    trusted = vkey_parse(str(json.loads(line).get("key")))
                tail_bytes += len(line)
                continue
            note = record_parse(line[:-1], f"the checkpoint after record {checker.n}")
            need(list(note) == ["checkpoint"] and isinstance(note["checkpoint"], str) and trusted,
                 "a line that is neither record nor checkpoint")
            checkpoint = checkpoint_parse(note["checkpoint"].encode())
            checkpoint_verify(checkpoint, *trusted)
            need(checkpoint[1] == checker.origin and checkpoint[2] == checker.n and
                 checkpoint[3] == checker.root(), f"record {checker.n}: not what was signed")
            checker.complete()
            signed, tail_bytes = checker.n, 0
    if not checker.n:
        fail("UNREADABLE", "the stream holds no record")
    if not signed:
        fail("UNANCHORED", f"no checkpoint: only the chain of {checker.n} records was checked")
    if not key:
        fail("SELF-SIGNED", f"{signed} records, by the key that the stream itself names")
    if tail_bytes and strict:
        fail("UNSEALED", f"{tail_bytes} bytes after the last checkpoint are not signed")
    fail("SIGNED", f"size={signed} tail={tail_bytes} {checker.origin}")


def main():
    args = [a for a in sys.argv[1:] if a != "--strict"]
    vkeys = None
    if "--witness" in args[:-1]:
        at = args.index("--witness")
        vkeys = args[at + 1]
        del args[at:at + 2]
    if len(args) not in (1, 2):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    key = args[1] if len(args) == 2 else None
    try:
        if key and os.path.exists(key):
            with open(key, encoding="utf-8") as f:
                key = f.read()
        if vkeys and os.path.exists(vkeys):
            with open(vkeys, encoding="utf-8") as f:
                vkeys = f.read()
        if os.path.isfile(args[0]):
            verify_stream(args[0], key, "--strict" in sys.argv)
        verify(args[0], key, "--strict" in sys.argv, Witnesses(vkeys) if vkeys else None)
    except Verdict as v:
        verdict, why = v.args
    except OSError as error:
        verdict, why = "UNREADABLE", error
    print(verdict, why)
    sys.exit(CODES[verdict])


if __name__ == "__main__":
    main()
