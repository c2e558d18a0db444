/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parts.h - the inside of an attrib, for the files that divide and those that loop. */
#ifndef ATTRIB_PARTS_H
#define ATTRIB_PARTS_H

#include "attrib/attrib.h"
#include "attrib/envelope.h"
#include "attrib/reserve.h"

/* What was learnt of a domain, for as long as it has this name. */
struct learnt {
	char name[ENERGY_NAME_LEN];
	struct envelope envelope;
};

struct attrib {
	struct shares shares;
	struct method method;
	struct learnt learnt[ENERGY_MAX_DOMAINS];
	struct reservations reservations;
	size_t n_active; /* rows that ran on the package at hand, and what they weigh */
	size_t *active;
	uint64_t *weight;
	uint64_t *plain; /* the same by CPU time; unused where weight is that */
	uint64_t *share;
	uint64_t *other; /* shares under another model */
};

/* The window at hand and one of its domains. */
struct part {
	const struct usage *usage;
	const struct energy *energy;
	size_t domain;
	bool by_use; /* the weight after the rows' is what is nobody's */
};

/* Static energy of a domain in a window. */
struct static_energy {
	uint64_t uj; /* not more than was measured */
	double sd_uj;
	enum shares_static from;
};

struct static_energy attrib_static(struct attrib *a, const struct part *p);

/* Divides one domain whose reading is not missing and whose rows are gathered. */
void attrib_divide(struct attrib *a, const struct part *p);

#endif /* ATTRIB_PARTS_H */
