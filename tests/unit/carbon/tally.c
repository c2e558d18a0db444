/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tally.c - is every consumer found again, once, whatever the number and the order? */
#include <criterion/criterion.h>
#include <errno.h>

#include "unit/random.h"
#include "carbon/tally.h"

Test(tally, keys)
{
	const struct usage_row row = { .tgid = 7,
				       .pid = 8,
				       .start_boottime_ns = 99,
				       .cgroup_id = 5,
				       .group = 3,
				       .flags = JT_CELL_V1_CGRP };
	const struct usage_row nobody = { .start_boottime_ns = 99,
					  .cgroup_id = 5,
					  .flags = JT_CELL_V1_CGRP };
	const struct usage_row other = { .tgid = 7, .cgroup_id = 5, .flags = JT_CELL_LINEAGE };
	struct tally_key process = tally_key_of_row(RECORD_PROCESS, &row);
	struct tally_key overflow = tally_key_of_row(RECORD_PROCESS, &nobody);
	struct tally_key cgroup = tally_key_of_row(RECORD_CGROUP, &other);

	cr_assert(process.tgid == 7 && process.id == 99 && process.kind == 0);
	cr_assert(overflow.tgid == 0 && overflow.id == 5 && overflow.kind == JT_CELL_V1_CGRP);
	cr_assert(cgroup.tgid == 0 && cgroup.id == 5 && cgroup.kind == JT_CELL_LINEAGE);
	cr_assert(tally_key_of_row(RECORD_PROCESS, &other).kind == 0);
	cr_assert(process.pid == 0 && tally_key_of_row(RECORD_THREAD, &row).pid == 8);
	cr_assert(tally_key_of_row(RECORD_UNIT, &row).id == 3);
	cr_assert(tally_key_of_row(RECORD_UNIT, &row).kind == 0);
}

/* Who has no task of its own is somebody all the same, and is so again when it comes back. */
Test(tally, interrupts_are_nobody_elses)
{
	const struct usage_row row[] = { { .flags = USAGE_ROW_IRQ },
					 { .flags = JT_CELL_OVERFLOW },
					 { .flags = USAGE_ROW_RESERVED, .cgroup_id = 5 } };
	struct tally t = { 0 };

	cr_assert_eq(tally_reserve(&t, 3), 0);
	for (int turn = 0; turn < 2; turn++) {
		for (size_t i = 0; i < 3; i++) {
			struct tally_key key = tally_key_of_row(RECORD_CGROUP, &row[i]);
			struct sample *s = tally_get(&t, RECORD_CGROUP, &key);

			s->flags |= row[i].flags;
			s->cpu_ns += 1 + i;
		}
		cr_assert_eq(tally_sort(&t), 0);
	}
	cr_assert_eq(t.n_sorted, 3);
	for (size_t i = 0; i < 3; i++) {
		const struct sample *s = tally_take(&t, i);

		cr_assert(s->cpu_ns == 2 * (3 - i) && s->flags == row[2 - i].flags);
	}
	tally_free(&t);
}

/* A group that the command shares with others is two samples, which stay apart. */
Test(tally, the_command_is_apart_in_what_it_shares)
{
	static const enum record_kind kinds[] = { RECORD_CGROUP, RECORD_USER };

	for (size_t i = 0; i < 2; i++) {
		struct tally t = { 0 };

		cr_assert_eq(tally_reserve(&t, 4), 0);
		for (uint32_t k = 0; k < 4; k++) {
			const struct usage_row row = { .tgid = 7 + k,
						       .cgroup_id = 5,
						       .group = 3,
						       .flags = k % 2 ? JT_CELL_LINEAGE : 0 };
			struct tally_key key = tally_key_of_row(kinds[i], &row);
			struct sample *s = tally_get(&t, kinds[i], &key);

			s->cpu_ns += 1 + k % 2;
			cr_assert(s->flags == row.flags && s->group == (i ? 3 : 0) &&
				  s->cgroup_id == (i ? 0 : 5));
		}
		cr_assert_eq(tally_sort(&t), 0);
		cr_assert_eq(t.n_sorted, 2);
		cr_assert(tally_take(&t, 0)->cpu_ns == 4 && tally_take(&t, 1)->cpu_ns == 2);
		tally_free(&t);
	}
}

/* Threads of one process that had as much as each other stand in the order of their ids. */
Test(tally, threads_are_apart_and_in_order)
{
	struct tally t = { 0 };

	cr_assert_eq(tally_reserve(&t, 9), 0);
	for (uint32_t i = 0; i < 9; i++) {
		const struct usage_row row = { .tgid = 7, .pid = 7 + i * 5 % 9 };
		struct tally_key key = tally_key_of_row(RECORD_THREAD, &row);

		tally_get(&t, RECORD_THREAD, &key)->cpu_ns++;
	}
	cr_assert_eq(tally_sort(&t), 0);
	cr_assert_eq(t.n_sorted, 9);
	for (uint32_t i = 0; i < 9; i++) {
		const struct sample *s = tally_take(&t, i);

		cr_assert(s->tgid == 7 && s->pid == 7 + i);
	}
	tally_free(&t);
}

