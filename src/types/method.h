/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* method.h - by what rules energy is divided: chosen once per run, written in every tick. */
#ifndef TYPES_METHOD_H
#define TYPES_METHOD_H

#include "jouletrail/weight.h"

/* Who has the static energy, which is drawn whether anybody runs or not. */
enum method_idle_policy {
	METHOD_SEPARATE = 0, /* nobody: a line of its own */
	METHOD_PROPORTIONAL, /* those who ran, as the rest */
	METHOD_RESERVED,     /* the cgroups that reserve the CPUs, whether they ran or not */
};

/* Where the static power of a measured domain is from. A model knows its own in any case. */
enum method_static_power {
	METHOD_CALIBRATED = 0, /* a calibration file; none without one */
	METHOD_LEARNT,	       /* the quietest windows of the last hour */
	METHOD_NONE,	       /* 0 W */
};

/*
 * What a second counts in which the sibling thread was busy, in percent of one that had the core
 * to itself: both together draw 1.1 times what one alone draws. HaPPy (Zhai et al., USENIX ATC
 * 2014) measured 1.1 on a Sandy Bridge Xeon; DEEP-mon takes it over.
 */
#define METHOD_CORUN_PERCENT 55

struct method {
	enum method_idle_policy idle_policy;
	enum method_static_power static_power;
	enum jt_weight weight;	    /* set from each window's usage */
	unsigned int corun_percent; /* 50 to 100; for JT_WEIGHT_SMT */
};

#define METHOD_DEFAULT                                \
	{                                             \
		.corun_percent = METHOD_CORUN_PERCENT \
	}

/* The words of --idle-policy and --static-power. Parsing returns 0 or -EINVAL. */
const char *method_idle_policy_name(enum method_idle_policy p);
int method_idle_policy_parse(const char *name, enum method_idle_policy *ret);
const char *method_static_power_name(enum method_static_power s);
int method_static_power_parse(const char *name, enum method_static_power *ret);

#endif /* TYPES_METHOD_H */
