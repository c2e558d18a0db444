/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* groups.c - does a number mean one group, whatever comes and goes? */
#include "identity/groups.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(struct groups *, groups_free)

static uint64_t number_of(struct groups *g, enum groups_class class, const char *key)
{
	struct groups_new_group n = { .class = class, .key = key, .id = key };
	uint64_t number = groups_number(g, &n);

	cr_assert(number != 0);
	return number;
}

Test(groups, one_number_each)
{
	CLEANUP(groups_free_ptr) struct groups *g = NULL;
	uint64_t first, none;

	cr_assert(eq(int, 0, groups_new(false, &g)));
	none = number_of(g, GROUPS_NONE, "");
	first = number_of(g, GROUPS_NAMED, "");
	cr_expect(ne(u64, none, first));
	for (int i = 0; i < 1000; i++) {
		char key[16];

		snprintf(key, sizeof(key), "%d", i);
		number_of(g, GROUPS_NAMED, key);
	}
	cr_expect(eq(u64, number_of(g, GROUPS_NONE, ""), none));
	cr_expect(eq(u64, number_of(g, GROUPS_NAMED, "999"), first + 1000));
	cr_expect_str_eq(groups_get(g, first + 1000)->id, "999");
	cr_expect(eq(ptr, (void *)groups_get(g, first + 1001), NULL));
	cr_expect(eq(sz, groups_n(g), 1002));
}

/* What is not used is forgotten, and its number is never another's. */
Test(groups, churn_is_bounded)
{
	CLEANUP(groups_free_ptr) struct groups *g = NULL;
	uint64_t lasting, last = 0;
	char key[32];

	cr_assert(eq(int, 0, groups_new(false, &g)));
	lasting = number_of(g, GROUPS_NAMED, "lasting");
	for (int tick = 0; tick < 600; tick++) {
		for (int i = 0; i < 170; i++) {
			uint64_t number;

			snprintf(key, sizeof(key), "%d.%d", tick, i);
			number = number_of(g, GROUPS_NAMED, key);
			cr_assert(number > last);
			last = number;
		}
		cr_assert(groups_touch(g, lasting));
		groups_begin(g);
		cr_assert(le(sz, groups_n(g), 3 * 170 + 1));
	}
	cr_expect(not(groups_touch(g, 2)));
	cr_expect(eq(u64, groups_n_forgotten(g), 0));
}

Test(groups, what_is_to_be_kept_is_forgotten_only_for_want_of_room)
{
	CLEANUP(groups_free_ptr) struct groups *g = NULL;
	char key[32];

	cr_assert(eq(int, 0, groups_new(true, &g)));
	for (int i = 0; i < 100000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		number_of(g, GROUPS_NAMED, key);
		if (i % 1000 == 999)
			groups_begin(g);
		if (i == 60000)
			cr_assert(eq(u64, groups_n_forgotten(g), 0));
	}
	cr_expect(lt(sz, groups_n(g), GROUPS_MAX + 1000));
	cr_expect(eq(u64, groups_n_forgotten(g) + groups_n(g), 100000));
}
