/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* powercap.c - RAPL trees of real machines and broken ones, through the meter's front door. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "power/power.h"

#define FIXTURE(name) "tests/fixtures/sys/" name

static struct power *open_meter(const char *meter, const char *root)
{
	struct power_options o = { .meter = meter, .root = root, .now_mono_ns = clock_mono_ns() };
	struct why why = { "" };
	struct power *p = NULL;

	cr_assert_eq(power_new(&o, &p, &why), 0, "%s", why.text);
	return p;
}

static const struct energy_domain *domain(const struct power *p, const char *name)
{
	const struct energy *e = power_domains(p);

	for (size_t i = 0; i < e->n_domains; i++)
		if (strcmp(e->domain[i].name, name) == 0)
			return &e->domain[i];
	return NULL;
}

static size_t n_counted(const struct power *p)
{
	const struct energy *e = power_domains(p);
	size_t n = 0;

	for (size_t i = 0; i < e->n_domains; i++)
		n += e->domain[i].counted;
	return n;
}

Test(powercap, two_sockets_with_dram_and_cores)
{
	struct power *p = open_meter("powercap", FIXTURE("xeon2"));

	cr_assert_eq(power_domains(p)->n_domains, 5);
	cr_assert_eq(n_counted(p), 4);
	cr_assert(domain(p, "package-0")->counted);
	cr_assert(domain(p, "dram-1")->counted);
	cr_assert_eq(domain(p, "dram-1")->package, 1);
	cr_assert_not(domain(p, "core-0")->counted);
	cr_assert_eq(domain(p, "package-0")->quality, ENERGY_MEASURED);
	/* 150 W TDP x 3 over 65.7 kJ of the DRAM counter at 3 x 41.25 W: the shortest turn. */
	cr_assert_lt(power_max_interval_ns(p), UINT64_C(300000000000));
	power_free(p);
}

Test(powercap, laptop_counts_the_package_once)
{
	struct power *p = open_meter("powercap", FIXTURE("laptop"));

	cr_assert_eq(power_domains(p)->n_domains, 4, "the MMIO mirror is dropped");
	cr_assert_eq(n_counted(p), 1);
	cr_assert(domain(p, "package-0")->counted);
	cr_assert_not(domain(p, "psys")->counted, "psys contains the package");
	power_free(p);
}

Test(powercap, amd_and_two_dies)
{
	struct power *p = open_meter("auto", FIXTURE("amd"));

	cr_assert_eq(n_counted(p), 1);
	cr_assert(strstr(power_choice(p), "powercap"));
	power_free(p);
	p = open_meter("powercap", FIXTURE("dies"));
	cr_assert_eq(n_counted(p), 4);
	cr_assert_eq(domain(p, "package-0-die-1")->package, 0);
	cr_assert_eq(domain(p, "dram-0-die-1")->package, 0);
	power_free(p);
}

Test(powercap, no_meter_falls_back_to_the_model_and_says_why)
{
	struct power_options o = { .meter = "powercap", .root = FIXTURE("guest") };
	struct why why = { "" };
	struct power *p = NULL;

	cr_assert_neq(power_new(&o, &p, &why), 0);
	cr_assert(strstr(why.text, "no RAPL zone"), "%s", why.text);
	cr_assert(strchr(why.text, '\n') == NULL);
	p = open_meter("auto", FIXTURE("guest"));
	cr_assert_eq(domain(p, "package-0")->quality, ENERGY_MODELLED);
	cr_assert(strstr(power_choice(p), "no RAPL zone"), "%s", power_choice(p));
	power_free(p);
	o.meter = "abacus";
	cr_assert_eq(power_new(&o, &p, &why), -ENOENT);
	cr_assert(strstr(why.text, "powercap, model"), "%s", why.text);
}

/* A counter file that the test writes to. */
struct writable {
	char dir[64], zone[160];
};

static void put(const struct writable *w, const char *file, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", w->zone, file);
	f = fopen(path, "we");
	cr_assert_not_null(f);
	fputs(text, f);
	fclose(f);
}

static struct writable make_zone(void)
{
	struct writable w = { .dir = "/tmp/jouletrail-powercap-XXXXXX" };
	char path[160];
	const char *const parts[] = { "sys", "sys/class", "sys/class/powercap",
				      "sys/class/powercap/intel-rapl:0" };

	cr_assert_not_null(mkdtemp(w.dir));
	for (size_t i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", w.dir, parts[i]);
		cr_assert_eq(mkdir(path, 0755), 0);
	}
	snprintf(w.zone, sizeof(w.zone), "%s/%s", w.dir, parts[3]);
	put(&w, "name", "package-0\n");
	put(&w, "max_energy_range_uj", "1000000000\n");
	put(&w, "constraint_0_max_power_uw", "100000000\n");
	put(&w, "energy_uj", "999000000\n");
	return w;
}

static void remove_zone(const struct writable *w)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	cr_assert_eq(system(command), 0);
}

static struct energy read_at(struct power *p, unsigned int second)
{
	struct usage u = { .n_packages = 1 };
	struct energy e;

	u.window.begin_mono_ns = second * 1000000000u;
	u.window.end_mono_ns = (second + 1) * 1000000000u;
	cr_assert_eq(power_read(p, &u, &e), 0);
	return e;
}

Test(powercap, reads_wraps_and_gaps)
{
	static const char *const rubbish[] = { "",     "-5",  "18446744073709551616",
					       "12x4", "1 2", "1000000001" };
	struct writable w = make_zone();
	struct power *p = open_meter("powercap", w.dir);
	struct energy e;

	put(&w, "energy_uj", "500000 \n");
	e = read_at(p, 0);
	cr_assert_eq(e.reading[0].quality, ENERGY_MEASURED);
	cr_assert_eq(e.reading[0].energy_uj, 1500000, "through the wrap at the range");
	cr_assert_gt(e.reading[0].random_sd_uj, 0);
	for (size_t i = 0; i < sizeof(rubbish) / sizeof(rubbish[0]); i++) {
		put(&w, "energy_uj", rubbish[i]);
		e = read_at(p, 1);
		cr_assert_eq(e.reading[0].quality, ENERGY_MISSING, "'%s'", rubbish[i]);
		cr_assert_eq(e.n_gaps, 1);
		cr_assert_eq(energy_total_quality(&e), ENERGY_MISSING);
	}
	put(&w, "energy_uj", "600000");
	e = read_at(p, 2);
	cr_assert_str_eq(e.gap[0].reason, "returned");
	put(&w, "energy_uj", "700000");
	e = read_at(p, 3);
	cr_assert_eq(e.reading[0].energy_uj, 100000);
	cr_assert_eq(e.n_gaps, 0);
	power_free(p);
	remove_zone(&w);
}

Test(powercap, broken_zones_do_not_stop_the_sound_one)
{
	struct power *p = open_meter("auto", FIXTURE("broken"));
	struct energy e = read_at(p, 0);

	/* No range, a range of 0, and a loop of symbolic links make no domain. */
	cr_assert_eq(e.n_domains, 6);
	for (size_t i = 0; i < e.n_domains; i++)
		cr_assert(i == 0 || e.reading[i].quality == ENERGY_MISSING, "%s", e.domain[i].name);
	cr_assert_eq(energy_total_quality(&e), ENERGY_MISSING);
	power_free(p);
}
