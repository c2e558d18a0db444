/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* report_branches.c - cgroups of a report with all below them. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/json.h"
#include "base/prefixes.h"
#include "cli/report_write.h"
#include "export/parts.h"

struct report_growth {
	const struct report *r;
	struct json_writer *w;
	size_t n;
};

static int report_branch(const char *path, size_t len, const size_t *index, size_t n, void *arg)
{
	struct report_growth *g = arg;
	struct quant_interval_u64 energy, co2e;
	struct report_sum all = { 0 }, own = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct report_group *one = &g->r->group[index[i]];

		report_sum_merge(&all, &one->sum);
		if (!one->cgroup[len])
			report_sum_merge(&own, &one->sum);
	}
	if (!g->n++) {
		json_key(g->w, "branches");
		json_array_begin(g->w);
	}
	report_intervals(g->r, &all, &energy, &co2e);
	json_object_begin(g->w);
	json_key(g->w, "cgroup");
	json_bytes(g->w, path, len);
	parts_json_interval(g->w, "co2e_ug", all.total.n > 0, &co2e);
	json_kv_u64(g->w, "cpu_ns", all.cpu_ns);
	parts_json_interval(g->w, "energy_uj", all.total.n > 0, &energy);
	json_kv_u64(g->w, "n_cgroups", n);
	json_kv_u64(g->w, "own_cpu_ns", own.cpu_ns);
	json_kv_u64(g->w, "own_energy_uj", own.total.energy_uj);
	json_object_end(g->w);
	return 0;
}

void report_json_branches(struct json_writer *w, const struct report *r)
{
	CLEANUP(cleanup_free) const char **path = calloc(r->n_groups + 1, sizeof(char *));
	struct report_growth g = { .r = r, .w = w };

	if (!path || (r->by != RECORD_CGROUP && r->by != RECORD_SLICE))
		return;
	for (size_t i = 0; i < r->n_groups; i++)
		path[i] = r->group[i].cgroup;
	if (prefixes_each(path, r->n_groups, report_branch, &g))
		w->out->err = -ENOMEM;
	if (g.n)
		json_array_end(w);
}
