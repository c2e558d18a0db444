/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* table.c - is every source, frame and stack there once, and its order a matter of content? */
#include "stacks/table.h"

#include <criterion/criterion.h>

#include "unit/random.h"

static uint32_t frame_of(struct stacks_table *t, enum source_kind kind, const char *text,
			 uint64_t at)
{
	struct source_key k = { .kind = kind, .text = text };
	struct stack_place p = { .at = at };
	uint32_t frame;

	cr_assert_eq(table_source(t, &k, &p.source), 0);
	cr_assert_eq(table_frame(t, p, &frame), 0);
	return frame;
}

Test(stacks_table, the_same_is_one)
{
	struct stacks_table *t;
	uint32_t a, b, c, stack[3];

	cr_assert_eq(table_new(&t), 0);
	a = frame_of(t, SOURCE_ELF, "/bin/a", 16);
	b = frame_of(t, SOURCE_ELF, "/bin/a", 17);
	c = frame_of(t, SOURCE_ELF, "/bin/b", 16);
	cr_expect_eq(frame_of(t, SOURCE_ELF, "/bin/a", 16), a);
	cr_expect(a != b && b != c && a != c);
	cr_expect_eq(table_n_sources(t), 2);
	cr_assert_eq(table_stack(t, (uint32_t[]){ a, b }, 2, &stack[0]), 0);
	cr_assert_eq(table_stack(t, (uint32_t[]){ b, a }, 2, &stack[1]), 0);
	cr_assert_eq(table_stack(t, (uint32_t[]){ a, b }, 2, &stack[2]), 0);
	cr_expect_eq(stack[0], stack[2]);
	cr_expect_neq(stack[0], stack[1]);
	cr_expect_eq(table_n_stacks(t), 2);
	table_free(t);
}

Test(stacks_table, sources_differ_by_any_part_of_the_key)
{
	struct source_key k = { .kind = SOURCE_ELF, .text = "/bin/a" };
	struct source_key other[] = {
		{ .kind = SOURCE_JIT, .text = "/bin/a" },
		{ .kind = SOURCE_ELF, .text = "/bin/ab" },
		{ .kind = SOURCE_ELF, .text = "/bin/a", .inode = 1 },
		{ .kind = SOURCE_ELF, .text = "/bin/a", .id_len = 1, .id = { 1 } },
		{ .kind = SOURCE_ELF, .text = "/bin/a", .id_len = 1 },
	};
	struct stacks_table *t;
	uint32_t first, n;

	cr_assert_eq(table_new(&t), 0);
	cr_assert_eq(table_source(t, &k, &first), 0);
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++) {
		cr_assert_eq(table_source(t, &other[i], &n), 0);
		cr_expect_eq(n, i + 1);
	}
	table_free(t);
}

/* Thousands, through every growth; looked up again, and in another order in another table. */
Test(stacks_table, order_is_of_the_content)
{
	struct random_source r = { .seed = 7 };
	struct stacks_table *t[2];
	uint64_t order[2][500];

	for (size_t k = 0; k < 2; k++) {
		cr_assert_eq(table_new(&t[k]), 0);
		for (size_t n = 0; n < 500; n++) {
			size_t i = k ? 499 - n : n;
			uint32_t frame[20], stack;
			size_t len;

			r.n = 100 * i;
			for (size_t d = 0; d < 20; d++)
				frame[d] = frame_of(t[k], SOURCE_ELF,
						    random_below(&r, 2) ? "/a" : "/b",
						    random_below(&r, 5000));
			cr_assert_eq(table_stack(t[k], frame, 20, &stack), 0);
			order[k][i] = table_order(t[k], stack);
			cr_expect_arr_eq(table_frames(t[k], stack, &len), frame, sizeof(frame));
			cr_expect_eq(len, 20);
		}
	}
	cr_expect_arr_eq(order[0], order[1], sizeof(order[0]));
	table_free(t[0]);
	table_free(t[1]);
}

Test(stacks_table, a_text_is_never_empty)
{
	struct stacks_table *t;
	uint32_t frame;

	cr_assert_eq(table_new(&t), 0);
	cr_assert_eq(table_text(t, STACK_PROCESS, "", &frame), 0);
	cr_expect_str_eq(table_get_source(t, table_place(t, frame).source)->key.text, "[no name]");
	table_free(t);
}
