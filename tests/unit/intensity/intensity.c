/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* intensity.c - is every zone found, in range, and an unknown one refused with help? */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "intensity/intensity.h"
#include "quant/interval.h"

Test(intensity, no_zone_is_the_world_and_says_so)
{
	struct intensity i;
	struct why why;

	cr_assert_eq(intensity_lookup(NULL, &i, &why), 0);
	cr_assert_str_eq(i.zone, "WORLD");
	cr_assert(i.is_default);
	cr_assert_eq(i.mg_per_kwh, 472900);
	cr_assert_eq(i.low_mg_per_kwh, 44200);
	cr_assert_eq(i.high_mg_per_kwh, 709000);

	cr_assert_eq(intensity_lookup("", &i, &why), 0);
	cr_assert(i.is_default);
	cr_assert_eq(intensity_lookup("world", &i, &why), 0);
	cr_assert_not(i.is_default, "asked for by name");
}

Test(intensity, case_does_not_matter)
{
	static const char *const words[] = { "FR", "fr", "Fr", "AWS:EU-WEST-3", "aws:eu-west-3" };

	for (size_t k = 0; k < sizeof(words) / sizeof(words[0]); k++) {
		struct intensity i;

		cr_assert_eq(intensity_lookup(words[k], &i, NULL), 0, "%s", words[k]);
		cr_assert_eq(i.mg_per_kwh, 44200, "%s", words[k]);
		cr_assert_str_eq(i.boundary, "lifecycle");
		cr_assert_str_eq(i.kind, "average");
		cr_assert(i.is_annual_mean);
		cr_assert_not(i.is_default);
	}
}

Test(intensity, an_unknown_zone_names_its_near_misses)
{
	static const struct {
		const char *word;
		const char *near;
	} cases[] = {
		{ "FX", " FR" },
		{ "France", " FR" },
		{ "eu-west-3", " aws:eu-west-3" },
		{ "aws:eu-wset-3", " aws:eu-west-3" },
		{ "calif", " US-CA" },
		{ "US_CA", " US-CA" },
		{ "germany", " DE" },
	};

	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		struct intensity i = { .year = 1 };
		struct why why = { "" };

		cr_assert_eq(intensity_lookup(cases[k].word, &i, &why), -ENOENT);
		cr_assert_eq(i.year, 1, "touched on error");
		cr_expect(strstr(why.text, cases[k].near), "%s: %s", cases[k].word, why.text);
		cr_expect(strstr(why.text, "jouletrail intensity list"), "%s", why.text);
	}
}

Test(intensity, hostile_words)
{
	char longest[5000];
	struct intensity i;
	struct why why;

	memset(longest, 'A', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	cr_assert_eq(intensity_lookup(longest, &i, &why), -ENOENT);
	cr_assert(strlen(why.text) < 200);
	cr_assert_eq(intensity_lookup("%s%n\xff", &i, &why), -ENOENT);
	cr_assert_eq(intensity_lookup(" ", &i, &why), -ENOENT);
	cr_assert_eq(intensity_lookup("FR", &i, NULL), 0);
	cr_assert_eq(intensity_lookup("nowhere", &i, NULL), -ENOENT);
}

Test(intensity, every_row_is_in_range_and_findable)
{
	struct intensity last = { 0 };

	cr_assert(intensity_n_zones() > 400);
	for (size_t k = 0; k < intensity_n_zones(); k++) {
		struct intensity found;
		struct quant_sides sides;
		struct intensity i;

		intensity_zone(k, &i);
		cr_assert(k == 0 || strcasecmp(last.zone, i.zone) < 0 ||
				  (!strcmp(last.zone, i.zone) && strcmp(last.kind, i.kind) < 0),
			  "%s after %s", i.zone, last.zone);
		cr_assert_eq(quant_sides_from((double)i.low_mg_per_kwh, (double)i.mg_per_kwh,
					      (double)i.high_mg_per_kwh, &sides),
			     0, "%s", i.zone);
		cr_assert(i.mg_per_kwh >= 5000 && i.mg_per_kwh <= 1700000, "%s", i.zone);
		cr_assert(i.year >= 2009 && *i.source && *i.licence && *i.zone_name, "%s", i.zone);
		if (strcmp(i.kind, "average") != 0)
			cr_assert_eq(intensity_lookup_marginal(i.zone, &found, NULL), 0);
		else
			cr_assert_eq(intensity_lookup(i.zone, &found, NULL), 0, "%s", i.zone);
		cr_assert_str_eq(found.kind, i.kind);
		cr_assert_str_eq(found.zone, i.zone);
		last = i;
	}
}

Test(intensity, marginal_is_another_signal)
{
	static const struct {
		const char *zone;
		const char *of;
	} cases[] = { { "DE", "DE" },	 { "aws:eu-central-1", "DE" },
		      { "US-CA", "US" }, { "aws:us-west-1", "US" },
		      { "fr", "FR" },	 { "AD", "AD" } };
	struct intensity i;
	struct why why;

	for (size_t k = 0; k < sizeof(cases) / sizeof(cases[0]); k++) {
		cr_assert_eq(intensity_lookup_marginal(cases[k].zone, &i, &why), 0, "%s: %s",
			     cases[k].zone, why.text);
		cr_expect_str_eq(i.zone, cases[k].of);
		cr_expect_str_eq(i.kind, "marginal");
		cr_expect_str_eq(i.boundary, "direct");
		cr_expect_str_eq(i.accounting, "operating-margin");
	}
	cr_expect_eq(intensity_lookup_marginal("WORLD", &i, &why), -ENODATA);
	cr_expect_eq(intensity_lookup_marginal("IS", &i, &why), -ENODATA, "0 in the source");
	cr_expect_eq(intensity_lookup_marginal("XX", &i, &why), -ENOENT);
	cr_expect_str_eq(intensity_within("aws:eu-west-3"), "FR");
	cr_expect_null(intensity_within("FR"));
}

Test(intensity, the_table_has_a_fingerprint)
{
	cr_assert_eq(strlen(intensity_table_sha256), 64);
	cr_assert_eq(strspn(intensity_table_sha256, "0123456789abcdef"), 64);
}
