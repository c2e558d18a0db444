/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* weight.c - see weight.h. */
#include "attrib/weight.h"

#include "jouletrail/units.h"

/* ns with the sibling busy count less; rounded up: who ran counts. */
static uint64_t smt_weight(uint64_t cpu_ns, uint64_t corun_ns, unsigned int corun_percent)
{
	if (corun_ns > cpu_ns)
		corun_ns = cpu_ns;
	/* corun_ns x part / 100, without a product that could overflow. */
	return cpu_ns - corun_ns / 100 * (100 - corun_percent) -
	       corun_ns % 100 * (100 - corun_percent) / 100;
}

static inline uint64_t weight_on(const struct method *m, const struct usage_row *row,
				 unsigned int package)
{
	switch (m->weight) {
	case JT_WEIGHT_TIME:
		break;
	case JT_WEIGHT_SMT:
		return smt_weight(row->cpu_ns[package], row->weight[package], m->corun_percent);
	case JT_WEIGHT_FREQ:
	case JT_WEIGHT_CYCLES:
		return row->weight[package];
	}
	return row->cpu_ns[package];
}

static inline uint64_t weight_of(const struct method *m, const struct usage_row *row, int package)
{
	uint64_t sum = 0;

	if (package >= 0)
		return weight_on(m, row, (unsigned int)package);
	for (unsigned int p = 0; p < JT_MAX_PACKAGES; p++)
		if (__builtin_add_overflow(sum, weight_on(m, row, p), &sum))
			return UINT64_MAX;
	return sum;
}

void attrib_weight_fit(uint64_t *weight, size_t n)
{
	unsigned int shift = 0;
	jt_product sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += weight[i];
	while (sum >> shift > UINT64_MAX)
		shift++;
	for (size_t i = 0; shift && i < n; i++)
		weight[i] >>= shift;
}

size_t attrib_weight_rows(const struct method *m, const struct usage *u, int package,
			  struct weighed *ret)
{
	const struct method by_time = { .weight = JT_WEIGHT_TIME };
	bool same = m->weight == JT_WEIGHT_TIME;
	size_t n = 0;

	for (size_t i = 0; i < u->n_rows; i++) {
		uint64_t weight = weight_of(m, &u->rows[i], package);
		uint64_t plain = same ? weight : weight_of(&by_time, &u->rows[i], package);

		if (weight == 0 && plain == 0)
			continue;
		ret->row[n] = i;
		ret->weight[n] = weight;
		ret->plain[n++] = plain;
	}
	attrib_weight_fit(ret->weight, n);
	attrib_weight_fit(ret->plain, n);
	return n;
}
