/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* emissions.c - are rows whole and below their own columns, and is what is not known empty? */
#include "cli/emissions.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/cleanup.h"

#define N_COLUMNS 38

static char folder[] = "/tmp/jouletrail-emissions-XXXXXX";
static char path[PATH_MAX];

static void begin(void)
{
	cr_assert(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/emissions.csv", folder);
}

static void end(void)
{
	char command[PATH_MAX];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	cr_expect(system(command) == 0);
}

TestSuite(emissions, .init = begin, .fini = end);

static void put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	cr_assert(f && fputs(text, f) >= 0 && fclose(f) == 0);
}

/* All of a file; the caller frees it. */
static char *get(const char *name)
{
	FILE *f = fopen(name, "r");
	char *text = NULL;
	size_t size = 0;

	cr_assert(f);
	cr_assert(getdelim(&text, &size, '\0', f) >= 0);
	fclose(f);
	return text;
}

static int append(const char *row, char *ret_path)
{
	struct buf text = { 0 };
	struct why why;
	int err;

	buf_puts(&text, row);
	err = emissions_append(path, &text, ret_path, &why);
	buf_free(&text);
	return err;
}

static char *header(void)
{
	struct buf text = { 0 };

	emissions_header(&text);
	cr_assert(text.err == 0);
	return text.data;
}

/* The i-th field of a row without quotes, counted from 0. */
static void field(const char *row, unsigned int i, char *ret, size_t size)
{
	for (; i; i--)
		row = strchr(row, ',') + 1;
	snprintf(ret, size, "%.*s", (int)strcspn(row, ",\n"), row);
}

static void expect_field(const char *row, unsigned int i, const char *want)
{
	char got[128];

	field(row, i, got, sizeof(got));
	cr_expect_str_eq(got, want, "field %u is '%s', not '%s'", i, got, want);
}

static void run_row(struct buf *out, struct sample *s, struct tick *t, struct export_site *site)
{
	char *command[] = { "/usr/bin/make", "-j8", NULL };
	struct export_run r = {
		.command = command,
		.wall_ns = 2000000000,
		.total = t,
		.command_total = s,
		.site = site,
	};

	emissions_row(out, NULL, &r);
	cr_assert(out->err == 0);
}

static struct tick known_tick(void)
{
	struct tick t = { .quality = ENERGY_MEASURED };

	snprintf(t.intensity.zone, sizeof(t.intensity.zone), "aws:eu-west-3");
	return t;
}

static struct sample known_sample(void)
{
	return (struct sample){
		.quality = ENERGY_MEASURED,
		.cpu_ns = 1000000000,
		.energy = { 3600000, 3000000, 4000000 },
		.co2e = { 500, 400, 600 },
	};
}

Test(emissions, a_row_has_what_a_run_knows)
{
	struct tick t = known_tick();
	struct sample s = known_sample();
	struct buf row = { 0 };
	unsigned int n = 1;

	cr_assert(export_has_energy(&t));
	run_row(&row, &s, &t, NULL);
	for (const char *c = row.data; *c; c++)
		n += *c == ',';
	cr_expect(n == N_COLUMNS, "%u columns", n);
	expect_field(row.data, 1, "make");
	expect_field(row.data, 4, "2");
	expect_field(row.data, 5, "5e-07");
	expect_field(row.data, 6, "2.5e-07");
	expect_field(row.data, 10, "");
	expect_field(row.data, 13, "1e-06");
	expect_field(row.data, 18, "aws");
	expect_field(row.data, 19, "eu-west-3");
	expect_field(row.data, 30, "process");
	expect_field(row.data, 35, "Y");
	expect_field(row.data, 36, "1");
	buf_free(&row);
}

