/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* options.c - does the option table fill its fields, and does it refuse in clear words? */
#include "cli/options.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/method_rows.h"
#include "cli/report_by.h"
#include "export/export.h"
#include "jouletrail/units.h"
#include "quant/value.h"

struct bound {
	const char *zone;
	uint64_t interval_ns;
	uint64_t n;
	enum export_format format;
	bool once;
	const char *word;
};

static const struct option_row rows[] = {
	OPTION_FORMAT_ROW(struct bound, format, OPTION_HUMAN | OPTION_JSON),
	{ .name = "zone",
	  .letter = 'z',
	  .offset = offsetof(struct bound, zone),
	  .arg = "ZONE",
	  .help = "where the power comes from" },
	{ .name = "interval",
	  .type = OPTION_DURATION,
	  .offset = offsetof(struct bound, interval_ns),
	  .arg = "TIME",
	  .help = "length of a window",
	  .min = 10 * JT_NS_PER_MS,
	  .max = 60 * JT_NS_PER_S },
	{ .name = "count",
	  .type = OPTION_U64,
	  .offset = offsetof(struct bound, n),
	  .arg = "N",
	  .help = "how many",
	  .min = 1,
	  .max = 100 },
	{ .name = "once",
	  .letter = '1',
	  .type = OPTION_FLAG,
	  .offset = offsetof(struct bound, once),
	  .help = "one window only" },
	{ .name = "a-very-long-name",
	  .offset = offsetof(struct bound, word),
	  .arg = "FILE,…",
	  .help = "which words there are, of all those that there might be",
	  .values = "one two FILE" },
};

static const struct options_spec spec = {
	.command = "try",
	.arguments = "[DIR]",
	.about = "Tries the table.",
	.row = rows,
	.n_rows = ARRAY_LENGTH(rows),
	.max_arguments = 1,
};

static const struct options_spec spec_run = {
	.command = "run",
	.arguments = "-- CMD [ARG...]",
	.about = "Runs.",
	.row = rows,
	.n_rows = ARRAY_LENGTH(rows),
	.min_arguments = 1,
	.max_arguments = -1,
	.stop_at_argument = true,
};

/* Splits a line at blanks into argv and parses it. The words live until the next call. */
static int parse(const struct options_spec *s, const char *line, struct bound *into,
		 struct options_arguments *ret, struct why *why)
{
	static char text[256];
	static char *argv[32];
	char *rest;
	int n = 0;

	snprintf(text, sizeof(text), "%s", line);
	for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
		argv[n++] = word;
	argv[n] = NULL;
	return options_parse(s, argv, into, ret, why);
}

static void expect_refused(const struct options_spec *s, const char *line, const char *text)
{
	struct options_arguments a;
	struct bound b = { 0 };
	struct why why = { "" };
	int err = parse(s, line, &b, &a, &why);

	cr_expect(eq(int, err, -EINVAL), "'%s' was taken", line);
	cr_expect_str_eq(why.text, text, "'%s'", line);
}

Test(options, fills_every_type)
{
	struct options_arguments a;
	struct bound b = { .zone = "before" };
	struct why why;

	cr_assert(eq(int, 0,
		     parse(&spec, "try -f json --zone=FR --interval 500ms here -1 --count 7", &b,
			   &a, &why)));
	cr_expect(eq(int, b.format, EXPORT_JSON));
	cr_expect_str_eq(b.zone, "FR");
	cr_expect(eq(u64, b.interval_ns, 500 * JT_NS_PER_MS));
	cr_expect(eq(u64, b.n, 7));
	cr_expect(b.once);
	cr_assert(eq(int, a.n, 1));
	cr_expect_str_eq(a.v[0], "here");
	cr_expect(eq(ptr, a.v[1], NULL));
}

