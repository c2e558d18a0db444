/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* carbon.c - what one tick says of a known machine: identity, intervals, budget, quality. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <string.h>

#include "unit/machine.h"
#include "attrib/attrib.h"
#include "carbon/carbon.h"

static struct machine m;
static struct attrib *a;
static struct carbon *c;
static struct intensity france;

static void open_by(enum record_kind by)
{
	const struct carbon_options o = { .by = by, .keep_total = true };

	carbon_free(c);
	cr_assert_eq(carbon_new(&o, &c), 0);
}

static void setup(void)
{
	france = machine_france();
	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &(struct method)METHOD_DEFAULT, &a), 0);
	open_by(RECORD_PROCESS);
	machine_init(&m, 1);
}

static void teardown(void)
{
	attrib_free(a);
	carbon_free(c);
}

TestSuite(carbon, .init = setup, .fini = teardown);

static void add_window(void)
{
	const struct shares *s;

	machine_books(&m);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, s, &france), 0);
}

static struct tick *close_tick(void)
{
	struct tick *t;

	cr_assert_eq(carbon_close(c, &t), 0);
	return t;
}

static const struct record_budget *source(const struct tick *t, const char *name)
{
	for (size_t i = 0; i < t->n_budget; i++)
		if (strcmp(t->budget[i].source, name) == 0)
			return &t->budget[i];
	return NULL;
}

Test(carbon, one_window_of_france)
{
	struct tick *t;

	/* 3.6 MJ x 44.2 g/kWh = 44.2 g, a quarter of it idle. */
	machine_row(&m, 1, 0, 2000000000);
	machine_row(&m, 2, 0, 1000000000);
	machine_domain(&m, 0, 3600000000000, 900000000000)->random_sd_uj = 1e9;
	add_window();
	t = close_tick();

	cr_assert_eq(t->host_co2e.value, 44200000);
	cr_assert_eq(t->idle_co2e_ug, 11050000);
	cr_assert_eq(t->sample[0].co2e_ug, 22100000);
	cr_assert_eq(t->sample[1].co2e_ug, 11050000);
	cr_assert_eq(t->sample[0].tgid, 1);
	cr_assert_str_eq(t->sample[0].comm, "task-1");
	cr_assert_eq(t->quality, ENERGY_MEASURED);
	cr_assert_eq(t->sample[0].quality, ENERGY_MEASURED);
	cr_assert_not(t->conservation.breached);
	cr_assert_eq(t->method.idle_policy, METHOD_SEPARATE);
	cr_assert_eq(t->window.end_mono_ns, MACHINE_WINDOW_NS);

	/* Host: gain 2 % down, counter 1e9/3.6e12. No attribution. */
	cr_assert(fabs((double)t->host_energy.low / (3.6e12 * exp(-QUANT_Z95 * 0.02)) - 1) < 1e-5);
	cr_assert(fabs((double)t->host_energy.high / (3.6e12 * exp(QUANT_Z95 * 0.03)) - 1) < 1e-5);
	cr_assert_null(source(t, "attribution"));
	cr_assert_eq(source(t, "rapl_gain")->sd_ppm, 25000);
	cr_assert_eq(source(t, "counter")->sd_ppm, 278);
	cr_assert_str_eq(source(t, "counter")->kind, "random");
	cr_assert_eq(source(t, "annual_mean")->sd_ppm, 330745);
	cr_assert_str_eq(source(t, "annual_mean")->kind, "temporal");
	cr_assert_str_eq(source(t, "intensity")->kind, "systematic");
	cr_assert_eq(t->n_budget, 4);
	/* A consumer's carries the split as well. */
	cr_assert(t->sample[0].energy.high * 4 > t->host_energy.high * 2);
	cr_assert(t->sample[0].attribution_sd_uj > 0);
	cr_assert_eq(t->idle_energy.value, 900000000000);
	cr_assert(t->idle_co2e.low < t->idle_co2e.value && t->idle_co2e.value < t->idle_co2e.high);
}

