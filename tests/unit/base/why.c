/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* why.c - tests of base/why.h: the reason is kept, cut where it must be, the error passed on. */
#include "base/why.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(why, keeps_the_text_and_returns_the_error)
{
	struct why w = { "" };

	cr_assert_eq(why_set(&w, -ENOENT, "%s: no such zone (%d known)", "XX", 3), -ENOENT);
	cr_assert_str_eq(w.text, "XX: no such zone (3 known)");
}

Test(why, null_is_allowed)
{
	cr_assert_eq(why_set(NULL, -EPERM, "unused %d", 1), -EPERM);
}

Test(why, a_later_reason_replaces_the_first)
{
	struct why w = { "" };

	why_set(&w, -1, "a longer first reason");
	why_set(&w, -1, "second");
	cr_assert_str_eq(w.text, "second");
}

Test(why, long_text_is_cut_and_terminated)
{
	struct why w;

	memset(w.text, 'x', sizeof(w.text));
	cr_assert_eq(why_set(&w, -EIO, "%0*d", 2000, 0), -EIO);
	cr_assert_eq(strlen(w.text), sizeof(w.text) - 1);
}
