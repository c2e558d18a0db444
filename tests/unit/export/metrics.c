/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* metrics.c - do counters never fall, add up to the host's, and say nothing that is not known? */
#include "export/metrics.h"

#include <criterion/criterion.h>
#include <inttypes.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "golden.h"
#include "ticks_odd.h"
#include "ticks_plain.h"
#include "unit/random.h"

DEFINE_CLEANUP(struct metrics *, metrics_free)

static const struct metrics_state state = { .has_ledger = true, .n_ledger_records = 42 };

static struct metrics *metrics_of(size_t max)
{
	struct metrics *m;

	cr_assert_eq(metrics_new(max, "0", &m), 0);
	return m;
}

static void put(const struct metrics *m, struct buf *out)
{
	buf_reset(out);
	metrics_put(m, out);
	cr_assert_eq(out->err, 0);
	cr_expect(json_utf8_valid(out->data, out->len));
}

/* The figure of the sample "name{labels}" in its smallest unit; false = there is none. */
static bool figure_of(const struct buf *text, const char *sample, uint64_t *ret)
{
	CLEANUP(buf_free) struct buf line = { 0 };
	const char *at;

	buf_printf(&line, "\n%s ", sample);
	at = memmem(text->data, text->len, line.data, line.len);
	if (!at)
		return false;
	*ret = 0;
	for (at += line.len; *at != '\n'; at++)
		if (*at != '.')
			*ret = *ret * 10 + (uint64_t)(*at - '0');
	return true;
}

static uint64_t figure(const struct buf *text, const char *sample)
{
	uint64_t v = 0;

	cr_assert(figure_of(text, sample, &v), "no %s in\n%s", sample, text->data);
	return v;
}

static bool has(const struct buf *text, const char *what)
{
	return memmem(text->data, text->len, what, strlen(what)) != NULL;
}

/* Σ over the samples of a family, in its smallest unit. */
static uint64_t sum_of(const struct buf *text, const char *family)
{
	uint64_t sum = 0;
	char start[100];

	snprintf(start, sizeof(start), "\n%s{", family);
	for (const char *at = text->data; (at = strstr(at, start)); at++) {
		const char *digit = strstr(at + 1, "} ") + 2;
		uint64_t v = 0;

		for (; *digit != '\n'; digit++)
			if (*digit != '.')
				v = v * 10 + (uint64_t)(*digit - '0');
		sum += v;
	}
	return sum;
}

Test(metrics, golden)
{
	static const struct {
		const char *name;
		struct tick *(*make)(void);
	} cases[] = { { "metrics-plain.prom", ticks_plain },
		      { "metrics-odd.prom", ticks_odd },
		      { "metrics-missing.prom", ticks_missing } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(100);
		CLEANUP(buf_free) struct buf text = { 0 };
		struct tick *t = cases[i].make();

		cr_assert_eq(metrics_add(m, t, &state), 0);
		put(m, &text);
		expect_golden(cases[i].name, &text);
		ticks_free(t);
	}
}

Test(metrics, nothing_is_said_of_what_was_never_measured)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(100);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct tick *t = ticks_missing();

	put(m, &text);
	cr_expect(has(&text, "\njouletrail_ticks_total 0\n"));
	cr_expect(!has(&text, "joules_total") && !has(&text, "intensity") &&
		  !has(&text, "quality"));
	cr_assert_eq(metrics_add(m, t, &state), 0);
	put(m, &text);
	cr_expect(!has(&text, "joules_total"), "energy of nobody knows");
	cr_expect(!has(&text, "grams_total"));
	cr_expect(!has(&text, "watts"));
	cr_expect(has(&text, "\njouletrail_cpu_seconds_total{"));
	cr_expect_eq(figure(&text, "jouletrail_energy_missing_seconds_total"),
		     window_length_ns(&t->window));
	ticks_free(t);
}

static struct tick *tick_of(struct sample *list, size_t n, enum record_kind by)
{
	struct tick *t = ticks_plain();

