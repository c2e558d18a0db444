/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* hwmon.c - which chips are part of the host's total, and is each counted as what it is? */
#include "power/sensors.h"
#include "unit/power/tree.h"

/* A value (and label) of a chip. */
static void chip(const struct tree *t, int n, const char *name, const char *stem, const char *label,
		 const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), SENSORS_DIR "/hwmon%d/name", n);
	tree_file(t, path, "%s", name);
	snprintf(path, sizeof(path), SENSORS_DIR "/hwmon%d/%s_%s", n, stem,
		 strstr(name, "amdgpu") || strstr(name, "power_meter") ? "average" : "input");
	tree_file(t, path, "%s", value);
	if (!label)
		return;
	snprintf(path, sizeof(path), SENSORS_DIR "/hwmon%d/%s_label", n, stem);
	tree_file(t, path, "%s", label);
}

Test(hwmon, amd_energy_and_a_card)
{
	struct tree t;

	tree_begin(&t);
	chip(&t, 0, "nvme", "temp1", NULL, "40000");
	chip(&t, 1, "amd_energy", "energy1", "Ecore000", "5");
	chip(&t, 1, "amd_energy", "energy2", "Esocket1", "1000000");
	chip(&t, 1, "amd_energy", "energy3", "Esocket0", "2000000");
	chip(&t, 2, "amdgpu", "power1", "PPT", "30000000");
	chip(&t, 10, "ina226", "power1", NULL, "1000000");
	tree_start(&t, "hwmon", NULL);
	tree_expect_domains(&t, "package-1* package-0* gpu-0* amd_energy-Ecore000 ina226-power1");
	cr_expect_str_eq(power_domains(t.p)->domain[0].factor, "rapl_gain");
	cr_expect_str_eq(power_domains(t.p)->domain[2].factor, "hwmon_gain");
	cr_expect_str_eq(power_domains(t.p)->domain[2].source,
			 "hwmon amdgpu PPT (power, integrated)");
	cr_expect_eq(power_max_interval_ns(t.p), SECOND / 10);
	chip(&t, 1, "amd_energy", "energy2", "Esocket1", "8000000");
	chip(&t, 1, "amd_energy", "energy3", "Esocket0", "3000000");
	for (uint64_t ms = 100; ms < 1000; ms += 100)
		power_poll(t.p, ms * 1000000);
	tree_window(&t, 1000);
	cr_expect_eq(tree_reading(&t, "package-1")->energy_uj, 7 * J);
	cr_expect_eq(tree_reading(&t, "package-0")->energy_uj, 1 * J);
	/* Microwatts are no microjoules: 30 W for a second. */
	cr_expect_eq(tree_reading(&t, "gpu-0")->energy_uj, 30 * J);
	cr_expect_eq(energy_total_uj(&t.e), 38 * J);
	tree_end(&t);
}

Test(hwmon, graphics_inside_a_cpu_are_not_added)
{
	struct tree t;

	tree_begin(&t);
	chip(&t, 0, "amdgpu", "power1", "PPT", "30000000");
	tree_file(&t, SENSORS_DIR "/hwmon0/in1_input", "900");
	tree_start(&t, "hwmon", NULL);
	tree_expect_domains(&t, "amdgpu-PPT");
	tree_end(&t);
}

Test(hwmon, cards_of_two_makers_add_up_and_xe_once)
{
	struct tree t;

	tree_begin(&t);
	chip(&t, 0, "i915", "energy1", NULL, "10");
	chip(&t, 1, "xe", "energy1", "card", "10");
	chip(&t, 1, "xe", "energy2", "pkg", "10");
	chip(&t, 1, "xe", "power1", "card", "10");
	tree_start(&t, "hwmon", NULL);
	tree_expect_domains(&t, "gpu-0* gpu-1* xe-pkg");
	cr_expect_str_eq(power_domains(t.p)->domain[2].why_not, "inside the card");
	chip(&t, 0, "i915", "energy1", NULL, "3000010");
	chip(&t, 1, "xe", "energy1", "card", "5000010");
	chip(&t, 1, "xe", "energy2", "pkg", "4000010");
	tree_window(&t, 1000);
	cr_expect_eq(energy_total_uj(&t.e), 8 * J);
	tree_end(&t);
}

