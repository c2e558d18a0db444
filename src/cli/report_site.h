/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_site.h - the site and the machine that a ledger says its records are of. */
#ifndef CLI_REPORT_SITE_H
#define CLI_REPORT_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "export/export.h"
#include "ledger/scan.h"

/* What a site and a machine add to the records' carbon, which is without. Zero-initialise. */
struct report_site {
	bool asked;	       /* by options, else by the ledger */
	struct export_site of; /* the host's */
	uint64_t n_ticks;
	bool mixed;	/* ticks of several sites */
	bool cut;	/* one that did not fit */
	char now[2048]; /* of the last open record, as its JSON has it; "" = none */
	char text[2048];
	char pue_site[64]; /* what of.terms points to */
	char pue_source[256];
	char host[64];
	char host_source[256];
};

/* Of an open record, and of a tick after it. */
void report_site_open(struct report_site *s, struct scan_value line);
void report_site_tick(struct report_site *s);

/* Where nothing was asked for, what the ledger says; logged where that is several things. */
void report_site_settle(struct report_site *s);

#endif /* CLI_REPORT_SITE_H */
