/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spans.c - do spans add up to what is measured, and do their ends hold what borders hide? */
#include "daemon/spans.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attrib/attrib.h"
#include "base/fs.h"
#include "carbon/carbon.h"
#include "daemon/spans_parts.h"
#include "unit/machine.h"

#define MAX_TGID 64
#define GONE	 FAMILY_GONE

static struct machine m;
static struct attrib *a;
static struct spans *s;
static struct identity *id;
static struct intensity france;
static char root[] = "/tmp/jouletrail-spans-XXXXXX";
static uint64_t clock_ns[MAX_TGID];
static uint64_t now_ns; /* both clocks */

static uint64_t fake_clock(uint32_t tgid)
{
	return tgid < MAX_TGID ? clock_ns[tgid] : GONE;
}

static void put_file(const char *path, const char *text)
{
	char whole[FS_PATH_LEN];
	FILE *f;

	snprintf(whole, sizeof(whole), "%s/%s", root, path);
	for (char *slash = strchr(whole + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(whole, 0755);
		*slash = '/';
	}
	f = fopen(whole, "w");
	cr_assert(f);
	fputs(text, f);
	fclose(f);
}

/* A process that /proc knows; processes are born one after the other. */
static void live(uint32_t tgid, uint32_t parent)
{
	char path[64], text[256];

	clock_ns[tgid] = 0;
	snprintf(path, sizeof(path), "proc/%u/stat", tgid);
	snprintf(text, sizeof(text),
		 "%u (a) b) S %u 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n",
		 tgid, parent);
	put_file(path, text);
}

static void setup(void)
{
	struct identity_options io = { .root = root, .by = RECORD_PROCESS };

	cr_assert(mkdtemp(root));
	put_file("sys/fs/cgroup/cgroup.controllers", "cpu\n");
	put_file("sys/fs/cgroup/a/b/cgroup.procs", "");
	put_file("sys/fs/cgroup/ab/cgroup.procs", "");
	for (size_t i = 0; i < MAX_TGID; i++)
		clock_ns[i] = GONE;
	france = machine_france();
	machine_init(&m, 1);
	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &(struct method)METHOD_DEFAULT, &a), 0);
	cr_assert_eq(identity_new(&io, &id), 0);
	cr_assert_eq(spans_new(root, fake_clock, &s), 0);
	now_ns = 0;
}

static void teardown(void)
{
	char command[FS_PATH_LEN];

	spans_free(s);
	identity_free(id);
	attrib_free(a);
	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

TestSuite(spans, .init = setup, .fini = teardown);

static struct spans_moment at(uint64_t ns)
{
	return (struct spans_moment){ .mono_ns = ns, .boot_ns = ns, .real_us = (int64_t)ns / 1000 };
}

/* An empty window of a second after the last one. */
static void next_window(void)
{
	struct window w = m.usage.window;

	m.usage.n_rows = 0;
	m.energy.n_domains = 0;
	m.usage.window = (struct window){ .index = w.index + 1,
					  .begin_mono_ns = now_ns,
					  .end_mono_ns = now_ns + MACHINE_WINDOW_NS };
	now_ns += MACHINE_WINDOW_NS;
}

static struct usage_row *row(uint32_t tgid, uint32_t parent, uint64_t ns)
{
	struct usage_row *r = machine_row(&m, tgid, 0, ns);

	r->parent_tgid = parent;
	clock_ns[tgid] = (clock_ns[tgid] == GONE ? 0 : clock_ns[tgid]) + ns;
	return r;
}

/* The window's end; c may be NULL. */
static void account(uint64_t uj, struct carbon *c)
{
	struct course_window w = { &m.usage, &m.energy, NULL, &france };

	machine_domain(&m, 0, uj, uj / 4)->random_sd_uj = 1000;
	machine_books(&m);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &w.shares), 0);
	spans_read(s);
	spans_window(s, &w, id);
	if (c)
		cr_assert_eq(carbon_run(c, &m.usage, &m.energy, w.shares, &france), 0);
}

