/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * estimate.h - carbon of energy that was measured elsewhere: energy x PUE x intensity, with the
 * share of what it took to build the machine. Pure. Formulas: docs/method.md, "Any energy".
 */
#ifndef CARBON_ESTIMATE_H
#define CARBON_ESTIMATE_H

#include <stdbool.h>
#include <stdint.h>

#include "carbon/site.h"
#include "quant/interval.h"
#include "types/intensity.h"

struct estimate_input {
	struct quant_interval_u64
		energy_uj;	    /* of the machine, 95 %; value alone where ends equal */
	uint64_t duration_ns;	    /* over which it was drawn; 0 = not known */
	struct intensity intensity; /* of that time */
	struct site_pue pue;	    /* 1,000,000 ppm thrice = none */
	const struct site_embodied *embodied; /* NULL = leave it out */
	double share;			      /* of the machine that was reserved: 1 = all of it */
};

/*
 * Returns 0; -EINVAL for an interval that is none (0 < low <= value <= high, all 0, or value
 * alone), PUE below 1, a share outside 0 to 1, or embodied carbon without a duration; -EOVERFLOW.
 */
int estimate_run(const struct estimate_input *in, struct estimate *ret);

/*
 * The same of energy that was measured, with the carbon in it: energy x intensity, 95 %, whatever
 * that hangs on. in->intensity is not looked at. An interval may begin at 0, and a figure be 0 with
 * an upper end: then there is nothing to be relative to, and PUE stretches that end.
 */
int estimate_measured(const struct estimate_input *in, const struct quant_interval_u64 *co2e_ug,
		      struct estimate *ret);

#endif /* CARBON_ESTIMATE_H */
