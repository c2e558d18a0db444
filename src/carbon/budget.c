/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* budget.c - where the uncertainty of one figure of a tick comes from, and its interval. */
#include "carbon/budget.h"

#include <math.h>
#include <stdlib.h>

/* The factors, the attribution, the counters, the intensity and its moment must all fit. */
_Static_assert(RECORD_MAX_BUDGET >= SHARES_MAX_FACTORS + 4, "one row per source");
_Static_assert(QUANT_MAX_PARTS >= SHARES_MAX_FACTORS + 3, "one part per source");

#define MG_UJ_PER_UG 3.6e9 /* jt_product_to_ug() */

/* Ids of the parts beside the factors, whose ids are their indices. */
enum { PART_ATTRIBUTION = SHARES_MAX_FACTORS, PART_INTENSITY, PART_MOMENT };
/* What multiplies: see struct quant_value. */
enum { GROUP_ENERGY, GROUP_ATTRIBUTION, GROUP_INTENSITY, GROUP_MOMENT };

void budget_host(const struct tick *t, struct budget_figure *ret)
{
	*ret = (struct budget_figure){
		.energy_uj = t->host.energy_uj,
		.co2e_ug = jt_product_to_ug(t->host_product),
		.product = t->host_product,
		.by_factor_uj = t->host_by_factor_uj,
		.random_var_uj2 = t->host_random_var_uj2,
	};
}

void budget_idle(const struct tick *t, struct budget_figure *ret)
{
	*ret = (struct budget_figure){
		.energy_uj = t->host.idle_uj,
		.co2e_ug = t->idle_co2e_ug,
		.product = t->idle_product,
		.by_factor_uj = t->idle_by_factor_uj,
		.attribution_sd_uj = fabs(t->idle_static_sd_uj),
	};
}

/* Between a window's models anything is as likely: rectangular, JCGM 100, 4.3.7. */
double budget_split_sd_uj(const struct sample *s, double attribution_sd_uj)
{
	double var_uj2 = attribution_sd_uj * attribution_sd_uj + s->static_sd_uj * s->static_sd_uj;

	for (size_t i = 0; i < SHARES_N_MODELS; i++)
		var_uj2 += (double)s->model_uj[i] * (double)s->model_uj[i] / 3;
	return sqrt(var_uj2);
}

void budget_sample(const struct sample *s, struct budget_figure *ret)
{
	*ret = (struct budget_figure){
		.energy_uj = s->energy_uj,
		.co2e_ug = s->co2e_ug,
		.product = s->product,
		.by_factor_uj = s->by_factor_uj,
		.attribution_sd_uj = budget_split_sd_uj(s, s->attribution_sd_uj),
		.random_var_uj2 = s->random_var_uj2,
	};
}

static void energy_value(const struct tick *t, const struct budget_figure *f, struct quant_value *v)
{
	double energy = (double)f->energy_uj;

	*v = (struct quant_value){ .value = energy, .random_var = f->random_var_uj2 };
	for (size_t i = 0; i < t->n_factors; i++) {
		const struct quant_part part = { .id = (uint32_t)i,
						 .group = GROUP_ENERGY,
						 .amount = (double)f->by_factor_uj[i] };

		if (f->by_factor_uj[i])
			quant_value_hang(v, &part, &t->factor[i].sides);
	}
	if (f->attribution_sd_uj != 0 && f->energy_uj) {
		const struct quant_part part = { .id = PART_ATTRIBUTION,
						 .group = GROUP_ATTRIBUTION,
						 .amount = energy };
		double sd = f->attribution_sd_uj / energy;

		quant_value_hang(v, &part, &(struct quant_sides){ sd, sd });
	}
}

/* Energy x intensity, and x the moment that an annual mean stands for. */
static void multiply_intensity(const struct tick *t, double ug_per_uj, struct quant_value *v)
{
	const struct quant_part intensity = { .id = PART_INTENSITY, .group = GROUP_INTENSITY };
	const struct quant_part moment = { .id = PART_MOMENT,
					   .group = GROUP_MOMENT,
					   .temporal = true };

	quant_value_multiply(v, ug_per_uj, &intensity, &t->intensity_sides);
	if (t->temporal_sd != 0)
		quant_value_multiply(v, 1, &moment,
				     &(struct quant_sides){ t->temporal_sd, t->temporal_sd });
}

