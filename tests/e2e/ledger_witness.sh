#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# ledger_witness.sh - cosignatures by a witness that is not ours (tests/e2e/witness.py, openssl):
# gathered as docs/ledger.md says, WITNESSED by both verifiers, and what must not pass for one.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
JT=$(realpath "${JT:-build/jouletrail}")
mk=$(realpath "${B:-build}/tests/e2e/mkledger")
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# status COMMAND…: its exit status; what it prints goes to $tmp/out
status() {
    "$@" >"$tmp/out" 2>&1
    echo $?
}

# both WANT NAME WITNESSES [DIR]: the verdicts of both verifiers
both() {
    tap_is "$2" "$(status "$JT" verify --key "$vkey" --witness "$3" "${4:-$tmp/d}")" "$1"
    tap_is "$2, by the other verifier" \
        "$(status python3 docs/verify_ledger.py --witness "$3" "${4:-$tmp/d}" "$vkey")" "$1"
}

# request OLD [DIR]: the body of add-checkpoint
request() {
    if [ "$1" = 0 ]; then
        printf 'old 0\n\n'
        cat "${2:-$tmp/d}/checkpoint"
    else
        "$JT" prove --from "$1" "${2:-$tmp/d}" | sed '1d; 2s/^from/old/; 3d'
    fi
}

# cosign WITNESS OLD TIME: the witness's line goes below the checkpoint, which is kept
cosign() {
    request "$2" >"$tmp/request"
    python3 tests/e2e/witness.py add "$tmp/$1" "$vkey1" "$3" <"$tmp/request" >"$tmp/line" ||
        return 1
    sed '1,/^$/d' "$tmp/request" | cat - "$tmp/line" >"$tmp/note"
    cp "$tmp/note" "$tmp/d/checkpoints/$(sed '1,/^$/d' "$tmp/request" | sed -n 2p)"
    cp "$tmp/note" "$tmp/d/checkpoint"
}