Test(tally, finds_what_it_has_seen)
{
	struct random_source r = { .seed = 30 };
	struct tally t = { 0 };
	uint64_t sum = 0;

	for (int i = 0; i < 20000; i++) {
		uint32_t tgid = 1 + (uint32_t)random_below(&r, 3000);
		struct tally_key key = tally_key_of_row(
			RECORD_PROCESS, &(struct usage_row){ .tgid = tgid,
							     .start_boottime_ns = tgid % 7,
							     .cgroup_id = 1 });

		cr_assert_eq(tally_reserve(&t, 1), 0);
		tally_get(&t, RECORD_PROCESS, &key)->cpu_ns += tgid;
		sum += tgid;
		if (i % 5000 == 4999)
			cr_assert_eq(tally_sort(&t), 0); /* must not lose anybody */
	}
	cr_assert(t.n <= 3000);
	for (size_t i = 0; i < t.n; i++) {
		cr_assert_eq(t.sample[i].start_boottime_ns, t.sample[i].tgid % 7);
		sum -= t.sample[i].cpu_ns;
	}
	cr_assert_eq(sum, 0);
	tally_reset(&t);
	cr_assert_eq(t.n, 0);
	tally_free(&t);
	tally_free(&t);
}

Test(tally, sorts_by_energy_and_drops_the_empty)
{
	struct tally t = { 0 };

	cr_assert_eq(tally_reserve(&t, 3), 0);
	for (uint32_t tgid = 1; tgid <= 3; tgid++) {
		struct tally_key key = tally_key_of_row(RECORD_PROCESS,
							&(struct usage_row){ .tgid = tgid,
									     .start_boottime_ns = 1,
									     .cgroup_id = 1 });

		tally_get(&t, RECORD_PROCESS, &key)->energy_uj = tgid == 2 ? 0 : tgid;
	}
	cr_assert_eq(tally_sort(&t), 0);
	cr_assert_eq(t.n_sorted, 2);
	cr_assert_eq(tally_take(&t, 0)->tgid, 3);
	cr_assert_eq(tally_take(&t, 1)->tgid, 1);
	tally_reset(&t);
	cr_assert(t.sorted[0].tgid == 3 && t.sorted[1].tgid == 1); /* stay as they were */
	tally_free(&t);
}

Test(tally, an_absurd_number_is_refused)
{
	struct tally t = { 0 };

	cr_assert_eq(tally_reserve(&t, SIZE_MAX), -EOVERFLOW);
	cr_assert_eq(tally_sort(&t), 0);
	cr_assert_eq(t.n_sorted, 0);
	tally_reset(&t);
	tally_free(&t);
}

/* Any energies, many of them equal: the order is that of comparing, and each is found again. */
Test(tally, sorts_as_comparing_would)
{
	struct random_source r = { .seed = 90 };

	for (int i = 0; i < 300; i++) {
		struct tally t = { 0 };
		size_t n = 1 + random_below(&r, 200);
		uint64_t most = random_any_size(&r);

		cr_assert_eq(tally_reserve(&t, n), 0);
		for (uint32_t k = 0; k < n; k++) {
			struct tally_key key = tally_key_of_row(
				RECORD_PROCESS,
				&(struct usage_row){ .tgid = 1 + k,
						     .start_boottime_ns = random_below(&r, 9) });
			struct sample *s = tally_get(&t, RECORD_PROCESS, &key);

			s->energy_uj = most ? random_below(&r, most) : 0;
			s->cpu_ns = 1 + random_below(&r, 3);
		}
		cr_assert_eq(tally_sort(&t), 0);
		cr_assert_eq(t.n_sorted, n);
		tally_take(&t, 0);
		for (size_t k = 1; k < n; k++) {
			const struct sample *a = &t.sorted[k - 1], *b = tally_take(&t, k);

			cr_assert(a->energy_uj > b->energy_uj ||
					  (a->energy_uj == b->energy_uj &&
					   (a->cpu_ns > b->cpu_ns ||
					    (a->cpu_ns == b->cpu_ns && a->tgid < b->tgid))),
				  "case %d: %zu", i, k);
		}
		for (size_t k = 0; k < n; k++) {
			struct tally_key key = tally_key_of_sample(&t.sorted[k]);

			cr_assert_eq(tally_get(&t, RECORD_PROCESS, &key)->energy_uj,
				     t.sorted[k].energy_uj);
		}
		cr_assert_eq(t.n, n);
		tally_free(&t);
	}
}
