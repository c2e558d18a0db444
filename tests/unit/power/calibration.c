/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* calibration.c - is what was measured on this machine taken, and nothing that was not? */
#include "power/calibration.h"

#include <math.h>

#include "jouletrail/units.h"
#include "power/counter.h"
#include "power/model.h"

#include "unit/power/tree.h"

#define FIXTURES "tests/fixtures/sys/"

static int read_text(const char *text, struct calibration *ret, struct why *why)
{
	char path[96];
	struct tree t;
	int err;

	tree_begin(&t);
	tree_file(&t, "cal", "%s", text);
	snprintf(path, sizeof(path), "%s/cal", t.root);
	err = calibration_read(path, ret, why);
	tree_end(&t);
	return err;
}

Test(calibration, what_is_in_the_file)
{
	struct calibration c;
	struct why why = { "" };

	cr_assert_eq(read_text("# of a Tuesday\n\n idle_w=38.5 # by the plug\nmax_w = 180\n"
			       "boundary = wall\nerror_percent = 5\n"
			       "package-0.idle_w = 12.25\r\n\tdram-0.idle_w\t=\t3e0",
			       &c, &why),
		     0, "%s", why.text);
	cr_expect_eq(c.idle_uw, 38500000);
	cr_expect_eq(c.max_uw, 180000000);
	cr_expect(c.wall);
	cr_expect_eq(c.error_percent, 5);
	cr_assert_eq(c.n_domains, 2);
	cr_expect_str_eq(c.domain[0].name, "package-0");
	cr_expect_eq(c.domain[0].idle_uw, 12250000);
	cr_expect_eq(c.domain[1].idle_uw, 3000000);
	cr_assert_eq(read_text("", &c, &why), 0);
	cr_expect_eq(c.idle_uw, 0);
	cr_expect_eq(c.error_percent, 10);
}

Test(calibration, what_is_not_understood)
{
	static const struct {
		const char *text;
		const char *says;
	} cases[] = {
		{ "idle_w", "line 1" },
		{ "\nidle_w = ten", "line 2" },
		{ "idle_w = -3", "'idle_w = -3'" },
		{ "idle_w = 0", "line 1" },
		{ "idle_w = nan", "line 1" },
		{ "idle_w = 1e9", "line 1" },
		{ "idle_w = 3 W", "line 1" },
		{ "watts = 3", "line 1" },
		{ ".idle_w = 3", "line 1" },
		{ "a-name-that-is-longer-than-any-domain.idle_w = 3", "line 1" },
		{ "boundary = plug", "line 1" },
		{ "error_percent = 0", "line 1" },
		{ "error_percent = 101", "line 1" },
		{ "idle_w = 3", "go together" },
		{ "idle_w = 3\nmax_w = 9", "go together" },
		{ "idle_w = 9\nmax_w = 3\nboundary = wall", "go together" },
	};
	struct calibration c;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct why why = { "" };

		cr_expect_eq(read_text(cases[i].text, &c, &why), -EINVAL, "%s", cases[i].text);
		cr_expect_not_null(strstr(why.text, cases[i].says), "%s", why.text);
	}
	cr_expect_eq(calibration_read("/nonexistent/cal", &c, NULL), -ENOENT);
	cr_expect_eq(calibration_read("/tmp", &c, NULL), -EIO);
}

static struct power *open_with(struct tree *t, const char *meter, const char *root,
			       const char *text)
{
	char path[96];
	struct power_options o = { .meter = meter, .root = root, .calibration = path };

	tree_begin(t);
	tree_file(t, "cal", "%s", text);
	snprintf(path, sizeof(path), "%s/cal", t->root);
	cr_assert_eq(power_new(&o, &t->p, &t->why), 0, "%s", t->why.text);
	return t->p;
}

static void busy(struct tree *t, uint64_t ppm)
{
	t->u.n_packages = 1;
	t->u.package[0].wall_ns = SECOND;
	t->u.package[0].task_ns = SECOND / 1000000 * ppm;
}

Test(calibration, the_model_takes_a_wall_meter)
{
	struct tree t;
	const struct energy *d = power_domains(
		open_with(&t, "model", FIXTURES "nested",
			  "idle_w = 40\nmax_w = 100\nboundary = wall\nerror_percent = 5"));

	/* RAM is inside now. */
	cr_expect_eq(d->n_domains, 1);
	cr_expect_not_null(strstr(d->domain[0].source, "calibrated: 40.00 to 100.00 W"), "%s",
			   d->domain[0].source);
	busy(&t, 0);
	tree_window(&t, 1000);
	cr_expect_eq(t.e.reading[0].energy_uj, 40 * J);
	/* Idle, only the meter's own error is left. */
	cr_expect(fabs(exp(QUANT_Z95 * t.e.domain[0].systematic.minus) - 1.05) < 1e-6);
	busy(&t, 1000000);
	tree_window(&t, 1000);
	cr_expect_eq(t.e.reading[0].energy_uj, 100 * J);
	cr_expect_eq(t.e.reading[0].idle_uj, 40 * J);
	tree_end(&t);
}

