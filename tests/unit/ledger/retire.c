/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* retire.c - what retention drops, what stays of it, and what verify says to that and to theft. */
#include "unit/ledger/fixture.h"

#include <math.h>

#include "cli/report.h"
#include "cli/whatif.h"
#include "ledger/base.h"
#include "ledger/figures.h"
#include "ledger/proof.h"
#include "ledger/walk.h"

TestSuite(retire, .init = fixture_begin_in_memory, .fini = fixture_end);

#define DAY_US	INT64_C(86400000000)
#define PER_DAY 24
#define TICK_US (DAY_US / PER_DAY)

/* A clock that the test sets. */
static int64_t clock_us;

static void clock_now(void *arg, uint64_t *ret_mono_ns, int64_t *ret_real_us)
{
	(void)arg;
	*ret_mono_ns = (uint64_t)clock_us * 1000;
	*ret_real_us = clock_us;
}

static const struct ledger_scene scene = { .now = clock_now, .boot_id = "b" };

/* A segment for each tick; days are kept. */
static struct ledger *open_retaining(uint64_t days)
{
	struct ledger_options o = fixture_options();
	struct ledger *l = NULL;
	struct why why = { "" };

	o.scene = &scene;
	o.segment_bytes = 1;
	o.epoch_ns = DAY_US * 1000;
	o.retain_ns = days * 86400 * JT_NS_PER_S;
	cr_assert(ledger_open(&o, &l, NULL, &why) == 0, "%s", why.text);
	return l;
}

/* Every other tick is of marginal intensity. */
static bool two_signals;

/* What the samples are by; not RECORD_PROCESS: made_up_group() fills them. */
static enum record_kind kind_of_ticks;

/*
 * Consumers that only their kind's own members tell apart: two groups of one id in two places, two
 * without a place, who is in none of them; for threads, two of one process.
 */
static void made_up_group(struct tick *t)
{
	static const char *const ids[] = { "a", "a", "1000", NULL };
	static const char *const places[] = { "/x/a", "/y/a", NULL, NULL };

	t->by = kind_of_ticks;
	for (size_t i = 0; i < t->n_samples; i++) {
		struct sample *s = &t->sample[i];

		s->kind = kind_of_ticks;
		s->tgid = kind_of_ticks == RECORD_THREAD ? 100 : 0;
		s->pid = 100 + (uint32_t)i;
		s->start_boottime_ns = s->cgroup_id = 0;
		s->flags = 0;
		s->id = ids[i];
		s->name = ids[i] ? ids[i] : "(none)";
		s->cgroup = places[i];
	}
}

/* A tick of an hour that ends now. */
static void append_tick(struct ledger *l)
{
	struct why why = { "" };
	struct made_up m;
	struct tick *t = (struct tick *)made_up_tick(&m, (uint64_t)clock_us / 1000000);

	t->window.begin_real_us = clock_us - TICK_US;
	t->window.end_real_us = clock_us;
	t->window.begin_mono_ns = (uint64_t)(clock_us - TICK_US) * 1000;
	t->window.end_mono_ns = (uint64_t)clock_us * 1000;
	t->host.static_uj = t->host.idle_uj;
	t->host.unattributed_by_uj[SHARES_NO_WEIGHT] = t->host.unattributed_uj;
	t->domain_sum[0] = t->host;
	if (kind_of_ticks != RECORD_PROCESS)
		made_up_group(t);
	if (two_signals && clock_us / TICK_US % 2)
		t->intensity.kind = "marginal";
	cr_assert(ledger_append(l, t, &why) == 0, "%s", why.text);
	cr_assert(ledger_retention_trouble(l) == NULL, "%s", ledger_retention_trouble(l));
}

/* Ticks from midnight of day 100 on, in a ledger that keeps that many days. */
static void ticks(uint64_t days_kept, int n)
{
	struct ledger *l;

	if (clock_us == 0)
		clock_us = 100 * DAY_US;
	l = open_retaining(days_kept);
	for (int i = 0; i < n; i++) {
		clock_us += TICK_US;
		append_tick(l);
	}
	cr_assert(ledger_close(l, NULL) == 0);
}

static int take(const struct check_facts *f, void *arg)
{
	return report_add(arg, f);
}

