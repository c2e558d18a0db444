/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* attrib.c - is every domain's energy accounted for, and given to those who ran on it? */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>

#include "unit/machine.h"
#include "attrib/attrib.h"
#include "attrib/spread.h"
#include "quant/interval.h"

static struct machine m;
static struct attrib *a;
static const struct shares *s;

static void setup(void)
{
	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &(struct method)METHOD_DEFAULT, &a), 0);
}

static void teardown(void)
{
	attrib_free(a);
}

TestSuite(attrib, .init = setup, .fini = teardown);

Test(attrib, by_time_on_the_own_package)
{
	machine_init(&m, 2);
	machine_row(&m, 1, 0, 300);
	machine_row(&m, 2, 0, 100);
	machine_row(&m, 3, 1, 5);
	machine_domain(&m, 0, 50000, 10000);
	machine_domain(&m, 1, 7000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].energy_uj, 30000);
	cr_assert_eq(s->rows[1].energy_uj, 10000);
	cr_assert_eq(s->rows[2].energy_uj, 7000);
	cr_assert_eq(s->domain[0].idle_uj, 10000);
	cr_assert_eq(s->domain[0].attributed_uj, 40000);
	cr_assert_eq(s->host.energy_uj, 57000);
	cr_assert_eq(s->host.unattributed_uj, 0);
}

Test(attrib, a_domain_of_the_whole_machine_goes_by_all_time)
{
	machine_init(&m, 2);
	machine_row(&m, 1, 0, 100);
	machine_row(&m, 2, 1, 100);
	machine_domain(&m, -1, 1000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].energy_uj, 500);
	cr_assert_eq(s->rows[1].energy_uj, 500);
	cr_assert_eq(s->rows[0].quality, ENERGY_MEASURED);
}

Test(attrib, nobody_ran_is_unattributed)
{
	machine_init(&m, 1);
	machine_domain(&m, 0, 1000, 300);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->host.unattributed_uj, 700);
	cr_assert_eq(s->host.idle_uj, 300);
}

Test(attrib, static_power_above_the_reading_takes_all_of_it_and_no_more)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 100);
	machine_domain(&m, 0, 1000, 5000);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->host.idle_uj, 1000);
	cr_assert_eq(s->rows[0].energy_uj, 0);
}

Test(attrib, a_missing_reading_is_no_energy_and_says_so)
{
	machine_init(&m, 2);
	machine_row(&m, 1, 0, 100);
	machine_row(&m, 2, 1, 100);
	machine_domain(&m, 0, 1000, 0)->quality = ENERGY_MISSING;
	machine_domain(&m, 1, 2000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->host.energy_uj, 2000);
	cr_assert_eq(s->rows[0].energy_uj, 0);
	cr_assert_eq(s->rows[0].quality, ENERGY_MISSING);
	cr_assert_eq(s->rows[1].quality, ENERGY_MEASURED);
}

Test(attrib, no_meter_for_the_cpus_is_missing)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 100);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].quality, ENERGY_MISSING);

	machine_domain(&m, 0, 1000, 0);
	m.energy.domain[0].kind = ENERGY_DRAM;
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].quality, ENERGY_MISSING, "DRAM alone does not cover the CPUs");
}

static void add_gpu(uint64_t uj, uint64_t idle_uj)
{
	machine_domain(&m, -1, uj, idle_uj);
	m.energy.domain[m.energy.n_domains - 1].kind = ENERGY_GPU;
}

static void add_use(int domain, uint32_t tgid, uint32_t ppm)
{
	m.energy.use[m.energy.n_uses++] =
		(struct energy_use){ .domain = domain, .tgid = tgid, .ppm = ppm };
}

Test(attrib, a_gpu_goes_to_those_who_used_it)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 300);
	machine_row(&m, 2, 0, 100);
	machine_row(&m, 2, 0, 300);
	machine_domain(&m, 0, 700, 0);
	add_gpu(10000, 2000);
	add_use(1, 2, 500000);
	add_use(1, 9, 250000); /* has no row: nobody's */
	add_use(0, 1, 900000); /* of a package: not asked */
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_expect_eq(s->rows[0].energy_uj, 300);
	cr_expect_eq(s->rows[1].energy_uj, 100 + 1000);
	cr_expect_eq(s->rows[2].energy_uj, 300 + 3000);
	cr_expect_eq(s->domain[1].idle_uj, 2000);
	cr_expect_eq(s->domain[1].attributed_uj, 4000);
	cr_expect_eq(s->domain[1].unattributed_uj, 4000);
	cr_expect_eq(s->host.energy_uj, 10700);
}