static struct span *begin(enum spans_kind kind, uint32_t tgid, uint64_t ns)
{
	const struct spans_target t = { .kind = kind, .tgid = tgid };
	struct spans_moment now = at(ns);
	struct span *span;

	cr_assert_eq(spans_begin(s, &t, &now, &span), 0);
	return span;
}

static void end(struct span *span, uint64_t ns)
{
	struct spans_moment now = at(ns);

	span_end(span, &now, SPANS_BY_CLIENT);
}

static struct span_result result(struct span *span)
{
	struct span_result r;

	span_result(span, &r);
	return r;
}

static void expect_near(uint64_t got, uint64_t want, double part)
{
	double slack = (double)want * part + 2;

	cr_expect(fabs((double)got - (double)want) <= slack, "%llu is not near %llu",
		  (unsigned long long)got, (unsigned long long)want);
}

Test(spans, whole_windows_are_what_run_says)
{
	const struct carbon_options o = { .by = RECORD_PROCESS, .keep_total = true };
	struct random_source random = { .seed = 7 };
	struct carbon *c;
	struct span *span;
	struct span_result r;
	struct tick *t;
	struct sample sum;
	size_t n;

	cr_assert_eq(carbon_new(&o, &c), 0);
	live(10, 1);
	span = begin(SPANS_TREE, 10, 0);
	for (int w = 0; w < 20; w++) {
		next_window();
		row(10, 1, 1 + random_below(&random, 200000000))->flags |= JT_CELL_LINEAGE;
		row(11, 10, random_below(&random, 200000000))->flags |= JT_CELL_LINEAGE;
		row(12, 11, random_below(&random, 200000000))->flags |= JT_CELL_LINEAGE;
		row(20, 1, 1 + random_below(&random, 900000000));
		row(21, 20, random_below(&random, 900000000));
		account(1000000 + random_below(&random, 50000000), c);
		if (w % 4 == 3)
			cr_assert_eq(carbon_close(c, &t), 0);
	}
	cr_assert_eq(carbon_total(c, &t), 0);
	carbon_sum(t, JT_CELL_LINEAGE, &sum, &n);
	r = result(span);
	cr_expect_eq(r.n_windows, 20);
	cr_expect_eq(r.n_processes, 3);
	cr_expect_eq(r.cpu_ns, sum.cpu_ns);
	cr_expect_eq(r.energy.value, sum.energy_uj);
	cr_expect(r.co2e.value >= sum.co2e_ug && r.co2e.value <= sum.co2e_ug + 3);
	expect_near(r.energy.low, sum.energy.low, 1e-4);
	expect_near(r.energy.high, sum.energy.high, 1e-4);
	expect_near(r.co2e.low, sum.co2e.low, 1e-4);
	expect_near(r.co2e.high, sum.co2e.high, 1e-4);
	cr_expect_eq(r.host_energy.value, t->host_energy.value);
	expect_near(r.host_energy.low, t->host_energy.low, 1e-9);
	expect_near(r.host_co2e.high, t->host_co2e.high, 1e-9);
	cr_expect_eq(r.intensity.mg_per_kwh, t->intensity.mg_per_kwh);
	cr_expect_eq(r.border_ppm, 0);
	cr_expect_not(r.lost);
	span_close(span);
	carbon_free(c);
}

