/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stamp.c - are times, spans and numbers of strangers read right, or refused? */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "intensity/stamp.h"
#include "unit/random.h"

Test(stamp, times)
{
	static const struct {
		const char *text;
		int64_t s; /* -1 = refused */
		bool assumed_utc;
	} cases[] = {
		{ "1970-01-01T00:00:00Z", 0, false },
		{ "2022-05-17T20:45:11.5092741+00:00", 1652820311, false },
		{ "2026-01-01T12:30Z", 1767270600, false },
		{ "2026-01-01T01:00:00", 1767229200, true },
		{ "2026-01-01 01:00:00", 1767229200, true },
		{ "2026-01-01", 1767225600, true },
		{ "2026-01-01T01:00:00+01:00", 1767225600, false },
		{ "2026-01-01T01:00:00+0100", 1767225600, false },
		{ "2026-01-01T01:00:00+01", 1767225600, false },
		{ "2025-12-31T20:30:00-03:30", 1767225600, false },
		{ " 2026-01-01T00:00:00.000Z ", 1767225600, false },
		{ "2024-02-29T00:00:00Z", 1709164800, false },
		{ "2016-12-31T23:59:60Z", 1483228799, false },
		{ "1767225600", 1767225600, false },
		{ "2100-03-01T00:00:00Z", 4107542400, false },
		{ "2023-02-29T00:00:00Z", -1, false },
		{ "2100-02-29T00:00:00Z", -1, false },
		{ "2026-13-01T00:00:00Z", -1, false },
		{ "2026-01-32T00:00:00Z", -1, false },
		{ "2026-01-01T24:00:00Z", -1, false },
		{ "2026-01-01T12:60:00Z", -1, false },
		{ "1969-12-31T23:59:59Z", -1, false },
		{ "1970-01-01T00:00:00+01:00", -1, false },
		{ "2026-01-01T12:30:00+15:00", -1, false },
		{ "2026-01-01T12:30:00 CET", -1, false },
		{ "2026-01-01T12:30:00.Z", -1, false },
		{ "2026-01-01T", -1, false },
		{ "2026-1-1", -1, false },
		{ "999999999999999999999", -1, false },
		{ "", -1, false },
		{ "now", -1, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool assumed = false;
		int64_t s = -2;
		int err = stamp_read_time(cases[i].text, strlen(cases[i].text), &s, &assumed);

		cr_expect_eq(err, cases[i].s < 0 ? -EINVAL : 0, "%s: %d", cases[i].text, err);
		if (cases[i].s < 0)
			continue;
		cr_expect_eq(s, cases[i].s, "%s: %ld", cases[i].text, s);
		cr_expect_eq(assumed, cases[i].assumed_utc, "%s", cases[i].text);
	}
}

Test(stamp, every_time_written_is_read_back)
{
	struct random_source r = { .seed = 3 };

	for (int i = 0; i < 20000; i++) {
		int64_t want = (int64_t)random_below(&r, 7258118400), got;
		bool assumed;
		char text[32];

		stamp_write(want, text, sizeof(text));
		cr_assert_eq(stamp_read_time(text, strlen(text), &got, &assumed), 0, "%s", text);
		cr_assert_eq(got, want, "%s", text);
		cr_assert_not(assumed);
	}
}

Test(stamp, spans)
{
	static const struct {
		const char *text;
		int64_t s;
		int err;
	} cases[] = {
		{ "01:00", 3600, 0 },	       { "00:05:00", 300, 0 },
		{ "0.01:00:00", 3600, 0 },     { "1.00:00:00", 86400, 0 },
		{ "00:00:30.5000000", 30, 0 }, { "5", 432000, 0 },
		{ "00:00:00", 0, 0 },	       { "PT5M", 300, 0 },
		{ "PT1H30M", 5400, 0 },	       { "P1DT1S", 86401, 0 },
		{ "-01:00", 0, -ERANGE },      { "99999999", 0, -ERANGE },
		{ "24:00", 0, -EINVAL },       { "01:00:00:00", 0, -EINVAL },
		{ "1h", 0, -EINVAL },	       { "P", 0, -EINVAL },
		{ "PT", 0, -EINVAL },	       { "PT5M1H", 0, -EINVAL },
		{ "PT5X", 0, -EINVAL },	       { "", 0, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t s = 0;
		int err = stamp_read_span(cases[i].text, strlen(cases[i].text), &s);

		cr_expect_eq(err, cases[i].err, "%s: %d", cases[i].text, err);
		cr_expect_eq(s, cases[i].s, "%s: %ld", cases[i].text, s);
	}
}

Test(stamp, numbers)
{
	static const struct {
		const char *text;
		double v;
		int err;
	} cases[] = {
		{ "118", 118, 0 },
		{ " 118 ", 118, 0 },
		{ "58.765447504659946", 58.765447504659946, 0 },
		{ "0.1", 0.1, 0 },
		{ "1e3", 1000, 0 },
		{ "-1", -1, 0 },
		{ "+2.5", 2.5, 0 },
		{ "00012", 12, 0 },
		{ "123456789012345678901", 123456789012345678901.0, 0 },
		{ "", 0, -EINVAL },
		{ ".", 0, -EINVAL },
		{ "1.", 0, -EINVAL },
		{ "1,5", 0, -EINVAL },
		{ "0x10", 0, -EINVAL },
		{ "nan", 0, -EINVAL },
		{ "inf", 0, -EINVAL },
		{ "1e999", 0, -EINVAL },
		{ "12 g", 0, -EINVAL },
		{ "1.2.3", 0, -EINVAL },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		double v = 0;
		int err = stamp_read_number(cases[i].text, strlen(cases[i].text), &v);

		cr_expect_eq(err, cases[i].err, "%s: %d", cases[i].text, err);
		cr_expect_eq(v, cases[i].v, "%s: %.17g", cases[i].text, v);
	}
}

Test(stamp, what_is_read_of_numbers_is_what_strtod_reads)
{
	struct random_source r = { .seed = 5 };

	for (int i = 0; i < 20000; i++) {
		double want = random_unit(&r) * 5000, got;
		char text[48];

		snprintf(text, sizeof(text), "%.*f", (int)random_below(&r, 12) + 1, want);
		want = strtod(text, NULL);
		cr_assert_eq(stamp_read_number(text, strlen(text), &got), 0, "%s", text);
		cr_assert_eq(got, want, "%s", text);
	}
}
