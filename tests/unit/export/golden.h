/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* golden.h - an output against the file that says what it is; UPDATE=1 rewrites that. */
#ifndef TESTS_UNIT_EXPORT_GOLDEN_H
#define TESTS_UNIT_EXPORT_GOLDEN_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"

#define GOLDEN "tests/fixtures/golden/export/"

static inline void expect_golden(const char *name, const struct buf *out)
{
	char path[256], want[65536];
	size_t len;
	FILE *f;

	cr_assert_eq(out->err, 0);
	snprintf(path, sizeof(path), GOLDEN "%s", name);
	if (getenv("UPDATE")) {
		mkdir("tests/fixtures", 0755);
		mkdir("tests/fixtures/golden", 0755);
		mkdir("tests/fixtures/golden/export", 0755);
		f = fopen(path, "w");
		cr_assert(f != NULL, "%s: %m", path);
		cr_assert_eq(fwrite(out->data, 1, out->len, f), out->len);
		fclose(f);
		return;
	}
	f = fopen(path, "r");
	cr_assert(f != NULL, "%s: %m; run from the top of the tree, UPDATE=1 writes it", path);
	len = fread(want, 1, sizeof(want) - 1, f);
	want[len] = '\0';
	fclose(f);
	cr_expect_str_eq(out->data, want, "%s differs; UPDATE=1 rewrites it. Got:\n%s", name,
			 out->data);
}

#endif /* TESTS_UNIT_EXPORT_GOLDEN_H */
