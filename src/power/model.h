/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* model.h - power of one hardware thread at a load, with its 95 % coverage interval. */
#ifndef POWER_MODEL_H
#define POWER_MODEL_H

#include "power/cpu.h"

struct model_mw {
	double low, central, high;
};

/*
 * load 0 … 1 (beyond is cut), of the whole package. SPECpower rows: linear between idle and full
 * load, as SPECpower's own curves nearly are; TDP rows: the curve of docs/power.md.
 */
struct model_mw model_mw(const struct model_row *row, double load);

#endif /* POWER_MODEL_H */
