/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* power.c - the choice among meters, and what is said about it. */
#include "power/power.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <criterion/criterion.h>

#define FIXTURES "tests/fixtures/sys/"

static struct power *open_at(const char *meter, const char *root, const char *proc_root)
{
	const struct power_options o = { .meter = meter, .root = root, .proc_root = proc_root };
	struct power *p = NULL;
	struct why why = { "" };
	int err = power_new(&o, &p, &why);

	cr_assert_eq(err, 0, "%s", why.text);
	return p;
}

Test(power, auto_takes_the_meter)
{
	struct power *p = open_at("auto", FIXTURES "amd", NULL);

	cr_expect_str_eq(power_choice(p), "powercap, 2 domains: package-0 core-0 (not added)");
	cr_expect_eq(power_domains(p)->domain[0].quality, ENERGY_MEASURED);
	power_free(p);
}

Test(power, auto_falls_back_to_the_model_and_says_why)
{
	struct power *p = open_at("auto", FIXTURES "guest", NULL);

	cr_expect_eq(strncmp(power_choice(p), "model: ", 7), 0, "%s", power_choice(p));
	cr_expect_not_null(strstr(power_choice(p), "; not powercap: "), "%s", power_choice(p));
	cr_expect_eq(power_max_interval_ns(p), UINT64_MAX);
	power_poll(p, 1);
	power_free(p);
	/* A broken meter is no reason to stop either. */
	p = open_at("auto", FIXTURES "all-broken", NULL);
	cr_expect_eq(power_domains(p)->domain[0].quality, ENERGY_MODELLED);
	power_free(p);
}

Test(power, auto_goes_on_with_nothing)
{
	struct power *p = open_at("auto", FIXTURES, NULL);

	cr_expect_eq(strncmp(power_choice(p), "none: ", 6), 0, "%s", power_choice(p));
	cr_expect_not_null(strstr(power_choice(p), "cpuinfo"), "%s", power_choice(p));
	power_free(p);
}

Test(power, meters_and_proc_may_have_different_roots)
{
	struct power *p = open_at("model", FIXTURES "amd", FIXTURES "guest");

	cr_expect_not_null(strstr(power_choice(p), "Turin"), "%s", power_choice(p));
	power_free(p);
	p = open_at("model", FIXTURES "amd", NULL);
	cr_expect_not_null(strstr(power_choice(p), "7742"), "%s", power_choice(p));
	power_free(p);
	p = open_at("model", FIXTURES, "");
	power_free(p);
}

Test(power, none_has_no_domains)
{
	struct power *p = open_at("none", NULL, NULL);
	struct usage u = { .window = { .end_mono_ns = 1000000000 } };
	static struct energy e;

	memset(&e, 0xff, sizeof(e));
	cr_assert_eq(power_read(p, &u, &e), 0);
	cr_expect_eq(e.n_domains, 0);
	cr_expect_eq(e.n_gaps, 0);
	cr_expect_eq(energy_total_uj(&e), 0);
	cr_expect_eq(energy_total_quality(&e), ENERGY_MISSING);
	power_free(p);
	power_free(NULL);
}

static void expect_unknown(const char *meter, const char *word)
{
	const struct power_options o = { .meter = meter };
	char want[160];
	struct power *p = NULL;
	struct why why = { "" };

	snprintf(want, sizeof(want),
		 "unknown power meter \"%s\": use one of auto, powercap, perf, msr, hwmon, gpu, "
		 "model, none",
		 word);
	cr_expect_eq(power_new(&o, &p, &why), -ENOENT);
	cr_expect_str_eq(why.text, want);
	cr_expect_null(p);
}

Test(power, unknown_meter)
{
	expect_unknown("dynamo", "dynamo");
	expect_unknown("model,dynamo", "dynamo");
	expect_unknown("powercap,", "");
	expect_unknown("", "");
	expect_unknown("auto,model", "auto");
	expect_unknown("powercaps", "powercaps");
}

/* Every domain with its mark: * = counted. */
static void expect_domains(struct power *p, const char *want)
{
	const struct energy *e = power_domains(p);
	char got[512] = "";
	size_t len = 0;

	for (size_t i = 0; i < e->n_domains; i++) {
		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s%s", len ? " " : "",
					e->domain[i].name, e->domain[i].counted ? "*" : "");
		cr_expect(e->domain[i].counted == !e->domain[i].why_not, "%s", e->domain[i].name);
	}
	cr_expect_str_eq(got, want, "%s", got);
	power_free(p);
}

Test(power, several_meters_count_nothing_twice)
{
	/* RAPL has no DRAM there: the model's, for a CPU without RAM inside, is added. */
	expect_domains(open_at("powercap,model", FIXTURES "amd", FIXTURES "laptop"),
		       "package-0* core-0 package-0-model dram*");
	/* Whatever the order in which they are named. */
	expect_domains(open_at("model,powercap", FIXTURES "amd", FIXTURES "laptop"),
		       "package-0* core-0 package-0-model dram*");
	expect_domains(open_at("powercap,model", FIXTURES "nested", NULL),
		       "package-0* core-0 dram-0* package-0-model dram");
	/* Where psys stands for the host, nothing is left to add. */
	expect_domains(open_at("powercap,model", FIXTURES "psys-only", FIXTURES "laptop"),
		       "psys* package-0 dram");
	expect_domains(open_at("powercap,none", FIXTURES "amd", NULL), "package-0* core-0");
}

Test(power, domains_that_mirror_are_told)
{
	struct power *p = open_at("powercap", FIXTURES "laptop", NULL);
	struct energy_domain d;

	cr_assert(power_mirror(p, 0, &d));
	cr_expect_str_eq(d.name, "package-0");
	cr_expect_str_eq(d.source, "powercap intel-rapl-mmio:0 (package-0)");
	cr_expect_not(power_mirror(p, 1, &d));
	power_free(p);
	p = open_at("model", FIXTURES "laptop", NULL);
	cr_expect_not(power_mirror(p, 0, &d));
	power_free(p);
}

static void count_row(const char *meter, bool usable, const char *text, void *arg)
{
	char *seen = arg;

	cr_expect_gt(strlen(text), 0);
	sprintf(seen + strlen(seen), "%s=%d ", meter, usable);
}

Test(power, probe_walks_the_table)
{
	char seen[64] = "";

	power_probe(FIXTURES "guest", count_row, seen);
	cr_expect_str_eq(seen, "powercap=0 perf=0 msr=0 hwmon=0 gpu=0 model=1 none=1 ");
	*seen = '\0';
	power_probe(FIXTURES "xeon-2s", count_row, seen);
	cr_expect_str_eq(seen, "powercap=1 perf=0 msr=0 hwmon=0 gpu=0 model=1 none=1 ");
}
