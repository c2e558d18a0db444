/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* source.c - does every moment get an intensity that says what it is? */
#include "intensity/source.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NEW_YEAR 1767225600
#define AT(s)	 ((NEW_YEAR + (int64_t)(s)) * 1000000)

static char path[64];

static void put_file(const char *text)
{
	char beside[80];
	FILE *f;

	snprintf(path, sizeof(path), "/tmp/source-%d.csv", (int)getpid());
	snprintf(beside, sizeof(beside), "%s.new", path);
	f = fopen(beside, "we");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
	cr_assert_eq(rename(beside, path), 0);
}

static int open_file(const char *zone, const char *location, const char *feed,
		     struct intensity_source **ret, struct why *why)
{
	struct intensity_source_options o = {
		.zone = zone, .file = path, .location = location, .feed = feed
	};

	why->text[0] = '\0';
	return intensity_source_new(&o, ret, why);
}

static const char hours[] = "# boundary: direct\n# source: mine\nstart,end,zone,g_per_kwh\n"
			    "2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,FR,40\n"
			    "2026-01-01T01:00:00Z,2026-01-01T02:00:00Z,FR,60\n";

Test(source, without_a_file_it_is_the_table)
{
	struct intensity_source_options o = { .zone = "FR" };
	struct intensity_source *s;
	struct intensity i;
	struct why why;

	cr_assert_eq(intensity_source_new(&o, &s, &why), 0);
	intensity_source_at(s, AT(0), AT(1), &i);
	cr_expect_eq(i.mg_per_kwh, 44200);
	cr_expect(i.is_annual_mean);
	cr_expect_null(intensity_source_series(s));
	intensity_source_free(s);
	o.zone = "XX";
	cr_expect_eq(intensity_source_new(&o, &s, &why), -ENOENT);
}

static int open_kind(enum series_kind kind, const char *zone, const char *file, const char *feed,
		     struct intensity_source **ret, struct why *why)
{
	struct intensity_source_options o = {
		.zone = zone, .file = file, .feed = feed, .has_kind = true, .kind = kind
	};

	why->text[0] = '\0';
	return intensity_source_new(&o, ret, why);
}

Test(source, a_kind_that_is_asked_for_is_the_only_one)
{
	struct intensity_source *s;
	struct intensity i;
	struct why why;

	cr_assert_eq(open_kind(SERIES_MARGINAL, "aws:eu-west-3", NULL, NULL, &s, &why), 0);
	intensity_source_at(s, AT(0), AT(1), &i);
	cr_expect_str_eq(i.kind, "marginal");
	cr_expect_not(i.is_annual_mean, "a range over models does not vary in time");
	intensity_source_free(s);
	cr_expect_eq(open_kind(SERIES_MARGINAL, NULL, NULL, NULL, &s, &why), -ENODATA);
	cr_expect_eq(open_kind(SERIES_MARGINAL, "AL", NULL, NULL, &s, &why), -ENODATA, "%s",
		     why.text);

	/* Both in one file: each is found, and neither stands in for the other. */
	put_file("time,duration,zone,kind,g_per_kwh\n"
		 "2026-01-01T00:00:00Z,01:00,FR,average,40\n"
		 "2026-01-01T00:00:00Z,01:00,FR,marginal,400\n"
		 "2026-01-01T00:00:00Z,01:00,DE,average,300\n");
	for (enum series_kind k = SERIES_AVERAGE; k <= SERIES_MARGINAL; k++) {
		cr_assert_eq(open_kind(k, "FR", path, NULL, &s, &why), 0, "%s", why.text);
		intensity_source_at(s, AT(10), AT(11), &i);
		cr_expect_str_eq(i.kind, series_kind_name(k));
		cr_expect_eq(i.mg_per_kwh, k == SERIES_MARGINAL ? 400000 : 40000);
		intensity_source_free(s);
	}
	cr_expect_eq(open_kind(SERIES_MARGINAL, "DE", path, NULL, &s, &why), -ENOENT);
	cr_expect(strstr(why.text, "no marginal intensity of 'DE'"), "%s", why.text);

	/* Of a feed that has said nothing yet, the table's figure of that kind. */
	unlink(path);
	cr_assert_eq(open_kind(SERIES_MARGINAL, "FR", path, "watttime", &s, &why), 0);
	intensity_source_at(s, AT(10), AT(11), &i);
	cr_expect_str_eq(i.kind, "marginal");
	cr_expect_str_eq(i.flags, "filled");
	intensity_source_free(s);
}

Test(source, each_window_gets_its_own_hour)
{
	struct intensity_source *s;
	struct intensity i;
	struct why why;

	put_file(hours);
	cr_assert_eq(open_file("FR", NULL, NULL, &s, &why), 0, "%s", why.text);
	intensity_source_at(s, AT(10), AT(11), &i);
	cr_expect_eq(i.mg_per_kwh, 40000);
	cr_expect_str_eq(i.boundary, "direct");
	cr_expect_str_eq(i.source, "mine");
	cr_expect_str_eq(i.flags, "");
	cr_expect_eq(i.year, 2026);
	cr_expect_not(i.is_annual_mean);
	intensity_source_at(s, AT(3590), AT(3610), &i);
	cr_expect_eq(i.mg_per_kwh, 50000, "half and half");
	intensity_source_at(s, AT(3600), AT(3600), &i);
	cr_expect_eq(i.mg_per_kwh, 60000, "an empty window is its moment");
	intensity_source_free(s);
	unlink(path);
}

