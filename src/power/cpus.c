/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cpus.c - see cpus.h. */
#include "power/cpus.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const struct cpu_row table[] = {
#include "power/cpus.inc"
};

#define N_ROWS (sizeof(table) / sizeof(*table))

const struct cpu_row *cpus_table(size_t *ret_n)
{
	*ret_n = N_ROWS;
	return table;
}

const struct cpu_row *cpus_find_model(const char *name)
{
	char key[CPU_NAME_LEN];

	cpuinfo_normalise_name(name, key, sizeof(key));
	/* Looked up once, at start. */
	for (size_t i = 0; i < N_ROWS; i++)
		if (table[i].kind == CPU_MODEL && !strcmp(table[i].key, key))
			return &table[i];
	return NULL;
}

static bool is_cpuid(const char *spec, const struct cpuinfo *ci)
{
	char vendor[32], word[32];
	unsigned int family, model_lo, model_hi, step_lo, step_hi;

	if (sscanf(spec, "%31[^:]:%u:%u-%u:%u-%u:%31s", vendor, &family, &model_lo, &model_hi,
		   &step_lo, &step_hi, word) != 7)
		return false;
	return !strcmp(vendor, ci->vendor) && family == ci->family && ci->model >= model_lo &&
	       ci->model <= model_hi && ci->stepping >= step_lo && ci->stepping <= step_hi &&
	       strcasestr(ci->name, word);
}

const struct cpu_row *cpus_find_uarch(const struct cpuinfo *ci)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (table[i].kind == CPU_UARCH && is_cpuid(table[i].cpuid, ci))
			return &table[i];
	return NULL;
}

const struct cpu_row *cpus_generic(void)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (table[i].kind == CPU_GENERIC)
			return &table[i];
	assert(!"cpus.tsv has a generic row");
	return NULL;
}
