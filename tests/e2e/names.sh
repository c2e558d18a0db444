#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# names.sh - do names reach every output: grouped by any word, nested, and however hostile?
set -u
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/tap.sh
. tests/tap.sh
JT=${JT:-${B:=build}/jouletrail}

[ "$(id -u)" -eq 0 ] || tap_skip_all "needs root"
v2=/sys/fs/cgroup
[ -e $v2/cgroup.procs ] || v2=/sys/fs/cgroup/unified
[ -w $v2/cgroup.procs ] || tap_skip_all "no cgroup v2 hierarchy to write to"
tmp=$(mktemp -d /tmp/jouletrail-e2e-XXXXXX)
top=$v2/jouletrail-test-$$
id=3f1c9a5b7e2d4806a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778
trap 'find "$top" -depth -type d -exec rmdir {} + 2>/dev/null; rm -rf "$tmp"' EXIT

# The command that is measured: time in a slice, in a container below it, and in one below that.
cat >"$tmp/nest.sh" <<'SH'
mkdir -p "$1/t.slice/docker-$2.scope/inner"
for g in t.slice "t.slice/docker-$2.scope" "t.slice/docker-$2.scope/inner"; do
    (echo 0 >"$1/$g/cgroup.procs"; exec gzip -c /bin/bash >/dev/null)
done
rmdir "$1/t.slice/docker-$2.scope/inner" "$1/t.slice/docker-$2.scope" "$1/t.slice"
SH
mkdir "$top"
nest=(sh "$tmp/nest.sh" "$top" "$id")

# rows BY PYTHON: what the expression makes of r, the report by that word.
rows() {
    "$JT" run --by "$1" -f json -o "$tmp/out" --ledger "$tmp/by-$1" --key-dir "$tmp/keys-by" \
        -- "${nest[@]}" 2>/dev/null
    python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); c = r["consumers"]; print(eval(sys.argv[2]))' \
        "$tmp/out" "$2"
}

sound='sum(x["energy_uj"]["value"] for x in c) == r["host"]["attributed_uj"] and all(x["kind"] == r_by for x in c)'
for by in process thread comm cgroup container pod unit slice user session vm; do
    tap_is "by $by: one kind of consumer, which adds up" "$(rows $by "${sound//r_by/\"$by\"}")" True
    "$JT" report --key-dir "$tmp/keys-by" --by $by -f json "$tmp/by-$by" >"$tmp/report" 2>/dev/null
    tap_is "and its ledger has the same rows" "$(python3 -c 'import json, sys
def rows(name): # what a command and others share are two rows of a run
    d = {}
    for c in json.load(open(name))["consumers"]:
        key = str(c["cgroup" if sys.argv[1] == "cgroup" else "id"] or "(none)")
        was = d.get(key, (0, 0))
        d[key] = (was[0] + c["cpu_ns"], was[1] + c["energy_uj"]["value"])
    return sorted(d.items())
a, b = rows(sys.argv[2]), rows(sys.argv[3])
print(a == b or [x for x in a + b if x not in a or x not in b])' $by "$tmp/out" "$tmp/report")" True
done
tap_is "a container that is gone has its id, its own cgroups are its" "$(rows container \
    "[(x['name'], x['labels']['runtime']) for x in c if '${top##*/}' in str(x['cgroup'])]")" "[('$id', 'docker')]"
tap_is "a branch has its own time and all" "$(rows cgroup \
    '[(b["n_cgroups"], 0 < b["own_cpu_ns"] < b["cpu_ns"] / 2)
for b in r["branches"] if b["cgroup"].endswith("t.slice")]')" \
    "[(3, True)]"
tap_is "a branch is the sum of its samples" "$(rows cgroup \
    'all(b["cpu_ns"] == sum(x["cpu_ns"] for x in c
if x["cgroup"] and (x["cgroup"] + "/").startswith(b["cgroup"] + "/"))
for b in r["branches"] if len(b["cgroup"]) > 1)')" True
# Beside the command somebody of its own cgroup and user spins.
for by in process cgroup user comm; do
    (while :; do :; done) &
    other=$!
    "$JT" run --by $by -f json -o "$tmp/out" -- bash -c 'exec bash -c "sleep 1"' 2>/dev/null
    kill $other && wait $other 2>/dev/null
    tap_is "by $by: the command has its own time, and nobody else's" "$(python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
own = [c for c in r["consumers"] if c["labels"].get("of_command")]
print(sum(c["cpu_ns"] for c in own) == r["command_total"]["cpu_ns"],
      r["command_total"]["cpu_ns"] < sum(c["cpu_ns"] for c in r["consumers"]) / 3)' "$tmp/out")" "True True"
done
tap_is "a word that is none" "$("$JT" top --once --by colour >/dev/null 2>&1; echo $?)" 2

