/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-maths.c - CPU time of all maths of one window with 10,000 consumers: the split of four
 * domains, adding it to the tick, and closing the tick with its intervals.
 *
 * Stages are timed in turn within one round, by the thread's CPU clock; medians over the rounds.
 */
#include <stdlib.h>

#include "attrib/attrib.h"
#include "base/clock.h"
#include "carbon/carbon.h"
#include "figure.h"
#include "unit/random.h"

#define N_ROWS	  10000
#define N_ROUNDS  101
#define WINDOW_NS UINT64_C(1000000000)
#define MOST_MS	  1.5

enum stage { SPLIT, ADD, CLOSE, N_STAGES };

static const char *const stage_names[] = {
	[SPLIT] = "maths.split", [ADD] = "maths.add", [CLOSE] = "maths.close"
};

/* Two packages with DRAM; each row ran on one or both. */
static void fill(struct usage *u, struct energy *e, struct random_source *r)
{
	u->window.end_mono_ns = WINDOW_NS;
	u->n_packages = 2;
	u->n_cpus = 64;
	u->threads_per_core = 2;
	u->weight = JT_WEIGHT_SMT;
	u->n_rows = N_ROWS;
	for (uint32_t i = 0; i < N_ROWS; i++) {
		struct usage_row *row = &u->rows[i];

		*row = (struct usage_row){ .pid = i + 1, .tgid = i + 1, .cgroup_id = 1 + i % 100 };
		row->start_boottime_ns = 1000 + i;
		for (unsigned int p = 0; p < 2; p++) {
			if (p == 0 || i % 4 == 0)
				row->cpu_ns[p] = random_below(r, 6000000);
			row->weight[p] = row->cpu_ns[p] / 3;
			row->total_ns += row->cpu_ns[p];
		}
		u->books.task_ns += row->total_ns;
	}
	u->books.wall_ns = u->n_cpus * WINDOW_NS;
	u->books.idle_ns = u->books.wall_ns - u->books.task_ns;
	for (int i = 0; i < 4; i++) {
		struct energy_domain *d = &e->domain[e->n_domains];

		*d = (struct energy_domain){ .kind = i < 2 ? ENERGY_PACKAGE : ENERGY_DRAM,
					     .package = i % 2,
					     .parent = -1,
					     .counted = true,
					     .quality = ENERGY_MEASURED,
					     .factor = "rapl_gain",
					     .systematic = { 0.025, 0.025 },
					     .idle_power_uw = 20000000 };
		snprintf(d->name, sizeof(d->name), "domain-%d", i);
		e->reading[e->n_domains++] = (struct energy_reading){ .energy_uj = 90000000,
								      .idle_uj = 20000000,
								      .quality = ENERGY_MEASURED,
								      .random_sd_uj = 30 };
	}
}

static void stop(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static void round_of(struct attrib *a, struct carbon *c, const struct usage *u,
		     const struct energy *e, double ms[N_STAGES])
{
	static const struct intensity grid = { .zone = "FR",
					       .mg_per_kwh = 44200,
					       .low_mg_per_kwh = 22200,
					       .high_mg_per_kwh = 115700,
					       .is_annual_mean = true };
	uint64_t at[N_STAGES + 1];
	const struct shares *s;
	struct tick *t;

	at[SPLIT] = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	if (attrib_run(a, u, e, &s))
		stop("attrib_run");
	at[ADD] = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	if (carbon_run(c, u, e, s, &grid))
		stop("carbon_run");
	at[CLOSE] = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	if (carbon_close(c, &t) || t->n_samples != N_ROWS)
		stop("carbon_close");
	at[N_STAGES] = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	for (int i = 0; i < N_STAGES; i++)
		ms[i] = (double)(at[i + 1] - at[i]) / 1e6;
}

int main(void)
{
	static double all[N_ROUNDS], stage[N_STAGES][N_ROUNDS];
	struct carbon_options co = { .by = RECORD_PROCESS };
	struct random_source r = { .seed = 1 };
	struct energy *e = calloc(1, sizeof(*e));
	struct usage *u = calloc(1, sizeof(*u));
	struct attrib *a = NULL;
	struct carbon *c = NULL;

	if (!e || !u || !(u->rows = calloc(N_ROWS, sizeof(*u->rows))))
		stop("no memory");
	u->capacity = N_ROWS;
	fill(u, e, &r);
	if (attrib_new(N_ROWS, &(struct method)METHOD_DEFAULT, &a) || carbon_new(&co, &c))
		stop("no memory");
	for (int i = 0; i < N_ROUNDS; i++) {
		double ms[N_STAGES];

		round_of(a, c, u, e, ms);
		for (int k = 0; k < N_STAGES; k++)
			stage[k][i] = ms[k];
		all[i] = ms[SPLIT] + ms[ADD] + ms[CLOSE];
	}
	figure_at_most("maths.window_of_10000", figure_median(all, N_ROUNDS), "ms", MOST_MS);
	for (int k = 0; k < N_STAGES; k++)
		figure_info(stage_names[k], figure_median(stage[k], N_ROUNDS), "ms");
	carbon_free(c);
	attrib_free(a);
	free(u->rows);
	free(u);
	free(e);
	return 0;
}