/* What the ledger adds up to, by consumer. */
static struct report *sums(const char *dir)
{
	struct verify_options o = { .dir = dir, .key_dir = "k", .record = take };
	struct verify_result v;
	struct report *r;

	cr_assert(report_new(kind_of_ticks, INT64_MIN, INT64_MAX, &r) == 0);
	o.arg = r;
	cr_assert(verify_run(&o, &v) == 0);
	cr_assert(v.verdict == VERIFY_SIGNED, "%s: %s", verify_verdict_name(v.verdict), v.reason);
	report_sort(r);
	return r;
}

static struct verify_result verify_dir(const char *dir, const char *state)
{
	struct verify_options o = { .dir = dir, .key_dir = "k", .state = state };
	struct verify_result r;

	cr_assert(verify_run(&o, &r) == 0);
	return r;
}

static void expect_close(const struct quant_interval_u64 *a, const struct quant_interval_u64 *b)
{
	double low = (double)a->low / (double)b->low, high = (double)a->high / (double)b->high;

	cr_assert(a->value == b->value);
	cr_expect(low > 0.99 && low < 1.01, "low %lu %lu", a->low, b->low);
	cr_expect(high > 0.99 && high < 1.01, "high %lu %lu", a->high, b->high);
}

/* Where the host's uncertainty comes from, too. */
static void expect_same_budget(const struct report *kept, const struct report *rolled)
{
	struct record_budget a[RECORD_MAX_BUDGET], b[RECORD_MAX_BUDGET];
	size_t n = report_budget(kept, &kept->host, a);

	cr_assert(n >= 2 && report_budget(rolled, &rolled->host, b) == n);
	for (size_t i = 0; i < n; i++) {
		cr_assert_str_eq(a[i].source, b[i].source);
		cr_assert_str_eq(a[i].kind, b[i].kind);
		cr_expect(fabs((double)a[i].sd_ppm / (double)b[i].sd_ppm - 1) < 0.01);
	}
}

/* The same ticks, kept and rolled up: the same sums, the same intervals but for rounding. */
static void expect_same_sums(struct report *kept, struct report *rolled)
{
	struct quant_interval_u64 e, c, e2, c2;

	cr_assert(kept->n_ticks == rolled->n_ticks);
	cr_assert(kept->n_groups == rolled->n_groups);
	cr_assert(kept->from_us == rolled->from_us && kept->to_us == rolled->to_us);
	report_intervals(kept, &kept->host, &e, &c);
	report_intervals(rolled, &rolled->host, &e2, &c2);
	expect_close(&e2, &e);
	expect_close(&c2, &c);
	expect_same_budget(kept, rolled);
	cr_assert(kept->host.total.time_ns == rolled->host.total.time_ns);
	for (size_t i = 0; i < kept->n_groups; i++) {
		struct report_group *a = &kept->group[i], *b = &rolled->group[i];

		cr_assert_str_eq(a->key, b->key);
		cr_assert(a->sum.cpu_ns == b->sum.cpu_ns);
		cr_assert(a->sum.total.time_ns == b->sum.total.time_ns);
		report_intervals(kept, &a->sum, &e, &c);
		report_intervals(rolled, &b->sum, &e2, &c2);
		expect_close(&e2, &e);
		expect_close(&c2, &c);
	}
}

static size_t n_segments(void)
{
	struct walk w;
	int fd = open("d/seg", O_RDONLY | O_DIRECTORY);
	size_t n;

	cr_assert(fd >= 0 && walk_begin(&w, fd, 0) == 0);
	n = w.n;
	walk_end(&w);
	close(fd);
	return n;
}

Test(retire, old_days_go_and_their_sums_stay)
{
	struct report *kept, *rolled;
	struct verify_result r;

	ticks(0, PER_DAY * 7);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_SIGNED && r.first == 0 && r.n_ticks == 168);
	kept = sums("d");
	cr_assert(system("cp -a d whole") == 0);
	ticks(2, 1);
	ticks(0, 0);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_SIGNED, "%s", r.reason);
	cr_assert(r.first > 0 && r.n_ticks == 169 && r.n_rolled_up >= 96 && r.n_rolled_up <= 121,
		  "%lu %lu", r.first, r.n_rolled_up);
	cr_assert(strstr(r.reason, "were retired"), "%s", r.reason);
	cr_assert(n_segments() < 80);
	rolled = sums("d");
	/* The tick that came with it. */
	cr_assert(kept->n_ticks + 1 == rolled->n_ticks);
	cr_assert(kept->n_groups == rolled->n_groups && rolled->n_rolled_up == r.n_rolled_up);
	report_free(kept);
	report_free(rolled);
}