Test(calibration, of_the_packages_leaves_ram_apart)
{
	struct tree t;

	open_with(&t, "model", FIXTURES "nested", "idle_w = 4\nmax_w = 10\nboundary = package");
	tree_expect_domains(&t, "package-0* dram*");
	tree_end(&t);
}

Test(calibration, static_power_of_what_is_measured)
{
	struct tree t;

	open_with(&t, "powercap", FIXTURES "amd",
		  "package-0.idle_w = 1e-6\nno-such-domain.idle_w = 7");
	cr_expect_not_null(strstr(power_choice(t.p), "static power of 1 domain"), "%s",
			   power_choice(t.p));
	cr_expect_eq(power_domains(t.p)->domain[0].idle_power_uw, 1);
	/* Nothing was drawn before it counts as frozen: idle energy is never more than energy. */
	tree_window(&t, COUNTER_STALE_NS / JT_NS_PER_MS - 1);
	cr_expect_eq(tree_reading(&t, "package-0")->quality, ENERGY_MEASURED);
	cr_expect_eq(tree_reading(&t, "package-0")->idle_uj, 0);
	tree_end(&t);
}

Test(calibration, idle_energy_of_a_window)
{
	struct tree t;
	struct power_options o = { .meter = "powercap" };
	char path[96];

	tree_begin(&t);
	tree_file(&t, "sys/class/powercap/intel-rapl:0/name", "package-0");
	tree_file(&t, "sys/class/powercap/intel-rapl:0/energy_uj", "1");
	tree_file(&t, "cal", "package-0.idle_w = 5");
	snprintf(path, sizeof(path), "%s/cal", t.root);
	o.root = t.root;
	o.calibration = path;
	cr_assert_eq(power_new(&o, &t.p, &t.why), 0, "%s", t.why.text);
	tree_file(&t, "sys/class/powercap/intel-rapl:0/energy_uj", "30000001");
	tree_window(&t, 2000);
	cr_expect_eq(tree_reading(&t, "package-0")->energy_uj, 30 * J);
	cr_expect_eq(tree_reading(&t, "package-0")->idle_uj, 10 * J);
	tree_file(&t, "sys/class/powercap/intel-rapl:0/energy_uj", "30000002");
	tree_window(&t, 2000);
	cr_expect_eq(tree_reading(&t, "package-0")->idle_uj, 1);
	tree_end(&t);
}

/* The shape between idle and maximum, against machines whose own idle and maximum are given. */
Test(calibration, interval_covers_measured_machines)
{
	FILE *f = fopen("tests/fixtures/power/cpu_load_measured.tsv", "re");
	struct {
		char cpu[64];
		unsigned int pct, mw;
	} point[64];
	size_t n = 0, n_covered = 0;
	char line[256];

	cr_assert_not_null(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned int packages;

		if (*line != '#')
			n += sscanf(line, "%u\t%63[^\t]\t%u\t%u", &packages, point[n].cpu,
				    &point[n].pct, &point[n].mw) == 4;
	}
	fclose(f);
	cr_assert_eq(n, 44);
	for (size_t i = 0; i < n; i++) {
		unsigned int idle_mw = 0, max_mw = 0;
		struct model_cpu m = { 0 };
		struct quant_sides s;
		double ratio;

		for (size_t k = 0; k < n; k++) {
			if (strcmp(point[k].cpu, point[i].cpu) != 0)
				continue;
			idle_mw = point[k].pct <= 3 ? point[k].mw : idle_mw;
			max_mw = point[k].pct == 100 ? point[k].mw : max_mw;
		}
		model_calibrate(idle_mw * 1000, max_mw * 1000, 1, &m);
		s = model_sides(&m, point[i].pct * 10000);
		ratio = point[i].mw * 1e3 /
			(double)model_power_uw(m.idle_uw, m.max_uw, point[i].pct * 10000);
		n_covered += ratio > exp(-QUANT_Z95 * s.minus) && ratio < exp(QUANT_Z95 * s.plus);
	}
	/* 100 % is exact by construction, with 1 % of error. */
	cr_expect_eq(n_covered, n, "%zu of %zu", n_covered, n);
}
