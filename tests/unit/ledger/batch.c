/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* batch.c - stamps: a wall clock that is set back puts no record out of order. */
#include "unit/ledger/fixture.h"

TestSuite(batch, .init = fixture_begin_in_memory, .fini = fixture_end);

#define HOUR_US INT64_C(3600000000)

static uint64_t mono_ns;
static int64_t real_us;

static void clock_now(void *arg, uint64_t *ret_mono_ns, int64_t *ret_real_us)
{
	(void)arg;
	*ret_mono_ns = mono_ns;
	*ret_real_us = real_us;
}

static const struct ledger_scene scene = { .now = clock_now, .boot_id = "one boot" };

static struct ledger *open_at_scene(struct ledger_opening *ret_how)
{
	struct ledger_options o = fixture_options();
	struct ledger *l = NULL;
	struct why why = { "" };

	o.scene = &scene;
	o.heartbeat_ns = 20 * JT_NS_PER_S;
	cr_assert(ledger_open(&o, &l, ret_how, &why) == 0, "%s", why.text);
	return l;
}

/* Ten seconds go by; the wall clock may be set meanwhile. */
static void tick_after(struct ledger *l, int64_t set_us)
{
	struct window w = { .begin_mono_ns = mono_ns, .begin_real_us = real_us };
	struct why why = { "" };
	struct made_up m;
	struct tick *t = (struct tick *)made_up_tick(&m, 0);

	mono_ns += 10 * JT_NS_PER_S;
	real_us += 10 * (int64_t)JT_US_PER_S + set_us;
	w.end_mono_ns = mono_ns;
	w.end_real_us = real_us;
	t->window = w;
	cr_assert(ledger_append(l, t, &why) == 0, "%s", why.text);
}

static void begin_clock(void)
{
	mono_ns = 5000 * JT_NS_PER_S;
	real_us = INT64_C(1750000000) * (int64_t)JT_US_PER_S;
}

/* The stamps of the last record. */
static void stamps(int64_t *ret_t, int64_t *ret_mono_us)
{
	char *line[128];
	size_t n = fixture_lines(line, 128);

	cr_assert(sscanf(strstr(line[n - 1], "\"t\":"), "\"t\":%" SCNd64, ret_t) == 1);
	cr_assert(sscanf(strstr(line[n - 1], "\"mono_us\":"), "\"mono_us\":%" SCNd64,
			 ret_mono_us) == 1);
}

/* Between two ticks, and within the window of one. */
Test(batch, an_hour_back_between_ticks)
{
	int64_t t, mono, t2, mono2;
	struct ledger *l;

	begin_clock();
	l = open_at_scene(NULL);
	tick_after(l, 0);
	stamps(&t, &mono);
	real_us -= HOUR_US;
	tick_after(l, 0);
	stamps(&t2, &mono2);
	cr_assert(t2 < t && mono2 > mono);
	tick_after(l, -HOUR_US);
	tick_after(l, 0);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_ticks == 4);
}

Test(batch, an_hour_back_across_a_restart)
{
	struct ledger_opening how;
	struct ledger *l;

	begin_clock();
	l = open_at_scene(NULL);
	tick_after(l, 0);
	cr_assert(ledger_close(l, NULL) == 0);
	real_us -= HOUR_US;
	mono_ns += JT_NS_PER_S;
	l = open_at_scene(NULL);
	tick_after(l, 0);
	cr_assert(ledger_close(l, NULL) == 0);
	real_us -= HOUR_US;
	mono_ns += JT_NS_PER_S;
	l = open_at_scene(&how);
	cr_assert(!how.new_incarnation && !how.recovered);
	tick_after(l, 0);
	cr_assert(ledger_close(l, NULL) == 0);
	cr_assert_verdict(VERIFY_SIGNED);
	cr_assert(fixture_verify().n_ticks == 3);
}

/* Hours back: epochs go on with it, and are sealed. */
Test(batch, back_by_more_than_an_epoch)
{
	struct verify_result r;
	struct ledger *l;

	begin_clock();
	l = open_at_scene(NULL);
	tick_after(l, 0);
	tick_after(l, -5 * HOUR_US);
	tick_after(l, 0);
	tick_after(l, 0);
	cr_assert(ledger_close(l, NULL) == 0);
	r = fixture_verify();
	cr_assert(r.verdict == VERIFY_SIGNED, "%s", r.reason);
	cr_assert(r.n_epochs == 2, "%lu", r.n_epochs);
}

/* The other clock never goes back within a boot: that is no machine's doing. */
Test(batch, monotonic_time_going_back_is_tampering)
{
	struct verify_result r;
	struct ledger *l;

	begin_clock();
	l = open_at_scene(NULL);
	tick_after(l, 0);
	cr_assert(ledger_close(l, NULL) == 0);
	mono_ns -= 3600 * JT_NS_PER_S;
	l = open_at_scene(NULL);
	tick_after(l, 0);
	cr_assert(ledger_close(l, NULL) == 0);
	r = fixture_verify();
	cr_assert(r.verdict == VERIFY_TAMPERED, "%s", verify_verdict_name(r.verdict));
	cr_assert(strstr(r.reason, "mono_us goes back within one boot"), "%s", r.reason);
}
