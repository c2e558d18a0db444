/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* nearest.c - are mistyped words near what was meant, and others not? */
#include "cli/nearest.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <limits.h>

Test(nearest, distances)
{
	cr_expect(eq(uint, nearest_distance("run", "run"), 0));
	cr_expect(eq(uint, nearest_distance("rnu", "run"), 1));
	cr_expect(eq(uint, nearest_distance("", "run"), 3));
	cr_expect(eq(uint, nearest_distance("verfy", "verify"), 1));
	cr_expect(eq(uint, nearest_distance("kitten", "sitting"), 3));
	cr_expect(eq(uint, nearest_distance("0123456789012345678901234567890x", "run"), UINT_MAX));
}

Test(nearest, suggests_only_what_is_near)
{
	cr_expect(nearest_is_near("verfiy", "verify"));
	cr_expect(nearest_is_near("deamon", "daemon"));
	cr_expect(nearest_is_near("tpo", "top"));
	cr_expect(not(nearest_is_near("x", "top")));
	cr_expect(not(nearest_is_near("report", "verify")));
}