Test(retire, sums_are_the_same_to_the_unit)
{
	struct report *kept, *rolled;

	ticks(0, PER_DAY * 7);
	ticks(0, 1);
	kept = sums("d");
	fixture_remove("d");
	fixture_remove("k");
	clock_us = 0;
	ticks(0, PER_DAY * 7);
	ticks(2, 1);
	rolled = sums("d");
	cr_assert(rolled->n_rolled_up > 90);
	expect_same_sums(kept, rolled);
	report_free(kept);
	report_free(rolled);
}

/* Days in rollups, and days that are kept: whatever consumers are, they are the same ones. */
static void expect_groups_kept(enum record_kind by, size_t n_groups)
{
	struct report *kept, *rolled;

	kind_of_ticks = by;
	clock_us = 0;
	ticks(0, PER_DAY * 4);
	ticks(0, 1);
	kept = sums("d");
	cr_assert(kept->n_groups == n_groups, "%s: %zu", record_kind_name(by), kept->n_groups);
	fixture_remove("d");
	fixture_remove("k");
	clock_us = 0;
	ticks(0, PER_DAY * 4);
	ticks(2, 1);
	rolled = sums("d");
	cr_assert(rolled->n_rolled_up > 20);
	expect_same_sums(kept, rolled);
	for (size_t i = 0; i < n_groups; i++) {
		const char *a = kept->group[i].id, *b = rolled->group[i].id;

		cr_assert((!a && !b) || (a && b && !strcmp(a, b)));
		a = report_group_name(&kept->group[i]);
		cr_assert_str_eq(a, report_group_name(&rolled->group[i]));
	}
	report_free(kept);
	report_free(rolled);
	fixture_remove("d");
	fixture_remove("k");
}

Test(retire, groups_keep_what_tells_them_apart)
{
	expect_groups_kept(RECORD_USER, 3);
	expect_groups_kept(RECORD_COMM, 3);
	expect_groups_kept(RECORD_THREAD, MADE_UP_SAMPLES);
}

/* Over months rollups are rolled up again; nothing is lost of the sums. */
Test(retire, rollups_are_rolled_up_again)
{
	struct report *kept, *rolled;
	struct verify_result r;

	ticks(0, PER_DAY * 34);
	kept = sums("d");
	fixture_remove("d");
	fixture_remove("k");
	clock_us = 0;
	for (int i = 0; i < 34; i++) {
		ticks(3, 24);
		r = verify_dir("d", "state");
		cr_assert(r.verdict == VERIFY_SIGNED, "day %d: %s", i, r.reason);
	}
	cr_assert(r.n_ticks == 34 * PER_DAY);
	rolled = sums("d");
	cr_assert(rolled->n_rolled_up > 28 * PER_DAY);
	expect_same_sums(kept, rolled);
	report_free(kept);
	report_free(rolled);
}

/* Sums over ticks, and over the rollups of those that are gone. */
struct parts {
	bool began;
	uint64_t base;
	uint64_t n_rollups;
	uint64_t n_marginal; /* of them */
	uint64_t static_uj;
	uint64_t static_of_domains_uj;
	uint64_t no_weight_uj;
};

