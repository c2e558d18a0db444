/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* series_file.c - does a file give the series that it says, and a bad one a reason? */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "intensity/series_file.h"
#include "quant/interval.h"

#define FIXTURES "tests/fixtures/intensity/"

static int read_text(const char *text, struct series_set *set, struct why *why)
{
	why->text[0] = '\0';
	return series_read("T", text, strlen(text), set, why);
}

Test(series_file, the_sdk_writes_a_list_in_an_object_with_a_byte_order_mark)
{
	CLEANUP(series_set_free) struct series_set set = { 0 };
	const struct series *s;
	struct why why = { "" };

	cr_assert_eq(series_load(FIXTURES "casdk_wrapped_bom.json", &set, &why), 0, "%s", why.text);
	s = series_set_find(&set, "WestEurope");
	cr_assert_not_null(s);
	cr_assert_eq(s->n, 2);
	cr_expect_eq(s->point[0].mg_per_kwh, 120500);
	cr_expect_eq(s->point[0].flags, 0);
	cr_expect_eq(s->point[0].start_s, 1767225600);
	cr_expect_eq(s->point[1].mg_per_kwh, 118000, "a string is a number");
	cr_expect_eq(s->point[1].flags, SERIES_ASSUMED_UTC);
	cr_expect_eq(s->point[1].end_s, 1767225600 + 7200, "d.hh:mm:ss");
	cr_expect_eq(s->count.n_assumed_utc, 1);
	/* exp(1.96 x 0.2) on either side. */
	cr_expect_eq(s->point[0].low_mg_per_kwh, 81422);
	cr_expect_eq(s->point[0].high_mg_per_kwh, 178331);
	cr_expect_null(series_set_find(&set, "eastus"));
	cr_expect_eq(series_set_find(&set, NULL), s, "the only one");
}

Test(series_file, the_sdk_writes_a_bare_array_and_its_api_lower_case)
{
	CLEANUP(series_set_free) struct series_set a = { 0 };
	CLEANUP(series_set_free) struct series_set b = { 0 };
	struct why why = { "" };

	cr_assert_eq(series_load(FIXTURES "casdk_array.json", &a, &why), 0, "%s", why.text);
	cr_expect_str_eq(a.series[0].location, "us-east-1");
	cr_expect_eq(a.series[0].point[0].end_s - a.series[0].point[0].start_s, 3600);
	cr_assert_eq(series_load(FIXTURES "casdk_api.json", &b, &why), 0, "%s", why.text);
	cr_expect_eq(b.series[0].point[0].mg_per_kwh, 70000);
	cr_expect_eq(b.series[0].point[0].start_s, 1652820311);
}

Test(series_file, a_missing_value_is_a_hole_and_no_zero)
{
	CLEANUP(series_set_free) struct series_set set = { 0 };
	struct why why;
	static const char text[] =
		"[{\"Location\":\"a\",\"Time\":\"2026-01-01T00:00:00Z\",\"Rating\":10},"
		"{\"Location\":\"a\",\"Time\":\"2026-01-01T01:00:00Z\",\"Rating\":null},"
		"{\"Location\":\"a\",\"Time\":\"2026-01-01T02:00:00Z\",\"Rating\":-1},"
		"{\"Location\":\"a\",\"Time\":\"2026-01-01T03:00:00Z\"},"
		"{\"Location\":\"a\",\"Time\":\"2026-01-01T04:00:00Z\",\"Rating\":0,"
		"\"Duration\":\"00:00:00\"}]";

	cr_assert_eq(read_text(text, &set, &why), 0, "%s", why.text);
	cr_assert_eq(set.series[0].n, 2);
	cr_expect_eq(set.series[0].count.n_missing, 3);
	cr_expect_eq(set.series[0].point[1].mg_per_kwh, 0, "0 that was said is 0");
	cr_expect_eq(set.series[0].count.n_assumed_ends, 2);
	cr_expect_eq(set.series[0].point[0].end_s, 1767225600 + 3600, "where none begins");
}