Test(source, outside_the_nearest_value_stands_in_and_widens)
{
	struct intensity_source *s;
	struct intensity in, after, later, before, half;
	struct why why;

	put_file(hours);
	cr_assert_eq(open_file("FR", NULL, NULL, &s, &why), 0, "%s", why.text);
	intensity_source_at(s, AT(3700), AT(3701), &in);
	intensity_source_at(s, AT(9000), AT(9001), &after);
	intensity_source_at(s, AT(99000), AT(99001), &later);
	intensity_source_at(s, AT(-99000), AT(-98999), &before);
	intensity_source_at(s, AT(3600), AT(3 * 3600), &half);
	cr_expect_eq(after.mg_per_kwh, 60000);
	cr_expect_eq(before.mg_per_kwh, 40000);
	cr_expect_eq(half.mg_per_kwh, 60000);
	cr_expect_str_eq(after.flags, "filled");
	cr_expect_str_eq(half.flags, "filled");
	cr_expect_str_eq(after.boundary, "direct", "never another signal");
	cr_expect_gt(half.high_mg_per_kwh, in.high_mg_per_kwh);
	cr_expect_gt(after.high_mg_per_kwh, in.high_mg_per_kwh);
	cr_expect_gt(later.high_mg_per_kwh, after.high_mg_per_kwh);
	cr_expect_gt(before.high_mg_per_kwh * 60, after.high_mg_per_kwh * 40);
	cr_expect_not(intensity_is_same_signal(&in, &after));
	cr_expect(intensity_is_same_signal(&after, &later));
	intensity_source_free(s);
	unlink(path);
}

Test(source, no_other_place_than_the_one_asked_for)
{
	struct intensity_source *s;
	struct intensity i;
	struct why why;

	put_file(hours);
	cr_expect_eq(open_file("DE", NULL, NULL, &s, &why), -ENOENT);
	cr_expect(strstr(why.text, "no location 'DE'") && strstr(why.text, "'FR'"), "%s", why.text);
	cr_expect_eq(open_file("FR", "fr-north", NULL, &s, &why), -ENOENT);
	cr_assert_eq(open_file("aws:eu-west-3", NULL, NULL, &s, &why), 0, "it lies in FR");
	intensity_source_free(s);
	cr_assert_eq(open_file("DE", "FR", NULL, &s, &why), 0, "asked for");
	intensity_source_free(s);
	cr_assert_eq(open_file(NULL, NULL, NULL, &s, &why), 0, "the only one");
	intensity_source_at(s, AT(0), AT(1), &i);
	cr_expect_str_eq(i.zone, "FR");
	cr_expect_not(i.is_default);
	intensity_source_free(s);
	put_file("start,zone,g_per_kwh\n2026-01-01,FR,40\n2026-01-01,DE,400\n");
	cr_expect_eq(open_file(NULL, NULL, NULL, &s, &why), -ENOENT, "which of two?");
	unlink(path);
}

Test(source, a_feeds_cache_comes_later_changes_and_has_troubles)
{
	struct intensity_source *s;
	struct intensity i, old;
	struct why why;

	snprintf(path, sizeof(path), "/tmp/source-%d.csv", (int)getpid());
	cr_expect_eq(open_file("FR", NULL, NULL, &s, &why), -ENOENT, "a file must be there");
	cr_assert_eq(open_file("FR", NULL, "uk", &s, &why), 0, "%s", why.text);
	intensity_source_at(s, AT(0), AT(1), &i);
	cr_expect_eq(i.mg_per_kwh, 44200);
	cr_expect_str_eq(i.flags, "filled");
	cr_expect(strstr(i.source, "annual mean of the table"));
	cr_expect_str_eq(intensity_source_trouble(s), "feed uk has given nothing yet");

	put_file("# trouble: uk: HTTP 500\nstart,g_per_kwh\n");
	intensity_source_at(s, AT(0), AT(1), &i);
	cr_expect(strstr(intensity_source_trouble(s), "no value yet: uk: HTTP 500"));

	put_file(hours);
	intensity_source_at(s, AT(0), AT(1), &old);
	cr_expect_eq(old.mg_per_kwh, 40000);
	cr_expect_str_eq(intensity_source_trouble(s), "");

	put_file("{ not at all");
	intensity_source_at(s, AT(0), AT(1), &i);
	cr_expect_eq(i.mg_per_kwh, 40000, "the last known good");
	cr_expect_neq(intensity_source_trouble(s)[0], '\0');
	unlink(path);
	intensity_source_at(s, AT(0), AT(1), &i);
	cr_expect_eq(i.mg_per_kwh, 40000);
	cr_expect_str_eq(old.source, "mine", "what was given out lives on");
	intensity_source_free(s);
}
