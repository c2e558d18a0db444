# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Signed notes, checkpoints and cosignatures of a ledger: a part of verify_ledger.py."""
import base64
import hashlib
import re

from ed25519 import ed25519_verify


class Verdict(Exception):
    pass


def fail(verdict, why):
    raise Verdict(verdict, why)


def need(condition, why):
    if not condition:
        fail("TAMPERED", why)


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