static int take_parts(const struct check_facts *f, void *arg)
{
	struct scan_value line = { f->line, f->len }, host, by, domains, d, kind, intensity;
	struct parts *p = arg;
	size_t pos = 0;

	if (!p->began)
		p->base = f->index;
	p->began = true;
	if (f->kind != CHECK_TICK && (f->kind != CHECK_ROLLUP || f->to > p->base))
		return 0;
	cr_assert(!scan_member(line, "host", &host) && !scan_member(line, "domains", &domains));
	cr_assert(!scan_member(host, "unattributed_by_uj", &by));
	cr_assert(!scan_member(line, "intensity", &intensity) &&
		  !scan_member(intensity, "kind", &kind) &&
		  !scan_member(intensity, "flags", &(struct scan_value){ 0 }));
	p->n_rollups += f->kind == CHECK_ROLLUP;
	p->n_marginal += f->kind == CHECK_ROLLUP && scan_is_string(kind, "marginal");
	p->static_uj += figures_u64(host, "static_uj");
	p->no_weight_uj += figures_u64(by, "no_weight");
	while (scan_element(domains, &pos, &d))
		p->static_of_domains_uj += figures_u64(d, "static_uj");
	return 0;
}

static struct parts parts_of(const char *dir)
{
	struct parts p = { 0 };
	struct verify_options o = { .dir = dir, .key_dir = "k", .record = take_parts, .arg = &p };
	struct verify_result v;

	cr_assert(verify_run(&o, &v) == 0);
	cr_assert(v.verdict == VERIFY_SIGNED, "%s", v.reason);
	return p;
}

/* Average and marginal intensities are never in one rollup; a sum of both says that it is. */
Test(retire, signals_are_not_mixed)
{
	struct parts kept, rolled;
	struct report *sum;

	ticks(0, PER_DAY * 5);
	sum = sums("d");
	cr_assert_str_eq(sum->kind, "average");
	report_free(sum);
	fixture_remove("d");
	fixture_remove("k");
	clock_us = 0;
	two_signals = true;
	ticks(0, PER_DAY * 5);
	ticks(0, 1);
	kept = parts_of("d");
	fixture_remove("d");
	fixture_remove("k");
	clock_us = 0;
	ticks(0, PER_DAY * 5);
	ticks(2, 1);
	rolled = parts_of("d");
	cr_assert(rolled.n_rollups >= 4);
	cr_assert_eq(rolled.n_marginal, rolled.n_rollups / 2);
	cr_assert_eq(rolled.static_uj, kept.static_uj);
	cr_assert_eq(rolled.static_of_domains_uj, kept.static_of_domains_uj);
	cr_assert_eq(rolled.no_weight_uj, kept.no_weight_uj);
	sum = sums("d");
	cr_assert_str_eq(sum->kind, "mixed");
	cr_assert_str_eq(sum->boundary, "lifecycle");
	report_free(sum);
}

static void whatif_reads(struct whatif *w, int (*record)(const struct check_facts *, void *))
{
	struct verify_options o = { .dir = "d", .key_dir = "k", .record = record, .arg = w };
	struct verify_result v;

	cr_assert(verify_run(&o, &v) == 0);
	cr_assert(v.verdict == VERIFY_SIGNED, "%s", v.reason);
}

/* The ticks that are left, each with its samples: another time or place is asked of them alone. */
static void expect_whatif(uint64_t n_ticks, uint64_t n_rolled_up)
{
	struct whatif w = {
		.row = { .mg_per_kwh = 1000, .low_mg_per_kwh = 900, .high_mg_per_kwh = 1100 },
		.zone = "SE"
	};
	struct why why = { "" };
	uint64_t tick_uj = 0;
	struct made_up m;

	made_up_tick(&m, 0);
	for (size_t i = 0; i < m.tick.n_samples; i++)
		tick_uj += m.sample[i].energy_uj;
	cr_assert(report_new(RECORD_PROCESS, INT64_MIN, INT64_MAX, &w.by) == 0);
	cr_assert(report_new(REPORT_HOST, INT64_MIN, INT64_MAX, &w.all) == 0);
	whatif_reads(&w, whatif_take_tick);
	cr_assert(whatif_settle(&w, &why) == 0, "%s", why.text);
	whatif_reads(&w, whatif_take);
	cr_assert(w.n_ticks == n_ticks && w.n_rolled_up == n_rolled_up, "%zu %lu", w.n_ticks,
		  w.n_rolled_up);
	cr_assert_eq(w.all->group[0].sum.total.energy_uj, n_ticks * tick_uj);
	report_free(w.by);
	report_free(w.all);
	free(w.tick);
}