Test(carbon, the_same_process_through_cgroups_and_windows_is_one)
{
	machine_row(&m, 1, 0, 100)->cgroup_id = 10;
	machine_row(&m, 1, 0, 100)->cgroup_id = 11;
	machine_row(&m, 1, 0, 100)->start_boottime_ns = 5; /* a later one with the same number */
	machine_domain(&m, 0, 3000, 0);
	add_window();
	add_window();
	struct tick *t = close_tick();

	cr_assert_eq(t->n_samples, 2);
	cr_assert_eq(t->sample[0].energy_uj, 4000);
	cr_assert_eq(t->sample[0].cpu_ns, 400);
	cr_assert_eq(t->sample[0].cgroup_id, 11);
	cr_assert_eq(t->n_windows, 2);
	cr_assert_eq(t->books.wall_ns, 8 * MACHINE_WINDOW_NS);
}

Test(carbon, by_cgroup_v1_and_v2_are_apart)
{
	open_by(RECORD_CGROUP);
	machine_row(&m, 1, 0, 100)->cgroup_id = 10;
	machine_row(&m, 2, 0, 100)->cgroup_id = 10;
	machine_row(&m, 3, 0, 100)->cgroup_id = 10;
	m.row[2].flags = JT_CELL_V1_CGRP;
	machine_domain(&m, 0, 3000, 0);
	add_window();
	struct tick *t = close_tick();

	cr_assert_eq(t->n_samples, 2);
	cr_assert_eq(t->sample[0].energy_uj, 2000);
	cr_assert_eq(t->sample[0].kind, RECORD_CGROUP);
	cr_assert_eq(t->sample[0].tgid, 0);
	cr_assert_eq(t->sample[0].cgroup_id, 10);
	cr_assert_eq(t->sample[1].flags, JT_CELL_V1_CGRP);
}

/* The root's cgroup has kernel threads, and where nobody sorts them, everybody else. */
Test(carbon, a_cgroup_is_the_kernels_where_all_of_it_is)
{
	struct tick *t;

	open_by(RECORD_CGROUP);
	for (uint32_t i = 0; i < 4; i++) {
		struct usage_row *row = machine_row(&m, i + 1, 0, 100);

		row->cgroup_id = 10 + i / 2;
		row->flags = i == 1 ? 0 : JT_CELL_KTHREAD;
	}
	machine_domain(&m, 0, 3000, 0);
	add_window();
	t = close_tick();
	cr_assert_eq(t->n_samples, 2);
	for (size_t i = 0; i < 2; i++)
		cr_assert_eq(t->sample[i].flags,
			     t->sample[i].cgroup_id == 10 ? 0 : JT_CELL_KTHREAD);
	/* And over windows, whatever comes first. */
	m.row[1].flags = JT_CELL_KTHREAD;
	m.row[3].flags = 0;
	add_window();
	close_tick();
	cr_assert_eq(carbon_total(c, &t), 0);
	cr_assert_eq(t->n_samples, 2);
	cr_assert(t->sample[0].flags == 0 && t->sample[1].flags == 0);
}