tap_run "a ledger of 50 ticks" "$mk" "$tmp/d" "$tmp/k" 50 100000
chmod -R u+w "$tmp/d"
vkey=$(echo "$tmp"/k/*.vkey)
vkey1=$(head -n 1 "$vkey")
w1=$(python3 tests/e2e/witness.py new "$tmp/w1" witness.example/w1)
w2=$(python3 tests/e2e/witness.py new "$tmp/w2" witness.example/w2)
printf '%s\n%s\n' "$w1" "$w2" >"$tmp/both"

both 3 "nobody cosigned" "$w1"
tap_is "unasked it is signed" "$(status "$JT" verify --key "$vkey" "$tmp/d")" 0
tap_run "a first checkpoint is cosigned" cosign w1 0 1760000000
size=$(sed -n 2p "$tmp/d/checkpoint")
both 0 "witnessed" "$w1"
tap_is "it says how far, when and by whom" \
    "$("$JT" verify --key "$vkey" --witness "$w1" "$tmp/d" |
        grep -c "WITNESSED.*; size=$size at=1760000000 by=witness.example/w1")" 1
tap_is "and in JSON" "$("$JT" verify -f json --key "$vkey" --witness "$w1" "$tmp/d" | python3 -c \
    'import json, sys; r = json.load(sys.stdin)
print(r["verdict"], r["exit_code"], r["witnessed_size"], r["witnessed_t"], r["witnessed_by"])')" \
    "WITNESSED 0 $size 1760000000 witness.example/w1"
page() { "$JT" report -f html --key "$vkey" "$@" "$tmp/d" 2>/dev/null >"$tmp/page"; }
page --witness "$w1"
tap_is "a report says so, on its page too" "$?:$(grep -c '<b>WITNESSED</b>' "$tmp/page")" 0:1
page --witness "$tmp/both"
tap_is "and shows nothing where one is too few" \
    "$?:$(grep -c 'NOT VERIFIED: UNSEALED' "$tmp/page"):$(grep -c '<data' "$tmp/page")" 3:1:0
tap_is "who does not ask sees a signed ledger" "$(status "$JT" verify --key "$vkey" "$tmp/d")" 0
both 3 "one of two is too few" "$tmp/both"
tap_is "unless one is enough" \
    "$(status "$JT" verify --key "$vkey" --witness "$tmp/both" --quorum 1 "$tmp/d")" 0

cp -a "$tmp/d" "$tmp/fork"
"$mk" "$tmp/d" "$tmp/k" 7 100000 2>/dev/null
chmod -R u+w "$tmp/d"
both 0 "it went on: the beginning is witnessed" "$w1"
tap_is "and it is said how far" "$("$JT" verify --key "$vkey" --witness "$w1" "$tmp/d" |
    grep -c "size=$size at=1760000000")" 1
tap_run "the next one, with a proof" cosign w1 "$size" 1760000100
tap_run "and by the second" cosign w2 0 1760000200
both 0 "witnessed by both" "$tmp/both"
tap_is "since the earlier of them" "$("$JT" verify --key "$vkey" --witness "$tmp/both" "$tmp/d" |
    grep -c "at=1760000100 by=witness.example/w1, witness.example/w2")" 1
tap_is "--state remembers it" \
    "$(status "$JT" verify --key "$vkey" --state "$tmp/state" --witness "$w1" "$tmp/d") $(
        wc -l <"$tmp/state")" "0 4"

# Another history by the same key: the witness is asked to vouch for both.
rm -f "$tmp"/k/*.seen
"$mk" "$tmp/fork" "$tmp/k" 9 100000 2>/dev/null
old=$(cut -d' ' -f1 <"$tmp/w1/seen")
request "$old" "$tmp/fork" >"$tmp/request"
tap_is "a witness refuses another history" \
    "$(python3 tests/e2e/witness.py add "$tmp/w1" "$vkey1" 1760000300 <"$tmp/request" 2>&1)" 422

# --- what must not pass for a cosignature ---
fresh() {
    rm -rf "$tmp/x"
    cp -a "$tmp/d" "$tmp/x"
}
other=$(python3 tests/e2e/witness.py new "$tmp/w3" witness.example/w1)
both 3 "another key of the same name" "$other"
fresh
grep 'witness.example/w1' "$tmp/d/checkpoints/$size" >"$tmp/line"
grep -v 'witness.example/w1' "$tmp/d/checkpoint" >"$tmp/x/checkpoint"
cat "$tmp/line" >>"$tmp/x/checkpoint"
both 10 "a cosignature of another tree head" "$w1" "$tmp/x"
tap_is "whoever does not know that witness lets it pass" \
    "$(status "$JT" verify --key "$vkey" "$tmp/x")" 0
# altered EXPRESSION: w1's line below the checkpoint, its blob b changed
altered() {
    fresh
    rm "$tmp/x/checkpoints/$(sed -n 2p "$tmp/x/checkpoint")" # its copy there would do
    python3 - "$tmp/x/checkpoint" "$1" <<'PYTHON'
import base64, sys
lines = open(sys.argv[1], encoding="utf-8").read().split("\n")
for i, line in enumerate(lines):
    if line.startswith("\u2014 witness.example/w1 "):
        b = bytearray(base64.b64decode(line.split(" ")[2]))
        exec(sys.argv[2])
        lines[i] = " ".join(line.split(" ")[:2] + [base64.b64encode(b).decode()])
open(sys.argv[1], "w", encoding="utf-8").write("\n".join(lines))
PYTHON
}
altered 'b[11] += 1'
both 10 "a time that was altered" "$w1" "$tmp/x"
altered 'b[4] |= 0x80'
both 10 "a time beyond 2^63" "$w1" "$tmp/x"
altered 'b[75] ^= 1'
both 10 "a signature that was altered" "$w1" "$tmp/x"
altered 'del b[4:12]'
both 10 "a signature without a time" "$w1" "$tmp/x"
altered 'b[0] ^= 1'
tap_is "a key hash that was altered is a stranger's" \
    "$("$JT" verify --key "$vkey" --witness "$w1" "$tmp/x" | grep -c "size=$size")" 1

# --- bad keys ---
for bad in garbage "$vkey1" "${w1}x" "$tmp/none"; do
    tap_is "--witness ${bad:0:12}" "$(status "$JT" verify --key "$vkey" --witness "$bad" "$tmp/d")" 2
done
printf '%s\n%s\n' "$w1" "$w1" >"$tmp/twice"
tap_is "one witness named twice" \
    "$(status "$JT" verify --key "$vkey" --witness "$tmp/twice" "$tmp/d")" 2
tap_is "a quorum of more than there are" \
    "$(status "$JT" verify --key "$vkey" --witness "$w1" --quorum 2 "$tmp/d")" 2
tap_is "a quorum of nobody" "$(status "$JT" verify --key "$vkey" --quorum 1 "$tmp/d")" 2
tap_is "--quorum 0" "$(status "$JT" verify --key "$vkey" --witness "$w1" --quorum 0 "$tmp/d")" 2
tap_done