/* Spans that touch, of one process and its child, are the whole: to the microjoule. */
Test(spans, spans_that_touch_are_the_whole)
{
	struct random_source random = { .seed = 11 };

	live(10, 1);
	live(11, 10);
	for (int round = 0; round < 300; round++) {
		struct span *whole, *part[4];
		uint64_t border[3], sum_uj = 0, sum_ns = 0, own_ns[4], child_ns = 0;
		struct span_result r;

		whole = begin(SPANS_TREE, 10, now_ns);
		border[0] = random_below(&random, MACHINE_WINDOW_NS / 3);
		border[1] = border[0] + random_below(&random, MACHINE_WINDOW_NS / 3);
		border[2] = border[1] + random_below(&random, MACHINE_WINDOW_NS / 3);
		for (int i = 0; i < 4; i++)
			own_ns[i] = random_below(&random, 1000000);
		child_ns = random_below(&random, 100000000);
		/* The process's clock goes on between the borders, then comes the window. */
		part[0] = begin(SPANS_TREE, 10, now_ns);
		for (int i = 0; i < 3; i++) {
			clock_ns[10] += own_ns[i];
			end(part[i], now_ns + border[i]);
			part[i + 1] = begin(SPANS_TREE, 10, now_ns + border[i]);
		}
		clock_ns[10] += own_ns[3];
		next_window();
		row(10, 1, own_ns[0] + own_ns[1] + own_ns[2] + own_ns[3]);
		clock_ns[10] -= m.row[0].total_ns;
		row(11, 10, child_ns);
		row(20, 1, random_below(&random, 100000000));
		account(random_below(&random, 50000000), NULL);
		for (int i = 0; i < 4; i++) {
			r = result(part[i]);
			sum_uj += r.energy.value;
			sum_ns += r.cpu_ns;
			cr_expect(r.energy.low <= r.energy.value &&
				  r.energy.value <= r.energy.high);
		}
		cr_expect_eq(sum_uj, result(whole).energy.value);
		cr_expect_eq(sum_ns, result(whole).cpu_ns);
		for (int i = 0; i < 4; i++)
			span_close(part[i]);
		span_close(whole);
	}
}

/* Threads that run and sleep at random: is the truth within what a part's ends say? */
Test(spans, borders_hide_nothing_beyond_their_ends)
{
	struct random_source random = { .seed = 5 };

	for (int round = 0; round < 5000; round++) {
		const uint64_t n = 1000, unit_ns = 1000000;
		uint64_t birth = random_below(&random, 3) ? 0 : random_below(&random, n);
		uint64_t from = random_below(&random, n),
			 to = from + random_below(&random, n - from);
		uint64_t busy_ppm = random_below(&random, 1000001), inside_ns = 0;
		struct usage_row r = { .start_boottime_ns = birth * unit_ns };
		struct shares_row share = { .energy_uj = random_below(&random, 100000000) };
		struct usage u = { .n_cpus = 4 };
		struct span_cut cut = { .usage = &u,
					.end_boot_ns = n * unit_ns,
					.from_boot_ns = from * unit_ns,
					.to_boot_ns = to * unit_ns };
		struct span_part part = { .low_uj = 0 };
		double truth_uj;

		for (uint64_t i = birth; i < n; i++) {
			bool runs = random_below(&random, 1000000) < busy_ppm;

			r.total_ns += runs * unit_ns;
			inside_ns += (runs && i >= from && i < to) * unit_ns;
		}
		share.by_factor_uj[0] = share.energy_uj;
		truth_uj = r.total_ns ? (double)share.energy_uj * (double)inside_ns /
						(double)r.total_ns
				      : 0;
		if (!r.total_ns)
			continue;
		span_part_of(&cut, &r, &share, false, &part);
		cr_assert(part.low_uj <= truth_uj + 1 && truth_uj <= part.high_uj + 1,
			  "%f is not in [%f, %f]", truth_uj, part.low_uj, part.high_uj);
		cr_assert(part.low_uj <= (double)part.share.energy_uj &&
			  (double)part.share.energy_uj <= part.high_uj);
		cr_assert(part.share.energy_uj <= share.energy_uj);
	}
}

