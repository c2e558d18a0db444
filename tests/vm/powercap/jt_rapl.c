// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/* jt_rapl.c - test-only module: an intel-rapl tree of the real powercap class with known power. */
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/module.h>
#include <linux/powercap.h>

/*
 * Every zone draws a constant power: its energy is that times the time since the module came.
 * Counters are in steps of 1 uJ, show at most range_uj and go on at 0 a step later, as RAPL's do.
 */
#define N_ZONES 3

static const char *const names[N_ZONES] = { "package-0", "core", "dram" };
static const u64 watts[N_ZONES] = { 50, 20, 5 };

static unsigned long range_uj = 100000000;
module_param(range_uj, ulong, 0444);
static unsigned long tdp_uw = 30000000;
module_param(tdp_uw, ulong, 0444);

/* The truth: energy without wraps at the first and at the last read of each zone, uJ. */
static unsigned long first_uj[N_ZONES], last_uj[N_ZONES];
module_param_array(first_uj, ulong, NULL, 0444);
module_param_array(last_uj, ulong, NULL, 0444);

static struct powercap_control_type *control;
static struct powercap_zone zone[N_ZONES];
static bool is_registered[N_ZONES];
static ktime_t began;

static int get_energy_uj(struct powercap_zone *z, u64 *ret)
{
	size_t i = (size_t)(z - zone);
	u64 uj = div_u64((u64)ktime_to_ns(ktime_sub(ktime_get(), began)) * watts[i], 1000);

	/* As a counter that has run for a while. */
	uj += 1000000;
	if (!first_uj[i])
		first_uj[i] = uj;
	last_uj[i] = uj;
	div64_u64_rem(uj, range_uj + 1, ret);
	return 0;
}

static int get_max_energy_range_uj(struct powercap_zone *z, u64 *ret)
{
	*ret = range_uj;
	return 0;
}

static int get_enable(struct powercap_zone *z, bool *ret)
{
	*ret = true;
	return 0;
}

static int set_enable(struct powercap_zone *z, bool yes)
{
	return 0;
}

static int release(struct powercap_zone *z)
{
	return 0;
}

static const struct powercap_zone_ops zone_ops = {
	.get_energy_uj = get_energy_uj,
	.get_max_energy_range_uj = get_max_energy_range_uj,
	.get_enable = get_enable,
	.set_enable = set_enable,
	.release = release,
};

static int get_limit(struct powercap_zone *z, int id, u64 *ret)
{
	*ret = tdp_uw;
	return 0;
}

static int set_limit(struct powercap_zone *z, int id, u64 uw)
{
	return -EPERM;
}

static int get_window(struct powercap_zone *z, int id, u64 *ret)
{
	*ret = 27983872;
	return 0;
}

static const char *get_constraint_name(struct powercap_zone *z, int id)
{
	return "long_term";
}

static const struct powercap_zone_constraint_ops constraint_ops = {
	.get_power_limit_uw = get_limit,
	.set_power_limit_uw = set_limit,
	.get_time_window_us = get_window,
	.set_time_window_us = set_limit,
	.get_max_power_uw = get_limit,
	.get_name = get_constraint_name,
};

static void remove_all(void)
{
	int i;

	for (i = N_ZONES - 1; i >= 0; i--)
		if (is_registered[i])
			powercap_unregister_zone(control, &zone[i]);
	powercap_unregister_control_type(control);
}

static int __init jt_rapl_init(void)
{
	int i;

	began = ktime_get();
	control = powercap_register_control_type(NULL, "intel-rapl", NULL);
	if (IS_ERR(control))
		return PTR_ERR(control);
	for (i = 0; i < N_ZONES; i++) {
		struct powercap_zone *z =
			powercap_register_zone(&zone[i], control, names[i], i ? &zone[0] : NULL,
					       &zone_ops, 1, &constraint_ops);

		if (IS_ERR(z)) {
			remove_all();
			return PTR_ERR(z);
		}
		is_registered[i] = true;
	}
	return 0;
}

static void __exit jt_rapl_exit(void)
{
	remove_all();
}

module_init(jt_rapl_init);
module_exit(jt_rapl_exit);
MODULE_LICENSE("Dual BSD/GPL");
MODULE_DESCRIPTION("an intel-rapl powercap tree with known power, for tests");
