/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* none.c - no meter at all: every figure of energy is missing, CPU time is still accounted. */
#include "power/meter.h"

static int none_open(const struct power_options *o, struct energy *domains, void **ret,
		     struct why *why)
{
	(void)o;
	(void)domains;
	(void)why;
	*ret = NULL;
	return 0;
}

static void none_read(void *meter, const struct usage *u, struct energy *ret)
{
	(void)meter;
	(void)u;
	(void)ret;
}

static void none_close(void *meter)
{
	(void)meter;
}

const struct meter_ops none_ops = {
	.name = "none",
	.open = none_open,
	.read = none_read,
	.close = none_close,
};
