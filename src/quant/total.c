/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* total.c - see total.h. */
#include "quant/total.h"

#include <errno.h>
#include <math.h>

#include "quant/temporal.h"

/* µg per µJ of 1 mg/kWh: a kilowatt-hour has 3.6e12 µJ, a milligram 1000 µg. */
#define TOTAL_UG_PER_UJ (1000 / 3.6e12)

enum { GROUP_ENERGY, GROUP_INTENSITY, GROUP_MOMENT };

/* What is left of a deviation when its random part is taken out, as squares. */
static double total_systematic(double deviation, double random)
{
	double rest = deviation * deviation - random * random;

	return rest > 0 ? sqrt(rest) : 0;
}

/*
 * ln-space sides of what is systematic in an interval around a value > 0; random: half the width
 * of what is not. A low end that was rounded away to 0 counts as the high one.
 */
static struct quant_sides total_sides(const struct quant_interval_u64 *v, double random)
{
	double value = (double)v->value;
	double above = total_systematic((double)(v->high - v->value), random) / value;
	double below = total_systematic((double)(v->value - v->low), random) / value;
	struct quant_sides s = { .plus = log1p(above) / QUANT_Z95 };

	s.minus = v->low > 0 && below < 1 ? -log1p(-below) / QUANT_Z95 : s.plus;
	return s;
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
		     uint64_t co2e_ug, const struct quant_common *common, struct quant_zone *zone)
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
	sides = total_sides(energy, QUANT_Z95 * e * random);
	total_linear(&t->energy_linear, e, &sides);
	total_linear(&t->co2e_linear, c, &sides);
	t->energy_var += e * random * e * random;
	t->co2e_var += c * random * c * random;
	zone->co2e_ug += c;
	total_linear(&zone->linear, c, &common->intensity);
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

void quant_zone_merge(struct quant_zone *zone, const struct quant_zone *more)
{
	zone->co2e_ug += more->co2e_ug;
	total_linear(&zone->linear, 1, &more->linear);
}

/* The part of that id: amount hangs on it with Σ amount·σ. */
static void total_hang(struct quant_value *v, const struct quant_part *id, double amount,
		       const struct quant_sides *linear)
{
	struct quant_part part = *id;
	struct quant_sides s;

	if (!(amount > 0))
		return;
	part.amount = amount;
	s = (struct quant_sides){ linear->minus / amount, linear->plus / amount };
	quant_value_hang(v, &part, &s);
}

void quant_total_values(const struct quant_total *t, const struct quant_zone *zone, size_t n_zones,
			struct quant_value *ret_energy, struct quant_value *ret_co2e)
{
	static const struct quant_part systematic = { .id = QUANT_TOTAL_ENERGY,
						      .group = GROUP_ENERGY };
	const struct quant_part moment = { .id = QUANT_TOTAL_MOMENT,
					   .group = GROUP_MOMENT,
					   .temporal = true,
					   .amount = t->co2e_annual };
	double sd = quant_temporal_sd(t->time_ns);

	*ret_energy =
		(struct quant_value){ .value = (double)t->energy_uj, .random_var = t->energy_var };
	*ret_co2e = (struct quant_value){ .value = (double)t->co2e_ug, .random_var = t->co2e_var };
	total_hang(ret_energy, &systematic, ret_energy->value, &t->energy_linear);
	total_hang(ret_co2e, &systematic, ret_co2e->value, &t->co2e_linear);
	for (size_t i = 0; i < n_zones; i++) {
		const struct quant_part part = { .id = QUANT_TOTAL_ZONE + (uint32_t)i,
						 .group = GROUP_INTENSITY };

		total_hang(ret_co2e, &part, zone[i].co2e_ug, &zone[i].linear);
	}
	if (t->co2e_annual > 0)
		quant_value_hang(ret_co2e, &moment, &(struct quant_sides){ sd, sd });
}

void quant_total_intervals(const struct quant_total *t, const struct quant_zone *zone,
			   size_t n_zones, struct montecarlo *mc,
			   struct quant_interval_u64 *ret_energy,
			   struct quant_interval_u64 *ret_co2e)
{
	struct quant_value energy, co2e;
	struct quant_interval i;

	quant_total_values(t, zone, n_zones, &energy, &co2e);
	i = quant_value_estimate(&energy, mc);
	*ret_energy = quant_interval_round(&i, t->energy_uj);
	i = quant_value_estimate(&co2e, mc);
	*ret_co2e = quant_interval_round(&i, t->co2e_ug);
}

int quant_total_intensity(const struct quant_total *t, const struct quant_zone *zone,
			  size_t n_zones, struct quant_interval_u64 *ret_mg_per_kwh)
{
	double c = (double)t->co2e_ug, e = (double)t->energy_uj;
	struct quant_value v = { .value = c / e / TOTAL_UG_PER_UJ };
	struct quant_interval i;

	if (!(c > 0) || !(e > 0))
		return -ENODATA;
	for (size_t k = 0; k < n_zones; k++) {
		const struct quant_part part = { .id = QUANT_TOTAL_ZONE + (uint32_t)k,
						 .group = GROUP_INTENSITY,
						 .amount = v.value * (zone[k].co2e_ug / c) };
		double of = zone[k].co2e_ug;

		if (of > 0)
			quant_value_hang(&v, &part,
					 &(struct quant_sides){ zone[k].linear.minus / of,
								zone[k].linear.plus / of });
	}
	i = quant_value_interval(&v);
	*ret_mg_per_kwh = quant_interval_round(&i, (uint64_t)llround(i.value));
	return 0;
}
