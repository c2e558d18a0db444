/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_write.h - a report as text, and what all of its forms say. */
#ifndef CLI_REPORT_WRITE_H
#define CLI_REPORT_WRITE_H

#include "base/json.h"
#include "cli/report.h"
#include "ledger/verify.h"

/* "branches": in a report by cgroup or slice those with others below them; none: no member. */
void report_json_branches(struct json_writer *w, const struct report *r);

/* What of the ledger the figures rest on: the member "verified", and lines for people. */
void report_json_verified(struct json_writer *w, const struct verify_result *v);
void report_human_verified(struct buf *out, const struct verify_result *v);

/* Which verdicts leave verified records to be summed. */
bool report_has_verified(enum verify_verdict v);

/* The report, as text in that format; v is what verifying said. */
void report_write(const struct report *r, enum export_format f, const struct verify_result *v,
		  struct buf *out);

/* "measured", "modelled", "missing". */
const char *report_quality(const struct report *r);
/* Is any figure known? Unknown is not 0. */
bool report_known(const struct report_sum *s);
/* The world's grid alone: nobody named one. */
bool report_no_zone(const struct report *r);

#endif /* CLI_REPORT_WRITE_H */
