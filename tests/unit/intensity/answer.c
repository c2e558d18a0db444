/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* answer.c - is what live feeds answer read right, and what is no answer refused? */
#include "intensity/answer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define NEW_YEAR 1767225600 /* 2026-01-01T00:00:00Z */

static int read_text(enum answer_feed feed, const char *text, int64_t now_s, struct series *s,
		     struct why *why)
{
	unsigned int n_ahead = 0;
	struct answer_text t = { feed, text, strlen(text), now_s };
	int err = answer_read(&t, s, &n_ahead, why);

	return err ? err : (int)n_ahead;
}

static int read_fixture(enum answer_feed feed, const char *name, int64_t now_s, struct series *s,
			struct why *why)
{
	char path[128], text[8192];
	CLEANUP(cleanup_close) int fd = -1;
	ssize_t n;

	snprintf(path, sizeof(path), "tests/fixtures/intensity/%s.json", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	cr_assert_geq(fd, 0, "%s", path);
	n = read(fd, text, sizeof(text) - 1);
	cr_assert_gt(n, 0);
	text[n] = '\0';
	why->text[0] = '\0';
	return read_text(feed, text, now_s, s, why);
}

Test(answer, electricity_maps)
{
	CLEANUP(series_free) struct series s = { 0 };
	int64_t noon = NEW_YEAR + 12 * 3600;
	struct why why;

	cr_assert_eq(read_fixture(0, "em_history", noon, &s, &why), 0, "%s", why.text);
	cr_assert_eq(read_fixture(0, "em_latest", noon, &s, &why), 0, "%s", why.text);
	cr_assert_eq(read_fixture(0, "em_forecast", noon, &s, &why), 0, "%s", why.text);
	cr_assert_eq(series_finish(&s), 0);
	cr_assert_eq(s.n, 4);
	cr_expect_eq(s.kind, SERIES_AVERAGE);
	cr_expect_str_eq(s.boundary, "lifecycle");
	cr_expect_eq(s.count.n_missing, 1, "null is none");
	cr_expect_eq(s.count.n_duplicates, 1, "latest is the last of history");
	cr_expect_eq(s.point[0].start_s, NEW_YEAR + 10 * 3600, "by datetime, not updatedAt");
	cr_expect_eq(s.point[0].flags, 0);
	cr_expect_eq(s.point[1].flags, SERIES_ESTIMATED);
	cr_expect_eq(s.point[1].mg_per_kwh, 31000);
	cr_expect_gt(s.point[1].high_mg_per_kwh * 28, s.point[0].high_mg_per_kwh * 31, "wider");
	cr_expect_eq(s.point[2].flags, SERIES_FORECAST);
	cr_expect_eq(s.point[3].end_s, NEW_YEAR + 15 * 3600);
	cr_expect_eq(s.count.n_holes, 1);
}

Test(answer, electricity_maps_in_other_shapes)
{
	CLEANUP(series_free) struct series a = { 0 };
	CLEANUP(series_free) struct series b = { 0 };
	CLEANUP(series_free) struct series c = { 0 };
	struct why why;

	cr_assert_eq(read_fixture(0, "em_latest_float", NEW_YEAR, &a, &why), 0, "%s", why.text);
	cr_expect_eq(a.point[0].mg_per_kwh, 58765);
	cr_assert_eq(read_fixture(0, "em_past_range", NEW_YEAR + 86400, &b, &why), 0);
	cr_expect_eq(b.n, 2);
	cr_assert_eq(read_text(0,
			       "{\"temporalGranularity\":\"5_minutes\",\"data\":[{\"datetime\":"
			       "\"2026-01-01T00:00:00Z\",\"carbonIntensity\":1}]}",
			       NEW_YEAR, &c, &why),
		     0);
	cr_expect_eq(c.point[0].end_s - c.point[0].start_s, 300);
}

Test(answer, watttime_is_marginal_and_in_pounds)
{
	CLEANUP(series_free) struct series s = { 0 };
	struct why why;

	cr_assert_eq(read_fixture(1, "wt_historical", NEW_YEAR + 600, &s, &why), 0, "%s", why.text);
	cr_assert_eq(s.n, 2);
	cr_expect_eq(s.kind, SERIES_MARGINAL);
	cr_expect_str_eq(s.boundary, "direct");
	cr_expect_eq(s.point[0].mg_per_kwh, 394625, "870 lb/MWh x 0.45359237");
	cr_expect_eq(s.point[0].end_s - s.point[0].start_s, 300);
	cr_assert_eq(read_fixture(1, "wt_forecast", NEW_YEAR, &s, &why), 0, "%s", why.text);
	cr_expect_eq(s.point[2].flags, SERIES_FORECAST);
	cr_assert_eq(read_fixture(1, "wt_forecast_historical", NEW_YEAR, &s, &why), 0);
	cr_expect_eq(s.point[4].flags, SERIES_FORECAST);
	cr_assert_eq(series_finish(&s), 0);
	cr_assert_eq(s.n, 2, "what was measured holds");
	cr_expect_eq(s.point[1].mg_per_kwh, 392584);
}

Test(answer, a_percentile_is_no_carbon)
{
	CLEANUP(series_free) struct series s = { 0 };
	struct why why;

	cr_expect_eq(read_fixture(1, "wt_signal_index", NEW_YEAR, &s, &why), -EDOM);
	cr_expect(strstr(why.text, "percentile"), "%s", why.text);
	cr_expect_eq(s.n, 0);
}

Test(answer, uk_has_forecasts_where_nothing_was_measured)
{
	CLEANUP(series_free) struct series s = { 0 };
	CLEANUP(series_free) struct series region = { 0 };
	int64_t half_past = NEW_YEAR + 12 * 3600 + 1800;
	struct why why;

	cr_assert_eq(read_fixture(2, "uk_intensity", half_past, &s, &why), 0, "%s", why.text);
	cr_assert_eq(s.n, 2);
	cr_expect_eq(s.point[0].mg_per_kwh, 263000);
	cr_expect_eq(s.point[0].flags, 0);
	cr_expect_eq(s.point[1].mg_per_kwh, 260000);
	cr_expect_eq(s.point[1].flags, SERIES_FORECAST);
	cr_expect_eq(s.point[1].end_s, half_past + 1800);
	cr_expect_str_eq(s.boundary, "direct");
	cr_assert_eq(read_fixture(2, "uk_regional", half_past, &region, &why), 0, "%s", why.text);
	cr_expect_eq(region.point[0].flags, SERIES_FORECAST);
	cr_expect_eq(region.point[0].mg_per_kwh, 266000);
}

Test(answer, what_a_feed_says_of_its_errors_is_passed_on)
{
	static const struct {
		const char *name;
		const char *says;
		enum answer_feed feed;
	} cases[] = {
		{ "em_error_401", "Invalid auth-token", ANSWER_ELECTRICITYMAPS },
		{ "em_error_zone", "Token unauthorized for zoneKey=XX", ANSWER_ELECTRICITYMAPS },
		{ "uk_error", "Please enter a valid date", ANSWER_UK },
	};
	struct series s = { 0 };
	struct why why;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_expect_eq(read_fixture(cases[i].feed, cases[i].name, NEW_YEAR, &s, &why),
			     -EPROTO);
		cr_expect(strstr(why.text, cases[i].says), "%s", why.text);
	}
}

