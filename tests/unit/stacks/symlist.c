/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* symlist.c - are kallsyms and perf maps read, and what is neither left out? */
#include "stacks/symlist.h"

#include <criterion/criterion.h>
#include <string.h>

#include "types/stack.h"
#include "unit/random.h"

static struct symlist *read_bytes(const void *text, size_t len, enum symlist_form form)
{
	FILE *f = fmemopen((void *)text, len, "r");
	struct symlist *l;

	cr_assert(f != NULL);
	cr_assert_eq(symlist_read(f, form, &l), 0);
	fclose(f);
	return l;
}

static struct symlist *read_text(const char *text, enum symlist_form form)
{
	return read_bytes(text, strlen(text), form);
}

Test(stacks_symlist, kallsyms)
{
	struct symlist *l = read_text("ffffffff81000100 T second\n"
				      "ffffffff81000000 t first\t[module]\n"
				      "ffffffff81000080 d data\n"
				      "ffffffff81000200 W third\n"
				      "0000000000000000 T hidden\n",
				      SYMLIST_KALLSYMS);

	cr_expect_null(symlist_find(l, 0));
	cr_expect_null(symlist_find(l, UINT64_C(0xffffffff80ffffff)));
	cr_expect_str_eq(symlist_find(l, UINT64_C(0xffffffff81000000)), "first [module]");
	cr_expect_str_eq(symlist_find(l, UINT64_C(0xffffffff810000ff)), "first [module]");
	cr_expect_str_eq(symlist_find(l, UINT64_C(0xffffffff81000100)), "second");
	cr_expect_null(symlist_find(l, UINT64_C(0xffffffff81000200)), "its end is not known");
	symlist_free(l);
}

Test(stacks_symlist, hidden_addresses_name_nothing)
{
	struct symlist *l =
		read_text("0000000000000000 T a\n0000000000000000 T b\n", SYMLIST_KALLSYMS);

	cr_expect_null(symlist_find(l, 0));
	cr_expect_null(symlist_find(l, UINT64_C(0xffffffff81000000)));
	symlist_free(l);
}

Test(stacks_symlist, perf_map)
{
	struct symlist *l = read_text("1000 10 LFoo;::bar(int, long)\n"
				      "2000 20 old\n"
				      "2000 10 new\n"
				      "3000 8 no newline",
				      SYMLIST_PERF_MAP);

	cr_expect_str_eq(symlist_find(l, 0x1000), "LFoo;::bar(int, long)");
	cr_expect_str_eq(symlist_find(l, 0x100f), "LFoo;::bar(int, long)");
	cr_expect_null(symlist_find(l, 0x1010));
	cr_expect_str_eq(symlist_find(l, 0x2008), "new");
	cr_expect_str_eq(symlist_find(l, 0x3000), "no newline");
	symlist_free(l);
}

Test(stacks_symlist, bad_lines_are_left_out)
{
	static const char *const bad[] = {
		"",
		"\n",
		" 1000 10 blank before\n",
		"1000\n",
		"1000 10\n",
		"1000 10 \n",
		"1000 0 empty\n",
		"-1000 10 negative\n",
		"1000 -10 negative\n",
		"11111111111111111 10 too long\n",
		"ffffffffffffffff 10 goes round\n",
		"1000 fffffffffffffffff too long\n",
		"g 10 no digit\n",
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		char text[256];
		struct symlist *l;

		snprintf(text, sizeof(text), "%s2000 10 good\n", bad[i]);
		l = read_text(text, SYMLIST_PERF_MAP);
		cr_expect_str_eq(symlist_find(l, 0x2000), "good", "behind %s", bad[i]);
		cr_expect_null(symlist_find(l, 0x1000), "%s", bad[i]);
		cr_expect_null(symlist_find(l, UINT64_MAX), "%s", bad[i]);
		symlist_free(l);
	}
}

Test(stacks_symlist, long_names_are_cut)
{
	char text[4096] = "1000 10 ";
	struct symlist *l;

	memset(text + 8, 'x', sizeof(text) - 10);
	text[sizeof(text) - 2] = '\n';
	l = read_text(text, SYMLIST_PERF_MAP);
	cr_expect_eq(strlen(symlist_find(l, 0x1000)), STACK_NAME_LEN - 1);
	symlist_free(l);
}

/* Any bytes: never a name that is not among them, never a crash (the sanitizer tree sees). */
Test(stacks_symlist, any_bytes)
{
	static const char alphabet[] = "0123456789abcdef  \n\t;Tx\0";

	for (uint64_t seed = 0; seed < 300; seed++) {
		struct random_source r = { .seed = seed };
		char text[2000];
		struct symlist *l;

		for (size_t i = 0; i < sizeof(text); i++)
			text[i] = alphabet[random_below(&r, sizeof(alphabet))];
		l = read_bytes(text, sizeof(text), seed % 2 ? SYMLIST_PERF_MAP : SYMLIST_KALLSYMS);
		for (size_t i = 0; i < 100; i++) {
			const char *name = symlist_find(l, random_any_size(&r));

			cr_assert(!name || strlen(name) < STACK_NAME_LEN);
		}
		symlist_free(l);
	}
}
