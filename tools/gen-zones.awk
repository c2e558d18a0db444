# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# gen-zones.awk - src/intensity/zones.tsv as the initialiser of the embedded table, and its SHA-256.
#
# usage: awk -v sha256=HEX -f tools/gen-zones.awk zones.tsv > zones.inc

BEGIN {
    FS = "\t"
    if (length(sha256) != 64)
        fail("give -v sha256=, 64 digits")
    printf "/* Generated from zones.tsv by tools/gen-zones.awk: change that, not this. */\n"
    printf "#define ZONES_SHA256 \"%s\"\n", sha256
}

function fail(text) {
    printf "gen-zones.awk: %s\n", text > "/dev/stderr"
    failed = 1
    exit 1
}

function text(s) {
    if (s == "" || s ~ /["\\]/)
        fail("line " FNR ": text '" s "'")
    return "\"" s "\""
}

function number(s) {
    if (s !~ /^[0-9]+$/)
        fail("line " FNR ": number '" s "'")
    return s
}

/^#/ { next }

!header {
    header = 1
    if ($1 != "zone" || $3 != "kind" || $4 != "mg_per_kwh" || $12 != "within")
        fail("line " FNR ": not the columns of zones.tsv")
    next
}

NF != 12 { fail("line " FNR ": " NF " columns, expected 12") }

{
    printf "{ %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s },\n", text($1), text($2), text($3),
        number($4), number($5), number($6), text($7), text($8), number($9), text($10), text($11),
        $12 == "-" ? "NULL" : text($12)
    n++
}

END {
    if (!failed && !n)
        fail("no zones")
}