Test(retire, another_time_is_asked_of_ticks_alone)
{
	struct verify_result r;

	ticks(0, PER_DAY * 5);
	expect_whatif(PER_DAY * 5, 0);
	cr_assert(system("cp -a d before") == 0);
	ticks(2, 1);
	r = verify_dir("d", NULL);
	cr_assert(r.n_rolled_up > 40);
	expect_whatif(r.n_ticks - r.n_rolled_up, r.n_rolled_up);
	/* With what was dropped put back: its ticks count, and not their rollups. */
	cr_assert(system("rm d/base; cp -an before/seg/. d/seg/") == 0);
	cr_assert(system("cd d/seg; for f in *.jsonl; do [ ! -e $f.gz ] || rm $f; done") == 0);
	expect_whatif(PER_DAY * 5 + 1, 0);
}

static void first_segment(char ret[64])
{
	char name[WALK_NAME_LEN];
	struct walk w;
	int fd = open("d/seg", O_RDONLY | O_DIRECTORY);

	cr_assert(fd >= 0 && walk_begin(&w, fd, 0) == 0 && w.n > 0);
	for (int packed = 0; packed <= 1; packed++) {
		walk_segment_name(w.first[0], packed, name);
		if (faccessat(fd, name, F_OK, 0) == 0)
			snprintf(ret, 64, "d/seg/%s", name);
	}
	walk_end(&w);
	close(fd);
}

Test(retire, stolen_is_not_retired)
{
	struct verify_result r;
	char path[64];
	size_t len;
	char *base;

	ticks(0, PER_DAY * 5);
	first_segment(path);
	unlink(path);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_TAMPERED && r.index == 0, "%s", r.reason);

	fixture_remove("d");
	fixture_remove("k");
	ticks(0, PER_DAY * 5);
	ticks(2, 1);
	cr_assert_verdict(VERIFY_SIGNED);
	base = fixture_read("d/base", &len);
	cr_assert(system("cp -a d good") == 0);
	/* One more than was retired. */
	first_segment(path);
	unlink(path);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_TAMPERED, "%s", r.reason);
	cr_assert(r.index > 0 && strstr(r.reason, "is missing although later"), "%s", r.reason);
	/* Without what says so; that can be found again. */
	cr_assert(system("rm -rf d && cp -a good d && rm d/base") == 0);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_TAMPERED && r.index == 0, "%s", r.reason);
	cr_assert(ledger_close(fixture_open(NULL), NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	/* A line that is not the ledger's. */
	cr_assert(system("rm -rf d && cp -a good d") == 0);
	for (size_t i = 0; i < len; i += len / 50) {
		base[i] ^= 1;
		fixture_write("d/base", base, len);
		base[i] ^= 1;
		r = verify_dir("d", NULL);
		cr_assert(r.verdict == VERIFY_TAMPERED, "byte %zu: %s %s", i,
			  verify_verdict_name(r.verdict), r.reason);
	}
	fixture_write("d/base", base, len / 2);
	cr_assert_verdict(VERIFY_TAMPERED);
	fixture_write("d/base", base, 0);
	cr_assert_verdict(VERIFY_TAMPERED);
}

/* Who verified before knows whether what was retired since is what he saw. */
Test(retire, what_was_remembered_is_compared)
{
	struct verify_result r;

	ticks(0, PER_DAY * 3);
	cr_assert(verify_dir("d", "state").verdict == VERIFY_SIGNED);
	ticks(0, PER_DAY * 3);
	ticks(1, 1);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_SIGNED && r.first > 40, "%s", r.reason);
	cr_assert(system("cp state before") == 0);
	r = verify_dir("d", "state");
	cr_assert(r.verdict == VERIFY_SIGNED, "%s", r.reason);
	cr_assert(system("sed -i '4s/^./@/;4s/@A/@/;4s/@/A/' before") == 0);
	r = verify_dir("d", "before");
	cr_assert(r.verdict == VERIFY_FORKED, "%s %s", verify_verdict_name(r.verdict), r.reason);
	fixture_remove("d/tile");
	r = verify_dir("d", "before");
	cr_assert(r.verdict == VERIFY_UNREADABLE, "%s", r.reason);
	cr_assert_verdict(VERIFY_SIGNED);
}

