/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* config.c - does a machine's configuration fill the options that it may, and nothing else? */
#include "cli/config.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct fields {
	const char *zone;
	const char *other;
};

static const struct option_row rows[] = {
	{ .name = "zone", .offset = offsetof(struct fields, zone) },
	{ .name = "other", .offset = offsetof(struct fields, other) },
};

static const struct options_spec spec = {
	.command = "x", .row = rows, .n_rows = ARRAY_LENGTH(rows), .configured = true
};

static int apply(const char *text, struct fields *ret, struct why *why)
{
	char path[] = "/tmp/config-XXXXXX";
	int fd = mkstemp(path), err;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	setenv("JOULETRAIL_CONFIG", path, 1);
	why->text[0] = '\0';
	err = config_apply(&spec, ret, why);
	unlink(path);
	return err;
}

Test(config, fills_what_it_names)
{
	struct fields f = { .other = "mine" };
	struct why why;

	cr_assert_eq(apply("# a machine\n\n zone = FR \r\nintensity=uk", &f, &why), 0, "%s",
		     why.text);
	cr_expect_str_eq(f.zone, "FR");
	cr_expect_str_eq(f.other, "mine");
}

Test(config, what_is_wrong_is_said_with_its_line)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ "zone = FR\nother = 5\n", "line 2: 'other' is none of" },
		{ "zone\n", "line 1: 'zone': expected NAME = VALUE" },
		{ "zone =\n", "line 1: zone has no value" },
	};
	struct fields f = { 0 };
	struct why why;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(apply(cases[i].text, &f, &why), -EINVAL);
		cr_expect(strstr(why.text, cases[i].says), "%s", why.text);
	}
	setenv("JOULETRAIL_CONFIG", "/no/such/file", 1);
	cr_expect_eq(config_apply(&spec, &f, &why), -ENOENT, "a file that was named must be there");
}

Test(config, who_does_not_take_it_is_left_alone)
{
	struct options_spec alone = spec;
	struct fields f = { 0 };
	struct why why;

	alone.configured = false;
	setenv("JOULETRAIL_CONFIG", "/no/such/file", 1);
	cr_expect_eq(config_apply(&alone, &f, &why), 0);
	cr_expect_null(f.zone);
}