Test(options, absent_options_keep_the_default)
{
	struct options_arguments a;
	struct bound b = { .zone = "FR", .n = 3 };
	struct why why;

	cr_assert(eq(int, 0, parse(&spec, "try", &b, &a, &why)));
	cr_expect_str_eq(b.zone, "FR");
	cr_expect(eq(u64, b.n, 3));
	cr_expect(eq(int, a.n, 0));
}

Test(options, last_one_holds_and_letters_take_joined_values)
{
	struct options_arguments a;
	struct bound b = { 0 };
	struct why why;

	cr_assert(eq(int, 0, parse(&spec, "try -zFR -zDE -fjson", &b, &a, &why)));
	cr_expect_str_eq(b.zone, "DE");
	cr_expect(eq(int, b.format, EXPORT_JSON));
}

Test(options, run_stops_at_the_command)
{
	static const char *const lines[] = { "run -z FR -- ls -f --zone",
					     "run -z FR ls -f --zone" };

	for (size_t i = 0; i < ARRAY_LENGTH(lines); i++) {
		struct options_arguments a;
		struct bound b = { 0 };
		struct why why;

		cr_assert(eq(int, 0, parse(&spec_run, lines[i], &b, &a, &why)));
		cr_expect_str_eq(b.zone, "FR");
		cr_assert(eq(int, a.n, 3));
		cr_expect_str_eq(a.v[0], "ls");
		cr_expect_str_eq(a.v[2], "--zone");
		cr_expect(eq(ptr, a.v[3], NULL));
	}
}

Test(options, a_lone_dash_is_an_argument)
{
	struct options_arguments a;
	struct bound b = { 0 };
	struct why why;

	cr_assert(eq(int, 0, parse(&spec, "try -", &b, &a, &why)));
	cr_expect_str_eq(a.v[0], "-");
}

Test(options, refuses_in_one_line)
{
	expect_refused(&spec, "try --intervall 1s",
		       "try: unknown option '--intervall'; did you mean --interval?");
	expect_refused(&spec, "try --wholly=1",
		       "try: unknown option '--wholly=1'; see jouletrail try --help");
	expect_refused(&spec, "try -q", "try: unknown option '-q'; see jouletrail try --help");
	expect_refused(&spec, "try --zone", "--zone needs a value: --zone ZONE");
	expect_refused(&spec, "try --zone=", "--zone: the ZONE is empty");
	expect_refused(&spec, "try --once=yes", "--once takes no value");
	expect_refused(&spec, "try -f csv",
		       "--format: 'csv' is no format of try; it has human or json");
	expect_refused(&spec, "try -f xml",
		       "--format: 'xml' is no format of try; it has human or json");
	expect_refused(&spec, "try --count 0", "--count: 0 is too small; the least is 1");
	expect_refused(&spec, "try --count 101", "--count: 101 is too big; the most is 100");
	expect_refused(&spec, "try --count -1", "--count: '-1' is no whole number");
	expect_refused(&spec, "try --interval 9ms",
		       "--interval: 9ms is too short; the least is 10ms");
	expect_refused(&spec, "try --interval 2m", "--interval: 2m is too long; the most is 1m");
	expect_refused(&spec, "try --interval 1",
		       "--interval: '1' is no duration; write a number and a unit, such as 1s, "
		       "500ms or 2m");
	expect_refused(&spec, "try a b", "try: 'b' is one argument too many; it takes only [DIR]");
	expect_refused(&spec_run, "run -z FR --",
		       "run: needs -- CMD [ARG...]; see jouletrail run --help");
}

Test(options, help_comes_from_the_table)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct options_arguments a;
	struct bound b = { 0 };
	struct why why;

	cr_assert(eq(int, OPTIONS_HELP, parse(&spec, "try -z FR --help --nonsense", &b, &a, &why)));
	options_help(&spec, &out);
	cr_expect_str_eq(
		out.data,
		"usage: jouletrail try [options] [DIR]\n\nTries the table.\n\n"
		"  -f, --format FORMAT       how the result is written: human or json\n"
		"  -z, --zone ZONE           where the power comes from\n"
		"      --interval TIME       length of a window\n"
		"      --count N             how many\n"
		"  -1, --once                one window only\n"
		"      --a-very-long-name FILE,…\n"
		"                            which words there are, of all those that there might\n"
		"                            be: one, two or FILE\n"
		"  -h, --help                this text\n");
}

