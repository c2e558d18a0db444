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
	const char *ledger;
	uint64_t interval_ns;
	uint64_t n;
	bool irq;
};

#define ROW(name_, type_, field_)                                                           \
	{                                                                                   \
		.name = (name_), .type = (type_), .offset = offsetof(struct fields, field_) \
	}

static const struct option_row rows[] = {
	ROW("zone", OPTION_STRING, zone),
	ROW("ledger", OPTION_STRING, ledger),
	ROW("interval", OPTION_DURATION, interval_ns),
	ROW("max-tasks", OPTION_U64, n),
	ROW("irq", OPTION_FLAG, irq),
	ROW("check", OPTION_FLAG, irq),
};

static const struct options_spec daemon_like = {
	.command = "daemon", .row = rows, .n_rows = ARRAY_LENGTH(rows), .configured = true
};
static const struct options_spec run_like = {
	.command = "run", .row = rows, .n_rows = ARRAY_LENGTH(rows), .configured = true
};

static int apply(const struct options_spec *spec, const char *text, struct fields *ret,
		 struct why *why)
{
	char path[] = "/tmp/config-XXXXXX";
	int fd = mkstemp(path), err;

	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	setenv("JOULETRAIL_CONFIG", path, 1);
	config_know(&daemon_like);
	why->text[0] = '\0';
	err = config_apply(spec, ret, why);
	unlink(path);
	return err;
}

static const char good[] = "# a machine\n\n zone = FR \r\ninterval=250ms\nmax-tasks = 7\n"
			   "irq = yes\n"
			   "ledger = /a b\nledger = /var/x=y";

Test(config, fills_what_it_names)
{
	struct fields f = { .n = 3 };
	struct why why;

	cr_assert_eq(apply(&daemon_like, good, &f, &why), 0, "%s", why.text);
	cr_expect_str_eq(f.zone, "FR");
	cr_expect_str_eq(f.ledger, "/var/x=y", "the last one holds");
	cr_expect_eq(f.interval_ns, 250000000);
	cr_expect_eq(f.n, 7);
	cr_expect(f.irq);
}

Test(config, a_flag_can_be_taken_back)
{
	struct fields f = { .irq = true };
	struct why why;

	cr_assert_eq(apply(&daemon_like, "irq = no\n", &f, &why), 0, "%s", why.text);
	cr_expect(!f.irq);
}

Test(config, others_take_what_is_of_the_machine)
{
	struct fields f = { .ledger = "mine", .n = 3 };
	struct why why;

	cr_assert_eq(apply(&run_like, good, &f, &why), 0, "%s", why.text);
	cr_expect_str_eq(f.zone, "FR");
	cr_expect_str_eq(f.ledger, "mine");
	cr_expect_eq(f.n, 3);
}

Test(config, what_is_wrong_is_said_with_its_line)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ "zone = FR\nother = 5\n", "line 2: 'other' is no option of" },
		{ "intervall = 5s\n", "line 1: 'intervall' is no option; did you mean interval?" },
		{ "zone\n", "line 1: 'zone': expected NAME = VALUE" },
		{ "zone =\n", "line 1: zone has no value" },
		{ "\n\ninterval = 5\n", "line 3: --interval: '5' is no duration" },
		{ "max-tasks = -1\n", "line 1: --max-tasks: '-1' is no whole number" },
		{ "irq = 1\n", "line 1: irq is yes or no" },
		{ "check = yes\n", "line 1: check belongs on the command line" },
	};
	struct fields f = { 0 };
	struct why why;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(apply(&daemon_like, cases[i].text, &f, &why), -EINVAL);
		cr_expect(strstr(why.text, cases[i].says), "%s", why.text);
	}
	setenv("JOULETRAIL_CONFIG", "/no/such/file", 1);
	cr_expect_eq(config_apply(&daemon_like, &f, &why), -ENOENT,
		     "a file that was named must be there");
}

Test(config, size_is_bounded)
{
	static char text[CONFIG_LINE_LEN + 16], many[(CONFIG_MAX_LINES + 1) * 10 + 1];
	struct fields f = { 0 };
	struct why why;

	memset(text, 'x', sizeof(text) - 1);
	cr_expect_eq(apply(&daemon_like, text, &f, &why), -E2BIG);
	cr_expect(strstr(why.text, "line 1: longer than"), "%s", why.text);
	for (size_t i = 0; i < sizeof(many) - 1; i += 10)
		memcpy(many + i, "zone = FR\n", 10);
	cr_expect_eq(apply(&daemon_like, many, &f, &why), -E2BIG);
	cr_expect(strstr(why.text, "line 1001: more than 1000 options"), "%s", why.text);
}

Test(config, who_does_not_take_it_is_left_alone)
{
	struct options_spec alone = daemon_like;
	struct fields f = { 0 };
	struct why why;

	alone.configured = false;
	setenv("JOULETRAIL_CONFIG", "/no/such/file", 1);
	cr_expect_eq(config_apply(&alone, &f, &why), 0);
}