Test(hwmon, a_meter_of_the_whole_machine_stands_alone)
{
	struct tree t;

	tree_begin(&t);
	chip(&t, 0, "power_meter", "power1", NULL, "250000000");
	chip(&t, 1, "amdgpu", "power1", NULL, "30000000");
	chip(&t, 2, "power_meter", "power1", NULL, "250000000");
	tree_start(&t, "auto", NULL);
	tree_expect_domains(&t, "psys* gpu-0 psys-power1-2");
	power_free(t.p);
	/* With packages it is shown only. */
	tree_file(&t, "sys/class/powercap/intel-rapl:0/name", "package-0");
	tree_file(&t, "sys/class/powercap/intel-rapl:0/energy_uj", "1");
	tree_remove(&t, SENSORS_DIR "/hwmon2/power1_average");
	tree_start(&t, "auto", NULL);
	tree_expect_domains(&t, "package-0*");
	power_free(t.p);
	tree_start(&t, "powercap,hwmon", NULL);
	tree_expect_domains(&t, "package-0* psys gpu-0");
	tree_end(&t);
}

Test(hwmon, values_that_are_no_numbers)
{
	static const struct {
		const char *text;
		const char *reason;
	} cases[] = {
		{ "", "rubbish" },	     { "-1", "rubbish" },
		{ "1e6", "rubbish" },	     { "18446744073709551616", "rubbish" },
		{ "4000000000", "rubbish" },
	};
	struct tree t;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		tree_begin(&t);
		chip(&t, 0, "amdgpu", "power1", NULL, "30000000");
		tree_start(&t, "hwmon", NULL);
		chip(&t, 0, "amdgpu", "power1", NULL, cases[i].text);
		tree_window(&t, 1000);
		cr_expect_str_eq(tree_gap(&t, "gpu-0"), cases[i].reason);
		chip(&t, 0, "amdgpu", "power1", NULL, "30000000");
		tree_window(&t, 1000);
		tree_window(&t, 1000);
		cr_expect_eq(tree_reading(&t, "gpu-0")->energy_uj, 30 * J);
		/* Unread for longer than its intervals allow. */
		tree_window(&t, 5000);
		cr_expect_str_eq(tree_gap(&t, "gpu-0"), "pause");
		tree_end(&t);
	}
}

Test(hwmon, nothing_there)
{
	struct tree t;

	tree_begin(&t);
	cr_expect_eq(tree_try(&t, "hwmon", NULL), -ENOENT);
	chip(&t, 0, "coretemp", "temp1", NULL, "40000");
	tree_file(&t, SENSORS_DIR "/hwmon1/energy1_input", "1"); /* no name: no chip */
	cr_expect_eq(tree_try(&t, "hwmon", NULL), -ENOENT);
	cr_expect_not_null(strstr(t.why.text, "no sensor of energy or power"), "%s", t.why.text);
	tree_end(&t);
}

Test(hwmon, many_sensors_of_unknown_chips)
{
	char stem[16];
	struct tree t;

	tree_begin(&t);
	for (int n = 0; n < 5; n++)
		for (int i = 1; i <= 16; i++) {
			snprintf(stem, sizeof(stem), "power%d", i);
			chip(&t, n, "ina", stem, "same label, and a very long one at that", "1");
		}
	chip(&t, 9, "amdgpu", "power1", NULL, "30000000");
	tree_start(&t, "hwmon", NULL);
	cr_expect_eq(power_domains(t.p)->n_domains, SENSORS_MAX);
	cr_expect_str_eq(power_domains(t.p)->domain[0].name, "gpu-0");
	for (size_t i = 0; i < SENSORS_MAX; i++)
		for (size_t k = 0; k < i; k++)
			cr_expect_str_neq(power_domains(t.p)->domain[i].name,
					  power_domains(t.p)->domain[k].name);
	tree_end(&t);
}