/* A parent's own time is told apart from its children's, and all of it adds up. */
Test(carbon, branches_of_nested_cgroups)
{
	static const char *const path[] = { "/a", "/a/x", "/a/x/y", "/b" };

	open_by(RECORD_CGROUP);
	for (uint32_t i = 0; i < 4; i++)
		machine_row(&m, i + 1, 0, 100 * (i + 1))->cgroup_id = 10 + i;
	machine_domain(&m, 0, 3000, 0);
	add_window();
	struct tick *t = close_tick();

	for (size_t i = 0; i < t->n_samples; i++)
		t->sample[i].cgroup = path[t->sample[i].cgroup_id - 10];
	cr_assert_eq(carbon_branches(c, t), 0);
	cr_assert_eq(t->n_branches, 3);
	cr_assert(t->branch[0].len == 1 && t->branch[0].n_cgroups == 4);
	cr_assert_eq(t->branch[0].energy.value, 3000);
	cr_assert_eq(t->branch[0].own_energy_uj, 0);
	cr_assert_eq(strncmp(t->branch[1].path, "/a", t->branch[1].len), 0);
	cr_assert(t->branch[1].cpu_ns == 600 && t->branch[1].own_cpu_ns == 100);
	cr_assert(t->branch[1].energy.value == 1800 && t->branch[1].own_energy_uj == 300);
	cr_assert(t->branch[1].energy.low <= 1800 && t->branch[1].energy.high >= 1800);
	cr_assert(t->branch[2].cpu_ns == 500 && t->branch[2].own_cpu_ns == 200);
}

/* Groups are told apart by their numbers alone, threads by their ids. */
Test(carbon, by_group_and_by_thread)
{
	for (int by_thread = 0; by_thread <= 1; by_thread++) {
		struct tick *t;

		open_by(by_thread ? RECORD_THREAD : RECORD_CONTAINER);
		machine_init(&m, 1);
		for (uint32_t i = 0; i < 4; i++) {
			struct usage_row *row = machine_row(&m, 7, 0, 100);

			row->pid = 7 + i;
			row->cgroup_id = i;
			row->group = 1 + i % 2;
		}
		machine_domain(&m, 0, 400, 0);
		add_window();
		t = close_tick();
		cr_assert_eq(t->n_samples, by_thread ? 4 : 2);
		cr_assert_eq(t->sample[0].tgid, by_thread ? 7 : 0);
		cr_assert_eq(t->sample[0].pid != 0, by_thread);
		cr_assert_eq(t->sample[0].group != 0, !by_thread);
		cr_assert_eq(t->sample[0].energy_uj, by_thread ? 100 : 200);
	}
}

Test(carbon, overflow_rows_group_by_their_cgroup)
{
	machine_row(&m, 0, 0, 100)->cgroup_id = 10;
	machine_row(&m, 0, 0, 100)->cgroup_id = 10;
	machine_row(&m, 0, 0, 100)->cgroup_id = 11;
	for (size_t i = 0; i < 3; i++)
		m.row[i].flags = JT_CELL_OVERFLOW;
	machine_domain(&m, 0, 3000, 0);
	add_window();
	struct tick *t = close_tick();

	cr_assert_eq(t->n_samples, 2);
	cr_assert_eq(t->sample[0].cgroup_id, 10);
	cr_assert_eq(t->sample[0].cpu_ns, 200);
	cr_assert_eq(t->sample[0].flags, JT_CELL_OVERFLOW);
}

Test(carbon, the_name_is_the_leaders_and_the_one_after_exec)
{
	struct usage_row *after = machine_row(&m, 1, 0, 100);
	struct usage_row *before = machine_row(&m, 1, 0, 100);
	struct usage_row *thread = machine_row(&m, 1, 0, 100);

	snprintf(after->comm, JT_COMM_LEN, "true");
	snprintf(before->comm, JT_COMM_LEN, "sh");
	before->ended = true;
	snprintf(thread->comm, JT_COMM_LEN, "worker");
	thread->pid = 50;
	add_window();
	cr_assert_str_eq(close_tick()->sample[0].comm, "true");

	/* A tick in which only the thread ran does not rename the total. */
	machine_init(&m, 1);
	thread = machine_row(&m, 1, 0, 100);
	thread->pid = 50;
	snprintf(thread->comm, JT_COMM_LEN, "worker");
	add_window();
	cr_assert_str_eq(close_tick()->sample[0].comm, "worker");
	struct tick *total;

	cr_assert_eq(carbon_total(c, &total), 0);
	cr_assert_str_eq(total->sample[0].comm, "true");
}

