#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Checks a jouletrail ledger without jouletrail: Python 3.11, its standard library, and the
modules beside it.

    verify_ledger.py [--strict] [--witness KEYS] DIR|STREAM [KEY]

STREAM is a file of what `--ledger -` wrote.

KEY is a verifier key ("origin+hash+base64") or a file that holds one, with the key of epoch 0 on a
second line where it is known. Without it only the key that
the ledger itself names can be used, which proves nobody's identity (exit 5). KEYS are those of the
witnesses that must all have cosigned it, in one word or a file, one a line. Exit codes are those
of docs/ledger.md, "Verdicts". The rules checked are those of "What a verifier checks" there.
"""
import hashlib
import json
import os
import re
import stat
import struct
import sys
import zlib

from ledger_records import Checker, record_parse
from signed_note import (Verdict, Witnesses, checkpoint_parse, checkpoint_verify, fail, need,
                         signed_by, vkey_parse)

CODES = {"SIGNED": 0, "WITNESSED": 0, "UNREADABLE": 2, "UNSEALED": 3, "UNANCHORED": 4,
         "SELF-SIGNED": 5, "TAMPERED": 10, "TRUNCATED": 11, "ROLLED_BACK": 13, "TORN": 14}


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
