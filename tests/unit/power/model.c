/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* model.c - names find their row, loads give power, and the interval covers measured machines. */
#include "power/model.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <criterion/criterion.h>

#include "power/cpus.h"
#include "power/power.h"

#define FIXTURES "tests/fixtures/sys/"
#define SECOND	 UINT64_C(1000000000)
#define W	 UINT64_C(1000000)

Test(model, names_as_the_kernel_gives_them)
{
	static const struct {
		const char *name;
		const char *key;
	} cases[] = {
		{ "Intel(R) Xeon(R) CPU E5-2620 v3 @ 2.40GHz", "intel xeon e5-2620 v3" },
		{ "Intel(R) Core(TM) i7-8550U CPU @ 1.80GHz", "intel core i7-8550u" },
		{ "AMD EPYC 7742 64-Core Processor", "amd epyc 7742" },
		{ "AMD Ryzen 7 5800U with Radeon Graphics", "amd ryzen 7 5800u" },
		{ "AMD Ryzen Threadripper 1950X 16-Core Processor",
		  "amd ryzen threadripper 1950x" },
		{ "Intel(R) Xeon(R) CPU           X5650  @ 2.67GHz", "intel xeon x5650" },
		{ "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", "intel xeon platinum 8259cl" },
	};
	char key[CPU_NAME_LEN];

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		cpuinfo_normalise_name(cases[i].name, key, sizeof(key));
		cr_expect_str_eq(key, cases[i].key);
		cr_expect_not_null(cpus_find_model(cases[i].name), "%s", cases[i].name);
	}
	cpuinfo_normalise_name("12th Gen Intel(R) Core(TM) i7-1260P", key, sizeof(key));
	cr_expect_str_eq(key, "intel core i7-1260p");
	cpuinfo_normalise_name("AMD EPYC", key, 6);
	cr_expect_str_eq(key, "amd e");
	cr_expect_null(cpus_find_model("AMD EPYC"));
	cr_expect_null(cpus_find_model(""));
}

Test(model, table_is_whole)
{
	size_t n, n_models = 0;
	const struct cpu_row *t = cpus_table(&n);
	char key[CPU_NAME_LEN];

	for (size_t i = 0; i < n; i++) {
		const struct cpu_row *r = &t[i];

		if (r->kind == CPU_MODEL) {
			n_models++;
			/* The generator and this program agree on the rules. */
			cpuinfo_normalise_name(r->key, key, sizeof(key));
			cr_expect_str_eq(key, r->key);
			cr_expect(r->max_mw || r->tdp_mw, "%s", r->key);
		}
		if (r->kind != CPU_MODEL || r->max_mw) {
			cr_expect_gt(r->idle_low_mw, 0, "%s", r->key);
			cr_expect_leq(r->idle_low_mw, r->idle_mw, "%s", r->key);
			cr_expect_leq(r->idle_mw, r->idle_high_mw, "%s", r->key);
			cr_expect_leq(r->max_low_mw, r->max_mw, "%s", r->key);
			cr_expect_leq(r->max_mw, r->max_high_mw, "%s", r->key);
			cr_expect_lt(r->idle_mw, r->max_mw, "%s", r->key);
		}
	}
	cr_expect_gt(n_models, 3000);
	cr_expect_eq(cpus_generic()->kind, CPU_GENERIC);
}

Test(model, power_rises_from_idle_to_max)
{
	uint64_t last = 0;

	for (uint64_t ppm = 0; ppm <= 1000000; ppm += 1000) {
		uint64_t uw = model_power_uw(50 * W, 250 * W, ppm);

		cr_expect_geq(uw, last);
		last = uw;
	}
	cr_expect_eq(model_power_uw(50 * W, 250 * W, 0), 50 * W);
	cr_expect_eq(model_power_uw(50 * W, 250 * W, 500000), 50 * W + 200 * 533000);
	cr_expect_eq(model_power_uw(50 * W, 250 * W, 1000000), 250 * W);
	cr_expect_eq(model_power_uw(50 * W, 250 * W, 3000000), 250 * W);
}

static struct model_cpu find(const char *fixture, unsigned int *ret_cpus)
{
	char root[128];
	struct cpuinfo ci;
	struct model_cpu m;

	snprintf(root, sizeof(root), FIXTURES "%s", fixture);
	cr_assert_eq(cpuinfo_read(root, &ci), 0);
	*ret_cpus = ci.cpus_in[0];
	model_find_cpu(&ci, ci.cpus_in[0], &m);
	return m;
}

static double low_factor(const struct model_cpu *m)
{
	return exp(QUANT_Z95 * m->sides.minus);
}

static double high_factor(const struct model_cpu *m)
{
	return exp(QUANT_Z95 * m->sides.plus);
}

