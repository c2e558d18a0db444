/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* envelope.c - see envelope.h. */
#include "attrib/envelope.h"

#include <math.h>
#include <stddef.h>

/* Less contrast in load between two windows is no slope. */
#define LEAST_CONTRAST 0.05
/* So quiet that it does not need one. */
#define QUIET_BUSY	0.02
#define NOISE_OF_LEAST	3
#define BENT_SD		0.5
#define MOST_TAKEN_PART 0.5

/* The bucket of that number, emptied of an older one that had its place. */
static struct envelope_bucket *bucket_of(struct envelope *v, uint64_t number,
					 const struct envelope_point *first)
{
	struct envelope_bucket *b = &v->bucket[number % ENVELOPE_BUCKETS];

	if (b->number != number)
		*b = (struct envelope_bucket){ number, *first, *first };
	return b;
}

/* What the horizon no longer holds is forgotten, also where no window came for a while. */
static void drop_old(struct envelope *v, uint64_t number)
{
	for (size_t i = 0; i < ENVELOPE_BUCKETS; i++)
		if (v->bucket[i].number + ENVELOPE_BUCKETS <= number ||
		    v->bucket[i].number > number)
			v->bucket[i].number = 0;
}

void envelope_add(struct envelope *v, uint64_t end_mono_ns, const struct envelope_point *p)
{
	uint64_t number = end_mono_ns / ENVELOPE_BUCKET_NS + 1;
	struct envelope_bucket *b;

	/* Written so that a NaN is left out. */
	if (!(p->power_w >= 0 && p->busy >= 0 && p->busy <= 1 && p->noise_w >= 0 &&
	      isfinite(p->power_w) && isfinite(p->noise_w)))
		return;
	drop_old(v, number);
	b = bucket_of(v, number, p);
	if (p->power_w < b->lowest.power_w)
		b->lowest = *p;
	if (p->busy > b->busiest.busy)
		b->busiest = *p;
}

bool envelope_level(const struct envelope *v, struct envelope_level *ret)
{
	const struct envelope_point *low = NULL, *high = NULL;
	double contrast, taken_w;

	for (size_t i = 0; i < ENVELOPE_BUCKETS; i++) {
		const struct envelope_bucket *b = &v->bucket[i];

		if (b->number && (!low || b->lowest.power_w < low->power_w))
			low = &b->lowest;
		if (b->number && (!high || b->busiest.busy > high->busy))
			high = &b->busiest;
	}
	if (!low)
		return false;
	contrast = high->busy - low->busy;
	if (contrast >= LEAST_CONTRAST)
		taken_w = low->busy * (high->power_w - low->power_w) / contrast;
	else if (low->busy <= QUIET_BUSY)
		taken_w = low->busy * low->power_w;
	else
		return false;
	if (taken_w > MOST_TAKEN_PART * low->power_w)
		return false;
	*ret = (struct envelope_level){
		.power_w = low->power_w - taken_w,
		.sd_w = hypot(BENT_SD * taken_w, NOISE_OF_LEAST * low->noise_w),
	};
	return true;
}
