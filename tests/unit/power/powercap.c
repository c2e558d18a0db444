/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* powercap.c - RAPL below fixture trees: the tree of domains, readings, gaps, permissions. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <criterion/criterion.h>

#include "power/power.h"
#include "power/zones.h"

#define FIXTURES "tests/fixtures/sys/"
#define SECOND	 UINT64_C(1000000000)
#define J	 UINT64_C(1000000)

/* A private copy of a fixture whose files may be written. */
struct tree {
	char root[64];
	struct power *p;
	struct energy e;
	struct usage u;
};

static void copy_fixture(struct tree *t, const char *name)
{
	char cmd[256];

	memset(t, 0, sizeof(*t));
	strcpy(t->root, "/tmp/jouletrail-power-XXXXXX");
	cr_assert_not_null(mkdtemp(t->root));
	snprintf(cmd, sizeof(cmd), "cp -a " FIXTURES "%s/. %s && chmod 755 %s", name, t->root,
		 t->root);
	cr_assert_eq(system(cmd), 0);
}

static void remove_tree(struct tree *t)
{
	char cmd[128];

	power_free(t->p);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", t->root);
	cr_expect_eq(system(cmd), 0);
}

static void write_counter(const struct tree *t, const char *zone, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/sys/class/powercap/%s/energy_uj", t->root, zone);
	fd = open(path, O_WRONLY | O_TRUNC | O_CREAT, 0644);
	cr_assert_geq(fd, 0);
	cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
}

static void write_uj(const struct tree *t, const char *zone, uint64_t uj)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRIu64 "\n", uj);
	write_counter(t, zone, text);
}

static struct power *open_at(const char *root, struct why *why)
{
	const struct power_options o = { .meter = "powercap", .root = root };
	struct power *p = NULL;
	int err = power_new(&o, &p, why);

	cr_assert_eq(err, 0, "%s: %s", root, why->text);
	return p;
}

static void start(struct tree *t, const char *fixture)
{
	struct why why = { "" };

	copy_fixture(t, fixture);
	t->p = open_at(t->root, &why);
}

/* Ends a window of ms. */
static void next_window(struct tree *t, uint64_t ms)
{
	struct window *w = &t->u.window;

	w->begin_mono_ns = w->end_mono_ns;
	w->begin_real_us = w->end_real_us;
	w->end_mono_ns += ms * 1000000;
	w->end_real_us += (int64_t)ms * 1000;
	cr_assert_eq(power_read(t->p, &t->u, &t->e), 0);
	cr_assert_eq(t->e.read_mono_ns, w->end_mono_ns);
}

static int find(const struct energy *e, const char *name)
{
	for (size_t i = 0; i < e->n_domains; i++)
		if (!strcmp(e->domain[i].name, name))
			return (int)i;
	return -1;
}

static const struct energy_reading *reading(const struct tree *t, const char *name)
{
	int i = find(&t->e, name);

	cr_assert_geq(i, 0, "no domain %s", name);
	return &t->e.reading[i];
}

static const char *gap_of(const struct tree *t, const char *name)
{
	for (size_t i = 0; i < t->e.n_gaps; i++)
		if (t->e.gap[i].domain == find(&t->e, name))
			return t->e.gap[i].reason;
	return "";
}

/* "name<parent*" for each domain, * = counted. */
static void expect_tree(const char *fixture, const char *want)
{
	char root[128], got[1024] = "";
	struct why why = { "" };
	struct power *p;
	const struct energy *e;
	size_t len = 0;

	snprintf(root, sizeof(root), FIXTURES "%s", fixture);
	p = open_at(root, &why);
	e = power_domains(p);
	for (size_t i = 0; i < e->n_domains; i++) {
		const struct energy_domain *d = &e->domain[i];

		len += (size_t)snprintf(got + len, sizeof(got) - len, "%s%s%s%s%s", len ? " " : "",
					d->name, d->parent < 0 ? "" : "<",
					d->parent < 0 ? "" : e->domain[d->parent].name,
					d->counted ? "*" : "");
		cr_expect_eq(d->quality, ENERGY_MEASURED);
		cr_expect_eq(e->reading[i].quality, ENERGY_MISSING);
		cr_expect_str_eq(d->factor,
				 d->kind == ENERGY_DRAM ? "rapl_dram_gain" : "rapl_gain");
		cr_expect_gt(d->systematic.plus, 0.009);
		cr_expect_gt(d->resolution_uj, 0);
	}
	cr_expect_str_eq(got, want, "%s: %s", fixture, got);
	power_free(p);
}

