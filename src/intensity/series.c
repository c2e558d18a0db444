/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series.c - a series is looked up and averaged; series_settle.c makes it sorted and disjoint. */
#include "intensity/series.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "jouletrail/units.h"
#include "quant/interval.h"

/*
 * Coefficient of variation of an hour within its year, and the autocorrelation of ln intensity:
 * France, Britain and Germany in 2020. docs/method.md, "A value of another moment".
 */
#define HOURLY_CV 0.34

static const struct {
	double hours;
	double rho;
} correlation[] = { { 0, 1 }, { 1, 0.98 }, { 24, 0.65 }, { 168, 0.43 } };

static int append(struct series *s, const struct series_point *p)
{
	if (s->is_mapped)
		return -EROFS;
	if (s->n == SERIES_MAX_POINTS)
		return -E2BIG;
	if (s->n == s->capacity) {
		size_t capacity = s->capacity ? 2 * s->capacity : 64;
		void *bigger = realloc(s->point, capacity * sizeof(*s->point));

		if (!bigger)
			return -ENOMEM;
		s->point = bigger;
		s->capacity = capacity;
	}
	s->point[s->n++] = *p;
	return 0;
}

int series_add(struct series *s, const struct series_point *p)
{
	bool unsorted = s->n && p->start_s < s->point[s->n - 1].start_s;
	int err;

	if (p->start_s < 0 || p->start_s > SERIES_MAX_S ||
	    (p->end_s > SERIES_MAX_S && p->end_s != SERIES_END_UNKNOWN) ||
	    p->high_mg_per_kwh > SERIES_MAX_MG_PER_KWH)
		return -ERANGE;
	if (p->start_s >= p->end_s || p->low_mg_per_kwh > p->mg_per_kwh ||
	    p->mg_per_kwh > p->high_mg_per_kwh)
		return -EINVAL;
	err = append(s, p);
	if (err)
		return err;
	s->count.n_unsorted += unsorted;
	s->count.n_assumed_utc += (p->flags & SERIES_ASSUMED_UTC) != 0;
	s->count.n_added++;
	return 0;
}

void series_miss(struct series *s)
{
	s->count.n_missing++;
}

int series_miss_at(struct series *s, int64_t start_s)
{
	const struct series_point p = { .start_s = start_s,
					.end_s = SERIES_END_UNKNOWN,
					.flags = SERIES_MISSED };

	series_miss(s);
	return start_s < 0 || start_s > SERIES_MAX_S ? -ERANGE : append(s, &p);
}

size_t series_first_after(const struct series *s, int64_t t_s)
{
	size_t low = 0, high = s->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (s->point[mid].end_s > t_s)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

const struct series_point *series_at(const struct series *s, int64_t t_s)
{
	size_t i = series_first_after(s, t_s);

	return i < s->n && s->point[i].start_s <= t_s ? &s->point[i] : NULL;
}

int series_mean(const struct series *s, int64_t from_s, int64_t to_s, struct series_mean *ret)
{
	jt_product value = 0, low = 0, high = 0;
	uint64_t covered_s = 0;
	uint32_t flags = 0;

	if (from_s >= to_s || from_s < 0)
		return -EINVAL;
	for (size_t i = series_first_after(s, from_s); i < s->n; i++) {
		const struct series_point *p = &s->point[i];
		int64_t begin_s = p->start_s > from_s ? p->start_s : from_s;
		int64_t end_s = p->end_s < to_s ? p->end_s : to_s;
		uint64_t part_s = (uint64_t)(end_s - begin_s);

		if (p->start_s >= to_s)
			break;
		value += (jt_product)part_s * p->mg_per_kwh;
		low += (jt_product)part_s * p->low_mg_per_kwh;
		high += (jt_product)part_s * p->high_mg_per_kwh;
		covered_s += part_s;
		flags |= p->flags;
	}
	if (covered_s == 0)
		return -ENODATA;
	*ret = (struct series_mean){
		.mg_per_kwh = (uint64_t)((value + covered_s / 2) / covered_s),
		.low_mg_per_kwh = (uint64_t)(low / covered_s),
		.high_mg_per_kwh = (uint64_t)((high + covered_s - 1) / covered_s),
		.covered_s = (int64_t)covered_s,
		.coverage_ppm = (uint32_t)((jt_product)covered_s * JT_PPM_PER_1 /
					   (uint64_t)(to_s - from_s)),
		.flags = flags,
	};
	return 0;
}

double series_drift_sd(int64_t lag_s)
{
	size_t n = sizeof(correlation) / sizeof(correlation[0]);
	double hours = (double)(lag_s > 0 ? lag_s : 0) / 3600;
	double rho = correlation[n - 1].rho;

	for (size_t i = 1; i < n; i++) {
		double part = (hours - correlation[i - 1].hours) /
			      (correlation[i].hours - correlation[i - 1].hours);

		if (hours < correlation[i].hours) {
			rho = correlation[i - 1].rho +
			      part * (correlation[i].rho - correlation[i - 1].rho);
			break;
		}
	}
	return HOURLY_CV * sqrt(2 * (1 - rho));
}

void series_widen(struct series_point *p, double sd)
{
	struct quant_sides sides = { 0 };
	double value = p->mg_per_kwh;
	double high;

	if (p->mg_per_kwh == 0)
		return;
	/* A low of 0 has no logarithm: a thousandth stands for it. */
	quant_sides_from(fmax((double)p->low_mg_per_kwh, value / 1000), value, p->high_mg_per_kwh,
			 &sides);
	high = ceil(value * exp(QUANT_Z95 * hypot(sides.plus, sd)));
	p->low_mg_per_kwh = (uint32_t)(value * exp(-QUANT_Z95 * hypot(sides.minus, sd)));
	p->high_mg_per_kwh = high < SERIES_MAX_MG_PER_KWH ? (uint32_t)high : SERIES_MAX_MG_PER_KWH;
}

int series_hold(const struct series *s, int64_t t_s, struct series_point *ret)
{
	size_t i = series_first_after(s, t_s);

	if (i < s->n && s->point[i].start_s <= t_s) {
		*ret = s->point[i];
		return 0;
	}
	if (i == 0)
		return -ENODATA;
	*ret = s->point[i - 1];
	ret->flags |= SERIES_FILLED;
	series_widen(ret, series_drift_sd(t_s - ret->end_s));
	return 0;
}

const char *series_kind_name(enum series_kind k)
{
	return k == SERIES_MARGINAL ? "marginal" : "average";
}

int series_kind_parse(const char *word, enum series_kind *ret)
{
	for (enum series_kind k = SERIES_AVERAGE; k <= SERIES_MARGINAL; k++) {
		if (strcmp(word, series_kind_name(k)) == 0) {
			*ret = k;
			return 0;
		}
	}
	return -EINVAL;
}

void series_free(struct series *s)
{
	if (!s->is_mapped)
		free(s->point);
	memset(s, 0, sizeof(*s));
}