# Names that would break a line, a row, a terminal or a record, and one of 4 KiB.
cat >"$tmp/hostile.py" <<'PYTHON'
import ctypes, os, sys
top, here = sys.argv[1].encode(), os.fsencode(sys.argv[2])
name = b'\x1b[2J","k":"tick"\xff\\'
group = top + b"/" + name
os.mkdir(group)
if os.fork() == 0:
    open(group + b"/cgroup.procs", "w").write("0")
    os.execv("/usr/bin/python3", [b'{"a":1}\n\x1b[31m\xff"', b"-c", b"import ctypes, time\n"
        b"ctypes.CDLL(None).prctl(15, b'\\x1b[7m\\n\",\\xff')\n"
        b"while time.process_time() < 0.05: pass", b"y" * 4096])
os.wait()
os.rmdir(group)
PYTHON
python=$(command -v /usr/bin/python3 || true)
if [ -z "$python" ]; then
    tap_skip "hostile names" "no /usr/bin/python3"
    tap_done
fi
hostile=("$python" "$tmp/hostile.py" "$top" "$tmp")
"$JT" run --cmdline -f json -o "$tmp/json" --ledger "$tmp/ledger" --key-dir "$tmp/keys" \
    -- "${hostile[@]}" 2>/dev/null
# found: comm, cgroup and command line of the hostile consumer as they were, from whatever form
cat >"$tmp/found.py" <<'PYTHON'
import base64, csv, json, sys
def raw(v):
    if v is None: return b""
    return base64.b64decode(v["b64"]) if isinstance(v, dict) else v.encode()
how, path = sys.argv[1:]
if how == "json":
    rows = [(x["comm"], x["cgroup"], x["labels"].get("cmdline")) for x in json.load(open(path))["consumers"]]
elif how == "csv":
    text = open(path, newline="", encoding="latin-1").read().split("\n", 1)
    rows = [(x["comm"], x["cgroup"], x["cmdline"]) for x in csv.DictReader([text[0]] + text[1].splitlines(True))]
    rows = [tuple({"b64": base64.b64encode(v.encode("latin-1")).decode()} for v in x if v is not None) for x in rows]
    rows = [x for x in rows if len(x) == 3]
else:
    rows = []
    for line in open(path):
        d = json.loads(line)
        if d["k"] == "sample":
            rows.append((d["comm"], d["cgroup"], d.get("cmdline")))
print([(raw(a) == b"\x1b[7m\n\",\xff", raw(b).endswith(b"/\x1b[2J\",\"k\":\"tick\"\xff\\"),
        raw(c).startswith(b'{"a":1}\n\x1b[31m\xff" -c import') and len(raw(c)) > 1000)
       for a, b, c in rows if b'"k":"tick"' in raw(b)])
PYTHON
all="[(True, True, True)]"
tap_is "hostile names, JSON" "$(python3 "$tmp/found.py" json "$tmp/json")" "$all"
cat "$tmp"/ledger/seg/*.jsonl >"$tmp/records"
tap_is "hostile names, ledger" "$(python3 "$tmp/found.py" ledger "$tmp/records")" "$all"
tap_run "which an independent verifier takes" python3 docs/verify_ledger.py "$tmp/ledger" "$tmp"/keys/*.vkey
"$JT" run --cmdline -f csv -o "$tmp/csv" -- "${hostile[@]}" 2>/dev/null
tap_is "hostile names, CSV" "$(python3 "$tmp/found.py" csv "$tmp/csv")" "$all"
"$JT" run -o "$tmp/human" -- "${hostile[@]}" 2>/dev/null
"$JT" run --cmdline --by process -o "$tmp/human2" -- "${hostile[@]}" 2>/dev/null
"$JT" run --by cgroup -o "$tmp/human3" -- "${hostile[@]}" 2>/dev/null
tap_is "hostile names, terminal: no control character" \
    "$(cat "$tmp"/human* | LC_ALL=C tr -d '\n\200-\377' | LC_ALL=C grep -c '[[:cntrl:]]')" 0
tap_is "but their bytes, written out" "$(grep -c 'x1b\[7m\\x0a",\\xff' "$tmp/human")" 1
"$JT" run --by cgroup --ledger "$tmp/nested" --key-dir "$tmp/keys2" -- "${nest[@]}" 2>/dev/null
"$JT" report --key-dir "$tmp/keys2" -f json "$tmp/nested" >"$tmp/out" 2>/dev/null
tap_is "branches of a ledger" "$(python3 -c 'import json, sys
r = json.load(open(sys.argv[1]))
print([(b["n_cgroups"], b["cpu_ns"] == sum(x["cpu_ns"] for x in r["consumers"]
       if (str(x["cgroup"]) + "/").startswith(b["cgroup"] + "/")), 0 < b["own_cpu_ns"] < b["cpu_ns"])
       for b in r["branches"] if b["cgroup"].endswith("t.slice")])' "$tmp/out")" "[(3, True, True)]"
"$JT" report --key-dir "$tmp/keys" --by comm -f csv "$tmp/ledger" >"$tmp/report" 2>/dev/null
tap_is "hostile names, report" "$(LC_ALL=C grep -c '^comm,"' "$tmp/report")" 1
tap_is "without --cmdline no command line is anywhere" \
    "$("$JT" run -f json -- "${hostile[@]}" 2>/dev/null | grep -c '"cmdline"')" 0
tap_done