Test(powercap, trees)
{
	expect_tree("xeon-2s", "package-0* core-0<package-0 dram-0* "
			       "package-1* core-1<package-1 dram-1*");
	expect_tree("laptop", "package-0<psys* core-0<package-0 uncore-0<package-0 dram-0<psys* "
			      "psys");
	expect_tree("amd", "package-0* core-0<package-0");
	expect_tree("multi-die", "package-0-die-0* dram-0-die-0* package-0-die-1* dram-0-die-1* "
				 "package-1-die-0* dram-1-die-0* package-1-die-1* dram-1-die-1*");
	expect_tree("psys-only", "psys*");
	expect_tree("nested", "package-0* core-0<package-0 dram-0*");
	expect_tree("symlink-loop", "package-0*");
	expect_tree("broken", "package-0* package-1* package-2* package-3* package-4* package-5* "
			      "package-6* package-7*");
}

Test(powercap, packages_and_what_they_draw)
{
	struct why why = { "" };
	struct power *p = open_at(FIXTURES "multi-die", &why);
	const struct energy *e = power_domains(p);

	cr_expect_eq(e->domain[find(e, "package-0-die-1")].package, 0);
	cr_expect_eq(e->domain[find(e, "dram-1-die-0")].package, 1);
	power_free(p);
	p = open_at(FIXTURES "laptop", &why);
	e = power_domains(p);
	cr_expect_eq(e->domain[find(e, "psys")].package, -1);
	cr_expect_eq(e->domain[find(e, "dram-0")].kind, ENERGY_DRAM);
	cr_expect_eq(e->domain[find(e, "uncore-0")].kind, ENERGY_UNCORE);
	cr_expect_eq(e->domain[find(e, "package-0")].resolution_uj, 62);
	/* Twice 44 W fill half of 262 kJ in 1489.5 s. */
	cr_expect_geq(power_max_interval_ns(p), 29 * SECOND);
	cr_expect_leq(power_max_interval_ns(p), 1490 * SECOND);
	power_free(p);
}

Test(powercap, real_symlinks_and_child_folders_are_one_zone)
{
	struct zones *zs = malloc(sizeof(*zs));

	cr_assert_eq(zones_find(FIXTURES "laptop", zs), 0);
	cr_expect_eq(zs->n, 6);
	cr_expect_str_eq(zs->zone[0].id, "intel-rapl:0");
	cr_expect_str_eq(zs->zone[5].id, "intel-rapl-mmio:0");
	cr_expect_eq(zones_parent(zs, &zs->zone[1]), &zs->zone[0]);
	cr_expect_null(zones_parent(zs, &zs->zone[0]));
	cr_expect_eq(zone_most_power_uw(FIXTURES "laptop", &zs->zone[0]), 44 * J);
	cr_expect_eq(zones_find(FIXTURES "guest", zs), -ENOENT);
	free(zs);
}

Test(powercap, window_with_a_wrap)
{
	struct tree t;

	start(&t, "xeon-2s");
	write_uj(&t, "intel-rapl:0", 84212345678 + 100 * J);
	write_uj(&t, "intel-rapl:1", 84212345678 + 991234567 + 50 * J);
	write_uj(&t, "intel-rapl:0:0", 40212345678 + 70 * J);
	write_uj(&t, "intel-rapl:1:0", 40212345679 + 20 * J);
	write_uj(&t, "intel-rapl:0:1", 12345678901 + 10 * J);
	write_uj(&t, "intel-rapl:1:1", 12345678901 + 7654321 + 5 * J);
	next_window(&t, 1000);
	cr_expect_eq(t.e.n_gaps, 0);
	cr_expect_eq(reading(&t, "package-0")->energy_uj, 100 * J);
	cr_expect_eq(reading(&t, "core-1")->energy_uj, 20 * J);
	cr_expect_eq(energy_total_uj(&t.e), 165 * J);
	cr_expect_eq(energy_total_quality(&t.e), ENERGY_MEASURED);
	/* 100 W x 1 ms of staleness at both ends, roughly. */
	cr_expect_gt(reading(&t, "package-0")->random_sd_uj, 60e3);
	cr_expect_lt(reading(&t, "package-0")->random_sd_uj, 120e3);
	remove_tree(&t);

	start(&t, "amd");
	write_uj(&t, "intel-rapl:0", 65532610987 - 1);
	next_window(&t, 40000);
	write_uj(&t, "intel-rapl:0", 99);
	next_window(&t, 1000);
	cr_expect_eq(reading(&t, "package-0")->energy_uj, 100);
	remove_tree(&t);
}

Test(powercap, polls_add_up_over_wraps)
{
	struct tree t;
	uint64_t value = 35123456789;

	start(&t, "amd");
	for (int i = 1; i <= 300; i++) {
		/* 300 W for an hour: 16 wraps. */
		value = (value + 3600 * J) % UINT64_C(65532610987);
		write_uj(&t, "intel-rapl:0", value);
		power_poll(t.p, (uint64_t)i * 12 * SECOND);
	}
	next_window(&t, 3600000);
	cr_expect_eq(reading(&t, "package-0")->energy_uj, 1080000 * J);
	remove_tree(&t);
}

