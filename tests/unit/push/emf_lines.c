/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* emf_lines.c - is each line a document that CloudWatch takes? */
#include "push/emf_lines.h"

#include <criterion/criterion.h>
#include <jansson.h>
#include <math.h>

#include "base/cleanup.h"
#include "unit/export/golden.h"

/* A text of our metrics, which lie in the golden files already. */
static void lines_of(const char *file, size_t n_consumers, struct buf *out)
{
	CLEANUP(figures_free) struct figures now = { .n = 0 };
	CLEANUP(figures_between_free) struct figures_between used = { .n = 0 };
	struct sink_tick t = { .host = "the-host", .now = &now, .used = &used };
	FILE *f = fopen(file, "r");
	char line[4096];

	cr_assert(f != NULL, "%s: %m", file);
	while (fgets(line, sizeof(line), f))
		buf_puts(&now.text, line);
	fclose(f);
	cr_assert_eq(figures_read(&now), 0);
	cr_assert_eq(figures_between(NULL, &now, n_consumers, &used), 0);
	emf_lines_put(&t, out);
	cr_assert_eq(out->err, 0);
}

/* Each member that the directive names is there, of the right kind, and within the limits. */
static void check_document(const json_t *d)
{
	const json_t *directive =
		json_array_get(json_object_get(json_object_get(d, "_aws"), "CloudWatchMetrics"), 0);
	const json_t *metrics = json_object_get(directive, "Metrics");
	const json_t *sets = json_object_get(directive, "Dimensions"), *set, *item;
	size_t i, k;

	cr_assert(json_is_integer(json_object_get(json_object_get(d, "_aws"), "Timestamp")));
	cr_assert_str_eq(json_string_value(json_object_get(directive, "Namespace")), "Jouletrail");
	cr_assert_gt(json_array_size(metrics), 0);
	cr_assert_leq(json_array_size(metrics), 100);
	json_array_foreach(metrics, i, item)
	{
		const char *name = json_string_value(json_object_get(item, "Name"));
		const char *unit = json_string_value(json_object_get(item, "Unit"));

		cr_assert(json_is_number(json_object_get(d, name)), "%s", name);
		cr_assert(!strcmp(unit, "None") || !strcmp(unit, "Seconds"));
		cr_assert_geq(json_number_value(json_object_get(d, name)), 0);
	}
	json_array_foreach(sets, k, set) json_array_foreach(set, i, item)
	{
		const json_t *v = json_object_get(d, json_string_value(item));

		cr_assert(json_is_string(v));
		cr_assert(json_string_length(v) > 0 && json_string_length(v) <= 1024);
		for (const char *c = json_string_value(v); *c; c++)
			cr_assert(*c >= ' ' && *c < 0x7f);
	}
}

static size_t check_lines(const struct buf *out)
{
	size_t n = 0;

	for (const char *at = out->data, *end; (end = strchr(at, '\n')); at = end + 1, n++) {
		json_error_t error;
		json_t *d = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES, &error);

		cr_assert(d != NULL, "%s: %.*s", error.text, (int)(end - at), at);
		cr_assert_lt(end - at, 1 << 20);
		check_document(d);
		json_decref(d);
	}
	return n;
}

Test(emf_lines, golden)
{
	static const char *const names[] = { "plain", "odd", "missing" };

	for (size_t i = 0; i < 3; i++) {
		CLEANUP(buf_free) struct buf out = { 0 };
		char file[200], golden[60];

		snprintf(file, sizeof(file), GOLDEN "metrics-%s.prom", names[i]);
		snprintf(golden, sizeof(golden), "emf-%s.jsonl", names[i]);
		lines_of(file, 20, &out);
		check_lines(&out);
		expect_golden(golden, &out);
	}
}

Test(emf_lines, who_has_no_line_is_in_the_others)
{
	CLEANUP(buf_free) struct buf out = { 0 };

	lines_of(GOLDEN "metrics-plain.prom", 1, &out);
	cr_expect_eq(check_lines(&out), 5, "host, one consumer, other, idle, unattributed");
	cr_expect(strstr(out.data, "\"Kind\":\"other\"") != NULL);
}

/* A consumer's name of any bytes; a dimension has few. */
Test(emf_lines, hostile_names)
{
	CLEANUP(figures_free) struct figures now = { .n = 0 };
	CLEANUP(figures_between_free) struct figures_between used = { .n = 0 };
	struct sink_tick t = { .host = "h\xc3\xa4", .now = &now, .used = &used };
	CLEANUP(buf_free) struct buf out = { 0 };

	buf_puts(&now.text,
		 "jouletrail_energy_joules_total{kind=\"consumer\",consumer=\"\"} 1\n"
		 "jouletrail_energy_joules_total{kind=\"consumer\",consumer=\"  \"} 2\n"
		 "jouletrail_energy_joules_total{kind=\"consumer\"} 3\n"
		 "jouletrail_energy_joules_total{kind=\"consumer\",consumer=\"\\\"\\\\\\n"
		 "\"} 4\n"
		 "jouletrail_energy_joules_total{kind=\"consumer\",consumer=\"");
	for (int i = 0; i < 600; i++)
		buf_puts(&now.text, "\xe2\x80\xa6");
	buf_puts(&now.text, "z\"} 5\n");
	cr_assert_eq(figures_read(&now), 0);
	cr_assert_eq(figures_between(NULL, &now, 20, &used), 0);
	now.host.tick_end_s = 1;
	now.host.power_w = 1;
	emf_lines_put(&t, &out);
	cr_expect_eq(check_lines(&out), 6);
	cr_expect(strstr(out.data, "z\"") != NULL, "the end of a name stays");
}

/* A moment that is not known is no reason for undefined behaviour. */
Test(emf_lines, nothing_is_known)
{
	CLEANUP(figures_free) struct figures now = { .n = 0 };
	CLEANUP(figures_between_free) struct figures_between used = { .n = 0 };
	struct sink_tick t = { .host = "h", .now = &now, .used = &used };
	CLEANUP(buf_free) struct buf out = { 0 };

	cr_assert_eq(figures_read(&now), 0);
	cr_assert_eq(figures_between(NULL, &now, 20, &used), 0);
	emf_lines_put(&t, &out);
	cr_expect_eq(out.len, 0, "%s", out.data);
}
