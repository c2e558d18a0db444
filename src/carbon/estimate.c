/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* estimate.c - see estimate.h. */
#include "carbon/estimate.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>

#include "quant/spread.h"
#include "quant/temporal.h"
#include "jouletrail/units.h"

#define NS_PER_YEAR (31556952.0 * 1e9) /* 365.2425 days */
/* A PUE of 1.0 as low end has no logarithm: 0.005 stands for nothing above 1. */
#define LEAST_ABOVE_1 0.005
/* Relative sd of a server's life, triangular (3, 4, 6) years: sqrt(7/18) / (13/3). */
#define LIFE_SD 0.1439
/* 2^63: what a figure of µJ or µg may be at most. */
#define MOST 9.2e18

/* What the figures hang on: the sides of each factor, and how much of the whole hangs on it. */
struct estimate_parts {
	struct quant_sides energy;
	struct quant_sides carbon;  /* of energy x intensity, or of the intensity alone */
	bool has_energy;	    /* in it */
	struct quant_sides above_1; /* of PUE - 1 */
	struct quant_sides embodied;
	double above_1_part; /* (PUE - 1) / PUE */
	double temporal_sd;
};

static int sides_of(const struct quant_interval_u64 *i, struct quant_sides *ret)
{
	*ret = (struct quant_sides){ 0 };
	if ((i->value == 0 && i->high == 0) || (i->low == i->value && i->value == i->high))
		return 0;
	return quant_sides_from((double)i->low, (double)i->value, (double)i->high, ret);
}

static int pue_parts(const struct site_pue *p, struct estimate_parts *ret)
{
	double pue = (double)p->pue_ppm / 1e6 - 1;
	double low = (double)p->low_ppm / 1e6 - 1;
	double high = (double)p->high_ppm / 1e6 - 1;

	if (low < 0 || low > pue || pue > high)
		return -EINVAL;
	ret->above_1_part = pue / (1 + pue);
	ret->above_1 = (struct quant_sides){ 0 };
	if (pue <= LEAST_ABOVE_1)
		return 0;
	return quant_sides_from(fmax(low, LEAST_ABOVE_1), pue, high, &ret->above_1);
}

/* What does not depend on where the energy's figures come from. */
static int site_parts(const struct estimate_input *in, struct estimate_parts *ret)
{
	int err = pue_parts(&in->pue, ret);

	ret->embodied = (struct quant_sides){ 0 };
	if (!err && in->embodied)
		err = quant_sides_from((double)in->embodied->low_g, (double)in->embodied->g,
				       (double)in->embodied->high_g, &ret->embodied);
	if (!(in->share >= 0 && in->share <= 1) || (in->embodied && in->duration_ns == 0))
		err = -EINVAL;
	return err;
}

static int parts_of(const struct estimate_input *in, struct estimate_parts *ret)
{
	const struct intensity *i = &in->intensity;
	struct quant_interval_u64 grid = { i->mg_per_kwh, i->low_mg_per_kwh, i->high_mg_per_kwh };
	int err = sides_of(&in->energy_uj, &ret->energy);

	if (!err)
		err = sides_of(&grid, &ret->carbon);
	if (!err)
		err = site_parts(in, ret);
	ret->has_energy = false;
	ret->temporal_sd = i->is_annual_mean ? quant_temporal_sd(in->duration_ns) : 0;
	return err;
}

static void add_operational(struct quant_spread *s, const struct estimate_parts *p, double part,
			    bool with_grid)
{
	if (!with_grid || !p->has_energy)
		quant_spread_add_factor(s, part, &p->energy);
	quant_spread_add_factor(s, part * p->above_1_part, &p->above_1);
	if (!with_grid)
		return;
	quant_spread_add_factor(s, part, &p->carbon);
	quant_spread_add_sd(s, part * p->temporal_sd);
}

static void add_embodied(struct quant_spread *s, const struct estimate_parts *p, double part)
{
	quant_spread_add_factor(s, part, &p->embodied);
	quant_spread_add_sd(s, part * LIFE_SD);
}

