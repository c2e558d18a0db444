# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# gen-cpus.awk - turns src/power/cpus.tsv into the rows of the table in src/power/cpus.c.
BEGIN {
	FS = "\t"
	print "/* Generated from cpus.tsv; do not edit. */"
	print "/* sha256 " sha256 " */"
}

function quote(s) {
	gsub(/[\\"]/, "\\\\&", s)
	return "\"" s "\""
}

/^#/ || $1 == "kind" {
	next
}

NF != 14 || $1 !~ /^(model|uarch|generic)$/ || $2 == "" {
	print "cpus.tsv:" NR ": not a row of 14 columns" > "/dev/stderr"
	exit 1
}

{
	line = "{ CPU_" toupper($1) ", " quote($2) ", " quote($3)
	for (i = 4; i <= 13; i++) {
		if ($i !~ /^[0-9]*$/) {
			print "cpus.tsv:" NR ": column " i " is no number" > "/dev/stderr"
			exit 1
		}
		line = line ", " ($i == "" ? 0 : $i)
	}
	print line ", " quote($14) " },"
}
