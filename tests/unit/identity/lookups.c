/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lookups.c - is each container asked of once, again where nothing is known yet, and remembered? */
#include "identity/lookups.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"

#define ID  "3f1c9a5b7e2d4806a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778"
#define UID "8a7e5f3c_1b2d_4e6f_9a8b_7c6d5e4f3a2b"
#define POD "/kubepods.slice/kubepods-pod" UID ".slice"

DEFINE_CLEANUP(struct lookups *, lookups_free)

static struct lookups *new_lookups(void)
{
	struct lookups *l = NULL;

	cr_assert(eq(int, 0, lookups_new(false, &l)));
	return l;
}

static const struct group_known *get(struct lookups *l, const char *path, enum place_what what)
{
	struct place p;

	place_parse(path, &p);
	return lookups_get(l, path, &p, what);
}

static void answer(struct lookups *l, uint64_t number, const char *name)
{
	struct lookup_answer a = { .number = number, .is_found = name != NULL };

	snprintf(a.name, sizeof(a.name), "%s", name ? name : "");
	lookups_answer(l, &a);
}

Test(lookups, once_and_for_all)
{
	CLEANUP(lookups_free_ptr) struct lookups *l = new_lookups();
	const struct group_known *known;
	struct lookup_question q, none;

	cr_expect(eq(ptr, (void *)get(l, "/docker/" ID "/inner", PLACE_CONTAINER), NULL));
	cr_expect(eq(ptr, (void *)get(l, "/docker/" ID, PLACE_CONTAINER), NULL));
	cr_expect(eq(ptr, (void *)get(l, "/docker/" ID, PLACE_POD), NULL));
	cr_assert(lookups_next(l, &q));
	cr_expect(not(lookups_next(l, &none)), "one container is one question");
	cr_expect(eq(u32, q.what, LOOKUP_CONTAINER));
	cr_expect(eq(u32, q.uid, 0));
	cr_expect_str_eq(q.runtime, "docker");
	cr_expect_str_eq(q.id, ID);
	answer(l, q.number, "web");
	known = get(l, "/docker/" ID "/other", PLACE_CONTAINER);
	cr_assert(ne(ptr, (void *)known, NULL));
	cr_expect_str_eq(known->name, "web");
	cr_expect(eq(ptr, known->image, NULL));
	for (int tick = 0; tick < 100; tick++) {
		lookups_begin(l);
		cr_expect(ne(ptr, (void *)get(l, "/docker/" ID, PLACE_CONTAINER), NULL));
	}
	cr_expect(not(lookups_next(l, &none)));
	answer(l, q.number, "other");
	cr_expect_str_eq(get(l, "/docker/" ID, PLACE_CONTAINER)->name, "web");
	answer(l, 12345, "nobody's");
}

/* State may be written after the cgroup is made; but not for ever. */
Test(lookups, again_while_nothing_is_known)
{
	CLEANUP(lookups_free_ptr) struct lookups *l = new_lookups();
	struct lookup_question q;
	int n_asked = 0;

	for (int tick = 0; tick < 1000; tick++) {
		lookups_begin(l);
		get(l, "/docker/" ID, PLACE_CONTAINER);
		if (!lookups_next(l, &q))
			continue;
		n_asked++;
		answer(l, q.number, NULL);
	}
	cr_expect(eq(int, n_asked, 4));
}

Test(lookups, nobody_answers)
{
	CLEANUP(lookups_free_ptr) struct lookups *l = new_lookups();
	struct lookup_question q;
	size_t n = 0;
	char path[256];

	for (int i = 0; i < 100000; i++) {
		snprintf(path, sizeof(path), "/docker/%064x", (unsigned int)i);
		if (i % 1000 == 0)
			lookups_begin(l);
		cr_expect(eq(ptr, (void *)get(l, path, PLACE_CONTAINER), NULL));
	}
	while (lookups_next(l, &q))
		n++;
	cr_expect(ge(sz, n, 1000), "those that are still there");
	cr_expect(le(sz, n, GROUPS_MAX));
}

Test(lookups, pods_and_whose_they_are)
{
	CLEANUP(lookups_free_ptr) struct lookups *l = new_lookups();
	static const char users[] = "/user.slice/user-1000.slice/user@1000.service/user.slice/"
				    "libpod-" ID ".scope";
	struct lookup_question q;

	get(l, POD "/cri-containerd-" ID ".scope", PLACE_CONTAINER);
	cr_assert(lookups_next(l, &q));
	cr_expect_str_eq(q.pod, "8a7e5f3c-1b2d-4e6f-9a8b-7c6d5e4f3a2b");
	get(l, POD "/cri-containerd-" ID ".scope", PLACE_POD);
	cr_assert(lookups_next(l, &q));
	cr_expect(eq(u32, q.what, LOOKUP_POD));
	cr_expect_str_eq(q.id, "8a7e5f3c-1b2d-4e6f-9a8b-7c6d5e4f3a2b");
	get(l, users, PLACE_CONTAINER);
	cr_assert(lookups_next(l, &q));
	cr_expect(eq(u32, q.uid, 1000));
	cr_expect_str_eq(q.runtime, "podman");
}
