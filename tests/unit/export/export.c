/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export.c - is every output of fixed ticks what the golden files say? UPDATE=1 rewrites them. */
#include "export/export.h"

#include <criterion/criterion.h>
#include <ctype.h>
#include <errno.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "golden.h"
#include "ticks_odd.h"
#include "ticks_plain.h"

/* Nothing but printable text in lines of at most 80 columns. */
static void expect_screen(const char *name, const struct buf *out)
{
	size_t columns = 0;

	cr_expect(json_utf8_valid(out->data, out->len), "%s is not UTF-8", name);
	for (size_t i = 0; i < out->len; i++) {
		unsigned char c = (unsigned char)out->data[i];

		cr_expect(c == '\n' || (c >= 0x20 && c != 0x7f), "%s: raw control %02x", name, c);
		if (c == '\n') {
			cr_expect_leq(columns, 80, "%s: a line of %zu columns", name, columns);
			columns = 0;
		} else {
			columns += (c & 0xc0) != 0x80;
		}
	}
}

/* RFC 8785: no blank outside strings, names of each object in sorted order. */
static void expect_sorted(const char *name, const struct buf *out)
{
	char last[JSON_MAX_DEPTH][64] = { "" };
	int depth = 0;

	for (const char *p = out->data; *p; p++) {
		const char *from = p;

		if (*p == '{')
			last[++depth][0] = '\0';
		else if (*p == '}')
			depth--;
		if (*p != '"') {
			cr_expect(!isspace((unsigned char)*p) || !p[1], "%s: blank", name);
			continue;
		}
		for (p++; *p != '"'; p++)
			p += *p == '\\';
		if (p[1] == ':') {
			char key[64];

			snprintf(key, sizeof(key), "%.*s", (int)(p - from - 1), from + 1);
			cr_expect(strcmp(last[depth], key) < 0, "%s: '%s' after '%s'", name, key,
				  last[depth]);
			memcpy(last[depth], key, sizeof(key));
		}
	}
	cr_expect_eq(depth, 0, "%s is not closed", name);
}

static char arg0[] = "stress-ng", arg1[] = "--cpu", arg2[] = "2";
static char *plain_command[] = { arg0, arg1, arg2, NULL };
static char evil0[] = "sh", evil1[] = "-c", evil2[] = "printf '\x1b[31m'\n\xff", evil3[] = "and a",
	    evil4[] = "very long tail of arguments that no line has room for";
static char *odd_command[] = { evil0, evil1, evil2, evil3, evil4, NULL };

static void run_report(struct buf *out, enum export_format f, const struct tick *t, bool odd)
{
	struct sample sum = { .cpu_ns = 5790000000, .energy_uj = 15490000 };
	const struct export_comparison comparison = {
		.baseline = "base\x1b.json",
		.same_machine = true,
		.energy = { 880000, 840000, 920000, 999700 },
		.co2e_why = "one grid figure is average, the other marginal",
	};
	const struct export_site site = {
		.known = true,
		.terms = { .pue = { "evil\x1b[2J", 1200000, 1100000, 1400000, 0,
				    "a source of which there is much to be told, on two lines" },
			   .embodied = { "server\xff", 1215000, 497000, 2395000, 4, "a table" },
			   .share = 0.5,
			   .water_l_per_kwh = 1.8 },
		.figures = { .energy_uj = TICKS_INTERVAL(14400000, 9000000, 30000000),
			     .operational_ug = TICKS_INTERVAL(1892, 200, 4800),
			     .embodied_ug = TICKS_INTERVAL(14452, 5900, 28500),
			     .total_ug = TICKS_INTERVAL(16344, 7300, 30500) },
		.sci_units = 100,
		.sci_name = "request=100",
	};
	struct export_run r = { .command = odd ? odd_command : plain_command,
				.wall_ns = 3002000000,
				.power_source = odd ? "model: no RAPL here (a virtual machine?)"
						    : "powercap, 2 domains",
				.total = t,
				.command_total = &sum,
				.machine = odd ? NULL : "0123456789abcdef0123456789abcdef",
				.n_budget = t->n_budget,
				.budget = t->budget,
				.comparison = odd ? &comparison : NULL,
				.site = odd ? &site : NULL,
				.n_tasks = 3 };

	ticks_sample(&sum, 15490000, 190, 5);
	if (odd) {
		r.exit_status = 137;
		r.n_survivors = 2;
		r.ledger_dir = "/var/lib/jouletrail/ledger";
		r.n_ledger_records = 42;
		ticks_sample(&sum, 12000000, 1577, 40);
		sum.energy.high += 6000000;
	}
	export_run_report(out, f, &r);
}