	free(t->sample);
	t->by = by;
	t->sample = list;
	t->n_samples = n;
	return t;
}

/* The labels of a consumer, as they stand in its CPU time. */
static void expect_labels(struct sample s, const char *labels)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(100);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct tick *t = tick_of(&s, 1, s.kind);
	char sample[4096];

	s.cpu_ns = 5;
	metrics_add(m, t, &state);
	put(m, &text);
	snprintf(sample, sizeof(sample), "jouletrail_cpu_seconds_total{kind=\"consumer\",%s}",
		 labels);
	cr_expect_eq(figure(&text, sample), 5);
	free(t);
}

Test(metrics, labels)
{
	char longest[2000], want[2100];

	expect_labels((struct sample){ .kind = RECORD_CGROUP, .name = "/a", .cgroup = "/a" },
		      "consumer=\"/a\"");
	expect_labels((struct sample){ .kind = RECORD_CGROUP }, "consumer=\"(unknown)\"");
	expect_labels(
		(struct sample){ .kind = RECORD_CGROUP,
				 .name = "/m/x.scope",
				 .cgroup = "/m/x.scope",
				 .labels = { .container = "x", .pod = "p", .runtime = "podman" } },
		"consumer=\"/m/x.scope\",container=\"x\",pod=\"p\",runtime=\"podman\"");
	expect_labels((struct sample){ .kind = RECORD_PROCESS,
				       .tgid = 7,
				       .start_boottime_ns = 9,
				       .name = "sh",
				       .cgroup = "/a" },
		      "consumer=\"sh\",id=\"7:9\",cgroup=\"/a\"");
	expect_labels((struct sample){ .kind = RECORD_USER,
				       .id = "1000",
				       .name = "ann",
				       .labels = { .user = "ann" } },
		      "consumer=\"ann\",id=\"1000\",user=\"ann\"");
	expect_labels(
		(struct sample){ .kind = RECORD_COMM, .id = "a\"b\\c\nd", .name = "a\"b\\c\nd" },
		"consumer=\"a\\\"b\\\\c\\\\x0ad\"");
	expect_labels((struct sample){ .kind = RECORD_COMM,
				       .id = "\xff\xc3\xa9",
				       .name = "\xff\xc3\xa9" },
		      "consumer=\"\\\\xff\xc3\xa9\"");
	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	longest[sizeof(longest) - 2] = 'z';
	snprintf(want, sizeof(want), "consumer=\"…%.*sz\"", METRICS_LABEL_LEN - 2, longest);
	expect_labels((struct sample){ .kind = RECORD_CGROUP, .name = longest }, want);
}

static struct sample consumer(const char *name, uint64_t cpu_ns)
{
	return (struct sample){ .kind = RECORD_CGROUP, .name = name, .cpu_ns = cpu_ns };
}

static void add(struct metrics *m, struct sample *list, size_t n, uint64_t at_s)
{
	struct tick *t = tick_of(list, n, RECORD_CGROUP);

	t->window.begin_mono_ns = (at_s - 10) * JT_NS_PER_S;
	t->window.end_mono_ns = at_s * JT_NS_PER_S;
	cr_assert_eq(metrics_add(m, t, &state), 0);
	free(t);
}

#define CPU(name_) "jouletrail_cpu_seconds_total{kind=\"consumer\",consumer=\"" name_ "\"}"

/* A container of the same path is the same consumer, whatever became of its cgroup. */
Test(metrics, a_consumer_that_comes_back_goes_on)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(100);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct sample first[] = { consumer("/box", 100), consumer("/box", 20) };
	struct sample other[] = { consumer("/other", 1) };

	first[0].cgroup_id = 5;
	first[1].cgroup_id = 6;
	add(m, first, 2, 1000);
	add(m, other, 1, 1010);
	put(m, &text);
	cr_expect_eq(figure(&text, CPU("/box")), 120, "it keeps its counter while it is away");
	first[0].cgroup_id = 7;
	add(m, first, 1, 1020);
	put(m, &text);
	cr_expect_eq(figure(&text, CPU("/box")), 220);
}