Test(carbon, no_meter_is_missing_and_never_zero_for_sure)
{
	machine_row(&m, 1, 0, 100);
	add_window();
	struct tick *t = close_tick();
	struct sample sum;

	cr_assert_eq(t->quality, ENERGY_MISSING);
	cr_assert_eq(t->n_samples, 1);
	cr_assert_eq(t->sample[0].quality, ENERGY_MISSING);
	carbon_sum(t, 0, &sum, NULL);
	cr_assert_eq(sum.quality, ENERGY_MISSING);
	carbon_sum(t, JT_CELL_LINEAGE, &sum, NULL);
	cr_assert_eq(sum.quality, ENERGY_MISSING, "of nobody, on a machine without a meter");
}

Test(carbon, less_than_a_microjoule_is_not_nothing)
{
	machine_row(&m, 2, 0, 1);
	machine_row(&m, 1, 0, 1000000000);
	machine_domain(&m, 0, 1000, 0);
	add_window();
	struct tick *t = close_tick();

	cr_assert_eq(t->sample[1].energy_uj, 0);
	cr_assert(t->sample[1].energy.high >= 1);
	cr_assert(t->sample[1].co2e.high >= 1);
	cr_assert_eq(t->sample[1].co2e.low, 0);
}

Test(carbon, those_who_did_nothing_are_left_out)
{
	machine_row(&m, 1, 0, 0);
	machine_row(&m, 2, 0, 5);
	add_window();
	cr_assert_eq(close_tick()->n_samples, 1);
}

Test(carbon, books_that_do_not_add_up_are_a_breach)
{
	const struct shares *s;

	machine_row(&m, 1, 0, 1000000000);
	machine_books(&m);
	m.usage.books.idle_ns -= 8000000; /* 0.2 % of 4 s */
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, s, &france), 0);
	machine_books(&m);
	m.usage.books.task_ns -= 20000000; /* booked 0.5 % less than the cells have … */
	m.usage.books.idle_ns += 20000000; /* … though the books themselves close */
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, s, &france), 0);
	machine_books(&m);
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, s, &france), 0);

	struct tick *t = close_tick();

	cr_assert_eq(t->conservation.time_ppm, 2000);
	cr_assert_eq(t->conservation.cells_ppm, 5000);
	cr_assert_eq(t->conservation.n_breaches, 2);
	cr_assert(t->conservation.breached);
	cr_assert_eq(t->conservation.energy_uj, 0);
}

Test(carbon, a_gap_that_goes_on_is_one_gap)
{
	machine_domain(&m, 0, 0, 0)->quality = ENERGY_MISSING;
	for (int i = 0; i < 100; i++) {
		m.energy.n_gaps = 1;
		m.energy.gap[0] = (struct energy_gap){ 0, "unreadable", i * 10, i * 10 + 10 };
		add_window();
	}
	struct tick *t = close_tick();

	cr_assert_eq(t->n_gaps, 1);
	cr_assert_eq(t->gap[0].from_us, 0);
	cr_assert_eq(t->gap[0].to_us, 1000);
	cr_assert_eq(t->domain_quality[0], ENERGY_MISSING);

	for (int i = 0; i < 100; i++) {
		m.energy.gap[0] = (struct energy_gap){ 0, "reset", i * 20, i * 20 + 10 };
		add_window();
	}
	t = close_tick();
	cr_assert_eq(t->n_gaps, ENERGY_MAX_GAPS);
	cr_assert_eq(t->n_gaps_dropped, 100 - ENERGY_MAX_GAPS);
}

