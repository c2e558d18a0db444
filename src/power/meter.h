/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* meter.h - what every meter gives power.c: one file and one row of the table each. */
#ifndef POWER_METER_H
#define POWER_METER_H

#include "power/power.h"

struct meter_time {
	uint64_t mono_ns;
	uint64_t suspended_ns; /* time asleep since boot */
};

/* What a meter can give the host's total. */
#define METER_CPU (1U << 0) /* packages, and DRAM beside them */
#define METER_GPU (1U << 1)

/*
 * open    appends its domains to domains->domain (parents by index) and takes the first reading.
 *         Opening changes nothing on the machine, so trying is also the probe. 0 (*ret is the
 *         caller's, for close), or -errno with the reason and its mend in why; what it appended is
 *         then dropped. -ENOENT: the machine has no such meter. o->hooks is never NULL.
 * sample  takes a reading: between windows for meters that wrap, and before each read; may be NULL
 * read    ends the window: fills ret->reading and adds gaps for this meter's domains
 * max_interval_ns  longest time between two samples; NULL = any
 * mirror  describes the i-th domain that was found, is the same as one that is read, and is
 *         therefore not read; false = no more; may be NULL
 * close   takes NULL
 */
struct meter_ops {
	const char *name;
	unsigned int covers; /* METER_*; 0 = nothing: taken when there is nothing else */
	int (*open)(const struct power_options *o, struct energy *domains, void **ret,
		    struct why *why);
	void (*sample)(void *meter, const struct meter_time *t);
	void (*read)(void *meter, const struct usage *u, struct energy *ret);
	uint64_t (*max_interval_ns)(const void *meter);
	bool (*mirror)(const void *meter, size_t i, struct energy_domain *ret);
	void (*close)(void *meter);
};

extern const struct meter_ops powercap_ops;
extern const struct meter_ops perf_ops;
extern const struct meter_ops msr_ops;
extern const struct meter_ops hwmon_ops;
extern const struct meter_ops gpu_ops;
extern const struct meter_ops model_ops;
extern const struct meter_ops none_ops;

/* The time of opening. */
struct meter_time meter_now(const struct power_options *o);

/*
 * Marks the reading of domain as missing for the whole of window w. reason is static. Gaps beyond
 * ENERGY_MAX_GAPS are counted only.
 */
void meter_add_gap(struct energy *e, size_t domain, const char *reason, const struct window *w);

#endif /* POWER_METER_H */