/* Two samples of one line would make a scrape worth nothing. */
Test(metrics, consumers_of_the_same_labels_are_one)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(100);
	CLEANUP(buf_free) struct buf text = { 0 };
	static char name[2][1000];
	struct sample list[] = { consumer(NULL, 1), consumer("(unknown)", 2), consumer(name[0], 10),
				 consumer(name[1], 20) };

	for (int i = 0; i < 2; i++) {
		memset(name[i], 'x', sizeof(name[i]) - 1);
		name[i][0] = (char)('a' + i);
	}
	for (int i = 0; i < 2; i++)
		add(m, list, 4, 1000);
	put(m, &text);
	cr_expect_eq(figure(&text, CPU("(unknown)")), 6);
	cr_expect_eq(figure(&text, "jouletrail_metrics_series"), 2);
	cr_expect_eq(sum_of(&text, "jouletrail_cpu_seconds_total"), 66);
}

Test(metrics, who_finds_no_room_is_other)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(2);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct sample list[] = { consumer("/a", 8), consumer("/b", 4), consumer("/c", 2),
				 consumer("/d", 1) };
	uint64_t v;

	add(m, list, 4, 1000);
	put(m, &text);
	cr_expect_eq(figure(&text, CPU("/b")), 4);
	cr_expect_not(figure_of(&text, CPU("/c"), &v));
	cr_expect_eq(figure(&text, "jouletrail_cpu_seconds_total{kind=\"other\"}"), 3);
	cr_expect_eq(figure(&text, "jouletrail_metrics_folded_total"), 2);
	/* /a is silent for five minutes, and there is no room: it goes. */
	add(m, list + 1, 2, 1000 + 299);
	put(m, &text);
	cr_expect_eq(figure(&text, CPU("/a")), 8);
	cr_expect_not(figure_of(&text, CPU("/c"), &v));
	add(m, list + 1, 2, 1000 + 300);
	put(m, &text);
	cr_expect_not(figure_of(&text, CPU("/a"), &v));
	cr_expect_eq(figure(&text, CPU("/c")), 2);
	cr_expect_eq(figure(&text, "jouletrail_cpu_seconds_total{kind=\"other\"}"), 5);
	cr_expect_eq(figure(&text, "jouletrail_evicted_cpu_seconds_total"), 8);
	cr_expect_eq(figure(&text, "jouletrail_metrics_evicted_total"), 1);
}

Test(metrics, who_is_silent_for_an_hour_goes)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(2);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct sample a[] = { consumer("/a", 8) }, b[] = { consumer("/b", 4) };
	uint64_t v;

	add(m, a, 1, 1000);
	add(m, b, 1, 1000 + 3599);
	put(m, &text);
	cr_expect(figure_of(&text, CPU("/a"), &v));
	add(m, b, 1, 1000 + 3600);
	put(m, &text);
	cr_expect_not(figure_of(&text, CPU("/a"), &v));
	cr_expect_eq(figure(&text, "jouletrail_evicted_cpu_seconds_total"), 8);
	/* Back again: a counter that begins anew, as after a restart. */
	add(m, a, 1, 1000 + 3610);
	put(m, &text);
	cr_expect_eq(figure(&text, CPU("/a")), 8);
}

static void add_at(struct metrics *m, struct tick *t, int64_t end_s)
{
	t->window.begin_real_us = (end_s - 10) * (int64_t)JT_US_PER_S;
	t->window.end_real_us = end_s * (int64_t)JT_US_PER_S;
	cr_assert_eq(metrics_add(m, t, &state), 0);
}

