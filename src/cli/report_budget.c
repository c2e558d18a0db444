/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_budget.c - the sources of a sum's uncertainty by size, out of the records' budgets. */
#include <math.h>
#include <stdlib.h>

#include "cli/report.h"

/* A list that is being made. */
struct budget_rows {
	struct record_budget *row;
	size_t n;
};

static void budget_add(struct budget_rows *rows, const struct record_budget *like, double sd)
{
	struct record_budget *to = &rows->row[rows->n];

	if (rows->n == RECORD_MAX_BUDGET || !(sd >= 1e-6))
		return;
	*to = *like;
	to->sd_ppm = (uint64_t)llround(fmin(sd, 1e9) * 1e6);
	to->minus_ppm = to->plus_ppm = to->sd_ppm;
	rows->n++;
}

/* The sources of the host's energy. Returns the variance of those that are systematic. */
static double budget_energy(const struct report *r, struct budget_rows *rows)
{
	double variance = 0;

	for (size_t i = 0; i < r->sources.n; i++) {
		bool is_random = r->sources.source[i].is_random;
		const struct record_budget like = { .source = r->sources.source[i].name,
						    .kind = is_random ? "random" : "systematic",
						    .of_energy = true };
		double sd =
			(double)quant_sources_ppm(&r->sources, i, r->host.total.energy_uj) / 1e6;

		budget_add(rows, &like, sd);
		variance += is_random ? 0 : sd * sd;
	}
	return variance;
}

static double budget_mean_side(const struct quant_value *v, const struct quant_part *p)
{
	struct quant_sides s = quant_value_part_sides(v, p);

	return (s.minus + s.plus) / 2;
}

static int budget_compare(const void *left, const void *right)
{
	const struct record_budget *a = left, *b = right;

	return (a->sd_ppm < b->sd_ppm) - (a->sd_ppm > b->sd_ppm);
}

size_t report_budget(const struct report *r, const struct report_sum *s, struct record_budget *ret)
{
	static const struct record_budget attribution = { "attribution", "systematic",
							  .of_energy = true };
	static const struct record_budget moment = { .source = "annual_mean", .kind = "temporal" };
	static const struct record_budget grid = { .source = "intensity", .kind = "systematic" };
	struct budget_rows rows = { .row = ret };
	struct quant_value energy, co2e;
	double of_host, zones = 0;

	quant_total_values(&s->total, s->zone, r->n_zones, &energy, &co2e);
	of_host = budget_energy(r, &rows);
	for (size_t i = 0; i < co2e.n; i++) {
		double sd = budget_mean_side(&co2e, &co2e.part[i]);

		if (co2e.part[i].id >= QUANT_TOTAL_ZONE)
			zones += sd * sd;
		else if (co2e.part[i].id == QUANT_TOTAL_MOMENT)
			budget_add(&rows, &moment, sd);
		/* What a consumer has beyond the host is how the host's energy was split. */
		else if (s != &r->host && s != &r->idle && sd * sd > of_host)
			budget_add(&rows, &attribution, sqrt(sd * sd - of_host));
	}
	budget_add(&rows, &grid, sqrt(zones));
	qsort(rows.row, rows.n, sizeof(*rows.row), budget_compare);
	return rows.n;
}
