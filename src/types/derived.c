/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* derived.c - see derived.h. */
#include "types/derived.h"

bool record_allocation_ppm(const struct tick *t, const struct sample *s, uint64_t *ret)
{
	uint64_t all_uj = t->host.attributed_uj;

	if (all_uj == 0)
		return false;
	*ret = (uint64_t)(((jt_product)s->energy_uj * JT_PPM_PER_1 + all_uj / 2) / all_uj);
	return true;
}

bool record_platform_rest_uj(const struct tick *t, uint64_t *ret)
{
	uint64_t platform_uj = 0, inside_uj = 0;
	bool has_platform = false, has_package = false;

	for (size_t i = 0; i < t->n_domains; i++) {
		enum energy_domain_kind kind = t->domain[i].kind;
		bool counted = t->domain[i].counted;

		if ((kind == ENERGY_PSYS && !counted) ||
		    ((kind == ENERGY_PACKAGE || kind == ENERGY_DRAM) && counted)) {
			if (t->domain_quality[i] != ENERGY_MEASURED)
				return false;
			has_platform |= kind == ENERGY_PSYS;
			has_package |= kind == ENERGY_PACKAGE;
			*(kind == ENERGY_PSYS ? &platform_uj : &inside_uj) +=
				t->domain_sum[i].energy_uj;
		}
	}
	if (!has_platform || !has_package)
		return false;
	/* Two meters: the rest can come out below 0 where it is next to nothing. */
	*ret = platform_uj > inside_uj ? platform_uj - inside_uj : 0;
	return true;
}

struct quant_interval_u64 record_power_uw(const struct quant_interval_u64 *energy_uj, uint64_t ns)
{
	return (struct quant_interval_u64){ .value = jt_mean_power_uw(energy_uj->value, ns),
					    .low = jt_mean_power_uw(energy_uj->low, ns),
					    .high = jt_mean_power_uw(energy_uj->high, ns) };
}