static int known_kind(const char *word)
{
	enum record_kind kind;

	return record_kind_parse(word, &kind);
}

static int known_by(const char *word)
{
	unsigned int by;

	return report_by_parse(word, &by);
}

static int known_method(const char *word)
{
	bool montecarlo;

	return quant_method_parse(word, &montecarlo);
}

/* How many words the list has, all known. */
static int n_known(const char *list, int (*known)(const char *word))
{
	char words[256], *rest = words, *word;
	int n = 0;

	snprintf(words, sizeof(words), "%s", list);
	while ((word = strsep(&rest, " "))) {
		cr_expect(zero(known(word)), "%s", word);
		n++;
	}
	return n;
}

Test(options, lists_have_the_words_that_are_known)
{
	cr_expect(eq(int, n_known(BY_WORDS, known_kind), RECORD_N_KINDS));
	cr_expect(eq(int, n_known(REPORT_BY_WORDS, known_by), RECORD_N_KINDS + 2));
	cr_expect(eq(int, n_known(UNCERTAINTY_WORDS, known_method), 2));
}

Test(options, durations)
{
	static const struct {
		const char *text;
		int err;
		uint64_t ns;
	} row[] = {
		{ "1s", 0, JT_NS_PER_S },
		{ "500ms", 0, 500 * JT_NS_PER_MS },
		{ "2m", 0, 120 * JT_NS_PER_S },
		{ "1.5h", 0, 5400 * JT_NS_PER_S },
		{ "0.25d", 0, 21600 * JT_NS_PER_S },
		{ "1.000000001s", 0, JT_NS_PER_S + 1 },
		{ "7us", 0, 7000 },
		{ "7ns", 0, 7 },
		{ "0", 0, 0 },
		{ "0s", 0, 0 },
		{ "18446744073709551615ns", 0, UINT64_MAX },
		{ "18446744073709551616ns", -ERANGE, 0 },
		{ "213504d", -ERANGE, 0 },
		{ "1.5ns", -EDOM, 0 },
		{ "1.0005us", -EDOM, 0 },
		{ "1.00000000000000000000000001s", -EDOM, 0 },
		{ "1.0000000000000000000000000s", 0, JT_NS_PER_S },
		{ "1", -EINVAL, 0 },
		{ "s", -EINVAL, 0 },
		{ "", -EINVAL, 0 },
		{ "-1s", -EINVAL, 0 },
		{ "1.s", -EINVAL, 0 },
		{ ".5s", -EINVAL, 0 },
		{ "1 s", -EINVAL, 0 },
		{ "1S", -EINVAL, 0 },
		{ "1sec", -EINVAL, 0 },
	};

	for (size_t i = 0; i < ARRAY_LENGTH(row); i++) {
		uint64_t ns = 42;
		int err = options_parse_duration(row[i].text, &ns);

		cr_expect(eq(int, err, row[i].err), "'%s'", row[i].text);
		cr_expect(eq(u64, ns, err ? 42 : row[i].ns), "'%s'", row[i].text);
	}
}

/* Property: what is printed is read back as the same number. */
Test(options, duration_text_round_trips)
{
	uint64_t x = 0x9e3779b97f4a7c15;

	for (int i = 0; i < 10000; i++) {
		char text[32];
		uint64_t ns, back = 0;

		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		ns = (x >> (x & 63)) / (i % 3 ? 1 : 1000) * (i % 3 ? 1 : 1000);
		options_duration_text(ns, text, sizeof(text));
		cr_assert(eq(int, 0, options_parse_duration(text, &back)), "%s", text);
		cr_assert(eq(u64, back, ns), "%s", text);
	}
}
