#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# fuzz_corpora.sh - every fuzz target over its kept corpus.
set -u
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/../tap.sh"
cd "$(dirname "$0")/../.." || exit 1
B=${B:-build}

for source in tests/fuzz/fuzz-*.c; do
    name=$(basename "$source" .c)
    tap_run "$name" "$B/tests/fuzz/$name" "tests/fuzz/corpus/$name"
done
tap_done
