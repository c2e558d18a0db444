/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rows.c - are consumers the same ones from window to window, and their sums right? */
#include "view/rows.h"

#include <criterion/criterion.h>

#include "made_up.h"

static void window(struct made_up *m, struct rows *r)
{
	made_up_close(m, 500000, 0);
	cr_assert_eq(rows_add(r, &m->tick), 0);
	m->tick.n_samples = 0;
}

static const struct row *find(const struct rows *r, uint32_t tgid)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->row[i].tgid == tgid)
			return &r->row[i];
	return NULL;
}

Test(rows, a_consumer_is_who_it_is_wherever_it_stands)
{
	struct made_up *m = made_up_new(4);
	struct rows *r;

	cr_assert_eq(rows_new(100, &r), 0);
	made_up_process(m, 10, "a", 1000000);
	made_up_process(m, 20, "b", 2000000);
	window(m, r);
	made_up_process(m, 20, "b", 2000000);
	window(m, r);
	made_up_process(m, 20, "after exec", 4000000);
	made_up_process(m, 10, "a", 500000);
	window(m, r);
	cr_assert_eq(r->n, 2);
	cr_expect_eq(find(r, 10)->figures.total_uj, 1500000);
	cr_expect_eq(find(r, 20)->figures.total_uj, 8000000);
	cr_expect_str_eq(find(r, 20)->name, "after exec");
	/* The same id, started later: another process. */
	made_up_process(m, 10, "a", 1)->start_boottime_ns = 9999;
	window(m, r);
	cr_expect_eq(r->n, 3);
	cr_expect_eq(rows_now(r, find(r, 20)).energy_uj, 0, "nothing in the last window");
	cr_expect_eq(rows_now(r, find(r, 20)).total_uj, 8000000);
	rows_free(r);
	made_up_free(m);
}

Test(rows, history_has_nothing_where_nothing_was)
{
	struct made_up *m = made_up_new(4);
	struct rows *r;

	cr_assert_eq(rows_new(100, &r), 0);
	window(m, r);
	made_up_process(m, 10, "a", 1000000);
	window(m, r);
	window(m, r);
	window(m, r);
	made_up_process(m, 10, "a", 3000000);
	window(m, r);
	cr_expect_eq(rows_power_uw(r, find(r, 10), 0), 3e6F);
	cr_expect_eq(rows_power_uw(r, find(r, 10), 1), 0);
	cr_expect_eq(rows_power_uw(r, find(r, 10), 2), 0);
	cr_expect_eq(rows_power_uw(r, find(r, 10), 3), 1e6F);
	cr_expect_eq(rows_power_uw(r, find(r, 10), 4), -1, "before it was there");
	cr_expect_eq(rows_power_uw(r, find(r, 10), 5), -1, "before the start");
	cr_expect_eq(rows_host_power_uw(r, 0), 3.5e6F);
	/* What a ring held an hour ago is not of now. */
	for (int i = 0; i < 2 * ROWS_HISTORY; i++)
		window(m, r);
	made_up_process(m, 10, "a", 1);
	window(m, r);
	for (uint64_t ago = 1; ago < ROWS_HISTORY; ago++)
		cr_expect_eq(rows_power_uw(r, find(r, 10), ago), 0);
	rows_free(r);
	made_up_free(m);
}

Test(rows, a_full_table_gives_up_who_had_nothing_for_longest)
{
	struct made_up *m = made_up_new(64);
	uint64_t attributed = 0, kept = 0;
	struct rows *r;

	cr_assert_eq(rows_new(64, &r), 0);
	for (uint32_t i = 1; i <= 2000; i++) {
		made_up_process(m, 1, "always", 100);
		made_up_process(m, 1 + i, "once", 1000);
		window(m, r);
		cr_assert_leq(r->n, 64);
		cr_assert_eq(r->n_refused, 0);
		attributed += 1100;
	}
	cr_expect_eq(find(r, 1)->figures.total_uj, 2000 * 100, "it never went");
	for (size_t i = 0; i < r->n; i++)
		kept += r->row[i].figures.total_uj;
	cr_expect_eq(r->host.attributed.total_uj, attributed, "nothing of the sum is lost");
	cr_expect_lt(kept, attributed);
	rows_free(r);
	made_up_free(m);
}

Test(rows, more_consumers_than_room_are_counted)
{
	struct made_up *m = made_up_new(200);
	struct rows *r;

	cr_assert_eq(rows_new(64, &r), 0);
	for (uint32_t i = 1; i <= 200; i++)
		made_up_process(m, i, "x", 10);
	window(m, r);
	cr_expect_eq(r->n, 64);
	cr_expect_eq(r->n_refused, 136);
	cr_expect_eq(r->host.attributed.energy_uj, 2000);
	rows_free(r);
	made_up_free(m);
}

Test(rows, a_copy_stands_still)
{
	struct made_up *m = made_up_new(4);
	struct rows *r, *copy;

	cr_assert_eq(rows_new(100, &r), 0);
	made_up_process(m, 10, "a", 1000000);
	window(m, r);
	cr_assert_eq(rows_clone(r, &copy), 0);
	made_up_process(m, 10, "b", 1000000);
	window(m, r);
	cr_expect_str_eq(find(copy, 10)->name, "a");
	cr_expect_eq(find(copy, 10)->figures.total_uj, 1000000);
	cr_expect_eq(copy->host.uptime_ns, JT_NS_PER_S);
	rows_free(copy);
	rows_free(r);
	made_up_free(m);
}

/* In a group a command's part is a sample of its own. */
Test(rows, two_samples_of_a_group_are_one_row)
{
	struct made_up *m = made_up_new(4);
	struct rows *r;

	cr_assert_eq(rows_new(100, &r), 0);
	for (int i = 0; i < 2; i++) {
		struct sample *s = made_up_process(m, 0, "web", 1000000);

		s->kind = RECORD_CONTAINER;
		s->group = 7;
		s->flags = i ? JT_CELL_LINEAGE : 0;
	}
	window(m, r);
	cr_assert_eq(r->n, 1);
	cr_expect_eq(rows_now(r, &r->row[0]).energy_uj, 2000000);
	rows_free(r);
	made_up_free(m);
}
