/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* total.c - see total.h. */
#include "quant/total.h"

#include <errno.h>
#include <math.h>

#include "quant/temporal.h"

/* µg per µJ of 1 mg/kWh: a kilowatt-hour has 3.6e12 µJ, a milligram 1000 µg. */
#define TOTAL_UG_PER_UJ (1000 / 3.6e12)

/* ln-space sides of an interval; a low end that was rounded away to 0 counts as the high one. */
static struct quant_sides total_sides(const struct quant_interval_u64 *v)
{
	struct quant_sides s = { 0 };
	double value = (double)v->value;

	s.plus = v->high > v->value ? log((double)v->high / value) / QUANT_Z95 : 0;
	s.minus = s.plus;
	if (v->low > 0)
		s.minus = v->low < v->value ? log(value / (double)v->low) / QUANT_Z95 : 0;
	return s;
}

/* What is left of a side when its random part is taken out. */
static double total_systematic(double side, double random)
{
	double rest = side * side - log1p(random * random);

	return rest > 0 ? sqrt(rest) : 0;
}

static void total_linear(struct quant_sides *to, double weight, const struct quant_sides *s)
{
	to->minus += weight * s->minus;
	to->plus += weight * s->plus;
}

void quant_common_from(const struct quant_interval_u64 *mg_per_kwh, uint64_t random_ppm2,
		       bool annual, struct quant_common *ret)
{
	*ret = (struct quant_common){ .random = sqrt((double)random_ppm2) / 1e6, .annual = annual };
	/* Without one there is no carbon either. */
	quant_sides_from((double)mg_per_kwh->low, (double)mg_per_kwh->value,
			 (double)mg_per_kwh->high, &ret->intensity);
}

void quant_total_add(struct quant_total *t, const struct quant_interval_u64 *energy,
		     uint64_t co2e_ug, const struct quant_common *common, struct quant_sides *zone)
{
	double e = (double)energy->value, c = (double)co2e_ug, random = common->random;
	struct quant_sides sides;

	t->energy_uj += energy->value;
	t->co2e_ug += co2e_ug;
	t->n++;
	if (energy->value == 0) {
		/* Nothing to be relative to: what the counters may have missed. */
		double sd = (double)energy->high / QUANT_Z95;
		double ug_per_uj = t->energy_uj ? (double)t->co2e_ug / (double)t->energy_uj : 0;

		t->energy_var += sd * sd;
		t->co2e_var += sd * ug_per_uj * sd * ug_per_uj;
		return;
	}
	sides = total_sides(energy);
	sides.minus = total_systematic(sides.minus, random);
	sides.plus = total_systematic(sides.plus, random);
	total_linear(&t->energy_linear, e, &sides);
	total_linear(&t->co2e_linear, c, &sides);
	t->energy_var += e * random * e * random;
	t->co2e_var += c * random * c * random;
	total_linear(zone, c, &common->intensity);
	if (common->annual)
		t->co2e_annual += c;
}

void quant_total_merge(struct quant_total *t, const struct quant_total *more)
{
	t->energy_uj += more->energy_uj;
	t->co2e_ug += more->co2e_ug;
	t->n += more->n;
	total_linear(&t->energy_linear, 1, &more->energy_linear);
	total_linear(&t->co2e_linear, 1, &more->co2e_linear);
	t->energy_var += more->energy_var;
	t->co2e_var += more->co2e_var;
	t->co2e_annual += more->co2e_annual;
}

static void total_spread(struct quant_spread *to, double total, const struct quant_sides *linear)
{
	struct quant_sides s = { linear->minus / total, linear->plus / total };

	quant_spread_add_factor(to, 1, &s);
}

static struct quant_interval total_interval(double total, const struct quant_sides *linear,
					    double var, struct quant_spread *spread)
{
	if (!(total > 0))
		return (struct quant_interval){ .high = QUANT_Z95 * sqrt(var) };
	total_spread(spread, total, linear);
	quant_spread_add_cv(spread, sqrt(var) / total);
	return quant_spread_interval(spread, total);
}

void quant_total_intervals(const struct quant_total *t, const struct quant_sides *zone,
			   size_t n_zones, struct quant_interval_u64 *ret_energy,
			   struct quant_interval_u64 *ret_co2e)
{
	struct quant_spread energy_spread = { 0 }, co2e_spread = { 0 };
	double c = (double)t->co2e_ug;
	struct quant_interval energy, co2e;

	energy = total_interval((double)t->energy_uj, &t->energy_linear, t->energy_var,
				&energy_spread);
	for (size_t i = 0; c > 0 && i < n_zones; i++)
		total_spread(&co2e_spread, c, &zone[i]);
	if (c > 0)
		quant_spread_add_sd(&co2e_spread,
				    t->co2e_annual / c * quant_temporal_sd(t->time_ns));
	co2e = total_interval(c, &t->co2e_linear, t->co2e_var, &co2e_spread);
	*ret_energy = quant_interval_round(&energy, t->energy_uj);
	*ret_co2e = quant_interval_round(&co2e, t->co2e_ug);
}

uint64_t quant_total_random_ppm(const struct quant_total *t)
{
	double ppm = t->energy_uj ? sqrt(t->energy_var) / (double)t->energy_uj * 1e6 : 0;

	return ppm < 1e9 ? (uint64_t)ppm : 1000000000;
}

int quant_total_intensity(const struct quant_total *t, const struct quant_sides *zone,
			  struct quant_interval_u64 *ret_mg_per_kwh)
{
	double c = (double)t->co2e_ug, e = (double)t->energy_uj;
	struct quant_spread spread = { 0 };
	struct quant_interval i;

	if (!(c > 0) || !(e > 0))
		return -ENODATA;
	total_spread(&spread, c, zone);
	i = quant_spread_interval(&spread, c / e / TOTAL_UG_PER_UJ);
	*ret_mg_per_kwh = quant_interval_round(&i, (uint64_t)llround(i.value));
	return 0;
}
