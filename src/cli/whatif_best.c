/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* whatif_best.c - by how many minutes a ledger's energy is to be moved for the least carbon. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/whatif.h"

/* Energy of one zone in one minute after the first tick. */
struct minute {
	uint32_t at;
	uint32_t zone;
	double energy_uj;
};

/* The ticks by minute; each goes to the minute that it begins in. */
static size_t minutes_of(const struct whatif *w, struct minute *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < w->n_ticks; i++) {
		const struct whatif_tick *t = &w->tick[i];
		uint32_t at = (uint32_t)((t->from_s - w->tick[0].from_s) / 60);

		if (t->energy_uj == 0 || w->of[t->zone].was.n == 0 || w->of[t->zone].instead.n == 0)
			continue;
		if (n && ret[n - 1].at == at && ret[n - 1].zone == t->zone)
			ret[n - 1].energy_uj += (double)t->energy_uj;
		else
			ret[n++] = (struct minute){ at, t->zone, (double)t->energy_uj };
	}
	return n;
}

/* Mean intensity of every minute; NAN where a second of it is missing. */
static double *means_of(const struct plan_series *s, int64_t from_s, size_t n)
{
	double *mean = malloc(n * sizeof(*mean));
	struct plan_window at;

	for (size_t i = 0; mean && i < n; i++) {
		int64_t t_s = from_s + 60 * (int64_t)i;

		mean[i] = plan_window(s, t_s, t_s + 60, &at, NULL) ? NAN : (double)at.sum_mg_s / 60;
	}
	return mean;
}

/* Σ energy x intensity, moved by that many minutes; NAN with a hole. */
static double cost(const struct minute *m, size_t n, double *const *mean, size_t shift)
{
	double sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += m[i].energy_uj * mean[m[i].zone][m[i].at + shift];
	return sum;
}

static int64_t least(const struct minute *m, size_t n, double *const *mean, size_t n_shifts)
{
	double best = INFINITY;
	int64_t at = -1;

	for (size_t k = 0; k < n_shifts; k++) {
		double c = cost(m, n, mean, k);

		if (c < best) {
			best = c;
			at = (int64_t)k;
		}
	}
	return at;
}

int whatif_best_shift(const struct whatif *w, int64_t *ret_s)
{
	const struct whatif_tick *last = &w->tick[w->n_ticks - 1];
	CLEANUP(cleanup_free) struct minute *m = NULL;
	size_t n_shifts = w->within_s / 60 + 1, n, n_means;
	double *mean[REPORT_MAX_ZONES] = { NULL };
	int64_t at = -1;
	int err = 0;

	for (size_t i = 1; i < w->n_ticks; i++)
		if (w->tick[i].from_s < w->tick[0].from_s)
			return -E2BIG; /* a clock that went back: no span to speak of */
	if (last->from_s - w->tick[0].from_s > WHATIF_MAX_SPAN_S)
		return -E2BIG;
	m = malloc(w->n_ticks * sizeof(*m));
	if (!m)
		return -ENOMEM;
	n = minutes_of(w, m);
	n_means = (size_t)(last->from_s - w->tick[0].from_s) / 60 + 1 + n_shifts;
	for (size_t z = 0; z < w->n_zones && !err; z++) {
		mean[z] = means_of(&w->of[z].instead, w->tick[0].from_s, n_means);
		err = mean[z] ? 0 : -ENOMEM;
	}
	if (!err)
		at = n ? least(m, n, mean, n_shifts) : 0;
	for (size_t z = 0; z < w->n_zones; z++)
		free(mean[z]);
	if (err || at < 0)
		return err ? err : -ENODATA;
	*ret_s = 60 * at;
	return 0;
}