Test(emissions, pue_is_in_the_figures)
{
	struct export_site site = { .terms = SITE_TERMS_NONE, .known = true };
	struct tick t = known_tick();
	struct sample s = known_sample();
	struct buf row = { 0 };

	site.terms.pue.pue_ppm = 1500000;
	run_row(&row, &s, &t, &site);
	expect_field(row.data, 5, "7.5e-07");
	expect_field(row.data, 13, "1.5e-06");
	expect_field(row.data, 36, "1.5");
	buf_free(&row);
}

Test(emissions, missing_is_empty)
{
	struct tick t = known_tick();
	struct sample s = known_sample();
	struct buf row = { 0 };

	s.quality = ENERGY_MISSING;
	snprintf(t.intensity.zone, sizeof(t.intensity.zone), "FR");
	t.intensity.zone_name = "France";
	run_row(&row, &s, &t, NULL);
	expect_field(row.data, 4, "2");
	expect_field(row.data, 5, "");
	expect_field(row.data, 6, "");
	expect_field(row.data, 13, "");
	expect_field(row.data, 15, "France");
	expect_field(row.data, 18, "");
	expect_field(row.data, 35, "");
	buf_free(&row);
}

Test(emissions, rows_go_below_one_header)
{
	char *want, *got, *columns = header(), where[PATH_MAX];

	cr_assert(append("a,b\n", where) == 0 && append("c,d\n", where) == 0);
	cr_expect_str_eq(where, path);
	cr_assert(asprintf(&want, "%sa,b\nc,d\n", columns) > 0);
	got = get(path);
	cr_expect_str_eq(got, want);
	free(want);
	free(got);
	free(columns);
}

Test(emissions, other_columns_are_left_alone)
{
	char where[PATH_MAX], want[PATH_MAX + 16], *got;

	put(path, "timestamp,project_name\n1,2\n");
	cr_assert(append("a\n", where) == 0 && append("b\n", where) == 0);
	snprintf(want, sizeof(want), "%s/emissions_1.csv", folder);
	cr_expect_str_eq(where, want);
	got = get(path);
	cr_expect_str_eq(got, "timestamp,project_name\n1,2\n");
	free(got);
	got = get(want);
	cr_expect(strstr(got, "\na\nb\n") != NULL);
	free(got);
}

Test(emissions, a_file_of_a_spreadsheet_and_one_cut_off)
{
	char *columns = header(), *text, *got, where[PATH_MAX];

	columns[strlen(columns) - 1] = '\0';
	cr_assert(asprintf(&text, "%s\r\nhalf", columns) > 0);
	put(path, text);
	cr_assert(append("a\n", where) == 0);
	cr_expect_str_eq(where, path);
	got = get(path);
	cr_expect(strstr(got, "\r\nhalf\na\n") != NULL);
	free(columns);
	free(text);
	free(got);
}

Test(emissions, half_a_row_is_taken_back)
{
	struct rlimit limit = { .rlim_max = RLIM_INFINITY };
	char *before, *got, where[PATH_MAX], row[1024];

	cr_assert(append("a,b\n", where) == 0);
	before = get(path);
	signal(SIGXFSZ, SIG_IGN);
	memset(row, 'x', sizeof(row));
	row[sizeof(row) - 1] = '\0';
	limit.rlim_cur = strlen(before) + 10;
	cr_assert(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	cr_expect(append(row, where) == -ENOSPC);
	got = get(path);
	cr_expect_str_eq(got, before);
	free(before);
	free(got);
}

Test(emissions, what_cannot_be_written_says_why)
{
	struct buf row = { 0 };
	struct why why = { "" };
	char where[PATH_MAX];

	buf_puts(&row, "a\n");
	cr_expect(emissions_append("/proc/none/x.csv", &row, where, &why) == -ENOENT);
	cr_expect(strstr(why.text, "/proc/none/x.csv") != NULL, "%s", why.text);
	row.err = -ENOMEM;
	cr_expect(emissions_append(path, &row, where, &why) == -ENOMEM);
	row.err = 0;
	buf_free(&row);
}