static const struct {
	const char *name;
	struct tick *(*make)(void);
	enum export_format format;
	bool run;
	bool odd;
} goldens[] = {
	{ "run-plain.txt", ticks_plain, EXPORT_HUMAN, true, false },
	{ "run-plain.json", ticks_plain, EXPORT_JSON, true, false },
	{ "run-plain.csv", ticks_plain, EXPORT_CSV, true, false },
	{ "run-odd.txt", ticks_odd, EXPORT_HUMAN, true, true },
	{ "run-odd.json", ticks_odd, EXPORT_JSON, true, true },
	{ "run-odd.csv", ticks_odd, EXPORT_CSV, true, true },
	{ "run-missing.txt", ticks_missing, EXPORT_HUMAN, true, false },
	{ "run-missing.json", ticks_missing, EXPORT_JSON, true, false },
	{ "run-missing.csv", ticks_missing, EXPORT_CSV, true, false },
	{ "top-plain.txt", ticks_plain, EXPORT_HUMAN, false, false },
	{ "top-plain.json", ticks_plain, EXPORT_JSON, false, false },
	{ "top-odd.txt", ticks_odd, EXPORT_HUMAN, false, true },
	{ "top-missing.txt", ticks_missing, EXPORT_HUMAN, false, false },
};

Test(export, golden)
{
	for (size_t i = 0; i < sizeof(goldens) / sizeof(goldens[0]); i++) {
		CLEANUP(buf_free) struct buf out = { 0 };
		struct tick *t = goldens[i].make();

		if (goldens[i].run)
			run_report(&out, goldens[i].format, t, goldens[i].odd);
		else
			export_top(&out, goldens[i].format, t);
		ticks_free(t);
		expect_golden(goldens[i].name, &out);
		if (goldens[i].format == EXPORT_HUMAN)
			expect_screen(goldens[i].name, &out);
		if (goldens[i].format == EXPORT_JSON)
			expect_sorted(goldens[i].name, &out);
	}
}

Test(export, empty_tick_is_no_crash)
{
	for (int f = EXPORT_HUMAN; f <= EXPORT_CSV; f++) {
		CLEANUP(buf_free) struct buf out = { 0 };
		struct tick *t = calloc(1, sizeof(*t));

		t->intensity = (struct intensity){ .kind = "", .boundary = "", .source = "" };
		export_top(&out, (enum export_format)f, t);
		run_report(&out, (enum export_format)f, t, false);
		cr_expect_eq(out.err, 0);
		free(t);
	}
}

Test(export, formats)
{
	enum export_format f = EXPORT_JSON;

	cr_expect_eq(export_parse_format("csv", &f), 0);
	cr_expect_eq(f, EXPORT_CSV);
	cr_expect_eq(export_parse_format("CSV", &f), -EINVAL);
	cr_expect_eq(export_parse_format("", &f), -EINVAL);
	cr_expect_eq(f, EXPORT_CSV);
}

Test(export, figures_for_people)
{
	CLEANUP(buf_free) struct buf out = { 0 };
	struct quant_interval_u64 e = TICKS_INTERVAL(12400000, 11800000, 13000000);
	struct quant_interval_u64 c = TICKS_INTERVAL(1630, 150, 2440);

	export_human_energy(&out, &e);
	buf_puts(&out, "; ");
	export_human_co2e(&out, &c);
	cr_expect_str_eq(out.data, "12.4 J ±0.6; 1.63 mg CO2e [0.15, 2.44]");
}