Test(attrib, a_gpu_that_nobody_is_known_to_use_is_unattributed)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 300);
	machine_domain(&m, 0, 700, 0);
	add_gpu(10000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_expect_eq(s->domain[1].unattributed_uj, 10000);
	cr_expect_eq(s->rows[0].energy_uj, 700);
	cr_expect_eq(s->rows[0].quality, ENERGY_MEASURED);
}

Test(attrib, a_missing_gpu_is_missing_to_its_users_only)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 300);
	machine_row(&m, 2, 0, 0);
	machine_domain(&m, 0, 700, 0);
	add_gpu(0, 0);
	m.energy.reading[1].quality = ENERGY_MISSING;
	add_use(1, 2, 1000000);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_expect_eq(s->rows[0].quality, ENERGY_MEASURED);
	cr_expect_eq(s->rows[1].quality, ENERGY_MISSING);
	/* And where it is not: a process without CPU time can use a GPU. */
	m.energy.reading[1] = (struct energy_reading){ 500, 0, ENERGY_MEASURED, 0 };
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_expect_eq(s->rows[1].energy_uj, 500);
}

Test(attrib, nested_domains_are_not_counted)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 100);
	machine_domain(&m, 0, 1000, 0);
	machine_domain(&m, 0, 600, 0);
	m.energy.domain[1].kind = ENERGY_CORE;
	m.energy.domain[1].counted = false;
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->host.energy_uj, 1000);
	cr_assert_eq(s->domain[1].energy_uj, 0);
}

Test(attrib, alone_there_is_nothing_to_confuse_with)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 100);
	machine_domain(&m, 0, 1000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].attribution_sd_uj, 0);
}

Test(attrib, the_spread_knows_smt_and_the_kind)
{
	cr_assert(attrib_spread(ENERGY_PACKAGE, 1, JT_WEIGHT_TIME) <
		  attrib_spread(ENERGY_PACKAGE, 2, JT_WEIGHT_TIME));
	cr_assert_eq(attrib_spread(ENERGY_PACKAGE, 0, JT_WEIGHT_TIME),
		     attrib_spread(ENERGY_PACKAGE, 2, JT_WEIGHT_TIME));
	cr_assert(fabs(attrib_spread(ENERGY_PACKAGE, 1, JT_WEIGHT_TIME) - 0.0526) < 1e-4);
	cr_assert(fabs(attrib_spread(ENERGY_PACKAGE, 2, JT_WEIGHT_TIME) - 0.2569) < 1e-4);
	cr_assert_eq(attrib_spread(ENERGY_GPU, 1, JT_WEIGHT_TIME), 1);
	cr_assert(fabs(attrib_spread(ENERGY_PACKAGE, 2, JT_WEIGHT_SMT) - 0.0940) < 1e-4);
	cr_assert_eq(attrib_spread(ENERGY_PACKAGE, 2, JT_WEIGHT_CYCLES),
		     attrib_spread(ENERGY_PACKAGE, 2, JT_WEIGHT_TIME));
	cr_assert_eq(attrib_spread(ENERGY_PACKAGE, 1, JT_WEIGHT_SMT),
		     attrib_spread(ENERGY_PACKAGE, 1, JT_WEIGHT_TIME));
}

Test(attrib, a_random_error_is_shared_in_proportion)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 300);
	machine_row(&m, 2, 0, 100);
	machine_domain(&m, 0, 1000000, 0)->random_sd_uj = 4000;
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert(fabs(sqrt(s->rows[0].random_var_uj2) - 3000) < 1);
	cr_assert(fabs(sqrt(s->rows[1].random_var_uj2) - 1000) < 1);
	cr_assert_eq(s->host_random_var_uj2, 4000.0 * 4000);
}

