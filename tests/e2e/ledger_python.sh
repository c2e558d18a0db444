#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ledger_python.sh - can a stranger's tools check a ledger: Python's json, docs/verify_ledger.py,
# openssl? Needs $B/tests/e2e/mkledger (B is build unless given), python3 and openssl.
set -u
here=$(cd "$(dirname "$0")/../.." && pwd)
cd "$here" || exit 1
mk=$(realpath "${B:-build}/tests/e2e/mkledger")
verifier=$here/docs/verify_ledger.py
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
n=0

# ok NAME COMMAND… - one TAP line by the command's status
ok()
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$tmp/out" 2>&1; then
		echo "ok $n - $name"
	else
		echo "not ok $n - $name"
		sed 's/^/# /' "$tmp/out"
	fi
}

# verdict CODE [ARG…] - the Python verifier exits with CODE on $tmp/w
verdict()
{
	want=$1
	shift
	python3 "$verifier" "$@"
	got=$?
	[ "$got" -eq "$want" ] || { echo "exit status $got, not $want"; return 1; }
}

fresh()
{
	rm -rf "$tmp/w"
	cp -a "$tmp/d" "$tmp/w"
	chmod -R u+w "$tmp/w"
}

# change FILE OFFSET - adds 1 to one byte
change()
{
	python3 - "$1" "$2" <<'PY'
import sys
with open(sys.argv[1], "r+b") as f:
    f.seek(int(sys.argv[2]))
    b = f.read(1)[0]
    f.seek(int(sys.argv[2]))
    f.write(bytes([(b + 1) % 256]))
PY
}

echo 1..22
ok "a ledger of 20 ticks in several segments" "$mk" "$tmp/d" "$tmp/k" 20 16384
ok "written to again" "$mk" "$tmp/d" "$tmp/k" 3 16384
key=$(cat "$tmp"/k/*.vkey)
cat > "$tmp/same.py" <<'PY'
import gzip, json, pathlib, sys
lines = 0
for path in sorted(pathlib.Path(sys.argv[1], "seg").iterdir()):
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    for line in data.splitlines(keepends=True):
        again = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"),
                           ensure_ascii=False)
        assert again.encode() + b"\n" == line, line
        lines += 1
assert lines == 5 + 23 * 5, lines
PY
ok "python's json.dumps makes each line again" python3 "$tmp/same.py" "$tmp/d"

fresh
ok "accepted by the verifier key" verdict 0 --strict "$tmp/w" "$key"
ok "accepted by the key's file" verdict 0 "$tmp/w" "$(echo "$tmp"/k/*.vkey)"
ok "without a key only self-signed" verdict 5 "$tmp/w"
change "$tmp/w/seg/00000000000000000000.jsonl.gz" 1000
ok "one changed byte of a packed segment is tampering" verdict 10 "$tmp/w" "$key"
fresh
change "$tmp/w/checkpoint" 100
ok "one changed byte of the checkpoint is tampering" verdict 10 "$tmp/w" "$key"
fresh
last=$(find "$tmp/w/seg" -type f | sort | tail -n 1)
truncate -s -1 "$last"
ok "a tail cut by one byte" verdict 11 "$tmp/w" "$key"
sed -i '$d' "$last"
ok "a tail cut by one record" verdict 11 "$tmp/w" "$key"
fresh
printf '{}\n' >> "$last"
ok "something behind the checkpoint" verdict 14 "$tmp/w" "$key"
fresh
rm "$(find "$tmp/w/seg" -type f | sort | sed -n 2p)"
ok "a segment taken out of the middle" verdict 10 "$tmp/w" "$key"
fresh
rm "$tmp/w/checkpoint"
ok "no checkpoint" verdict 4 "$tmp/w" "$key"

# Ticks of this minute kept for a microsecond: all but the open segment are retired.
ok "a ledger whose first segments were retired" "$mk" "$tmp/r" "$tmp/rk" 120 16384 0 1000
rkey=$(cat "$tmp"/rk/*.vkey)
ok "it begins later" test ! -e "$tmp/r/seg/00000000000000000000.jsonl.gz" -a -s "$tmp/r/base"
ok "accepted by the verifier key" verdict 0 --strict "$tmp/r" "$rkey"
ok "without a key only self-signed" verdict 5 "$tmp/r"
cp -a "$tmp/r" "$tmp/s"
chmod -R u+w "$tmp/s"
rm "$(find "$tmp/s/seg" -type f | sort | sed -n 1p)"
ok "one more was stolen" verdict 10 "$tmp/s" "$rkey"
rm -r "$tmp/s" && cp -a "$tmp/r" "$tmp/s" && rm "$tmp/s/base"
ok "nothing says that they were retired" verdict 10 "$tmp/s" "$rkey"
cp "$tmp/r/base" "$tmp/s/base"
change "$tmp/s/base" 700
ok "a rollup that is not in the ledger" verdict 10 "$tmp/s" "$rkey"

# openssl alone: the signed text is the note up to the blank line, the key is the vkey's last part.
cat > "$tmp/split.py" <<'PY'
import base64, sys
note, vkey, out = open(sys.argv[1], "rb").read(), sys.argv[2], sys.argv[3]
text, _, signatures = note.rpartition(b"\n\n")
open(out + ".text", "wb").write(text + b"\n")
open(out + ".sig", "wb").write(base64.b64decode(signatures.split()[2])[4:])
der = bytes.fromhex("302a300506032b6570032100") + base64.b64decode(vkey.split("\n")[0].split("+", 2)[2])[1:]
open(out + ".der", "wb").write(der)
PY
by_openssl()
{
	python3 "$tmp/split.py" "$1" "$key" "$tmp/o" &&
		openssl pkeyutl -verify -rawin -in "$tmp/o.text" -sigfile "$tmp/o.sig" \
			-pubin -keyform DER -inkey "$tmp/o.der"
}
ok "openssl accepts the signature" by_openssl "$tmp/d/checkpoint"
cp "$tmp/d/checkpoint" "$tmp/c"
change "$tmp/c" 40
refused_by_openssl()
{
	! by_openssl "$1"
}
ok "openssl refuses it after one changed byte" refused_by_openssl "$tmp/c"