Test(series_file, a_row_without_a_value_ends_the_one_before_it)
{
	CLEANUP(series_set_free) struct series_set set = { 0 };
	const struct series *s;
	struct why why;
	static const char text[] = "time,zone,g_per_kwh\n"
				   "2026-01-01T00:00:00Z,a,10\n2026-01-01T00:30:00Z,a,\n"
				   "2026-01-01T00:10:00Z,b,null\n2026-01-01T02:00:00Z,a,20\n"
				   "2026-01-01T03:30:00Z,a,-1\n";

	cr_assert_eq(read_text(text, &set, &why), 0, "%s", why.text);
	s = series_set_find(&set, "a");
	cr_assert_not_null(s);
	cr_assert_eq(s->n, 2);
	cr_expect_eq(s->point[0].end_s, 1767225600 + 1800, "of the same place");
	cr_expect_eq(s->point[1].end_s, 1767225600 + 7200 + 5400, "a value below 0 is none");
	cr_expect_eq(s->count.n_missing, 2);
	cr_expect_str_eq(set.series[1].location, "b");
	cr_expect_eq(set.series[1].n, 0, "b has none");
	cr_assert_neq(read_text("time,g_per_kwh\n2026-01-01T00:00Z,1\n9999999999,\n", &set, &why),
		      0, "and its time has to be one");
}

Test(series_file, csv_with_units_in_its_names)
{
	CLEANUP(series_set_free) struct series_set set = { 0 };
	const struct series *s;
	struct why why;
	static const char text[] = "# kind: marginal\r\n# boundary: direct\r\n# only a remark\r\n"
				   "Zone,point_time,lbs_co2_per_mwh,other,duration\r\n"
				   "CAISO_NORTH,2026-01-01T00:00:00Z,870.0,\"a,b\",00:05\r\n"
				   "CAISO_NORTH,2026-01-01T00:05:00Z,,x,00:05\r\n"
				   "\r\n"
				   "CAISO_NORTH,1767226200,\"865.5\",x,PT5M";

	cr_assert_eq(read_text(text, &set, &why), 0, "%s", why.text);
	s = series_set_find(&set, "CAISO_NORTH");
	cr_assert_not_null(s);
	cr_expect_eq(s->kind, SERIES_MARGINAL);
	cr_expect_str_eq(s->boundary, "direct");
	cr_assert_eq(s->n, 2);
	cr_expect_eq(s->point[0].mg_per_kwh, 394625);
	cr_expect_eq(s->point[1].start_s, 1767225600 + 600);
	cr_expect_eq(s->point[1].end_s, 1767225600 + 900);
	cr_expect_eq(s->count.n_missing, 1);
	cr_expect_eq(s->count.n_holes, 1);
}

Test(series_file, what_is_written_is_read_back)
{
	CLEANUP(series_set_free) struct series_set set = { 0 };
	CLEANUP(buf_free) struct buf out = { 0 };
	CLEANUP(series_free) struct series s = { .kind = SERIES_MARGINAL, .location = "FR" };
	struct why why;

	for (int64_t i = 0; i < 100; i++) {
		struct series_point p = { 86400 * i,
					  86400 * i + 300,
					  500 + (uint32_t)i,
					  400,
					  900,
					  i % 2 ? SERIES_FORECAST | SERIES_REVISED : 0 };

		cr_assert_eq(series_add(&s, &p), 0);
	}
	snprintf(s.source, sizeof(s.source), "a, \"source\"");
	series_write_csv(&s, &out);
	cr_assert_eq(out.err, 0);
	cr_assert_eq(read_text(out.data, &set, &why), 0, "%s", why.text);
	cr_assert_eq(set.n, 1);
	cr_assert_eq(set.series[0].n, s.n);
	cr_expect_eq(memcmp(set.series[0].point, s.point, s.n * sizeof(s.point[0])), 0);
	cr_expect_eq(set.series[0].kind, SERIES_MARGINAL);
	cr_expect_str_eq(set.series[0].location, "FR");
	cr_expect_str_eq(set.series[0].source, s.source);
}

