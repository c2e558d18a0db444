#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A witness (c2sp.org/tlog-witness) without HTTP, on Python's standard library and openssl.

    witness.py new DIR NAME              makes a key below DIR, prints its verifier key
    witness.py add DIR LOG_VKEY TIME     add-checkpoint: request on stdin, cosignature on stdout

It keeps what it cosigned last in DIR/seen; a request that it must refuse is exit status 1 and the
HTTP status on standard error.
"""
import base64
import hashlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "..", "docs"))
from verify_ledger import Verdict, checkpoint_parse, signed_by, vkey_parse  # noqa: E402


def refuse(status):
    sys.stderr.write(f"{status}\n")
    sys.exit(1)


def openssl(*args):
    return subprocess.run(("openssl", *args), check=True, stdout=subprocess.PIPE).stdout


def new(directory, name):
    os.makedirs(directory)
    key = os.path.join(directory, "key.pem")
    openssl("genpkey", "-algorithm", "ed25519", "-out", key)
    public = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")[-32:]
    with open(os.path.join(directory, "name"), "w", encoding="utf-8") as f:
        f.write(name)
    short = hashlib.sha256(name.encode() + b"\n\x04" + public).digest()[:4]
    with open(os.path.join(directory, "hash"), "wb") as f:
        f.write(short)
    print(f"{name}+{short.hex()}+{base64.b64encode(bytes([4]) + public).decode()}")


def node(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def consistent(old, old_root, size, root, proof):
    """RFC 9162, 2.1.4.2."""
    if old == size:
        return old_root == root and not proof
    if old == 0:
        return not proof
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    fn, sn = old - 1, size - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr, sr = node(c, fr), node(c, sr)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            sr = node(sr, c)
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and fr == old_root and sr == root


def cosign(directory, text, at):
    with open(os.path.join(directory, "message"), "wb") as f:
        f.write(b"cosignature/v1\ntime %d\n" % at + text)
    signature = openssl("pkeyutl", "-sign", "-rawin", "-inkey", os.path.join(directory, "key.pem"),
                        "-in", os.path.join(directory, "message"))
    with open(os.path.join(directory, "hash"), "rb") as f:
        blob = f.read() + at.to_bytes(8, "big") + signature
    with open(os.path.join(directory, "name"), encoding="utf-8") as f:
        print(f"\u2014 {f.read()} {base64.b64encode(blob).decode()}")


def add(directory, log, at):
    head, _, note = sys.stdin.buffer.read().partition(b"\n\n")
    first, *proof = head.decode().split("\n")
    word, _, old = first.partition(" ")
    seen = os.path.join(directory, "seen")
    size, root = 0, b""
    if os.path.exists(seen):
        with open(seen, encoding="utf-8") as f:
            size, root = f.read().split()
        size, root = int(size), bytes.fromhex(root)
    try:
        checkpoint = checkpoint_parse(note)
        signed_by(checkpoint, *vkey_parse(log))
    except Verdict:
        refuse(403)
    if word != "old" or not old.isdigit() or int(old) > checkpoint[2]:
        refuse(400)
    if int(old) != size:
        refuse(409)
    if not consistent(size, root, checkpoint[2], checkpoint[3],
                      [base64.b64decode(line, validate=True) for line in proof]):
        refuse(422)
    with open(seen, "w", encoding="utf-8") as f:
        f.write(f"{checkpoint[2]} {checkpoint[3].hex()}")
    cosign(directory, checkpoint[0], int(at))


if __name__ == "__main__":
    {"new": new, "add": add}[sys.argv[1]](*sys.argv[2:])
