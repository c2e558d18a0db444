/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ledger_make.h - ticks of as many consumers as wanted, whose sample records have 600 bytes. */
#ifndef LEDGER_MAKE_H
#define LEDGER_MAKE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ledger/ledger.h"
#include "unit/ledger/made_up.h"

/* A tick of n samples by cgroup or by process; static, of the next window. */
static inline const struct tick *ledger_make_tick(size_t n, enum record_kind by, uint64_t index)
{
	static struct made_up m;
	static struct sample *sample;
	static char(*path)[96];
	struct tick *t = &m.tick;

	if (!sample) {
		sample = calloc(n, sizeof(*sample));
		path = calloc(n, sizeof(*path));
		if (!sample || !path)
			abort();
	}
	made_up_tick(&m, index);
	t->by = by;
	t->sample = sample;
	t->n_samples = n;
	t->host.attributed_uj = 0;
	t->host_co2e.value = t->idle_co2e_ug + t->unattributed_co2e_ug;
	for (size_t i = 0; i < n; i++) {
		struct sample *s = &sample[i];

		made_up_sample(s, 0);
		s->kind = by;
		s->tgid = 1000 + (uint32_t)i;
		snprintf(path[i], sizeof(path[i]), "/system.slice/docker-%016zx%016zx.scope",
			 i * 2654435761u, i + index);
		s->cgroup = path[i];
		s->name = "registry.example/team/service";
		s->cgroup_id = 4000 + i;
		s->energy_uj = 1000000 + i * 977 + index % 1013;
		s->co2e_ug = 130 + i;
		s->cpu_ns = 12345678 + i * 31337 + index;
		t->host.attributed_uj += s->energy_uj;
		t->host_co2e.value += s->co2e_ug;
	}
	t->host.energy_uj = t->host.idle_uj + t->host.attributed_uj + t->host.unattributed_uj;
	t->domain_sum[0] = t->host;
	return t;
}

#endif /* LEDGER_MAKE_H */