void budget_values(const struct tick *t, const struct budget_figure *f,
		   struct quant_value *ret_energy, struct quant_value *ret_co2e)
{
	double ug_per_uj = (double)t->intensity.mg_per_kwh / MG_UJ_PER_UG;

	energy_value(t, f, ret_energy);
	/* Of the windows' own intensities, which may have differed. */
	if (f->energy_uj)
		ug_per_uj = (double)f->product / MG_UJ_PER_UG / (double)f->energy_uj;
	*ret_co2e = *ret_energy;
	multiply_intensity(t, ug_per_uj, ret_co2e);
}

/* Index of the table of figures that hang on several factors; and none at all. */
enum { TABLE_MIXED = SHARES_MAX_FACTORS, TABLE_NONE };

static void make_tables(const struct tick *t, const struct budget_figure *like, size_t index,
			struct budget_tables *tables)
{
	const struct budget_figure f = {
		.energy_uj = like->energy_uj,
		.product = jt_energy_x_intensity(like->energy_uj, t->intensity.mg_per_kwh),
		.by_factor_uj = like->by_factor_uj,
	};
	struct quant_value energy, co2e;
	struct quant_spread s;

	budget_values(t, &f, &energy, &co2e);
	quant_value_spread(&energy, &s);
	quant_table_make(&s, &tables->energy[index]);
	quant_value_spread(&co2e, &s);
	quant_table_make(&s, &tables->co2e[index]);
	for (size_t i = 0; index == TABLE_MIXED && i < SHARES_MAX_FACTORS; i++)
		tables->share[i] = (double)f.by_factor_uj[i] / (double)f.energy_uj;
	tables->made[index] = true;
}

static bool is_alike(const struct budget_figure *f, const struct budget_tables *tables)
{
	for (size_t i = 0; i < SHARES_MAX_FACTORS; i++)
		if (fabs((double)f->by_factor_uj[i] / (double)f->energy_uj - tables->share[i]) >
		    BUDGET_ALIKE)
			return false;
	return true;
}

/* The table that knows the figure, made where it is the first; or TABLE_NONE. */
static size_t table_of(const struct tick *t, const struct budget_figure *f,
		       struct budget_tables *tables)
{
	size_t index = TABLE_MIXED;

	for (size_t i = 0; i < t->n_factors; i++)
		if (f->by_factor_uj[i] == f->energy_uj)
			index = i;
	if (!tables->made[index])
		make_tables(t, f, index, tables);
	return index < TABLE_MIXED || is_alike(f, tables) ? index : TABLE_NONE;
}

/* What the counters and the rounding may have missed, at the intensity's upper end. */
static void of_no_energy(const struct tick *t, const struct budget_figure *f,
			 struct quant_interval ret[2])
{
	struct quant_value most = { .value = QUANT_Z95 * sqrt(f->random_var_uj2) };

	ret[0] = (struct quant_interval){ .high = most.value };
	multiply_intensity(t, (double)t->intensity.mg_per_kwh / MG_UJ_PER_UG, &most);
	ret[1] = quant_value_interval(&most);
	ret[1].low = 0;
}

static bool is_simulated(const struct tick *t, const struct budget_figure *f)
{
	return t->montecarlo && quant_is_simulated(f->energy_uj, t->host.energy_uj);
}

void budget_interval(const struct tick *t, const struct budget_figure *f,
		     struct quant_interval_u64 *ret_energy, struct quant_interval_u64 *ret_co2e)
{
	struct montecarlo *mc = is_simulated(t, f) ? t->montecarlo : NULL;
	struct quant_interval i[2];

	if (f->energy_uj == 0) {
		of_no_energy(t, f, i);
	} else {
		struct quant_value energy, co2e;

		budget_values(t, f, &energy, &co2e);
		i[0] = quant_value_estimate(&energy, mc);
		i[1] = quant_value_estimate(&co2e, mc);
	}
	*ret_energy = quant_interval_round(&i[0], f->energy_uj);
	*ret_co2e = quant_interval_round(&i[1], f->co2e_ug);
}

/* Intervals of which the tables know all but a normal part and noise: energy and co2e in turn. */
struct known {
	size_t n;
	struct quant_point point[2 * BUDGET_BLOCK];
	double noise_var[2 * BUDGET_BLOCK];
	struct quant_interval_u64 *ret[2 * BUDGET_BLOCK]; /* with the value */
};

