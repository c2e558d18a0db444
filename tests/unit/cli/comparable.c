/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* comparable.c - is a baseline read or refused as it should, a difference told rightly? */
#include "cli/comparable.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "base/cleanup.h"
#include "unit/random.h"

#define SOURCE(name_, kind_, sd_, of_energy_)                                     \
	"{\"kind\":\"" kind_ "\",\"minus_ppm\":" sd_ ",\"of_energy\":" of_energy_ \
	",\"plus_ppm\":" sd_ ",\"sd_ppm\":" sd_ ",\"source\":\"" name_ "\"}"

static const char good[] = "{\"command\":[\"make\",\"-j8\"],\"command_total\":{\"budget\":[" SOURCE(
	"intensity", "systematic", "420000",
	"false") "," SOURCE("annual_mean", "temporal", "330000",
			    "false") "," SOURCE("rapl_gain", "systematic", "100000",
						"true") "," SOURCE("attribution", "systematic",
								   "10000",
								   "true") "," SOURCE("counter",
										      "random",
										      "2000",
										      "true") "],"
											      "\"co"
											      "2e_"
											      "ug\""
											      ":{"
											      "\"hi"
											      "gh\""
											      ":200"
											      ",\"l"
											      "ow\""
											      ":50,"
											      "\"va"
											      "lue"
											      "\":"
											      "100}"
											      ",\"c"
											      "pu_"
											      "ns\""
											      ":1,"
											      "\"en"
											      "ergy"
											      "_uj"
											      "\":{"
											      "\"hi"
											      "gh\""
											      ":120"
											      "0000"
											      "0,"
											      "\"lo"
											      "w\":"
											      "8000"
											      "000,"
											      "\"va"
											      "lue"
											      "\":"
											      "1000"
											      "0000"
											      "}},"
											      "\"do"
											      "main"
											      "s\":"
											      "[{"
											      "\"co"
											      "unte"
											      "d\":"
											      "true"
											      ",\"k"
											      "ind"
											      "\":"
											      "\"pa"
											      "ckag"
											      "e\"}"
											      ",{"
											      "\"co"
											      "unte"
											      "d\":"
											      "fals"
											      "e,"
											      "\"ki"
											      "nd\""
											      ":\"c"
											      "ore"
											      "\"},"
											      "{\"c"
											      "ount"
											      "ed\""
											      ":tru"
											      "e,"
											      "\"ki"
											      "nd\""
											      ":\"d"
											      "ram"
											      "\"}]"
											      ",\"e"
											      "xit_"
											      "stat"
											      "us\""
											      ":0,"
											      "\"in"
											      "tens"
											      "ity_"
											      "mg_"
											      "per_"
											      "kwh"
											      "\":{"
											      "\"ac"
											      "coun"
											      "ting"
											      "\":"
											      "\"pr"
											      "oduc"
											      "tion"
											      "\","
											      "\"bo"
											      "unda"
											      "ry\""
											      ":\"l"
											      "ifec"
											      "ycle"
											      "\","
											      "\"ki"
											      "nd\""
											      ":\"a"
											      "vera"
											      "ge\""
											      ",\"y"
											      "ear"
											      "\":"
											      "2024"
											      "},"
											      "\"ma"
											      "chin"
											      "e\":"
											      "\"01"
											      "23\""
											      ","
											      "\"me"
											      "thod"
											      "\":{"
											      "\"id"
											      "le_"
											      "poli"
											      "cy\""
											      ":\"s"
											      "epar"
											      "ate"
											      "\","
											      "\"we"
											      "ight"
											      "\":"
											      "\"ti"
											      "me\""
											      "},"
											      "\"qu"
											      "alit"
											      "y\":"
											      "\"me"
											      "asur"
											      "ed\""
											      ","
											      "\"sc"
											      "hema"
											      "\":"
											      "\"jo"
											      "ulet"
											      "rail"
											      ".run"
											      "/1\""
											      ",\"z"
											      "one"
											      "\":"
											      "\"FR"
											      "\"}";

static struct comparable parsed(void)
{
	struct comparable c;
	struct why why = { "" };

	cr_assert_eq(comparable_parse(good, strlen(good), &c, &why), 0, "%s", why.text);
	return c;
}

Test(comparable, what_a_run_wrote)
{
	struct comparable c = parsed();

	cr_expect_str_eq(c.command, "make -j8");
	cr_expect_str_eq(c.machine, "0123");
	cr_expect_str_eq(c.domains, "package dram");
	cr_expect_str_eq(c.boundary, "lifecycle");
	cr_expect_str_eq(c.weight, "time");
	cr_expect(c.energy_uj == 10000000 && c.co2e_ug == 100 && c.year == 2024 && c.n == 5);
	cr_expect_str_eq(c.source[2].name, "rapl_gain");
	cr_expect(c.source[2].systematic && c.source[2].of_energy && c.source[2].sides.plus == 0.1);
}

