/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_by.h - what a report is by: whatever a ledger's records can be, the zone, the host. */
#ifndef CLI_REPORT_BY_H
#define CLI_REPORT_BY_H

#include "cli/by_rows.h"
#include "types/sample.h"

/* Beyond enum record_kind. */
enum report_by {
	REPORT_ZONE = RECORD_N_KINDS,
	REPORT_HOST,
};

/* For --help. */
#define REPORT_BY_WORDS BY_WORDS " zone host"

const char *report_by_name(unsigned int by);
/* Returns 0 or -EINVAL. */
int report_by_parse(const char *word, unsigned int *ret);

#endif /* CLI_REPORT_BY_H */