Test(carbon, what_does_not_belong_together_is_refused_whole)
{
	const struct shares *s;
	struct shares other;
	struct tick *t = NULL;

	machine_row(&m, 1, 0, 1000);
	machine_domain(&m, 0, 1000, 0);
	machine_books(&m);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	france.low_mg_per_kwh = france.high_mg_per_kwh + 1;
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, s, &france), -EINVAL);
	france.low_mg_per_kwh = 0;
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, s, &france), -EINVAL);
	france = machine_france();
	other = *s;
	other.n_rows = 0;
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, &other, &france), -EINVAL);
	other = *s;
	other.host.energy_uj = UINT64_MAX;
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, s, &france), 0);
	cr_assert_eq(carbon_run(c, &m.usage, &m.energy, &other, &france), -EOVERFLOW);
	t = close_tick();
	cr_assert_eq(t->n_windows, 1);
	cr_assert_eq(t->host.energy_uj, 1000);
	cr_assert_eq(carbon_close(c, &t), -ENODATA);
}

Test(carbon, a_carbon_free_grid_is_zero_for_sure)
{
	machine_row(&m, 1, 0, 1000);
	machine_domain(&m, 0, 1000000, 0);
	france.mg_per_kwh = france.low_mg_per_kwh = france.high_mg_per_kwh = 0;
	add_window();
	struct tick *t = close_tick();

	cr_assert_eq(t->host_co2e.high, 0);
	cr_assert(t->sample[0].energy.high > t->sample[0].energy.value);
}

Test(carbon, a_total_needs_to_be_asked_for)
{
	const struct carbon_options o = { .by = RECORD_PROCESS };
	struct tick *t;

	cr_assert_eq(carbon_total(c, &t), -ENODATA);
	carbon_free(c);
	cr_assert_eq(carbon_new(&o, &c), 0);
	cr_assert_eq(carbon_total(c, &t), -EINVAL);
	carbon_free(NULL);
}

/* A command of many processes is one consumer against the rest. */
Test(carbon, a_sum_is_as_uncertain_as_one_consumer_of_that_size)
{
	struct sample many;
	struct sample one;
	struct record_budget budget[RECORD_MAX_BUDGET];
	size_t n;

	for (uint32_t tgid = 1; tgid <= 10; tgid++)
		machine_row(&m, tgid, 0, 100)->flags = tgid <= 6 ? JT_CELL_LINEAGE : 0;
	machine_domain(&m, 0, 1000000000, 0)->random_sd_uj = 1e6;
	add_window();
	carbon_sum(close_tick(), JT_CELL_LINEAGE, &many, &n);
	cr_assert_eq(n, 6);

	machine_init(&m, 1);
	machine_row(&m, 1, 0, 600)->flags = JT_CELL_LINEAGE;
	machine_row(&m, 2, 0, 400);
	machine_domain(&m, 0, 1000000000, 0)->random_sd_uj = 1e6;
	add_window();
	struct tick *t = close_tick();

	carbon_sum(t, JT_CELL_LINEAGE, &one, &n);
	cr_assert_eq(n, 1);
	cr_assert_eq(many.energy_uj, one.energy_uj);
	cr_assert(fabs(many.attribution_sd_uj / one.attribution_sd_uj - 1) < 1e-9);
	cr_assert(fabs((double)many.co2e.high / (double)one.co2e.high - 1) < 1e-4);
	/* One figure is computed, those of a tick are interpolated: quant/spread.h. */
	cr_assert(fabs((double)one.energy.high / (double)t->sample[0].energy.high - 1) < 2e-4);
	n = carbon_budget(t, &one, budget);
	cr_assert_eq(n, 5);
	for (size_t i = 1; i < n; i++)
		cr_assert(budget[i].sd_ppm <= budget[i - 1].sd_ppm, "not by size");
	for (size_t i = 0; i < n; i++)
		/* s of a machine without SMT, times what is not the command's. */
		if (strcmp(budget[i].source, "attribution") == 0)
			cr_assert(budget[i].sd_ppm == 21056 && budget[i].of_energy);

	/* Everybody together is the host less idle: nothing is left to confuse them with. */
	carbon_sum(t, 0, &one, &n);
	cr_assert(one.attribution_sd_uj < 1e-6 * (double)one.energy_uj);
}