static struct quant_interval_u64 figure(const struct quant_spread *s, double value)
{
	struct quant_interval i = quant_spread_interval(s, value);

	return quant_interval_round(&i, (uint64_t)llround(value));
}

/* SCI's M: what it took to build, by the part of its life and of the machine that was reserved. */
static double embodied_ug(const struct estimate_input *in)
{
	if (!in->embodied)
		return 0;
	return (double)in->embodied->g * 1e6 * in->share * (double)in->duration_ns /
	       (in->embodied->years * NS_PER_YEAR);
}

/* The figures, from their values and what they hang on. */
static int combine(const struct estimate_input *in, const struct estimate_parts *parts,
		   double energy_uj, double operational_ug, struct estimate *ret)
{
	struct quant_spread energy = { 0 }, operational = { 0 }, embodied = { 0 }, total = { 0 };
	double building_ug = embodied_ug(in);
	double sum_ug = operational_ug + building_ug;

	if (energy_uj > MOST || sum_ug > MOST)
		return -EOVERFLOW;
	add_operational(&energy, parts, 1, false);
	add_operational(&operational, parts, 1, true);
	add_embodied(&embodied, parts, 1);
	if (sum_ug > 0) {
		add_operational(&total, parts, operational_ug / sum_ug, true);
		add_embodied(&total, parts, building_ug / sum_ug);
	}
	ret->energy_uj = figure(&energy, energy_uj);
	ret->operational_ug = figure(&operational, operational_ug);
	ret->embodied_ug = figure(&embodied, building_ug);
	ret->total_ug = figure(&total, sum_ug);
	return 0;
}

int estimate_run(const struct estimate_input *in, struct estimate *ret)
{
	double energy_uj = (double)in->energy_uj.value * (double)in->pue.pue_ppm / 1e6;
	struct estimate_parts parts;
	int err = parts_of(in, &parts);

	/* µJ x mg/kWh / 3.6e9 = µg: jt_product_to_ug(), not rounded. */
	return err ? err
		   : combine(in, &parts, energy_uj,
			     energy_uj * (double)in->intensity.mg_per_kwh / 3.6e9, ret);
}

/* An end at 0 is no distance in logarithms: as far down as up. */
static int measured_sides(const struct quant_interval_u64 *i, struct quant_sides *ret)
{
	struct quant_interval_u64 v = *i;

	*ret = (struct quant_sides){ 0 };
	if (v.low > v.value || v.value > v.high)
		return -EINVAL;
	if (v.value == 0)
		return 0;
	if (v.low == 0)
		v.low = v.value;
	quant_sides_from((double)v.low, (double)v.value, (double)v.high, ret);
	if (i->low == 0)
		ret->minus = ret->plus;
	return 0;
}

/* What may have been missed where nothing was seen. */
static void stretch(struct quant_interval_u64 *to, const struct quant_interval_u64 *seen,
		    const struct site_pue *pue)
{
	if (seen->value == 0)
		to->high += (uint64_t)ceil(
			fmin((double)seen->high * (double)pue->high_ppm / 1e6, MOST));
}

int estimate_measured(const struct estimate_input *in, const struct quant_interval_u64 *co2e_ug,
		      struct estimate *ret)
{
	double pue = (double)in->pue.pue_ppm / 1e6;
	struct estimate_parts parts = { .has_energy = true };
	int err = measured_sides(&in->energy_uj, &parts.energy);

	if (!err)
		err = measured_sides(co2e_ug, &parts.carbon);
	if (!err)
		err = site_parts(in, &parts);
	if (!err)
		err = combine(in, &parts, (double)in->energy_uj.value * pue,
			      (double)co2e_ug->value * pue, ret);
	if (err)
		return err;
	stretch(&ret->energy_uj, &in->energy_uj, &in->pue);
	stretch(&ret->operational_ug, co2e_ug, &in->pue);
	stretch(&ret->total_ug, co2e_ug, &in->pue);
	return 0;
}
