# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# gen-cpus.awk - src/power/cpus.tsv -> rows of struct model_row, in the file's (sorted) order.
BEGIN { FS = "\t" }
/^#/ { next }
NF != 11 { print "cpus.tsv:" NR ": " NF " fields" > "/dev/stderr"; exit 1 }
{
	kind["server"] = "MODEL_SERVER"; kind["uarch"] = "MODEL_UARCH"
	kind["generic"] = "MODEL_GENERIC"; kind["tdp"] = "MODEL_TDP"
	printf "{%s, \"%s\", %s, %s, {%s, %s, %s}, {%s, %s, %s}},\n", kind[$1], $2, $3, $4, $5, $6, $7, $8, $9, $10
}
