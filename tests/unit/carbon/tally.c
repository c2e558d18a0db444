/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tally.c - is every consumer found again, once, whatever the number and the order? */
#include <criterion/criterion.h>
#include <errno.h>

#include "unit/random.h"
#include "carbon/tally.h"

Test(tally, keys)
{
	struct tally_key process = tally_key_of(RECORD_PROCESS, 7, 99, 5, JT_CELL_V1_CGRP);
	struct tally_key overflow = tally_key_of(RECORD_PROCESS, 0, 99, 5, JT_CELL_V1_CGRP);
	struct tally_key cgroup = tally_key_of(RECORD_CGROUP, 7, 99, 5, JT_CELL_LINEAGE);

	cr_assert(process.tgid == 7 && process.id == 99 && process.kind == 0);
	cr_assert(overflow.tgid == 0 && overflow.id == 5 && overflow.kind == JT_CELL_V1_CGRP);
	cr_assert(cgroup.tgid == 0 && cgroup.id == 5 && cgroup.kind == 0);
}

Test(tally, finds_what_it_has_seen)
{
	struct random_source r = { .seed = 30 };
	struct tally t = { 0 };
	uint64_t sum = 0;

	for (int i = 0; i < 20000; i++) {
		uint32_t tgid = 1 + (uint32_t)random_below(&r, 3000);
		struct tally_key key = tally_key_of(RECORD_PROCESS, tgid, tgid % 7, 1, 0);

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
		struct tally_key key = tally_key_of(RECORD_PROCESS, tgid, 1, 1, 0);

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
			struct tally_key key =
				tally_key_of(RECORD_PROCESS, 1 + k, random_below(&r, 9), 0, 0);
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