/* Old checkpoints still prove that the log is the one it was. */
Test(retire, proofs_of_what_is_gone)
{
	CLEANUP(buf_free) struct buf proof = { 0 };
	struct proof_said said;
	struct note_verifier v;
	struct why why = { "" };
	struct key *k = NULL;

	ticks(0, PER_DAY * 6);
	cr_assert(key_open("k", false, &k, NULL) == 0);
	key_verifier(k, fixture_verify().origin, &v);
	key_free(k);
	ticks(1, 2);
	cr_assert(verify_dir("d", NULL).first > 100);
	cr_assert(proof_consistency("d", 77, 0, &proof, &why) == 0, "%s", why.text);
	cr_assert(proof_verify(proof.data, proof.len, &v, &said, &why) == 0, "%s", why.text);
	buf_reset(&proof);
	cr_assert(proof_inclusion("d", 5, &proof, &why) == -ENOENT);
	cr_assert(strstr(why.text, "retired"));
}

/* A record that was changed is neither summed up nor dropped. */
Test(retire, what_was_tampered_with_stays)
{
	struct ledger *l;
	size_t len;
	char *data, *at;
	bool trouble = false;

	struct ledger_options o = fixture_options();

	o.scene = &scene;
	o.keep_plain = true;
	o.epoch_ns = DAY_US * 1000;
	o.segment_bytes = 1;
	clock_us = 100 * DAY_US;
	cr_assert(ledger_open(&o, &l, NULL, NULL) == 0);
	for (int i = 0; i < PER_DAY * 5; i++) {
		clock_us += TICK_US;
		append_tick(l);
	}
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert(chmod("d/seg/00000000000000000002.jsonl", 0644) == 0);
	data = fixture_read("d/seg/00000000000000000002.jsonl", &len);
	at = strstr(data, "\"uid\":1000");
	cr_assert(at);
	at[7] = '2';
	fixture_write("d/seg/00000000000000000002.jsonl", data, len);
	l = open_retaining(1);
	for (int i = 0; i < 3; i++) {
		struct made_up m;

		cr_assert(ledger_append(l, made_up_tick(&m, 1000000), NULL) == 0);
		trouble |= ledger_retention_trouble(l) != NULL;
	}
	cr_assert(trouble);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert(access("d/seg/00000000000000000002.jsonl.gz", F_OK) == 0 ||
		  access("d/seg/00000000000000000002.jsonl", F_OK) == 0);
	cr_assert(access("d/base", F_OK) != 0);
}

/* Each step of a retirement that a crash may leave. */
Test(retire, crashes)
{
	struct verify_result r;

	ticks(0, PER_DAY * 5);
	cr_assert(system("cp -a d before; cp -a k k-before") == 0);
	ticks(2, 1);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(system("cp -a d after") == 0);

	/* Dropped in part. */
	cr_assert(system("cp -a before/seg/00000000000000000002.jsonl.gz d/seg/") == 0);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_TORN, "%s", r.reason);
	ticks(0, 1);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(access("d/seg/00000000000000000002.jsonl.gz", F_OK) != 0);

	/* Committed, and not carried out. */
	cr_assert(system("rm -rf d; cp -a after d; mv d/base d/base.pending;"
			 "cp -an before/seg/. d/seg/; rm -f d/seg/*.jsonl.both") == 0);
	cr_assert(system("cd d/seg; for f in *.jsonl; do [ ! -e $f.gz ] || rm $f; done") == 0);
	cr_assert(system("rm -f k/*.seen") == 0);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_SIGNED && r.first == 0 && r.n_ticks == 121, "%s %lu",
		  r.reason, r.n_ticks);
	ticks(0, 1);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_SIGNED && r.first > 0 && r.n_ticks == 122, "%s", r.reason);

	/* Not committed. */
	cr_assert(system("rm -rf d k; cp -a before d; cp -a k-before k;"
			 "cp after/base d/base.pending") == 0);
	cr_assert(system("rm -f k/*.seen") == 0);
	ticks(0, 1);
	r = verify_dir("d", NULL);
	cr_assert(r.verdict == VERIFY_SIGNED && r.first == 0, "%s", r.reason);
	cr_assert(access("d/base.pending", F_OK) != 0);
}
