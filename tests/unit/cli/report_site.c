/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_site.c - are a ledger's own site and machine found, and only where they are one? */
#include "cli/report_site.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const char paris[] =
	"{\"embodied\":{\"g\":1215000,\"high_g\":2395000,\"host\":\"server\",\"low_g\":497000,"
	"\"share_ppm\":250000,\"source\":\"a \\\"table\\\"\",\"years\":4},"
	"\"pue\":{\"high_ppm\":1400000,\"low_ppm\":1100000,\"site\":\"given\",\"source\":\"given\","
	"\"value_ppm\":1200000},\"water_ml_per_kwh\":1800}";
static const char bare[] = "{\"embodied\":null,\"pue\":{\"high_ppm\":1000000,\"low_ppm\":1000000,"
			   "\"site\":\"none\",\"source\":\"none\",\"value_ppm\":1000000},"
			   "\"water_ml_per_kwh\":null}";

/* An open record with that site, or without; then a tick. */
static void put(struct report_site *s, const char *site)
{
	char line[4096];

	if (site)
		snprintf(line, sizeof(line), "{\"k\":\"open\",\"site\":%s}", site);
	else
		snprintf(line, sizeof(line), "{\"k\":\"open\"}");
	report_site_open(s, (struct scan_value){ line, strlen(line) });
	report_site_tick(s);
}

static struct report_site empty(void)
{
	return (struct report_site){ .of.terms = SITE_TERMS_NONE };
}

Test(report_site, what_the_ledger_says)
{
	struct report_site s = empty();

	put(&s, paris);
	report_site_tick(&s);
	put(&s, paris);
	report_site_settle(&s);
	cr_expect(s.asked);
	cr_expect_eq(s.of.terms.pue.pue_ppm, 1200000);
	cr_expect_eq(s.of.terms.pue.low_ppm, 1100000);
	cr_expect_str_eq(s.of.terms.embodied.host, "server");
	cr_expect_str_eq(s.of.terms.embodied.source, "a \"table\"");
	cr_expect_eq(s.of.terms.embodied.high_g, 2395000);
	cr_expect_eq(s.of.terms.embodied.years, 4);
	cr_expect_float_eq(s.of.terms.share, 0.25, 1e-9);
	cr_expect_float_eq(s.of.terms.water_l_per_kwh, 1.8, 1e-9);

	s = empty();
	put(&s, bare);
	report_site_settle(&s);
	cr_expect(s.asked);
	cr_expect_null(s.of.terms.embodied.host);
	cr_expect_lt(s.of.terms.water_l_per_kwh, 0);
}

Test(report_site, nothing_said_is_nothing_added)
{
	struct report_site s = empty();

	put(&s, NULL);
	report_site_settle(&s);
	cr_expect_not(s.asked);

	/* But a score can be had of it: PUE is 1, which is said. */
	s = empty();
	s.of.sci_units = 10;
	put(&s, NULL);
	report_site_settle(&s);
	cr_expect(s.asked);
	cr_expect_eq(s.of.terms.pue.pue_ppm, 1000000);
}

Test(report_site, several_are_none)
{
	const char *const second[] = { bare, NULL };
	char huge[3000];

	for (int i = 0; i < 2; i++) {
		struct report_site s = empty();

		put(&s, paris);
		put(&s, second[i]);
		report_site_settle(&s);
		cr_expect_not(s.asked, "case %d", i);
		cr_expect_eq(s.of.terms.pue.pue_ppm, 1000000);
	}
	memset(huge, 'x', sizeof(huge));
	huge[0] = '"';
	huge[sizeof(huge) - 2] = '"';
	huge[sizeof(huge) - 1] = '\0';
	{
		struct report_site s = empty();

		put(&s, huge);
		report_site_settle(&s);
		cr_expect_not(s.asked, "one that is cut is not known");
	}
}

Test(report_site, options_go_before_the_ledger)
{
	struct report_site s = empty();

	s.asked = true;
	s.of.terms.pue.pue_ppm = 1500000;
	put(&s, paris);
	put(&s, bare);
	report_site_settle(&s);
	cr_expect_eq(s.of.terms.pue.pue_ppm, 1500000);
	cr_expect_null(s.of.terms.embodied.host);
}
