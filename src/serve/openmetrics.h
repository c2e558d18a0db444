/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* openmetrics.h - OpenMetrics 1.0 for who asks for it, out of Prometheus text 0.0.4. */
#ifndef SERVE_OPENMETRICS_H
#define SERVE_OPENMETRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

#define OPENMETRICS_TYPE     "application/openmetrics-text; version=1.0.0; charset=utf-8"
#define OPENMETRICS_OLD_TYPE "text/plain; version=0.0.4; charset=utf-8"

/*
 * Whether an Accept header (NULL = none) has OpenMetrics of version 1.0.0, or of none said, with
 * a weight that is not less than that of text/plain and not 0. What is malformed counts as absent.
 */
bool openmetrics_is_wanted(const char *accept);

/*
 * Appends text in the other format: families of counters are named without _total, and it ends
 * in "# EOF". Sample lines are the same in both.
 */
void openmetrics_from_text(const char *text, size_t len, struct buf *out);

#endif /* SERVE_OPENMETRICS_H */