Test(model, which_row_and_what_is_said_of_it)
{
	unsigned int n;
	/* Bare metal: the whole package, however many CPUs are online. */
	struct model_cpu m = find("amd", &n);

	cr_expect_eq(n, 4);
	cr_expect_eq(m.idle_uw, UINT64_C(408000) * 128);
	cr_expect_eq(m.max_uw, UINT64_C(1666000) * 128);
	cr_expect_not_null(strstr(m.source, "whole server at the wall"), "%s", m.source);
	cr_expect(m.whole_server);

	m = find("laptop", &n);
	cr_expect_eq(m.max_uw, 11235000);
	cr_expect_not_null(strstr(m.source, "CPU package only"), "%s", m.source);
	cr_expect_not(m.whole_server);

	/* "AMD EPYC" and no number, in a guest of 2 CPUs: by CPUID, twice a thread, wide. */
	m = find("guest", &n);
	cr_expect_eq(m.idle_uw, 438000);
	cr_expect_eq(m.max_uw, 2356000);
	cr_expect_not_null(strstr(m.source, "Turin) by CPUID"), "%s", m.source);
	cr_expect_gt(low_factor(&m), 2.0);
	cr_expect_gt(high_factor(&m), 2.0);
	cr_expect_lt(high_factor(&m), 10.0);

	m = find("guest-unknown", &n);
	cr_expect_not_null(strstr(m.source, "generic server CPU"), "%s", m.source);
	cr_expect_eq(m.max_uw, UINT64_C(3238000) * 4);
	m = find("arm", &n);
	cr_expect_eq(n, 4);
	cr_expect_not_null(strstr(m.source, "generic"), "%s", m.source);
}

Test(model, a_guest_gets_its_share)
{
	struct cpuinfo ci = { .vendor = "GenuineIntel",
			      .name = "Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz",
			      .guest = true };
	struct model_cpu whole, part;

	ci.guest = false;
	model_find_cpu(&ci, 4, &whole);
	ci.guest = true;
	model_find_cpu(&ci, 4, &part);
	cr_expect_eq(part.max_uw, whole.max_uw * 4 / 48);
	cr_expect_gt(part.sides.plus, whole.sides.plus);
	model_find_cpu(&ci, 96, &part);
	cr_expect_eq(part.max_uw, whole.max_uw);
}

Test(model, cpuinfo_that_is_not_there)
{
	struct cpuinfo ci;

	cr_expect_eq(cpuinfo_read(FIXTURES, &ci), -ENOENT);
	cr_expect_eq(cpuinfo_read("/dev/null", &ci), -ENOTDIR);
}

static void load_package(struct usage *u, unsigned int package, uint64_t busy_ppm)
{
	struct usage_books *b = &u->package[package];

	b->wall_ns = 2 * window_length_ns(&u->window);
	b->task_ns = b->wall_ns / 1000000 * busy_ppm;
	if (u->n_packages <= package)
		u->n_packages = package + 1;
}

static struct power *open_model(const char *fixture)
{
	char root[128];
	struct power_options o = { .meter = "model", .root = root };
	struct power *p = NULL;
	struct why why = { "" };

	snprintf(root, sizeof(root), FIXTURES "%s", fixture);
	cr_assert_eq(power_new(&o, &p, &why), 0, "%s", why.text);
	return p;
}

Test(model, windows_of_a_guest)
{
	struct power *p = open_model("guest");
	struct usage u = { .window = { .end_mono_ns = 10 * SECOND, .end_real_us = 10000000 } };
	static struct energy e;

	load_package(&u, 0, 1000000);
	cr_assert_eq(power_read(p, &u, &e), 0);
	cr_expect_eq(e.n_domains, 1);
	cr_expect_str_eq(e.domain[0].name, "package-0");
	cr_expect_str_eq(e.domain[0].factor, "cpu_model");
	cr_expect_eq(e.reading[0].energy_uj, 23560000);
	cr_expect_eq(e.reading[0].idle_uj, 4380000);
	cr_expect_eq(energy_total_quality(&e), ENERGY_MODELLED);
	load_package(&u, 0, 0);
	cr_assert_eq(power_read(p, &u, &e), 0);
	cr_expect_eq(e.reading[0].energy_uj, e.reading[0].idle_uj);
	/* No books of the package: no load, no figure. */
	u.n_packages = 0;
	cr_assert_eq(power_read(p, &u, &e), 0);
	cr_expect_eq(e.reading[0].quality, ENERGY_MISSING);
	cr_expect_str_eq(e.gap[0].reason, "no-usage");
	u.window.end_mono_ns = 0;
	load_package(&u, 0, 0);
	cr_assert_eq(power_read(p, &u, &e), 0);
	cr_expect_eq(e.reading[0].energy_uj, 0);
	cr_expect_eq(e.reading[0].quality, ENERGY_MODELLED);
	power_free(p);
}