Test(attrib, more_rows_or_packages_than_there_is_room_for_are_refused)
{
	const struct shares *before = s = NULL;
	struct attrib *small;

	machine_init(&m, 1);
	machine_row(&m, 1, 0, 100);
	machine_domain(&m, JT_MAX_PACKAGES, 1000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), -EINVAL);
	cr_assert_eq(attrib_new(0, &(struct method)METHOD_DEFAULT, &small), 0);
	cr_assert_eq(attrib_run(small, &m.usage, &m.energy, &s), -EOVERFLOW);
	cr_assert_eq(s, before, "touched on error");
	attrib_free(small);
	attrib_free(NULL);
}

/* Two tasks of the same time; one had the core alone, the other shared it all the time. */
Test(attrib, smt_counts_shared_time_less)
{
	struct usage_row *shared;

	machine_init(&m, 2);
	m.usage.weight = JT_WEIGHT_SMT;
	machine_row(&m, 1, 1, 1000000);
	shared = machine_row(&m, 2, 1, 1000000);
	shared->weight[1] = 1000000;
	machine_domain(&m, 1, 15500, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].energy_uj, 10000);
	cr_assert_eq(s->rows[1].energy_uj, 5500);
	/* More than was run: clamped. */
	shared->weight[1] = 5000000;
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[1].energy_uj, 5500);
}

Test(attrib, cycles_decide_where_they_are_known)
{
	machine_init(&m, 2);
	m.usage.weight = JT_WEIGHT_CYCLES;
	machine_row(&m, 1, 0, 1000000)->weight[0] = 3000;
	machine_row(&m, 2, 0, 1000000)->weight[0] = 1000;
	machine_row(&m, 3, 1, 1000000)->weight[1] = 1000;
	machine_domain(&m, 0, 4000, 0);
	machine_domain(&m, -1, 5000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].energy_uj, 3000 + 3000);
	cr_assert_eq(s->rows[1].energy_uj, 1000 + 1000);
	cr_assert_eq(s->rows[2].energy_uj, 1000);
}

/* One had the core alone, by time both are equal: what the other model gives, signed. */
Test(attrib, plain_time_is_the_other_model)
{
	machine_init(&m, 1);
	m.usage.weight = JT_WEIGHT_CYCLES;
	machine_row(&m, 1, 0, 1000)->weight[0] = 300;
	machine_row(&m, 2, 0, 1000)->weight[0] = 100;
	machine_domain(&m, 0, 4000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].model_uj[SHARES_BY_TIME], -1000);
	cr_assert_eq(s->rows[1].model_uj[SHARES_BY_TIME], 1000);
}

Test(attrib, who_ran_and_weighs_nothing_is_a_reason)
{
	machine_init(&m, 1);
	m.usage.weight = JT_WEIGHT_CYCLES;
	machine_row(&m, 1, 0, 1000);
	machine_domain(&m, 0, 4000, 1000);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->host.unattributed_by_uj[SHARES_NO_WEIGHT], 3000);
	cr_assert_eq(s->rows[0].energy_uj, 0);
	cr_assert_eq(s->rows[0].quality, ENERGY_MEASURED, "it is known: nothing");
}

Test(attrib, weights_that_overflow_are_halved_together)
{
	machine_init(&m, 2);
	m.usage.weight = JT_WEIGHT_CYCLES;
	machine_row(&m, 1, 0, 1000)->weight[0] = UINT64_MAX;
	machine_row(&m, 2, 0, 1000)->weight[0] = UINT64_MAX;
	m.row[1].weight[1] = UINT64_MAX;
	m.row[1].cpu_ns[1] = 1;
	machine_domain(&m, 0, 5000, 0);
	machine_domain(&m, -1, 3000, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].energy_uj, 2500 + 1500, "a sum of packages is cut to 64 bits");
	cr_assert_eq(s->rows[1].energy_uj, 2500 + 1500);
}

Test(attrib, a_window_without_energy_or_tasks_is_nothing)
{
	machine_init(&m, 1);
	machine_row(&m, 1, 0, 1000);
	machine_domain(&m, 0, 0, 0);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert(s->host.energy_uj == 0 && s->rows[0].energy_uj == 0);
	cr_assert_eq(s->rows[0].attribution_sd_uj, 0);
	machine_init(&m, 1);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert(s->host.energy_uj == 0 && s->n_rows == 0);
}

static struct attrib *attrib_by(struct method method)
{
	struct attrib *by = NULL;

	if (!method.corun_percent)
		method.corun_percent = METHOD_CORUN_PERCENT;
	cr_assert_eq(attrib_new(MACHINE_MAX_ROWS, &method, &by), 0);
	return by;
}

