/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* remedy.c - what would make a source of uncertainty smaller. */
#include <string.h>

#include "export/export.h"

/* By the name that the meter, the attribution or the grid goes by in the budget. */
static const struct {
	const char *source;
	const char *remedy;
} remedies[] = {
	{ "annual_mean", "a measured series of the grid" },
	{ "attribution", "--weight smt; or run it alone" },
	{ "counter", "a longer run" },
	{ "cpu_model", "calibrate --wall-idle, --wall-max" },
	{ "cpu_model_low", "calibrate --wall-idle, --wall-max" },
	{ "dram_model", "a meter of the memory" },
	{ "hwmon_gain", "a calibrated meter" },
	{ "intensity", "a figure from nearer the machine" },
	{ "nvml_gain", "a calibrated meter" },
	{ "rapl_dram_gain", "a calibrated meter" },
	{ "rapl_gain", "a calibrated meter at the wall" },
};

const char *export_remedy(const struct record_budget *source, bool no_zone)
{
	if (no_zone && !strcmp(source->source, "intensity"))
		return "give --zone";
	for (size_t i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++)
		if (!strcmp(source->source, remedies[i].source))
			return remedies[i].remedy;
	return NULL;
}
