/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* places.c - is each package, or each die, asked once and through one CPU? */
#include "power/places.h"

#include "unit/power/tree.h"

static void expect_places(const struct places *p, const char *want)
{
	char got[256] = "";
	size_t len = 0;

	for (size_t i = 0; i < p->n; i++)
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%u:%d:%d", len ? " " : "",
					p->place[i].cpu, p->place[i].package, p->place[i].die);
	cr_expect_str_eq(got, want, "%s", got);
}

Test(places, one_per_package_or_die)
{
	struct places p;
	struct tree t;

	tree_begin(&t);
	for (int i = 0; i < 8; i++)
		tree_cpu(&t, (unsigned int)i, i / 4, i / 2 % 2);
	tree_file(&t, "sys/devices/system/cpu/online", "1-7");
	cr_assert_eq(places_find(t.root, false, &p), 0);
	expect_places(&p, "1:0:-1 4:1:-1");
	cr_assert_eq(places_find(t.root, true, &p), 0);
	expect_places(&p, "1:0:0 2:0:1 4:1:0 6:1:1");
	cr_assert_eq(places_of_list(t.root, "0,4", &p), 0);
	expect_places(&p, "0:0:-1 4:1:-1");
	cr_assert_eq(places_of_list(t.root, "0,2,4,6", &p), 0);
	expect_places(&p, "0:0:0 2:0:1 4:1:0 6:1:1");
	cr_expect_eq(places_of_list(t.root, "", &p), -ENODATA);
	cr_expect_eq(places_of_list(t.root, "x", &p), -EINVAL);
	cr_expect_eq(places_of_list(t.root, "0-4000", &p), -E2BIG);
	tree_end(&t);
}

Test(places, without_a_topology)
{
	struct places p;
	struct tree t;

	tree_begin(&t);
	cr_assert_eq(places_find(t.root, true, &p), 0);
	expect_places(&p, "0:0:-1");
	tree_cpu(&t, 0, -1, -1);
	cr_assert_eq(places_find(t.root, true, &p), 0);
	expect_places(&p, "0:0:-1");
	tree_end(&t);
}
