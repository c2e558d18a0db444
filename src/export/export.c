/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* export.c - see export.h: which output a format stands for. */
#include "export/export.h"

#include <errno.h>
#include <string.h>

#include "export/number.h"
#include "export/outputs.h"

int export_parse_format(const char *word, enum export_format *ret)
{
	static const char *const words[] = { [EXPORT_HUMAN] = "human",
					     [EXPORT_JSON] = "json",
					     [EXPORT_CSV] = "csv",
					     [EXPORT_HTML] = "html" };

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i])) {
			*ret = (enum export_format)i;
			return 0;
		}
	}
	return -EINVAL;
}

void export_run_report(struct buf *out, enum export_format f, const struct export_run *r)
{
	switch (f) {
	case EXPORT_HUMAN:
		output_human_run(out, r);
		break;
	case EXPORT_JSON:
		output_json_run(out, r);
		break;
	case EXPORT_CSV:
		output_csv(out, r->total);
		break;
	case EXPORT_HTML: /* of reports alone */
		break;
	}
}

void export_top(struct buf *out, enum export_format f, const struct tick *t)
{
	switch (f) {
	case EXPORT_HUMAN:
		output_human_top(out, t);
		break;
	case EXPORT_JSON:
		output_json_top(out, t);
		break;
	case EXPORT_CSV:
		output_csv(out, t);
		break;
	case EXPORT_HTML:
		break;
	}
}

bool export_has_energy(const struct tick *t)
{
	return t->quality != ENERGY_MISSING || t->host.energy_uj > 0;
}

void export_human_energy(struct buf *out, const struct quant_interval_u64 *v)
{
	number_put_interval(out, v, "J");
}

void export_human_co2e(struct buf *out, const struct quant_interval_u64 *v)
{
	number_put_interval(out, v, "g CO2e");
}