/* The text with one place of it replaced. */
static int parse_with(const char *from, const char *to, struct why *why)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	const char *at = strstr(good, from);
	struct comparable c;

	cr_assert_not_null(at, "%s", from);
	buf_append(&text, good, (size_t)(at - good));
	buf_puts(&text, to);
	buf_puts(&text, at + strlen(from));
	return comparable_parse(text.data, text.len, &c, why);
}

Test(comparable, what_is_no_baseline_says_what_it_is)
{
	static const struct {
		const char *from, *to, *says;
	} bad[] = {
		{ "jouletrail.run/1", "jouletrail.top/1", "jouletrail.top/1" },
		{ "\"schema\":", "\"scheme\":", "schema ''" },
		{ "{\"high\":12000000,\"low\":8000000,\"value\":10000000}", "null", "not known" },
		{ "\"value\":10000000", "\"value\":-1", "no energy" },
		{ "\"value\":10000000", "\"value\":1e300", "no energy" },
		{ "\"value\":10000000", "\"value\":\"1\"", "no energy" },
		{ "\"value\":10000000", "\"value\":99999999999999999999", "no JSON" },
		{ "\"budget\":[", "\"budgets\":[", "older version" },
		{ "\"of_energy\":false", "\"of_energy\":0", "damaged" },
		{ "\"minus_ppm\":420000", "\"minus_ppm\":-4", "damaged" },
		{ "\"kind\":\"systematic\"", "\"kind\":7", "damaged" },
		{ "\"cpu_ns\":1,", "\"cpu_ns\":1,\"cpu_ns\":1,", "duplicate" },
		{ "\"quality\"", "quality", "no JSON" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct why why = { "" };

		cr_expect_eq(parse_with(bad[i].from, bad[i].to, &why), -EINVAL, "%s", bad[i].to);
		cr_expect(strstr(why.text, bad[i].says), "%s: %s", bad[i].to, why.text);
	}
}

/* Cut, changed and nested without end: refused or read, never more. */
Test(comparable, property_damaged_text)
{
	struct random_source r = { .seed = 81 };
	char text[sizeof(good)], deep[100000];
	struct comparable c;
	struct why why;

	for (size_t i = 0; i < sizeof(good) - 1; i++)
		cr_assert_eq(comparable_parse(good, i, &c, &why), -EINVAL);
	for (int i = 0; i < 20000; i++) {
		memcpy(text, good, sizeof(good));
		for (int k = 0; k < 3; k++)
			text[random_below(&r, sizeof(good) - 1)] = (char)random_u64(&r);
		comparable_parse(text, sizeof(good) - 1, &c, &why);
	}
	memset(deep, '[', sizeof(deep));
	cr_expect_eq(comparable_parse(deep, sizeof(deep), &c, &why), -EINVAL);
	cr_expect_eq(comparable_parse("", 0, &c, &why), -EINVAL);
}

static struct export_comparison compare(const struct comparable *b, const struct comparable *a)
{
	struct export_comparison c = { .baseline = "base.json" };
	struct why why = { "" };

	cr_assert_eq(comparable_compare(b, a, NULL, &c, &why), 0, "%s", why.text);
	return c;
}

/* 12 % less, the gain common: only the split's and the counters' errors are left. */
Test(comparable, what_is_common_cancels)
{
	struct comparable a = parsed(), b = parsed(), other = parsed();
	struct export_comparison same, apart;

	b.energy_uj = 8800000;
	b.co2e_ug = 88;
	same = compare(&b, &a);
	cr_expect(same.same_machine && same.same_grid && !same.co2e_why);
	cr_expect_eq(same.energy.ratio_ppm, 880000);
	/* 1.96·√2·√(0.01² + 0.002²) = 2.8 % of 0.88 */
	cr_expect(same.energy.low_ppm > 850000 && same.energy.high_ppm < 910000, "%lu %lu",
		  same.energy.low_ppm, same.energy.high_ppm);
	cr_expect_gt(same.energy.less_ppm, 999990);
	/* The grid's mean cancels; two moments of it do not. */
	cr_expect(same.co2e.low_ppm < 400000 && same.co2e.high_ppm > 2000000);

	snprintf(other.machine, sizeof(other.machine), "%s", "4567");
	apart = compare(&b, &other);
	cr_expect(!apart.same_machine);
	/* 1.96·√2·0.1 */
	cr_expect(apart.energy.low_ppm < 680000 && apart.energy.high_ppm > 1150000);
	cr_expect(apart.energy.less_ppm < 850000 && apart.energy.less_ppm > 750000);
	/* Machines that are not known are not the same one. */
	other.machine[0] = b.machine[0] = '\0';
	cr_expect(!compare(&b, &other).same_machine);
}

Test(comparable, another_grid_is_another_draw)
{
	struct comparable a = parsed(), b = parsed();
	struct export_comparison same = compare(&b, &a), apart;

	snprintf(b.zone, sizeof(b.zone), "DE");
	apart = compare(&b, &a);
	cr_expect(!apart.same_grid && apart.same_machine);
	cr_expect_gt(apart.co2e.high_ppm, same.co2e.high_ppm);
	cr_expect_eq(apart.energy.high_ppm, same.energy.high_ppm);
	snprintf(b.boundary, sizeof(b.boundary), "direct");
	cr_expect_not_null(compare(&b, &a).co2e_why);
	b = parsed();
	snprintf(b.kind, sizeof(b.kind), "marginal");
	cr_expect_not_null(compare(&b, &a).co2e_why);
	b = parsed();
	b.co2e_ug = 0;
	cr_expect_not_null(compare(&b, &a).co2e_why);
}

/* 2 µg may be 1.1 and 2.9: no statement rests on what was rounded away. */
Test(comparable, rounding_counts)
{
	struct comparable a = parsed(), b = parsed();
	struct export_comparison c;

	a.n = b.n = 0;
	a.co2e_ug = b.co2e_ug = 2;
	c = compare(&b, &a);
	cr_expect(c.co2e.low_ppm < 500000 && c.co2e.high_ppm > 1500000, "%lu %lu", c.co2e.low_ppm,
		  c.co2e.high_ppm);
	a.co2e_ug = b.co2e_ug = 2000;
	c = compare(&b, &a);
	cr_expect(c.co2e.low_ppm > 999000 && c.co2e.high_ppm < 1001000);
}

static void expect_refused(const struct comparable *b, const struct comparable *a, const char *says)
{
	struct export_comparison c = { .baseline = "kept" };
	struct why why = { "" };

	cr_expect_eq(comparable_compare(b, a, NULL, &c, &why), -EINVAL, "%s", says);
	cr_expect(strstr(why.text, says), "%s, not %s", why.text, says);
	cr_expect_str_eq(c.baseline, "kept");
}

Test(comparable, figures_of_another_kind_are_refused)
{
	struct comparable a = parsed(), b = parsed();

	snprintf(b.quality, sizeof(b.quality), "modelled");
	expect_refused(&b, &a, "'modelled' here, 'measured' in the baseline");
	b = parsed();
	snprintf(b.domains, sizeof(b.domains), "package");
	expect_refused(&b, &a, "counted domains");
	b = parsed();
	snprintf(b.idle_policy, sizeof(b.idle_policy), "proportional");
	expect_refused(&b, &a, "idle policy");
	b = parsed();
	snprintf(b.static_power, sizeof(b.static_power), "learnt");
	expect_refused(&b, &a, "static power");
	b = parsed();
	snprintf(b.weight, sizeof(b.weight), "smt");
	expect_refused(&b, &a, "weight");
	b = a = parsed();
	a.corun_percent = 55;
	b.corun_percent = 70;
	expect_refused(&b, &a, "--smt-corun 70 here, 55");
	a = parsed();
	b = parsed();
	b.energy_uj = 0;
	expect_refused(&b, &a, "this run has used no energy");
	expect_refused(&a, &b, "the baseline has used no energy");
	b = parsed();
	snprintf(b.quality, sizeof(b.quality), "missing");
	expect_refused(&b, &b, "missing");
}

static void expect_text(const struct export_comparison *c, const char *says)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct comparable b = parsed(), a = parsed();

	comparable_write(&out, c, &b, &a);
	cr_expect(strstr(out.data, says), "'%s' is not in:\n%s", says, out.data);
}

