/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-baseline.c - what run --compare reads, and what is then said of it. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/comparable.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct export_comparison c = { .baseline = "base.json" };
	struct comparable a, b;
	struct why why = { "" };
	struct buf out = { 0 };

	if (comparable_parse((const char *)data, size, &a, &why)) {
		if (!why.text[0])
			abort();
		return 0;
	}
	b = a;
	b.energy_uj = a.energy_uj / 2 + 1;
	if (!comparable_compare(&b, &a, NULL, &c, &why)) {
		if (c.energy.low_ppm > c.energy.ratio_ppm || c.energy.high_ppm < c.energy.ratio_ppm)
			abort();
		comparable_write(&out, &c, &b, &a);
	}
	buf_free(&out);
	return 0;
}
