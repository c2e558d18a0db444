#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# json_roundtrip.sh - another program's JSON reads ours and writes the same bytes back.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
B=${B:-build}

command -v python3 >/dev/null || tap_skip_all "python3 is not installed"

count=5000
[ -z "${LONG:-}" ] || count=500000
for seed in 1 2 3; do
    found=$("$B/tests/e2e/json_emit" $seed $count | python3 -c '
import json, sys
n = 0
for line in sys.stdin.buffer:
    n += 1
    # ensure_ascii=False writes the same short escapes and \u00xx as RFC 8785 asks.
    again = json.dumps(json.loads(line), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    if again.encode() + b"\n" != line:
        print(f"document {n}: wrote {line!r}, read back {again!r}")
        break
if n != int(sys.argv[1]):
    print(f"{n} documents of {sys.argv[1]}")' $count 2>&1)
    tap_empty "$count random documents come back byte by byte (seed $seed)" "$found"
done
tap_done
