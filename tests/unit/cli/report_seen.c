/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_seen.c - is a sample's group found again by its names, and by nothing else? */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "cli/report_seen.h"

static struct report *begin(unsigned int by)
{
	struct report *r;

	cr_assert(report_new(by, INT64_MIN, INT64_MAX, &r) == 0);
	return r;
}

/* Members of a sample in that cgroup, with that name and CPU time. */
static void sample(struct scan_value of[REPORT_N_OF], const char *cgroup, const char *name,
		   const char *cpu_ns)
{
	memset(of, 0, REPORT_N_OF * sizeof(*of));
	for (size_t i = 0; i < REPORT_N_OF; i++)
		of[i].at = "";
	of[OF_CGROUP] = (struct scan_value){ cgroup, strlen(cgroup) };
	of[OF_NAME] = (struct scan_value){ name, strlen(name) };
	of[OF_CPU_NS] = (struct scan_value){ cpu_ns, strlen(cpu_ns) };
}

Test(report_seen, names_decide_and_figures_do_not)
{
	struct report *r = begin(RECORD_CGROUP);
	struct scan_value of[REPORT_N_OF];

	sample(of, "\"/a\"", "\"x\"", "\"1\"");
	cr_assert(!report_seen_find(r, of));
	report_seen_add(r, of, report_group(r, "one"));
	sample(of, "\"/a\"", "\"x\"", "\"99\"");
	cr_assert(report_seen_find(r, of) == report_group(r, "one"));
	/* The same bytes, divided in another way. */
	sample(of, "\"/a\"\"", "x\"", "\"1\"");
	cr_assert(!report_seen_find(r, of));
	sample(of, "\"/a\"", "\"y\"", "\"1\"");
	cr_assert(!report_seen_find(r, of));
	report_free(r);
}

Test(report_seen, by_zone_the_zone_decides_too)
{
	struct report *r = begin(REPORT_ZONE);
	struct scan_value of[REPORT_N_OF];

	sample(of, "\"/a\"", "\"x\"", "\"1\"");
	report_seen_add(r, of, report_group(r, "FR"));
	r->tick_zone = 1;
	cr_assert(!report_seen_find(r, of));
	report_seen_add(r, of, report_group(r, "DE"));
	cr_assert(report_seen_find(r, of) == report_group(r, "DE"));
	r->tick_zone = 0;
	cr_assert(report_seen_find(r, of) == report_group(r, "FR"));
	report_free(r);
}

Test(report_seen, more_names_than_there_is_room_for_are_only_not_remembered)
{
	struct report *r = begin(RECORD_CGROUP);
	struct scan_value of[REPORT_N_OF];
	char path[32], key[32];
	size_t n = 0;

	for (unsigned int i = 0; i < 60000; i++) {
		snprintf(path, sizeof(path), "\"/%u\"", i);
		snprintf(key, sizeof(key), "%u", i);
		sample(of, path, "null", "\"1\"");
		report_seen_add(r, of, report_group(r, key));
	}
	for (unsigned int i = 0; i < 60000; i++) {
		const struct report_group *g;

		snprintf(path, sizeof(path), "\"/%u\"", i);
		snprintf(key, sizeof(key), "%u", i);
		sample(of, path, "null", "\"2\"");
		g = report_seen_find(r, of);
		cr_assert(!g || !strcmp(g->key, key));
		n += g != NULL;
	}
	cr_assert(n > 20000 && n <= 32768, "%zu", n);
	report_free(r);
}
