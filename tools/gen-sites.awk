# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# gen-sites.awk - src/carbon/pue.tsv or embodied.tsv as the initialiser of an embedded table.
#
# usage: awk -v sha256=HEX -f tools/gen-sites.awk pue.tsv > pue.inc

BEGIN {
    FS = "\t"
    printf "/* Generated from a .tsv by tools/gen-sites.awk: change that, not this. SHA-256 %s */\n", sha256
}

function fail(text) {
    printf "gen-sites.awk: line %d: %s\n", FNR, text > "/dev/stderr"
    failed = 1
    exit 1
}

/^#/ { next }

!header {
    header = 1
    next
}

NF != 6 || $1 ~ /["\\]/ || $6 ~ /["\\]/ { fail("not six columns, or quotes in them") }

{
    for (i = 2; i <= 5; i++)
        if ($i !~ /^[0-9]+$/)
            fail("number '" $i "'")
    printf "{ \"%s\", %s, %s, %s, %s, \"%s\" },\n", $1, $2, $3, $4, $5, $6
    n++
}

END {
    if (!failed && !n)
        fail("no rows")
}
