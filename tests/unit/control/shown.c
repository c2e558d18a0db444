/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* shown.c - are a tick's consumers kept whole, and shown to whom they belong? */
#include "control/shown.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct shown s;
static struct sample list[SHOWN_MAX + 5];
static char name[SHOWN_MAX + 5][32];

static struct tick tick_of(size_t n)
{
	for (size_t i = 0; i < n; i++) {
		snprintf(name[i], sizeof(name[i]), "consumer %zu", i);
		list[i] = (struct sample){ .kind = RECORD_CGROUP,
					   .name = name[i],
					   .labels.tags = i % 2 ? name[i] : NULL,
					   .energy_uj = 10000 - i };
	}
	return (struct tick){ .sample = list, .n_samples = n };
}

Test(shown, strings_are_its_own)
{
	struct tick t = tick_of(3);

	shown_take(&s, &t);
	memset(name, 'x', sizeof(name));
	memset(list, 0, sizeof(list));
	cr_assert(s.has_tick);
	cr_assert_eq(s.tick.n_samples, 3);
	cr_expect_str_eq(s.tick.sample[2].name, "consumer 2");
	cr_expect_null(s.tick.sample[2].labels.tags);
	cr_expect_str_eq(s.tick.sample[1].labels.tags, "consumer 1");
	cr_expect_null(s.tick.sample[1].cgroup);
	t = tick_of(1);
	shown_take(&s, &t);
	cr_expect_eq(s.tick.n_samples, 1);
	t = tick_of(SHOWN_MAX + 5);
	shown_take(&s, &t);
	cr_expect_eq(s.tick.n_samples, SHOWN_MAX);
	cr_expect_eq(s.n_left_out, 5);
	cr_expect_str_eq(s.tick.sample[SHOWN_MAX - 1].name, "consumer 999");
	shown_free(&s);
}

Test(shown, a_consumer_is_one_users_or_nobodys)
{
	struct sample one = { .uid = 0 };

	cr_expect_not(shown_is_of(&one, 0));
	sample_add_owner(&one, 7, true);
	sample_add_owner(&one, 7, true);
	cr_expect(shown_is_of(&one, 7));
	cr_expect_not(shown_is_of(&one, 0));
	sample_add_owner(&one, 8, true);
	cr_expect_not(shown_is_of(&one, 7));
	cr_expect_not(shown_is_of(&one, 8));
	sample_add_owner(&one, 8, true);
	cr_expect_not(shown_is_of(&one, 8));
	one = (struct sample){ .uid = 7 };
	sample_add_owner(&one, 7, false); /* no task's */
	cr_expect_not(shown_is_of(&one, 7));
}
