/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figures.c - is what our metrics say read back, and is no energy lost between two moments? */
#include "expo/figures.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "base/cleanup.h"
#include "export/metrics.h"
#include "unit/export/ticks_plain.h"
#include "unit/random.h"

DEFINE_CLEANUP(struct metrics *, metrics_free)

static void read_text(struct figures *f, const char *text)
{
	buf_reset(&f->text);
	buf_puts(&f->text, text);
	cr_assert_eq(figures_read(f), 0);
}

Test(figures, of_a_tick)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = NULL;
	const struct metrics_state state = { .n_ledger_records = 1 };
	CLEANUP(figures_free) struct figures f = { .n = 0 };
	CLEANUP(buf_free) struct buf zone = { 0 };
	struct tick *t = ticks_plain();

	cr_assert_eq(metrics_new(100, "0", &m), 0);
	metrics_put(m, &f.text);
	cr_assert_eq(figures_read(&f), 0);
	cr_expect_eq(f.host.n_ticks, 0);
	cr_expect(isnan(f.host.energy_j[0]) && isnan(f.host.today_co2e_g[0]) && f.n == 0);
	buf_reset(&f.text);
	cr_assert_eq(metrics_add(m, t, &state), 0);
	metrics_put(m, &f.text);
	cr_assert_eq(figures_read(&f), 0);
	cr_expect_eq(f.host.n_ticks, 1);
	cr_expect_float_eq(f.host.energy_j[0], (double)t->host_energy.value / 1e6, 1e-9);
	cr_expect_float_eq(f.host.co2e_g[2], (double)t->host_co2e.high / 1e6, 1e-9);
	cr_expect_float_eq(f.host.today_co2e_g[1], (double)t->host_co2e.low / 1e6, 1e-9);
	cr_expect_eq(f.n, t->n_samples + 2, "the consumers, idle and unattributed");
	cr_expect(exposition_label_value(f.intensity_labels, "zone", &zone));
	cr_expect_str_eq(zone.data, t->intensity.zone);
	cr_expect_neq(figures_find(&f, (struct exposition_text){ "kind=\"idle\"", 11 }), NULL);
	cr_expect_eq(figures_find(&f, (struct exposition_text){ "kind=\"idles\"", 12 }), NULL);
	ticks_free(t);
}

Test(figures, of_a_tick_without_energy)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = NULL;
	const struct metrics_state state = { .n_ledger_records = 1 };
	CLEANUP(figures_free) struct figures f = { .n = 0 };
	CLEANUP(figures_between_free) struct figures_between b = { .n = 0 };
	struct tick *t = ticks_missing();

	cr_assert_eq(metrics_new(100, "0", &m), 0);
	cr_assert_eq(metrics_add(m, t, &state), 0);
	metrics_put(m, &f.text);
	cr_assert_eq(figures_read(&f), 0);
	cr_assert_eq(figures_between(NULL, &f, 10, &b), 0);
	cr_expect(isnan(b.energy_j[0]) && isnan(b.idle.amount[FIGURES_ENERGY_J]));
	cr_expect_gt(b.n, 0);
	cr_expect(isnan(b.row[0].amount[FIGURES_ENERGY_J]) && b.row[0].amount[FIGURES_CPU_S] > 0);
	ticks_free(t);
}

Test(figures, a_text_that_is_none)
{
	CLEANUP(figures_free) struct figures f = { .n = 0 };

	buf_puts(&f.text, "jouletrail_ticks_total x\n");
	cr_expect_eq(figures_read(&f), -EINVAL);
	/* And it can be read again after that. */
	read_text(&f, "jouletrail_ticks_total 3\nsomebody_elses 4\n");
	cr_expect_eq(f.host.n_ticks, 3);
}

#define ENERGY		    "jouletrail_energy_joules_total"
#define IDLE(v_)	    ENERGY "{kind=\"idle\"} " v_ "\n"
#define CONSUMER(name_, v_) ENERGY "{kind=\"consumer\",consumer=\"" name_ "\"} " v_ "\n"

Test(figures, rows_by_energy_and_what_has_none)
{
	CLEANUP(figures_free) struct figures base = { .n = 0 };
	CLEANUP(figures_free) struct figures now = { .n = 0 };
	CLEANUP(figures_between_free) struct figures_between b = { .n = 0 };

	read_text(&base, "jouletrail_accounted_seconds_total 10\n" CONSUMER("a", "1.5") IDLE("7"));
	read_text(&now, "jouletrail_accounted_seconds_total 20\n"
			"jouletrail_host_energy_joules_total 30\n" CONSUMER("a", "1.5")
				CONSUMER("b", "2") CONSUMER("c", "4") IDLE("8"));
	cr_assert_eq(figures_between(&base, &now, 1, &b), 0);
	cr_expect_eq(b.seconds, 10);
	cr_expect_eq(b.n, 1);
	cr_expect(exposition_is(b.row[0].labels, "kind=\"consumer\",consumer=\"c\""));
	cr_expect_eq(b.row[0].amount[FIGURES_ENERGY_J], 4);
	cr_expect(isnan(b.row[0].amount[FIGURES_CO2E_G]));
	cr_expect_eq(b.others.amount[FIGURES_ENERGY_J], 2, "a did nothing, b has no room");
	cr_expect_eq(b.idle.amount[FIGURES_ENERGY_J], 1);
	cr_expect(isnan(b.unattributed.amount[FIGURES_ENERGY_J]), "never 0");
	cr_assert_eq(figures_between(NULL, &now, 10, &b), 0);
	cr_expect_eq(b.n, 3);
	cr_expect_eq(b.energy_j[0], 30);
	cr_expect(isnan(b.energy_j[1]));
}

