/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_html.h - a report as a page: docs/report.md. */
#ifndef CLI_REPORT_HTML_H
#define CLI_REPORT_HTML_H

#include "cli/report_write.h"

/* Consumers that have a row of their own; what is beyond is in one row of others. */
#define REPORT_HTML_ROWS 50

/* The page of a report with series and facts, which was sorted. */
void report_html(const struct report *r, const struct verify_result *v, struct buf *out);

/* The page of a ledger that does not verify: what is wrong, and no figure. */
void report_html_refused(const char *dir, const struct verify_result *v, struct buf *out);

/* Its parts, in this order. */
void report_html_verdict(struct buf *out, const struct verify_result *v);
void report_html_totals(struct buf *out, const struct report *r);
void report_html_time(struct buf *out, const struct report *r);
void report_html_consumers(struct buf *out, const struct report *r);
void report_html_budget(struct buf *out, const struct report *r);
void report_html_facts(struct buf *out, const struct report *r);
void report_html_ledger(struct buf *out, const struct report *r, const struct verify_result *v);

#endif /* CLI_REPORT_HTML_H */
