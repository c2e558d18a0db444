/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* truth.h - what a reader is compared with: the energy truly drawn, and every reading. */
#ifndef RAPLSIM_TRUTH_H
#define RAPLSIM_TRUTH_H

#include "base/buf.h"
#include "raplsim/faults.h"
#include "raplsim/model.h"

#define TRUTH_MAX_READINGS 65536

struct truth_reading {
	uint64_t mono_ns;
	uint64_t unwrapped_uj; /* of the counter, whatever was shown of it */
	uint64_t drawn_uj;
	size_t domain;
	enum fault_kind fault;
};

/* The latest readings, in a ring; and for each domain its last good one. */
struct truth {
	uint64_t n_readings;
	struct truth_reading *reading; /* [TRUTH_MAX_READINGS] */
	uint64_t n_good[MODEL_MAX_DOMAINS];
	struct truth_reading last[MODEL_MAX_DOMAINS];
};

/* Returns 0 or -ENOMEM. */
int truth_open(struct truth *t);
void truth_close(struct truth *t);

/* A counter was read at the model's moment. */
void truth_note(struct truth *t, const struct model *m, size_t domain, enum fault_kind fault);

/* truth.json, schema jouletrail.raplsim/1: docs/raplsim.md. */
void truth_put_json(const struct truth *t, const struct model *m, struct buf *out);

/* readings.tsv: mono_ns, label, "ok" or the fault, unwrapped_uj, drawn_uj. */
void truth_put_readings(const struct truth *t, const struct model *m, struct buf *out);

#endif /* RAPLSIM_TRUTH_H */