Test(answer, values_of_the_future_are_forecasts_and_counted)
{
	CLEANUP(series_free) struct series s = { 0 };
	struct why why;

	cr_assert_eq(read_fixture(1, "wt_historical", NEW_YEAR - 3600, &s, &why), 2);
	cr_expect_eq(s.point[0].flags, SERIES_FORECAST);
}

Test(answer, hostile)
{
	static const struct {
		enum answer_feed feed;
		int err;
		const char *text;
	} cases[] = {
		{ ANSWER_UK, -EBADMSG, "" },
		{ ANSWER_UK, -EBADMSG, "[]" },
		{ ANSWER_UK, -EBADMSG, "<html>502</html>" },
		{ ANSWER_UK, -ENODATA, "{\"data\":[]}" },
		{ ANSWER_UK, -EBADMSG, "{\"data\":[1]}" },
		{ ANSWER_UK, -EBADMSG, "{\"data\":{\"data\":{}}}" },
		{ ANSWER_UK, -EBADMSG, "{\"data\":[{\"regionid\":1},{\"regionid\":2}]}" },
		{ ANSWER_UK, -EBADMSG, "{\"data\":[{\"from\":1,\"to\":2}]}" },
		{ ANSWER_UK, -EBADMSG,
		  "{\"data\":[{\"from\":\"2026-01-01T01:00Z\",\"to\":\"2026-01-01T00:30Z\","
		  "\"intensity\":{\"forecast\":1}}]}" },
		{ ANSWER_UK, -EBADMSG,
		  "{\"data\":[{\"from\":\"2026-01-01T00:00Z\",\"to\":\"2026-01-01T00:30Z\","
		  "\"intensity\":{\"forecast\":\"266\"}}]}" },
		{ ANSWER_UK, -ENODATA,
		  "{\"data\":[{\"from\":\"2026-01-01T00:00Z\",\"to\":\"2026-01-01T00:30Z\","
		  "\"intensity\":{\"forecast\":null,\"actual\":null}}]}" },
		{ ANSWER_UK, -EDOM,
		  "{\"data\":[{\"from\":\"2026-01-01T00:00Z\",\"to\":\"2026-01-01T00:30Z\","
		  "\"intensity\":{\"forecast\":266000}}]}" },
		{ ANSWER_ELECTRICITYMAPS, -EBADMSG, "{\"zone\":\"FR\"}" },
		{ ANSWER_ELECTRICITYMAPS, -EDOM,
		  "{\"unit\":\"lb/MWh\",\"datetime\":\"2026-01-01\"}" },
		{ ANSWER_ELECTRICITYMAPS, -EBADMSG,
		  "{\"datetime\":\"soon\",\"carbonIntensity\":5}" },
		{ ANSWER_ELECTRICITYMAPS, -ERANGE,
		  "{\"datetime\":\"9999-01-01T00:00:00Z\",\"carbonIntensity\":5}" },
		{ ANSWER_ELECTRICITYMAPS, -EPROTO, "{\"error\":\"no\\nentry\\u001b[2J\"}" },
		{ ANSWER_WATTTIME, -EBADMSG, "{\"data\":[]}" },
		{ ANSWER_WATTTIME, -EBADMSG,
		  "{\"data\":[],\"meta\":{\"units\":\"lbs_co2_per_mwh\","
		  "\"data_point_period_seconds\":0}}" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct series s = { 0 };
		struct why why = { "" };

		cr_expect_eq(read_text(cases[i].feed, cases[i].text, NEW_YEAR, &s, &why),
			     cases[i].err, "case %zu: %s", i, why.text);
		cr_expect_eq(s.n, 0);
		cr_expect_neq(why.text[0], '\0');
		cr_expect_null(strpbrk(why.text, "\n\x1b"), "case %zu", i);
		series_free(&s);
	}
}

Test(answer, what_went_before_stays_where_an_answer_is_cut)
{
	CLEANUP(series_free) struct series s = { 0 };
	struct why why;

	cr_assert_eq(read_fixture(2, "uk_intensity", NEW_YEAR + 86400, &s, &why), 0);
	cr_expect_eq(read_text(2,
			       "{\"data\":[{\"from\":\"2026-01-02T00:00Z\",\"to\":"
			       "\"2026-01-02T00:30Z\",\"intensity\":{\"forecast\":7}},{}]}",
			       NEW_YEAR, &s, &why),
		     -EBADMSG);
	cr_expect_eq(s.n, 2);
	cr_expect_eq(s.count.n_added, 2);
}

Test(answer, tokens)
{
	static const char good[] = "{\"token\":\"eyJ.fake.token\"}";
	char token[32];

	cr_expect_eq(answer_read_token(good, strlen(good), token, sizeof(token)), 0);
	cr_expect_str_eq(token, "eyJ.fake.token");
	cr_expect_eq(answer_read_token(good, strlen(good), token, 5), -E2BIG);
	cr_expect_eq(answer_read_token("{}", 2, token, sizeof(token)), -EBADMSG);
	cr_expect_eq(answer_read_token("{\"token\":\"a\\r\\nX: y\"}", 21, token, sizeof(token)),
		     -EBADMSG, "no header of its own");
}