Test(model, near_idle_less_is_known)
{
	struct power *p = open_model("nested");
	struct usage u = { .window = { .end_mono_ns = 1 * SECOND } };
	static struct energy e;
	struct quant_sides loaded;

	load_package(&u, 0, 500000);
	cr_assert_eq(power_read(p, &u, &e), 0);
	loaded = e.domain[0].systematic;
	cr_expect_str_eq(e.domain[0].factor, "cpu_model");
	load_package(&u, 0, 20000);
	cr_assert_eq(power_read(p, &u, &e), 0);
	cr_expect_gt(e.domain[0].systematic.minus, 2 * loaded.minus);
	cr_expect_gt(e.domain[0].systematic.plus, loaded.plus);
	cr_expect_str_eq(e.domain[0].factor, "cpu_model_low");
	power_free(p);
	/* Servers were measured idle too. */
	p = open_model("amd");
	cr_assert_eq(power_read(p, &u, &e), 0);
	cr_expect_str_eq(e.domain[0].factor, "cpu_model");
	power_free(p);
}

Test(model, ram_only_where_it_is_not_inside)
{
	struct power *p = open_model("nested");
	const struct energy *d = power_domains(p);
	struct usage u = { .window = { .end_mono_ns = 1 * SECOND } };
	static struct energy e;

	cr_assert_eq(d->n_domains, 2);
	cr_expect_str_eq(d->domain[1].name, "dram");
	cr_expect_str_eq(d->domain[1].factor, "dram_model");
	cr_expect_eq(d->domain[1].package, -1);
	load_package(&u, 0, 500000);
	cr_assert_eq(power_read(p, &u, &e), 0);
	/* 65000000 kB x 0.375 W/GB for 1 s, all of it static. */
	cr_expect_eq(e.reading[1].energy_uj, 23245811);
	cr_expect_eq(e.reading[1].idle_uj, e.reading[1].energy_uj);
	cr_expect_eq(energy_total_uj(&e), e.reading[0].energy_uj + e.reading[1].energy_uj);
	power_free(p);
	p = open_model("amd");
	cr_expect_eq(power_domains(p)->n_domains, 1);
	power_free(p);
}

/* Errors of the TDP model against RAPL of four machines: docs/power.md states what this prints. */
struct errors {
	unsigned int n, n_covered, n_idle, n_idle_covered;
	double sum_ln, worst_low, worst_high, idle_worst_over_tdp;
};

static void compare(const char *line, struct errors *er)
{
	unsigned int packages, load_pct, mw;
	char cpu[64];
	const struct cpu_row *row;
	struct model_cpu m;
	double got, real, ratio;
	struct quant_sides sides;
	bool covered;

	cr_assert_eq(sscanf(line, "%u\t%63[^\t]\t%u\t%u", &packages, cpu, &load_pct, &mw), 4, "%s",
		     line);
	row = cpus_find_model(cpu);
	cr_assert_not_null(row, "%s", cpu);
	model_from_tdp(row, &m);
	got = (double)model_power_uw(m.idle_uw, m.max_uw, load_pct * 10000) * packages;
	real = mw * 1e3;
	ratio = real / got;
	sides = model_sides(&m, load_pct * 10000);
	covered = ratio > exp(-QUANT_Z95 * sides.minus) && ratio < exp(QUANT_Z95 * sides.plus);
	if (load_pct < 10) {
		double over_tdp = (got - real) / (row->tdp_mw * 1e3 * packages);

		er->n_idle++;
		er->n_idle_covered += covered;
		er->idle_worst_over_tdp = fmax(er->idle_worst_over_tdp, fabs(over_tdp));
		return;
	}
	er->n++;
	er->sum_ln += fabs(log(ratio));
	er->worst_low = fmin(er->worst_low, ratio);
	er->worst_high = fmax(er->worst_high, ratio);
	er->n_covered += covered;
}

Test(model, interval_covers_measured_machines)
{
	struct errors er = { .worst_low = 1, .worst_high = 1 };
	FILE *f = fopen("tests/fixtures/power/cpu_load_measured.tsv", "re");
	char line[256];

	cr_assert_not_null(f);
	while (fgets(line, sizeof(line), f))
		if (*line != '#')
			compare(line, &er);
	fclose(f);
	printf("%u points at 10 %% load or more, %u covered, mean |ln| %.3f, measured/model %.2f "
	       "to "
	       "%.2f; %u nearer to idle, worst error %.3f TDP\n",
	       er.n, er.n_covered, er.sum_ln / er.n, er.worst_low, er.worst_high, er.n_idle,
	       er.idle_worst_over_tdp);
	cr_expect_eq(er.n + er.n_idle, 44);
	cr_expect_eq(er.n, er.n_covered);
	cr_expect_eq(er.n_idle, er.n_idle_covered);
	/* Nearer to idle the interval is very wide; the watts are few. */
	cr_expect_lt(er.idle_worst_over_tdp, 0.10);
}