/* One that was born in the span, or ended before it, is all or nothing. */
Test(spans, lives_within_and_outside)
{
	struct usage u = { .n_cpus = 1 };
	struct span_cut cut = { .usage = &u,
				.begin_boot_ns = 1000,
				.end_boot_ns = 2000,
				.from_boot_ns = 1400,
				.to_boot_ns = 1600 };
	struct usage_row r = { .start_boottime_ns = 1450, .ended_boottime_ns = 1550 };
	struct shares_row share = { .energy_uj = 9, .by_factor_uj = { 9 } };
	struct span_part part;

	r.total_ns = 50;
	cr_expect(span_part_of(&cut, &r, &share, false, &part));
	cr_expect_eq(part.share.energy_uj, 9);
	cr_expect_not(part.by_time);
	r.start_boottime_ns = 1;
	r.ended_boottime_ns = 1400;
	cr_expect_not(span_part_of(&cut, &r, &share, false, &part));
	r.start_boottime_ns = 1600;
	r.ended_boottime_ns = 0;
	cr_expect_not(span_part_of(&cut, &r, &share, false, &part));
	r.start_boottime_ns = r.ended_boottime_ns = 1500;
	cr_expect(span_part_of(&cut, &r, &share, false, &part));
	cr_expect_eq(part.share.energy_uj, 9);
}

Test(spans, by_the_clock_of_the_process)
{
	struct span *span;
	struct span_result r;

	live(10, 1);
	clock_ns[10] = 5000000000;
	next_window();
	clock_ns[10] += 300000000;
	span = begin(SPANS_TREE, 10, 400000000);
	clock_ns[10] += 200000000;
	end(span, 700000000);
	clock_ns[10] += 100000000;
	row(10, 1, 600000000);
	clock_ns[10] -= 600000000;
	account(8000000, NULL);
	r = result(span);
	cr_expect(span_is_done(span));
	cr_expect_eq(r.cpu_ns, 200000000);
	cr_expect_eq(r.energy.value, 2000000); /* 6 J of it, a third */
	span_close(span);
}

Test(spans, descent_outlives_parents)
{
	struct span *span, *alone;

	live(10, 1);
	live(11, 10); /* sleeps: only /proc knows it */
	span = begin(SPANS_TREE, 10, 0);
	alone = begin(SPANS_ALONE, 10, 0);
	next_window();
	row(10, 1, 100);
	row(12, 11, 1000);		  /* by its parent, who did not run */
	row(13, 12, 10000)->ended = true; /* came and went */
	clock_ns[13] = GONE;
	row(14, 13, 100000); /* whose parent is gone */
	row(15, 1, 1000000); /* somebody else's */
	row(16, 15, 10000000);
	account(1000000, NULL);
	cr_expect_eq(result(span).cpu_ns, 111100, "%llu", (unsigned long long)result(span).cpu_ns);
	cr_expect_eq(result(alone).cpu_ns, 100);
	for (int i = 0; i < 4; i++) {
		next_window();
		clock_ns[10] = clock_ns[12] = GONE; /* the root, too */
		row(14, 13, 1);
		row(17 + (uint32_t)i, 14, 1);
		row(16, 15, 100000000);
		account(1000, NULL);
	}
	cr_expect_eq(result(span).cpu_ns, 111108);
	cr_expect_eq(result(span).n_processes, 8);
	cr_expect_eq(result(alone).n_processes, 1);
	cr_expect_eq(span_n_alive(span), 6); /* 11, 14, 17 … 20 */
	span_close(span);
	span_close(alone);
}

/* A process id that is used again is another process. */
Test(spans, an_id_used_again_is_another_process)
{
	struct span *span;
	struct usage_row *r;

	live(10, 1);
	span = begin(SPANS_TREE, 10, 0);
	next_window();
	row(10, 1, 100)->ended = true;
	account(1000, NULL);
	next_window();
	r = row(10, 1, 1000);
	r->start_boottime_ns = 500000000 + MACHINE_WINDOW_NS;
	r = row(11, 10, 10000);
	r->start_boottime_ns = 600000000 + MACHINE_WINDOW_NS;
	account(1000, NULL);
	cr_expect_eq(result(span).cpu_ns, 100);
	span_close(span);
}

