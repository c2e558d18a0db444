/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* msr.c - the register meter over files that stand for /dev/cpu/N/msr: one CPU a package, wraps. */
#include "unit/power/tree.h"

static void set(const struct tree *t, unsigned int cpu, uint32_t address, uint64_t value)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "dev/cpu/%u/msr", cpu);
	fd = tree_open(t, path, 0);
	cr_assert_eq(pwrite(fd, &value, sizeof(value), address), (ssize_t)sizeof(value));
	close(fd);
}

static void cpuinfo(const struct tree *t, const char *vendor, unsigned int family,
		    unsigned int model)
{
	tree_file(t, "proc/cpuinfo",
		  "processor\t: 0\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u", vendor,
		  family, model);
}

/* Two packages of two CPUs: a Skylake server, 2^-14 J, DRAM 2^-16 J whatever the unit says. */
static void skylake(struct tree *t)
{
	tree_begin(t);
	cpuinfo(t, "GenuineIntel", 6, 85);
	tree_file(t, "sys/devices/system/cpu/online", "0-3");
	for (unsigned int i = 0; i < 4; i++)
		tree_cpu(t, i, (int)i / 2, 0);
	for (unsigned int cpu = 0; cpu < 4; cpu += 2) {
		set(t, cpu, 0x606, 0xa0e03);
		set(t, cpu, 0x611, UINT64_C(0x1234567800000000) | 0xffff0000);
		set(t, cpu, 0x619, 1000);
	}
}

Test(msr, packages_and_dram_of_a_server)
{
	struct tree t;

	skylake(&t);
	tree_start(&t, "msr", NULL);
	/* No register 0x639 and 0x641 there: files end, registers read 0. */
	tree_expect_domains(&t, "package-0* dram-0* package-1* dram-1*");
	cr_expect_eq(power_domains(t.p)->domain[0].range_uj, UINT64_C(262144000000));
	cr_expect_eq(power_domains(t.p)->domain[0].resolution_uj, 62);
	cr_expect_str_eq(power_domains(t.p)->domain[3].source, "msr 0x619 of CPU 2, 2^-16 J");
	cr_expect_eq(power_domains(t.p)->domain[2].package, 1);
	cr_expect_geq(power_max_interval_ns(t.p), 60 * SECOND);

	/* The first goes round 32 bits; what stands in the upper half is no energy. */
	set(&t, 0, 0x611, 0x10000);
	set(&t, 2, 0x611, UINT64_C(0xaaaaaaaa00000000) | 0xffff4000);
	set(&t, 0, 0x619, 1000 + (10 << 16));
	tree_window(&t, 1000);
	cr_expect_eq(tree_reading(&t, "package-0")->energy_uj, 8 * J);
	cr_expect_eq(tree_reading(&t, "package-1")->energy_uj, 1 * J);
	cr_expect_eq(tree_reading(&t, "dram-0")->energy_uj, 10 * J);
	cr_expect_str_eq(tree_gap(&t, "dram-1"), "stale");
	cr_expect_eq(tree_reading(&t, "dram-1")->quality, ENERGY_MISSING);
	tree_end(&t);
}

Test(msr, exact_over_many_wraps)
{
	uint64_t count = 0xffff0000;
	struct tree t;

	skylake(&t);
	tree_start(&t, "msr", NULL);
	for (int i = 0; i < 100; i++) {
		count += UINT64_C(1) << 30;
		set(&t, 0, 0x611, count & UINT32_MAX);
		power_poll(t.p, (uint64_t)(i + 1) * 66 * SECOND);
	}
	t.u.window.end_mono_ns = 100 * 66 * SECOND;
	tree_window(&t, 1);
	/* 25 times round: 100 x 2^30 counts of 2^-14 J. */
	cr_expect_eq(tree_reading(&t, "package-0")->energy_uj, UINT64_C(100) * 65536 * J);
	tree_end(&t);
}

Test(msr, amd)
{
	struct tree t;

	tree_begin(&t);
	cpuinfo(&t, "AuthenticAMD", 25, 1);
	/*
	 * In a file these registers overlap byte by byte: the unit's second byte is the first of
	 * the core's count, whose second is the first of the package's.
	 */
	set(&t, 0, 0xc0010299, 0xa1003);
	set(&t, 0, 0xc001029b, 5 << 16);
	tree_start(&t, "msr", NULL);
	tree_expect_domains(&t, "package-0* core-0");
	cr_expect_str_eq(power_domains(t.p)->domain[1].source,
			 "msr 0xc001029a of CPU 0, 2^-16 J, one core");
	set(&t, 0, 0xc001029b, 9 << 16);
	tree_window(&t, 1000);
	cr_expect_eq(tree_reading(&t, "package-0")->energy_uj, 4 * J);
	tree_end(&t);
}

Test(msr, psys_is_one_of_the_machine)
{
	struct tree t;

	skylake(&t);
	cpuinfo(&t, "GenuineIntel", 6, 143);
	for (unsigned int cpu = 0; cpu < 4; cpu += 2)
		set(&t, cpu, 0x64d, 500);
	tree_start(&t, "msr", NULL);
	tree_expect_domains(&t, "package-0* dram-0* psys package-1* dram-1*");
	set(&t, 0, 0x64d, 503);
	tree_window(&t, 1000);
	cr_expect_eq(tree_reading(&t, "psys")->energy_uj, 3 * J);
	tree_end(&t);
}

static void expect_refusal(struct tree *t, int want, const char *text)
{
	int err = tree_try(t, "msr", NULL);

	cr_expect_eq(err, want, "%d %s", err, t->why.text);
	cr_expect_not_null(strstr(t->why.text, text), "%s", t->why.text);
	tree_end(t);
}

Test(msr, what_is_missing_is_said)
{
	struct tree t;

	tree_begin(&t);
	expect_refusal(&t, -ENOENT, "cpuinfo");
	tree_begin(&t);
	cpuinfo(&t, "GenuineIntel", 6, 85);
	expect_refusal(&t, -ENOENT, "modprobe msr");
	tree_begin(&t);
	cpuinfo(&t, "GenuineIntel", 6, 55);
	expect_refusal(&t, -ENODEV, "family 6 model 55");
	/* A guest whose registers all read 0, and a file that is cut short. */
	tree_begin(&t);
	cpuinfo(&t, "GenuineIntel", 6, 85);
	set(&t, 0, 0x700, 0);
	expect_refusal(&t, -ENODATA, "VM");
	tree_begin(&t);
	cpuinfo(&t, "GenuineIntel", 6, 85);
	tree_file(&t, "dev/cpu/0/msr", "x");
	expect_refusal(&t, -EIO, "msr");
}