Test(powercap, faults_are_gaps_and_pass)
{
	static const struct {
		const char *text;
		const char *reason;
	} cases[] = {
		{ "", "rubbish" },
		{ "-35123456790\n", "rubbish" },
		{ "18446744073709551616\n", "rubbish" },
		{ "joule\n", "rubbish" },
		{ "351234x\n", "rubbish" },
		{ "99999999999999\n", "rubbish" },
		{ "3512\n", "reset" },
		{ "35123456789\n", "stale" },
		{ "55123456789\n", "jump" },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct tree t;

		start(&t, "amd");
		write_counter(&t, "intel-rapl:0", cases[i].text);
		next_window(&t, 1000);
		cr_expect_eq(reading(&t, "package-0")->quality, ENERGY_MISSING);
		cr_expect_eq(reading(&t, "package-0")->energy_uj, 0);
		cr_expect_str_eq(gap_of(&t, "package-0"), cases[i].reason, "%s: %s", cases[i].text,
				 gap_of(&t, "package-0"));
		cr_expect_eq(t.e.gap[0].from_us, 0);
		cr_expect_eq(t.e.gap[0].to_us, 1000000);
		cr_expect_eq(energy_total_quality(&t.e), ENERGY_MISSING);
		write_uj(&t, "intel-rapl:0", 40000000000);
		next_window(&t, 1000);
		write_uj(&t, "intel-rapl:0", 40000000000 + 7 * J);
		next_window(&t, 1000);
		cr_expect_eq(reading(&t, "package-0")->quality, ENERGY_MEASURED);
		cr_expect_eq(reading(&t, "package-0")->energy_uj, 7 * J);
		remove_tree(&t);
	}
}

static uint64_t slept_ns;

static uint64_t slept(void)
{
	return slept_ns;
}

Test(powercap, a_suspend_is_a_gap)
{
	const struct power_hooks hooks = { .suspended_ns = slept };
	struct power_options o = { .meter = "powercap", .hooks = &hooks };
	struct why why = { "" };
	struct tree t;

	copy_fixture(&t, "amd");
	o.root = t.root;
	cr_assert_eq(power_new(&o, &t.p, &why), 0, "%s", why.text);
	slept_ns = 60 * SECOND;
	write_uj(&t, "intel-rapl:0", 35123456789 + 7 * J);
	next_window(&t, 1000);
	cr_expect_str_eq(gap_of(&t, "package-0"), "suspend");
	cr_expect_eq(reading(&t, "package-0")->quality, ENERGY_MISSING);
	write_uj(&t, "intel-rapl:0", 35123456789 + 9 * J);
	next_window(&t, 1000);
	cr_expect_eq(reading(&t, "package-0")->energy_uj, 2 * J);
	remove_tree(&t);
}

Test(powercap, a_mirror_is_read_where_the_first_zone_cannot_be)
{
	struct energy_domain d;
	struct why why = { "" };
	struct tree t;

	copy_fixture(&t, "laptop");
	write_counter(&t, "intel-rapl:0", "");
	write_uj(&t, "intel-rapl-mmio:0", 1000 * J);
	t.p = open_at(t.root, &why);
	cr_expect_str_eq(power_domains(t.p)->domain[0].source,
			 "powercap intel-rapl-mmio:0 (package-0)");
	cr_assert(power_mirror(t.p, 0, &d));
	cr_expect_str_eq(d.source, "powercap intel-rapl:0 (package-0)");
	write_uj(&t, "intel-rapl-mmio:0", 1003 * J);
	next_window(&t, 1000);
	cr_expect_eq(reading(&t, "package-0")->energy_uj, 3 * J);
	remove_tree(&t);
}

Test(powercap, broken_neighbours_do_not_spoil_the_good_one)
{
	static const char *const want[] = { "",	       "rubbish", "rubbish", "rubbish",
					    "rubbish", "rubbish", "reset",   "vanished" };
	struct tree t;

	start(&t, "broken");
	write_uj(&t, "intel-rapl:0", 5000000000 + 42 * J);
	/* Without a range, forward is energy and backward a gap. */
	write_uj(&t, "intel-rapl:6", 5000000000 + 1 * J);
	next_window(&t, 1000);
	cr_expect_eq(reading(&t, "package-0")->energy_uj, 42 * J);
	cr_expect_eq(reading(&t, "package-6")->energy_uj, 1 * J);
	write_uj(&t, "intel-rapl:0", 5000000000 + 50 * J);
	write_uj(&t, "intel-rapl:6", 1);
	next_window(&t, 1000);
	for (int i = 0; i < 8; i++) {
		char name[16];

		snprintf(name, sizeof(name), "package-%d", i);
		cr_expect_str_eq(gap_of(&t, name), want[i], "%s: %s", name, gap_of(&t, name));
	}
	cr_expect_eq(t.e.n_gaps, 7);
	cr_expect_eq(energy_total_uj(&t.e), 8 * J);
	remove_tree(&t);
}