Test(spans, trees_within_trees)
{
	struct span *outer, *inner, *innermost;

	live(10, 1);
	live(11, 10);
	live(12, 11);
	innermost = begin(SPANS_TREE, 12, 0);
	outer = begin(SPANS_TREE, 10, 0);
	inner = begin(SPANS_TREE, 11, 0);
	for (int w = 0; w < 3; w++) {
		next_window();
		row(12, 11, 1);
		row(11, 10, 10);
		row(10, 1, 100);
		row(9, 1, 1000);
		account(5000000, NULL);
	}
	cr_expect_eq(result(outer).cpu_ns, 333);
	cr_expect_eq(result(inner).cpu_ns, 33);
	cr_expect_eq(result(innermost).cpu_ns, 3);
	cr_expect_eq(result(outer).n_processes, 3);
	cr_expect_eq(result(inner).n_processes, 2);
	expect_near(result(outer).energy.value * 33, result(inner).energy.value * 333, 1e-4);
	span_close(inner);
	next_window();
	row(12, 11, 1);
	account(1000, NULL);
	cr_expect_eq(result(outer).cpu_ns, 334);
	span_close(outer);
	span_close(innermost);
	cr_expect_eq(spans_n(s), 0);
}

static uint64_t inode(const char *path)
{
	char whole[FS_PATH_LEN];
	struct stat st;

	snprintf(whole, sizeof(whole), "%s/sys/fs/cgroup/%s", root, path);
	cr_assert_eq(stat(whole, &st), 0);
	return st.st_ino;
}

Test(spans, cgroups_and_what_is_below)
{
	static const char *const paths[] = { "/a", "/a/b", "/ab", "/" };
	static const uint64_t want_ns[] = { 11, 10, 100, 1111 };
	struct span *span[4];

	for (int i = 0; i < 4; i++) {
		const struct spans_target t = { .kind = SPANS_CGROUP, .path = paths[i] };
		struct spans_moment now = at(0);

		cr_assert_eq(spans_begin(s, &t, &now, &span[i]), 0);
	}
	next_window();
	row(1, 0, 1)->cgroup_id = inode("a");
	row(2, 0, 10)->cgroup_id = inode("a/b");
	row(3, 0, 100)->cgroup_id = inode("ab");
	row(4, 0, 1000)->cgroup_id = inode(".");
	row(5, 0, 10000)->cgroup_id = 1; /* that nobody knows */
	account(1000000, NULL);
	for (int i = 0; i < 4; i++) {
		cr_expect_eq(result(span[i]).cpu_ns, want_ns[i], "%s: %llu", paths[i],
			     (unsigned long long)result(span[i]).cpu_ns);
		span_close(span[i]);
	}
}

Test(spans, what_is_not_there)
{
	const struct spans_target t = { .kind = SPANS_TREE, .tgid = 33 };
	struct spans_moment now = at(0);
	struct span *span;

	cr_expect_eq(spans_begin(s, &t, &now, &span), -ESRCH);
	cr_expect_eq(spans_n(s), 0);
}

Test(spans, no_more_than_there_may_be)
{
	static struct span *span[SPANS_MAX];
	const struct spans_target t = { .kind = SPANS_TREE, .tgid = 10 };
	struct spans_moment now = at(0);
	struct span *beyond;

	live(10, 1);
	for (size_t i = 0; i < SPANS_MAX; i++)
		cr_assert_eq(spans_begin(s, &t, &now, &span[i]), 0);
	cr_expect_eq(spans_begin(s, &t, &now, &beyond), -ENOSPC);
	next_window();
	row(10, 1, 5);
	account(1000, NULL);
	for (size_t i = 0; i < SPANS_MAX; i++)
		cr_assert_eq(result(span[i]).cpu_ns, 5);
}

Test(spans, losses_are_told)
{
	struct span *span;

	live(10, 1);
	span = begin(SPANS_TREE, 10, 0);
	next_window();
	row(10, 1, 5);
	m.usage.losses.n_no_cell = 1;
	account(1000, NULL);
	cr_expect(result(span).lost);
	span_close(span);
}
