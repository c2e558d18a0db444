/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* perf.c - the PMU meter: a made-up PMU behind a made-up opener, and the real system call. */
#include <inttypes.h>
#include <linux/perf_event.h>

#include "power/events.h"
#include "unit/power/tree.h"

#define PMU "sys/bus/event_source/devices/power/"

/* A pipe per event that was opened: what is written to it is what the next read gives. */
static struct {
	uint64_t config;
	int cpu;
	int fds[2];
} opened[16];
static size_t n_opened;
static int refusal; /* errno for every event */
static uint64_t refused_config;

static int fake_open(struct perf_event_attr *attr, int cpu)
{
	size_t i = n_opened;

	cr_assert_eq(attr->type, 23);
	cr_assert_eq(attr->size, sizeof(*attr));
	if (refusal || (refused_config && attr->config == refused_config)) {
		errno = refusal ?: ENOENT;
		return -1;
	}
	cr_assert_lt(i, 16);
	opened[i].config = attr->config;
	opened[i].cpu = cpu;
	cr_assert_eq(pipe2(opened[i].fds, O_NONBLOCK | O_CLOEXEC), 0);
	n_opened++;
	/* Opening reads once. */
	cr_assert_eq(write(opened[i].fds[1], &(uint64_t){ UINT64_C(1) << 40 }, 8), 8);
	return opened[i].fds[0];
}

static const struct power_hooks fake = { .perf_event_open = fake_open };

/* The event counts joules more than it did at the start. */
static void count(uint64_t config, int cpu, uint64_t joules)
{
	uint64_t value = (UINT64_C(1) << 40) + (joules << 32);

	for (size_t i = 0; i < n_opened; i++)
		if (opened[i].config == config && opened[i].cpu == cpu) {
			cr_assert_eq(write(opened[i].fds[1], &value, sizeof(value)), 8);
			return;
		}
	cr_assert(false, "config %" PRIu64 " of CPU %d is not open", config, cpu);
}

static void event(const struct tree *t, const char *name, const char *code, const char *scale,
		  const char *unit)
{
	char path[96];

	snprintf(path, sizeof(path), PMU "events/%s", name);
	tree_file(t, path, "%s", code);
	snprintf(path, sizeof(path), PMU "events/%s.scale", name);
	tree_file(t, path, "%s", scale);
	snprintf(path, sizeof(path), PMU "events/%s.unit", name);
	tree_file(t, path, "%s", unit);
}

#define SCALE "2.3283064365386962890625e-10"

static void pmu(struct tree *t, const char *cpumask)
{
	n_opened = 0;
	refusal = 0;
	refused_config = 0;
	tree_begin(t);
	tree_file(t, PMU "type", "23");
	tree_file(t, PMU "cpumask", "%s", cpumask);
	tree_file(t, PMU "format/event", "config:0-7");
	event(t, "energy-pkg", "event=0x02", SCALE, "Joules");
	event(t, "energy-ram", "event=0x03", SCALE, "Joules");
	for (unsigned int i = 0; i < 8; i++)
		tree_cpu(t, i, (int)i / 4, (int)i / 2 % 2);
}

Test(perf, packages_of_the_cpumask)
{
	struct tree t;

	pmu(&t, "0,4");
	event(&t, "energy-psys", "event=0x05", SCALE, "Joules");
	tree_start(&t, "perf", &fake);
	tree_expect_domains(&t, "package-0* dram-0* psys package-1* dram-1*");
	cr_expect_str_eq(power_domains(t.p)->domain[4].source, "perf power/energy-ram/ on CPU 4");
	cr_expect_eq(power_max_interval_ns(t.p), UINT64_MAX);
	count(2, 0, 100);
	count(2, 4, 50);
	count(3, 0, 7);
	count(5, 0, 400);
	tree_window(&t, 1000);
	cr_expect_eq(tree_reading(&t, "package-0")->energy_uj, 100 * J);
	cr_expect_eq(tree_reading(&t, "package-1")->energy_uj, 50 * J);
	cr_expect_eq(tree_reading(&t, "dram-0")->energy_uj, 7 * J);
	cr_expect_str_eq(tree_gap(&t, "dram-1"), "unreadable");
	cr_expect_eq(energy_total_uj(&t.e), 157 * J);
	tree_end(&t);
}