/* Midnight is the machine's own: 20:00 UTC in a zone four hours east. */
Test(metrics, a_day_begins_at_midnight_or_with_us)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(10);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct tick *t = ticks_plain();
	const int64_t noon_s = 1767182400, midnight_s = 1767211200; /* 2025-12-31T12:00:00Z */
	uint64_t once, v;

	setenv("TZ", "EAST-4", 1);
	tzset();
	add_at(m, t, noon_s);
	put(m, &text);
	once = figure(&text, "jouletrail_today_co2e_high_grams");
	cr_expect_eq(once, t->host_co2e.high);
	cr_expect_eq(figure(&text, "jouletrail_today_energy_joules"), t->host_energy.value);
	cr_expect_eq(figure(&text, "jouletrail_today_since_timestamp_seconds"),
		     (uint64_t)(noon_s - 10) * JT_US_PER_S);
	add_at(m, t, midnight_s - 1);
	put(m, &text);
	cr_expect_eq(figure(&text, "jouletrail_today_co2e_high_grams"), 2 * once);
	add_at(m, t, midnight_s);
	put(m, &text);
	cr_expect_eq(figure(&text, "jouletrail_today_co2e_high_grams"), once);
	cr_expect_eq(figure(&text, "jouletrail_today_since_timestamp_seconds"),
		     (uint64_t)(midnight_s - 10) * JT_US_PER_S);
	/* A day of which nothing is known has no sum, not 0. */
	ticks_free(t);
	t = ticks_missing();
	add_at(m, t, midnight_s + 86400);
	put(m, &text);
	cr_expect_not(figure_of(&text, "jouletrail_today_co2e_grams", &v));
	cr_expect(figure_of(&text, "jouletrail_today_since_timestamp_seconds", &v));
	ticks_free(t);
}

Test(metrics, we_use_our_part_of_the_consumers_energy)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(10);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct sample list[] = { consumer("/a", 600), consumer("/b", 400) };
	struct tick *t = tick_of(list, 2, RECORD_CGROUP);

	list[0].energy.value = 7000;
	list[1].energy.value = 3000;
	t->self_cpu_ns = 20;
	cr_assert_eq(metrics_add(m, t, &state), 0);
	put(m, &text);
	cr_expect_eq(figure(&text, "jouletrail_self_energy_joules_total"), 200);
	free(t);
}

Test(metrics, a_counter_stays_at_what_64_bits_hold)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(2);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct sample a[] = { consumer("/a", UINT64_MAX - 1) };

	add(m, a, 1, 1000);
	add(m, a, 1, 1010);
	put(m, &text);
	cr_expect(has(&text, CPU("/a") " 18446744073.709551615\n"));
}

/* ---- sums, whatever happens ---- */

#define N_NAMES 60
#define MAX	20

/* Energy, carbon and time of some consumers, with idle and nobody's, that add up to the host's. */
static size_t random_tick(struct random_source *r, struct tick *t, struct sample *list,
			  char names[][16])
{
	size_t n = 0;

	memset(t, 0, sizeof(*t));
	t->by = RECORD_CGROUP;
	t->quality = random_below(r, 20) ? ENERGY_MEASURED : ENERGY_MISSING;
	for (size_t i = 0; i < N_NAMES; i++) {
		if (random_below(r, 3))
			continue;
		list[n] = consumer(names[i], random_below(r, 1000000));
		ticks_sample(&list[n], random_u64(r) >> random_below(r, 40) >> 24,
			     random_below(r, 1000), 5);
		if (t->quality == ENERGY_MISSING)
			ticks_sample(&list[n], 0, 0, 0);
		t->host.energy_uj += list[n].energy_uj;
		t->host_co2e.value += list[n].co2e_ug;
		t->books.task_ns += list[n].cpu_ns;
		n++;
	}
	if (t->quality != ENERGY_MISSING) {
		t->idle_energy.value = random_below(r, 1000000);
		t->idle_co2e.value = random_below(r, 1000);
		t->host.unattributed_uj = random_below(r, 1000);
		t->unattributed_co2e_ug = random_below(r, 3);
		t->host.energy_uj += t->idle_energy.value + t->host.unattributed_uj;
		t->host_co2e.value += t->idle_co2e.value + t->unattributed_co2e_ug;
	}
	t->host_energy.value = t->host.energy_uj;
	t->sample = list;
	t->n_samples = n;
	return n;
}