Test(series_file, what_is_wrong_is_said_with_its_place)
{
	static const struct {
		const char *text;
		int err;
		const char *says;
	} cases[] = {
		{ "", -ENODATA, "has no value" },
		{ "[]", -ENODATA, "has no value" },
		{ "{}", -EBADMSG, "neither an array" },
		{ "[1]", -EBADMSG, "entry 1: no object" },
		{ "[{\"Time\":\"2026-01-01\",\"Rating\":\"much\"}]", -EBADMSG, "no number" },
		{ "[{\"Time\":\"yesterday\",\"Rating\":1}]", -EBADMSG, "no time" },
		{ "[{\"Time\":\"2026-01-01\",\"Rating\":20000}]", -ERANGE, "any plant" },
		{ "[{\"Time\":\"2026-01-01\",\"Rating\":1,\"Duration\":5}]", -EBADMSG, "Duration" },
		{ "[{\"Time\":\"2026-01-01\",\"Rating\":1", -EBADMSG, "no JSON: line 1" },
		{ "start,intensity\n2026-01-01,5\n", -EBADMSG, "value and its unit" },
		{ "g_per_kwh\n5\n", -EBADMSG, "for the time" },
		{ "start,g_per_kwh,rating\n1,5,6\n", -EBADMSG, "two columns" },
		{ "start,g_per_kwh,low_g_per_kwh\n2026-01-01,5,4\n", -EBADMSG, "without high_" },
		{ "start,g_per_kwh\n2026-01-01,5\n2026-01-02\n", -EBADMSG, "line 3: 1 columns" },
		{ "start,g_per_kwh\n2026-02-30,5\n", -EBADMSG, "line 2: '2026-02-30' in column 1" },
		{ "start,g_per_kwh\n2026-01-01,12000\n", -ERANGE, "which unit?" },
		{ "start,end,g_per_kwh\n2026-01-02,2026-01-01,5\n", -EINVAL, "ends before" },
		{ "start,g_per_kwh,flags\n2026-01-01,5,odd\n", -EBADMSG, "'odd'" },
		{ "start,g_per_kwh,low_g_per_kwh,high_g_per_kwh\n2026-01-01,5,6,7\n", -ERANGE,
		  "about the value" },
		{ "# kind: both\nstart,g_per_kwh\n", -EBADMSG, "average or marginal" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct series_set set = { 0 };
		struct why why = { "" };

		cr_expect_eq(read_text(cases[i].text, &set, &why), cases[i].err, "case %zu: %s", i,
			     why.text);
		cr_expect(strstr(why.text, cases[i].says), "case %zu: %s", i, why.text);
		cr_expect(!strncmp(why.text, "intensity T: ", 13), "%s", why.text);
		cr_expect_eq(set.n, 0);
	}
}

Test(series_file, what_is_no_plain_file_of_bounded_size_is_not_read)
{
	char path[] = "/tmp/series-file-XXXXXX";
	struct series_set set = { 0 };
	struct why why = { "" };
	int fd = mkstemp(path);

	cr_assert_geq(fd, 0);
	/* A hostile JSON of 100 MB, most of it a hole. */
	cr_assert_eq(write(fd, "[", 1), 1);
	cr_assert_eq(ftruncate(fd, 100 << 20), 0);
	cr_expect_eq(series_load(path, &set, &why), -E2BIG);
	cr_expect(strstr(why.text, "at most 33554432"), "%s", why.text);
	close(fd);
	unlink(path);

	cr_expect_eq(series_load("/tmp", &set, &why), -EINVAL);
	cr_expect_eq(series_load("/dev/zero", &set, &why), -EINVAL);
	cr_expect_eq(series_load("/no/such/file", &set, &why), -ENOENT);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_eq(series_load(path, &set, &why), -EINVAL, "and does not hang");
	unlink(path);
}

Test(series_file, ten_million_brackets_cost_nothing)
{
	size_t len = 10 << 20;
	char *text = malloc(len);
	struct series_set set = { 0 };
	struct why why = { "" };

	memset(text, '[', len);
	cr_expect_eq(series_read("T", text, len, &set, &why), -E2BIG, "%s", why.text);
	for (size_t i = 1; i < len; i++)
		text[i] = i % 2 ? '0' : ',';
	cr_expect_eq(series_read("T", text, len, &set, &why), -E2BIG, "%s", why.text);
	free(text);
}

Test(series_file, the_factors_are_those_of_their_deviations)
{
	struct series_point value = { .start_s = 0, .end_s = 1 };
	struct series_point guess = { .start_s = 0, .end_s = 1, .flags = SERIES_FORECAST };
	double drift = series_drift_sd(3 * 3600);

	cr_expect_float_eq(SERIES_GUESS_SD, drift, 1e-5);
	cr_assert_eq(series_point_set(&value, 1e6), 0);
	cr_assert_eq(series_point_set(&guess, 1e6), 0);
	cr_expect_float_eq(value.high_mg_per_kwh, 1e6 * exp(QUANT_Z95 * SERIES_SOURCE_SD), 2);
	cr_expect_float_eq(guess.high_mg_per_kwh,
			   1e6 * exp(QUANT_Z95 * hypot(SERIES_SOURCE_SD, drift)), 2);
	cr_expect_float_eq(guess.low_mg_per_kwh,
			   1e6 * exp(-QUANT_Z95 * hypot(SERIES_SOURCE_SD, drift)), 2);
	cr_expect_eq(series_point_set(&value, -1), -ERANGE);
	cr_expect_eq(series_point_set(&value, NAN), -ERANGE);
	cr_assert_eq(series_point_set(&value, SERIES_MAX_MG_PER_KWH), 0);
	cr_expect_eq(value.high_mg_per_kwh, SERIES_MAX_MG_PER_KWH);
}

/* A packed file of two series; returns its path, in a static buffer. */
static const char *make_pack(void)
{
	static char path[64];
	struct series_set set = { 0 };
	struct why why = { "" };

	cr_assert_eq(read_text("zone,kind,start,end,g_per_kwh\nFR,average,0,300,40\n"
			       "DE,marginal,0,300,700\nFR,average,300,600,41\n",
			       &set, &why),
		     0, "%s", why.text);
	snprintf(path, sizeof(path), "/tmp/series-pack-%d", (int)getpid());
	cr_assert_eq(series_pack(&set, path, &why), 0, "%s", why.text);
	series_set_free(&set);
	return path;
}

Test(series_file, a_packed_file_is_the_same_set)
{
	CLEANUP(series_set_free) struct series_set set = { 0 };
	const char *path = make_pack();
	struct series_point more = { 900, 1200, 1, 1, 1, 0 };
	struct why why = { "" };

	cr_assert_eq(series_load(path, &set, &why), 0, "%s", why.text);
	cr_assert_eq(set.n, 2);
	cr_expect_eq(series_set_find(&set, "fr")->n, 2);
	cr_expect_eq(series_set_find(&set, "fr")->point[1].mg_per_kwh, 41000);
	cr_expect_eq(series_set_find(&set, "DE")->kind, SERIES_MARGINAL);
	cr_expect_eq(series_add(&set.series[0], &more), -EROFS);
	unlink(path);
}

Test(series_file, a_packed_file_that_was_changed_is_refused)
{
	const char *path = make_pack();
	struct series_set set = { 0 };
	struct why why = { "" };
	unsigned char byte[1024];
	size_t n, n_refused = 0;
	FILE *f = fopen(path, "r+e");

	cr_assert_not_null(f);
	n = fread(byte, 1, sizeof(byte), f);
	for (size_t i = 16; i < n; i++) {
		unsigned char odd = byte[i] ^ 0xff;
		int err;

		fseek(f, (long)i, SEEK_SET);
		fwrite(&odd, 1, 1, f);
		fflush(f);
		err = series_load(path, &set, &why);
		cr_expect(err == 0 || err == -EBADMSG, "byte %zu: %d", i, err);
		n_refused += err != 0;
		series_set_free(&set);
		fseek(f, (long)i, SEEK_SET);
		fwrite(&byte[i], 1, 1, f);
	}
	fflush(f);
	cr_expect_gt(n_refused, n / 8);
	for (size_t len = n; len-- > 16;) {
		cr_assert_eq(ftruncate(fileno(f), (off_t)len), 0);
		cr_expect_eq(series_load(path, &set, &why), -EBADMSG, "%zu of %zu bytes", len, n);
	}
	fclose(f);
	chmod(path, 0666);
	cr_expect_eq(series_load(path, &set, &why), -EPERM, "others can write it");
	unlink(path);
}