Test(perf, dies_of_the_cpumask)
{
	struct tree t;

	pmu(&t, "0,2,4,6");
	event(&t, "energy-cores", "event=0x01", SCALE, "Joules");
	tree_start(&t, "perf", &fake);
	tree_expect_domains(&t, "package-0-die-0* core-0-die-0 dram-0-die-0* "
				"package-0-die-1* core-0-die-1 dram-0-die-1* "
				"package-1-die-0* core-1-die-0 dram-1-die-0* "
				"package-1-die-1* core-1-die-1 dram-1-die-1*");
	cr_expect_str_eq(t.e.domain[0].name, "");
	count(2, 6, 3);
	tree_window(&t, 1000);
	cr_expect_eq(tree_reading(&t, "package-1-die-1")->energy_uj, 3 * J);
	tree_end(&t);
}

Test(perf, a_counter_that_falls_or_ends_is_a_gap)
{
	struct tree t;

	pmu(&t, "0");
	tree_start(&t, "perf", &fake);
	cr_assert_eq(write(opened[0].fds[1], &(uint64_t){ 5 }, 8), 8);
	close(opened[1].fds[1]);
	tree_window(&t, 1000);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "reset");
	cr_expect_str_eq(tree_gap(&t, "dram-0"), "unreadable");
	tree_end(&t);
}

Test(perf, events_that_cannot_be_opened)
{
	struct tree t;

	pmu(&t, "0,4");
	refused_config = 3;
	tree_start(&t, "perf", &fake);
	tree_expect_domains(&t, "package-0* package-1*");
	tree_end(&t);

	pmu(&t, "0,4");
	refusal = EACCES;
	cr_expect_eq(tree_try(&t, "perf", &fake), -EACCES);
	cr_expect_not_null(strstr(t.why.text, "CAP_PERFMON"), "%s", t.why.text);
	refusal = ENODEV;
	cr_expect_eq(tree_try(&t, "perf", &fake), -ENODEV);
	tree_end(&t);
}

Test(perf, what_sysfs_says_may_be_rubbish)
{
	static const struct {
		const char *code, *scale, *unit;
	} bad[] = {
		{ "", SCALE, "Joules" },
		{ "event=", SCALE, "Joules" },
		{ "event=0x02,x=1", SCALE, "Joules" },
		{ "event=0x02", "", "Joules" },
		{ "event=0x02", "nan", "Joules" },
		{ "event=0x02", "-1", "Joules" },
		{ "event=0x02", "0", "Joules" },
		{ "event=0x02", "1e9", "Joules" },
		{ "event=0x02", "1x", "Joules" },
		{ "event=0x02", SCALE, "Watts" },
	};
	struct events ev;
	struct tree t;

	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		pmu(&t, "0");
		event(&t, "energy-pkg", bad[i].code, bad[i].scale, bad[i].unit);
		cr_assert_eq(events_find(t.root, &ev), 0);
		cr_expect_not(events_have(&ev, ENERGY_PACKAGE), "%zu", i);
		cr_expect(events_have(&ev, ENERGY_DRAM));
		tree_end(&t);
	}
	pmu(&t, "");
	cr_expect_eq(events_find(t.root, &ev), -ENODATA);
	tree_file(&t, PMU "cpumask", "zero");
	cr_expect_eq(events_find(t.root, &ev), -EINVAL);
	tree_file(&t, PMU "type", "99999999999");
	cr_expect_eq(events_find(t.root, &ev), -ERANGE);
	tree_remove(&t, PMU "type");
	cr_expect_eq(events_find(t.root, &ev), -ENOENT);
	cr_expect_eq(tree_try(&t, "perf", &fake), -ENOENT);
	cr_expect_not_null(strstr(t.why.text, "modprobe"), "%s", t.why.text);
	tree_end(&t);
}