Test(comparable, statements)
{
	struct export_comparison c = { .baseline = "base.json", .co2e_why = "of nothing" };

	c.energy = (struct export_ratio){ 880000, 840000, 920000, 999700 };
	expect_text(&c, "This run used 12 % ±4 % less energy; more than 99.9 % confident.");
	c.energy.less_ppm = 997000;
	expect_text(&c, "This run used 12 % ±4 % less energy; 99.7 % confident.");
	expect_text(&c, "Compared with 'make -j8' in base.json:");
	expect_text(&c, "The carbon cannot be compared: of nothing.");
	c.energy = (struct export_ratio){ 1100000, 1020000, 1300000, 10000 };
	expect_text(&c, "This run used 10 % [2, 30] more energy; 99.0 % confident.");
	c.energy = (struct export_ratio){ 980000, 800000, 1150000, 600000 };
	expect_text(&c, "less energy; only 60 % confident: no difference can");
	c.energy = (struct export_ratio){ 1000000, 900000, 1100000, 500000 };
	expect_text(&c, "0 % ±10 % more energy; only 50 % confident: no difference can be");
	c.energy = (struct export_ratio){ 1000000, 1000000, 1000000, 500000 };
	expect_text(&c, "; no difference.");
	c.energy = (struct export_ratio){ 999000, 998700, 999300, 999999 };
	expect_text(&c, "0.10 % ±0.03 % less energy");
	expect_text(&c, "Not the same machine");
	c.same_machine = true;
	expect_text(&c, "cancels");
}
