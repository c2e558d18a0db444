/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-plan.c - CPU time to load a year of 5 minutes of 100 zones and to plan over all of it.
 *
 * From a packed file in the page cache, as the feeds keep it; two hours, no deadline.
 */
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "bench/figure.h"
#include "intensity/series_file.h"
#include "plan/plan.h"

#define N_ZONES	 100
#define N_POINTS (365 * 288)
#define BEGIN_S	 INT64_C(1735689600) /* 2025-01-01 */

static void die(const char *what)
{
	fprintf(stderr, "bench: %s\n", what);
	exit(1);
}

static double cpu_s(void)
{
	struct rusage u;

	getrusage(RUSAGE_SELF, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void make_pack(const char *path)
{
	struct series_set set = { 0 };
	struct why why = { "" };

	for (int z = 0; z < N_ZONES; z++) {
		char name[8];
		struct series *s;

		snprintf(name, sizeof(name), "Z%d", z);
		s = series_set_get(&set, name, strlen(name), SERIES_AVERAGE);
		for (int64_t i = 0; s && i < N_POINTS; i++) {
			struct series_point p = { .start_s = BEGIN_S + 300 * i,
						  .end_s = BEGIN_S + 300 * (i + 1) };

			if (series_point_set(&p, 1000 * (100 + z + (double)(i * 7919 % 400))) ||
			    series_add(s, &p))
				die("cannot make the series");
		}
		if (!s || series_finish(s))
			die("cannot make the series");
	}
	if (series_pack(&set, path, &why))
		die(why.text);
	series_set_free(&set);
}

int main(void)
{
	const struct plan_span span = { BEGIN_S + 1000, INT64_MAX, 7200 };
	char path[] = "/tmp/bench-plan-XXXXXX";
	struct series_set set = { 0 };
	struct plan_window w, best = { .sum_mg_s = UINT64_MAX };
	struct why why = { "" };
	double before, loaded, planned;
	int fd = mkstemp(path);

	if (fd < 0)
		die(path);
	close(fd);
	make_pack(path);
	before = cpu_s();
	if (series_load(path, &set, &why))
		die(why.text);
	loaded = cpu_s();
	for (size_t i = 0; i < set.n; i++) {
		const struct plan_series s = { .step = set.series[i].point, .n = set.series[i].n };

		if (plan_best(&s, &span, &w, NULL))
			die("no window");
		if (plan_is_better(&w, &best))
			best = w;
	}
	planned = cpu_s();
	unlink(path);
	figure_info("plan.load", loaded - before, "s");
	figure_info("plan.search", planned - loaded, "s");
	figure_at_most("plan.load_and_search", planned - before, "s", 0.5);
	series_set_free(&set);
	return 0;
}