static void expect_sums(const struct buf *text, uint64_t task_ns)
{
	if (has(text, "\njouletrail_host_energy_joules_total ")) {
		cr_expect_eq(sum_of(text, "jouletrail_energy_joules_total") +
				     figure(text, "jouletrail_evicted_energy_joules_total"),
			     figure(text, "jouletrail_host_energy_joules_total"));
		cr_expect_eq(sum_of(text, "jouletrail_co2e_grams_total") +
				     figure(text, "jouletrail_evicted_co2e_grams_total"),
			     figure(text, "jouletrail_host_co2e_grams_total"));
	}
	cr_expect_eq(sum_of(text, "jouletrail_cpu_seconds_total") +
			     figure(text, "jouletrail_evicted_cpu_seconds_total"),
		     task_ns);
	cr_expect_leq(figure(text, "jouletrail_metrics_series"), MAX);
	cr_expect_leq(text->len, metrics_max_bytes(MAX));
}

Test(metrics, series_add_up_to_the_host_and_never_fall)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(MAX);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct random_source r = { .seed = 9 };
	uint64_t now_ns = JT_NS_PER_S, task_ns = 0, last[N_NAMES] = { 0 }, n_evicted = 0;
	struct tick *t = calloc(1, sizeof(*t));
	struct sample list[N_NAMES];
	char names[N_NAMES][16];

	for (size_t i = 0; i < N_NAMES; i++)
		snprintf(names[i], sizeof(names[i]), "/c%zu", i);
	for (int k = 0; k < (getenv("LONG") ? 2000 : 100); k++) {
		bool evicted;

		random_tick(&r, t, list, names);
		t->window.begin_mono_ns = now_ns;
		now_ns += random_below(&r, random_below(&r, 30) ? 20 : 5000) * JT_NS_PER_S;
		t->window.end_mono_ns = now_ns;
		task_ns += t->books.task_ns;
		cr_assert_eq(metrics_add(m, t, &state), 0);
		put(m, &text);
		expect_sums(&text, task_ns);
		evicted = figure(&text, "jouletrail_metrics_evicted_total") != n_evicted;
		n_evicted = figure(&text, "jouletrail_metrics_evicted_total");
		for (size_t i = 0; i < N_NAMES; i++) {
			uint64_t v = 0;
			char sample[100];

			snprintf(sample, sizeof(sample), CPU("/c%zu"), i);
			if (!figure_of(&text, sample, &v) || v < last[i])
				cr_expect(evicted || last[i] == 0, "%s fell", names[i]);
			last[i] = v;
		}
	}
	cr_expect_gt(n_evicted, 0);
	free(t);
}

/* Long names of many do not take more than there is. */
Test(metrics, text_is_bounded)
{
	enum { N = 3000, MOST = 50 };
	CLEANUP(metrics_free_ptr) struct metrics *m = metrics_of(MOST);
	CLEANUP(buf_free) struct buf text = { 0 };
	struct sample *list = calloc(N, sizeof(*list));
	static char name[N][1200];

	for (size_t i = 0; i < N; i++) {
		memset(name[i], i % 2 ? '"' : '\xff', sizeof(name[i]) - 1);
		snprintf(name[i] + 1100, 99, "%zu", i);
		list[i] = consumer(name[i], UINT64_MAX);
		list[i].cgroup = list[i].labels.container = list[i].labels.unit = name[i];
	}
	add(m, list, N, 1000);
	put(m, &text);
	cr_expect_leq(text.len, metrics_max_bytes(MOST));
	cr_expect_leq(figure(&text, "jouletrail_metrics_series"), MOST);
	free(list);
}