Test(perf, counts_in_microjoules)
{
	struct event e = { .joules = 0x1p-32 };

	cr_expect_eq(event_uj(&e, UINT64_C(1) << 32), J);
	cr_expect_eq(event_uj(&e, 4294), 0);
	cr_expect_eq(event_uj(&e, 4295), 1);
	cr_expect_eq(event_uj(&e, UINT64_MAX), UINT64_C(4294967295999999));
	e.joules = 1;
	cr_expect_eq(event_uj(&e, 7), 7 * J);
	cr_expect_eq(event_uj(&e, UINT64_MAX), UINT64_MAX);
	e.joules = 1e-9;
	cr_expect_eq(event_uj(&e, SECOND), J);
	e.joules = 0.3;
	cr_expect_eq(event_uj(&e, UINT64_MAX), UINT64_MAX);
}

/* The same events as powercap's, by name: the safe subset is what both know. */
Test(perf, powercap_counts_only_what_perf_knows_too)
{
	struct tree t;

	pmu(&t, "0");
	tree_file(&t, "sys/class/powercap/intel-rapl:0/name", "package-0");
	tree_file(&t, "sys/class/powercap/intel-rapl:0/energy_uj", "1");
	tree_file(&t, "sys/class/powercap/intel-rapl:0:0/name", "dram");
	tree_file(&t, "sys/class/powercap/intel-rapl:0:0/energy_uj", "1");
	tree_start(&t, "auto", &fake);
	tree_expect_domains(&t, "package-0* dram-0*");
	power_free(t.p);
	tree_remove(&t, PMU "events/energy-ram");
	tree_start(&t, "auto", &fake);
	tree_expect_domains(&t, "package-0* dram-0");
	cr_expect_str_eq(power_domains(t.p)->domain[1].why_not, "perf has no energy-ram here");
	power_free(t.p);
	/* Without powercap, auto takes perf; both together count once. */
	tree_start(&t, "powercap,perf", &fake);
	tree_expect_domains(&t, "package-0* dram-0 package-0-perf");
	power_free(t.p);
	/* The same the other way round, where powercap's files are there but root's. */
	event(&t, "energy-ram", "event=0x03", SCALE, "Joules");
	tree_start(&t, "perf", &fake);
	tree_expect_domains(&t, "package-0* dram-0*");
	power_free(t.p);
	tree_file(&t, "sys/class/powercap/intel-rapl:0:0/name", "core");
	tree_start(&t, "perf", &fake);
	tree_expect_domains(&t, "package-0* dram-0");
	cr_expect_str_eq(power_domains(t.p)->domain[1].why_not, "powercap has no dram here");
	power_free(t.p);
	tree_remove(&t, PMU "events/energy-ram");
	tree_remove(&t, "sys/class/powercap/intel-rapl:0/energy_uj");
	tree_start(&t, "auto", &fake);
	tree_expect_domains(&t, "package-0*");
	cr_expect_not_null(strstr(power_choice(t.p), "perf, 1 domain"), "%s", power_choice(t.p));
	cr_expect_not_null(strstr(power_choice(t.p), "; not powercap"), "%s", power_choice(t.p));
	tree_end(&t);
}

/* The kernel's software PMU: cpu-clock of CPU 0, of which a nanosecond stands for a nanojoule. */
Test(perf, the_real_system_call)
{
	struct tree t;
	uint64_t uj;

	pmu(&t, "0");
	tree_file(&t, PMU "type", "%d", PERF_TYPE_SOFTWARE);
	event(&t, "energy-pkg", "event=0x0", "1e-9", "Joules");
	tree_remove(&t, PMU "events/energy-ram");
	if (tree_try(&t, "perf", NULL) == -EACCES) {
		tree_end(&t);
		cr_skip_test("no permission for CPU-wide perf events");
	}
	cr_assert_not_null(t.p, "%s", t.why.text);
	for (volatile int i = 0; i < 20000000; i++)
		;
	/* A window of no length but 1000 J: only the read matters. */
	tree_window(&t, 90);
	cr_expect_str_eq(tree_gap(&t, "package-0"), "");
	uj = tree_reading(&t, "package-0")->energy_uj;
	cr_expect_gt(uj, 1000);
	cr_expect_lt(uj, 1000 * J);
	tree_end(&t);
}