static void know(struct known *k, const struct quant_point *p, double noise_var,
		 struct quant_interval_u64 *ret)
{
	k->point[k->n] = *p;
	k->noise_var[k->n] = noise_var;
	k->ret[k->n++] = ret;
}

/* Returns false, nothing done, where no table knows the sample's figure. */
static bool know_sample(const struct tick *t, const struct budget_figure *f,
			struct budget_tables *tables, struct known *k, struct sample *s)
{
	double energy = (double)f->energy_uj, co2e = (double)f->product / MG_UJ_PER_UG;
	double sd = f->attribution_sd_uj / energy, per_uj = co2e / energy;
	size_t table = TABLE_NONE;

	if (f->energy_uj && !is_simulated(t, f))
		table = table_of(t, f, tables);
	if (table == TABLE_NONE)
		return false;
	s->energy.value = f->energy_uj;
	s->co2e.value = f->co2e_ug;
	know(k, &(struct quant_point){ &tables->energy[table], sd, energy }, f->random_var_uj2,
	     &s->energy);
	know(k, &(struct quant_point){ &tables->co2e[table], sd, co2e },
	     f->random_var_uj2 * (per_uj * per_uj), &s->co2e);
	return true;
}

void budget_samples(const struct tick *t, struct sample *s, size_t n, struct budget_tables *tables)
{
	struct quant_interval interval[2 * BUDGET_BLOCK];
	struct known k;

	k.n = 0;
	for (size_t i = 0; i < n; i++) {
		struct budget_figure f;

		budget_sample(&s[i], &f);
		if (!know_sample(t, &f, tables, &k, &s[i]))
			budget_interval(t, &f, &s[i].energy, &s[i].co2e);
	}
	quant_table_intervals(k.point, k.n, interval);
	for (size_t i = 0; i < k.n; i++) {
		if (k.noise_var[i] != 0)
			interval[i] = quant_interval_add_noise(&interval[i], k.noise_var[i]);
		*k.ret[i] = quant_interval_round(&interval[i], k.ret[i]->value);
	}
}

static uint64_t ppm_of(double relative)
{
	double ppm = relative * (double)JT_PPM_PER_1;

	/* What is no number is the widest. */
	return ppm < 1e15 ? (uint64_t)llround(ppm) : (uint64_t)1e15;
}

static size_t add_source(struct record_budget *list, size_t n, const struct record_budget *like,
			 const struct quant_sides *s)
{
	if (!(s->minus != 0 || s->plus != 0)) /* a NaN is kept, at the top */
		return n;
	list[n] = *like;
	list[n].sd_ppm = ppm_of((s->minus + s->plus) / 2);
	list[n].minus_ppm = ppm_of(s->minus);
	list[n].plus_ppm = ppm_of(s->plus);
	return list[n].sd_ppm ? n + 1 : n;
}

static struct record_budget source_of(const struct tick *t, const struct quant_part *p)
{
	switch (p->id) {
	case PART_ATTRIBUTION:
		return (struct record_budget){ "attribution", "systematic", .of_energy = true };
	case PART_INTENSITY:
		return (struct record_budget){ "intensity", "systematic", .of_energy = false };
	case PART_MOMENT:
		return (struct record_budget){ "annual_mean", "temporal", .of_energy = false };
	}
	return (struct record_budget){ t->factor[p->id].name, "systematic", .of_energy = true };
}

static int compare_sources(const void *left, const void *right)
{
	const struct record_budget *a = left, *b = right;

	return (a->sd_ppm < b->sd_ppm) - (a->sd_ppm > b->sd_ppm);
}

size_t budget_list(const struct tick *t, const struct budget_figure *f, struct record_budget *ret)
{
	const struct record_budget counter = { "counter", "random", .of_energy = true };
	struct quant_value energy, co2e;
	struct quant_sides noise;
	size_t n = 0;

	budget_values(t, f, &energy, &co2e);
	for (size_t i = 0; i < co2e.n; i++) {
		const struct record_budget like = source_of(t, &co2e.part[i]);
		struct quant_sides s = quant_value_part_sides(&co2e, &co2e.part[i]);

		n = add_source(ret, n, &like, &s);
	}
	if (f->energy_uj) {
		noise.minus = noise.plus = sqrt(energy.random_var) / energy.value;
		n = add_source(ret, n, &counter, &noise);
	}
	qsort(ret, n, sizeof(*ret), compare_sources);
	return n;
}