Test(attrib, proportional_gives_idle_to_those_who_ran)
{
	struct attrib *by = attrib_by((struct method){ .idle_policy = METHOD_PROPORTIONAL });

	machine_init(&m, 1);
	machine_row(&m, 1, 0, 300);
	machine_row(&m, 2, 0, 100);
	machine_domain(&m, 0, 4000, 1000);
	cr_assert_eq(attrib_run(by, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->rows[0].energy_uj, 3000);
	cr_assert_eq(s->host.idle_uj, 0);
	cr_assert_eq(s->host.static_uj, 1000);
	cr_assert_eq(s->rows[0].static_sd_uj, 0, "where static ends changes nothing");
	/* Nobody ran: idle is idle all the same. */
	m.usage.n_rows = 0;
	cr_assert_eq(attrib_run(by, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->host.idle_uj, 1000);
	cr_assert_eq(s->host.unattributed_uj, 3000);
	attrib_free(by);
}

Test(attrib, static_power_is_told_with_its_source)
{
	struct attrib *none = attrib_by((struct method){ .static_power = METHOD_NONE });

	machine_init(&m, 1);
	machine_row(&m, 1, 0, 300);
	machine_domain(&m, 0, 4000, 1000);
	cr_assert_eq(attrib_run(a, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->domain[0].static_from, SHARES_STATIC_CALIBRATION);
	cr_assert_float_eq(s->domain[0].static_sd_uj, 100 / QUANT_Z95, 1e-9);
	cr_assert_float_eq(s->rows[0].static_sd_uj, -100 / QUANT_Z95, 1e-9);
	cr_assert_float_eq(s->idle_static_sd_uj, 100 / QUANT_Z95, 1e-9);
	cr_assert_eq(attrib_run(none, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->domain[0].static_from, SHARES_STATIC_NONE);
	cr_assert_eq(s->rows[0].energy_uj, 4000);
	/* A model knows its own, and its error is in the model's factor. */
	m.energy.domain[0].quality = ENERGY_MODELLED;
	cr_assert_eq(attrib_run(none, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->domain[0].static_from, SHARES_STATIC_MODEL);
	cr_assert_eq(s->domain[0].static_sd_uj, 0);
	cr_assert_eq(s->rows[0].energy_uj, 3000);
	attrib_free(none);
}

/* Quiet windows teach what static is; the calibration's figure is not asked. */
Test(attrib, static_power_is_learnt)
{
	struct attrib *by = attrib_by((struct method){ .static_power = METHOD_LEARNT });

	for (uint64_t i = 0; i < 10; i++) {
		uint64_t ns = (10 - i) * 400000000; /* of 4 CPU seconds */

		machine_init(&m, 1);
		m.usage.window.begin_mono_ns = i * MACHINE_WINDOW_NS;
		m.usage.window.end_mono_ns = (i + 1) * MACHINE_WINDOW_NS;
		machine_row(&m, 1, 0, ns);
		machine_books(&m);
		m.usage.package[0] = m.usage.books;
		machine_domain(&m, 0, 20000000 + ns / 100, 0);
		cr_assert_eq(attrib_run(by, &m.usage, &m.energy, &s), 0);
	}
	cr_assert_eq(s->domain[0].static_from, SHARES_STATIC_LEARNT);
	cr_assert_eq((s->domain[0].static_uj + 5) / 10, 2000000);
	cr_assert_eq(s->rows[0].energy_uj, 24000000 - s->domain[0].static_uj);
	/* Another domain in its place has not been learnt. */
	snprintf(m.energy.domain[0].name, ENERGY_NAME_LEN, "another");
	cr_assert_eq(attrib_run(by, &m.usage, &m.energy, &s), 0);
	cr_assert_eq(s->domain[0].static_from, SHARES_STATIC_NONE);
	attrib_free(by);
}

Test(attrib, a_co_run_beyond_its_range_is_refused)
{
	struct attrib *by = NULL;

	cr_assert_eq(attrib_new(1, &(struct method){ .corun_percent = 49 }, &by), -EINVAL);
	cr_assert_eq(attrib_new(1, &(struct method){ .corun_percent = 101 }, &by), -EINVAL);
	cr_assert_null(by);
}