/* ---- whatever comes and goes ---- */

#define N_NAMES 40

static struct tick *random_tick(struct random_source *r, struct sample *list, char names[][16],
				uint64_t *now_ns)
{
	struct tick *t = calloc(1, sizeof(*t));

	t->by = RECORD_CGROUP;
	t->quality = ENERGY_MEASURED;
	for (size_t i = 0; i < N_NAMES; i++) {
		struct sample *s = &list[t->n_samples];

		if (random_below(r, 4))
			continue;
		*s = (struct sample){ .kind = RECORD_CGROUP,
				      .name = names[i],
				      .cpu_ns = random_below(r, 1000000) };
		ticks_sample(s, random_below(r, 5000000), random_below(r, 1000), 5);
		t->host.energy_uj += s->energy_uj;
		t->host_co2e.value += s->co2e_ug;
		t->n_samples++;
	}
	t->idle_energy.value = random_below(r, 1000000);
	t->host.unattributed_uj = random_below(r, 1000);
	t->host.energy_uj += t->idle_energy.value + t->host.unattributed_uj;
	t->host_energy.value = t->host.energy_uj;
	t->sample = list;
	t->window.begin_mono_ns = *now_ns;
	*now_ns += random_below(r, 30) ? 10 * JT_NS_PER_S : 4000 * JT_NS_PER_S;
	t->window.end_mono_ns = *now_ns;
	return t;
}

static double sum(const struct figures_between *b, enum figures_amount what)
{
	const struct figures_use *const rest[] = { &b->others, &b->idle, &b->unattributed };
	double all = 0;

	for (size_t i = 0; i < b->n; i++)
		all += b->row[i].amount[what];
	for (size_t i = 0; i < 3; i++)
		all += isnan(rest[i]->amount[what]) ? 0 : rest[i]->amount[what];
	return all;
}

/* Ticks are missed, consumers come, go, are evicted, come back: sums over all stay the host's. */
Test(figures, no_energy_is_lost_between_deliveries)
{
	CLEANUP(metrics_free_ptr) struct metrics *m = NULL;
	struct figures f[2] = { { .n = 0 }, { .n = 0 } };
	const struct metrics_state state = { .n_ledger_records = 1 };
	CLEANUP(figures_between_free) struct figures_between b = { .n = 0 };
	struct random_source r = { .seed = 5 };
	struct sample list[N_NAMES];
	char names[N_NAMES][16];
	uint64_t now_ns = JT_NS_PER_S, n_delivered = 0;
	double energy_j = 0, co2e_g = 0;

	for (size_t i = 0; i < N_NAMES; i++)
		snprintf(names[i], sizeof(names[i]), "/c%zu", i);
	cr_assert_eq(metrics_new(12, "0", &m), 0);
	for (int k = 0; k < (getenv("LONG") ? 5000 : 400); k++) {
		struct tick *t = random_tick(&r, list, names, &now_ns);
		struct figures *now = &f[n_delivered % 2], *base = &f[(n_delivered + 1) % 2];

		cr_assert_eq(metrics_add(m, t, &state), 0);
		free(t);
		if (random_below(&r, 3))
			continue;
		buf_reset(&now->text);
		metrics_put(m, &now->text);
		cr_assert_eq(figures_read(now), 0);
		cr_assert_eq(figures_between(n_delivered ? base : NULL, now, 5, &b), 0);
		n_delivered++;
		energy_j += sum(&b, FIGURES_ENERGY_J);
		co2e_g += sum(&b, FIGURES_CO2E_G);
		cr_assert_float_eq(energy_j, now->host.energy_j[0], 1e-6, "delivery %d", k);
		cr_assert_float_eq(co2e_g, now->host.co2e_g[0], 1e-6);
		cr_assert_float_eq(sum(&b, FIGURES_ENERGY_J), b.energy_j[0], 1e-6);
	}
	cr_expect_gt(f[0].host.evicted[FIGURES_ENERGY_J], 0, "some were evicted");
	figures_free(&f[0]);
	figures_free(&f[1]);
}
