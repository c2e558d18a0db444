/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * metrics.h - ticks as counters for Prometheus: docs/metrics.md has the families.
 *
 * Counters are exact integers of micro-units (ns for time) and only grow; a figure that was never
 * known has no sample. Consumers are told apart by their labels alone, so that a container that
 * comes back under its old path goes on where it was.
 */
#ifndef EXPORT_METRICS_H
#define EXPORT_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "jouletrail/units.h"
#include "types/record.h"

#define METRICS_DEFAULT_SERIES 1000
#define METRICS_MAX_SERIES     20000

/* A consumer that was silent for so long loses its series. */
#define METRICS_KEEP_NS (3600 * JT_NS_PER_S)
/* And for so long, where there is no room for another: a scrape has had its last value by then. */
#define METRICS_KEEP_FULL_NS (300 * JT_NS_PER_S)

/* Longest label value in characters; of what is longer the end stays. */
#define METRICS_LABEL_LEN 512

struct metrics;

/* What a tick does not say. */
struct metrics_state {
	bool has_ledger;
	bool ledger_failed;
	uint64_t n_ledger_records;
};

/*
 * max_series: consumers with a series of their own, from the one that draws most at first; the
 * others are one, kind="other". version is static. Returns 0 or -ENOMEM.
 */
int metrics_new(size_t max_series, const char *version, struct metrics **ret);
void metrics_free(struct metrics *m);

/* Adds a closed tick. Returns 0; -ENOMEM: a consumer may then be in "other", no sum is wrong. */
int metrics_add(struct metrics *m, const struct tick *t, const struct metrics_state *s);

/* Appends all families as Prometheus text 0.0.4. */
void metrics_put(const struct metrics *m, struct buf *out);

/* Bytes that metrics_put() appends at most. */
size_t metrics_max_bytes(size_t max_series);

#endif /* EXPORT_METRICS_H */