Test(powercap, late_counter_appears)
{
	struct tree t;

	start(&t, "broken");
	write_uj(&t, "intel-rapl:7", 1000 * J);
	next_window(&t, 1000);
	cr_expect_str_eq(gap_of(&t, "package-7"), "returned");
	write_uj(&t, "intel-rapl:7", 1003 * J);
	next_window(&t, 1000);
	cr_expect_eq(reading(&t, "package-7")->energy_uj, 3 * J);
	remove_tree(&t);
}

Test(powercap, gaps_beyond_the_list_are_counted)
{
	struct tree t;
	struct why why = { "" };
	char cmd[512];

	copy_fixture(&t, "amd");
	snprintf(cmd, sizeof(cmd),
		 "cd %s/sys/devices/virtual/powercap/intel-rapl/intel-rapl:0 && "
		 "for i in $(seq 10 80); do cp -r intel-rapl:0:0 intel-rapl:0:$i; "
		 "echo part$i >intel-rapl:0:$i/name; done",
		 t.root);
	cr_assert_eq(system(cmd), 0);
	t.p = open_at(t.root, &why);
	next_window(&t, 1000);
	/* Nothing moves. One place is kept to look at the next zone. */
	cr_expect_eq(t.e.n_domains, ENERGY_MAX_DOMAINS - 1);
	cr_expect_eq(t.e.n_gaps, ENERGY_MAX_GAPS);
	cr_expect_eq(t.e.n_gaps_dropped, ENERGY_MAX_DOMAINS - 1 - ENERGY_MAX_GAPS);
	remove_tree(&t);
}

Test(powercap, zone_without_a_name_is_shown_by_its_id)
{
	struct tree t;
	struct why why = { "" };
	char cmd[256];
	const struct energy *e;

	copy_fixture(&t, "amd");
	snprintf(cmd, sizeof(cmd), "rm %s/sys/class/powercap/intel-rapl:0:0/name", t.root);
	cr_assert_eq(system(cmd), 0);
	t.p = open_at(t.root, &why);
	e = power_domains(t.p);
	cr_assert_eq(e->n_domains, 2);
	cr_expect_str_eq(e->domain[1].name, "intel-rapl:0:0");
	cr_expect_eq(e->domain[1].kind, ENERGY_OTHER);
	cr_expect_not(e->domain[1].counted);
	remove_tree(&t);
}

static void expect_refusal(const char *root, int want, const char *text)
{
	const struct power_options o = { .meter = "powercap", .root = root };
	struct power *p = NULL;
	struct why why = { "" };
	int err = power_new(&o, &p, &why);

	cr_expect_eq(err, want, "%s: %d %s", root, err, why.text);
	cr_expect_not_null(strstr(why.text, text), "%s", why.text);
	cr_expect_null(strchr(why.text, '\n'));
	cr_expect_null(p);
}

Test(powercap, too_many_packages_are_refused)
{
	struct tree t;
	char cmd[512];

	copy_fixture(&t, "nested");
	snprintf(cmd, sizeof(cmd),
		 "cd %s/sys/class/powercap/intel-rapl && for i in $(seq 1 70); do "
		 "cp -r intel-rapl:0 intel-rapl:$i; echo package-$i >intel-rapl:$i/name; done",
		 t.root);
	cr_assert_eq(system(cmd), 0);
	expect_refusal(t.root, -E2BIG, "too many domains");
	remove_tree(&t);
}

Test(powercap, no_meter_says_what_to_do)
{
	expect_refusal(FIXTURES "guest", -ENOENT, "modprobe");
	expect_refusal(FIXTURES "guest-unknown", -ENOENT, "VM");
	expect_refusal(FIXTURES "all-broken", -EINVAL, "intel-rapl:0/energy_uj");
}

Test(powercap, root_only_files_say_so)
{
	struct tree t;
	char cmd[192];

	copy_fixture(&t, "amd");
	snprintf(cmd, sizeof(cmd),
		 "chmod -R a+rX %s && find %s -name energy_uj -exec chmod 0400 {} +", t.root,
		 t.root);
	cr_assert_eq(system(cmd), 0);
	if (geteuid() == 0)
		cr_assert_eq(seteuid(65534), 0);
	else
		cr_assert_eq(system((snprintf(cmd, sizeof(cmd),
					      "find %s -name energy_uj -exec "
					      "chmod 0 {} +",
					      t.root),
				     cmd)),
			     0);
	expect_refusal(t.root, -EACCES, "run as root");
	cr_assert_eq(seteuid(getuid()), 0);
	remove_tree(&t);
}
