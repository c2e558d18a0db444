/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* machine.h - made-up windows of a made-up machine, for the tests of attrib and carbon. */
#ifndef TESTS_UNIT_MACHINE_H
#define TESTS_UNIT_MACHINE_H

#include <stdio.h>
#include <string.h>

#include "random.h"
#include "types/energy.h"
#include "types/intensity.h"
#include "types/usage.h"

#define MACHINE_MAX_ROWS  256
#define MACHINE_WINDOW_NS UINT64_C(1000000000)

struct machine {
	struct usage_row row[MACHINE_MAX_ROWS];
	struct usage usage;
	struct energy energy;
};

/* One second of n_packages x 4 CPUs, without rows and domains yet. */
static inline void machine_init(struct machine *m, unsigned int n_packages)
{
	*m = (struct machine){ 0 };
	m->usage.rows = m->row;
	m->usage.capacity = MACHINE_MAX_ROWS;
	m->usage.n_packages = n_packages;
	m->usage.n_cpus = 4 * n_packages;
	m->usage.threads_per_core = 1;
	m->usage.window.end_mono_ns = MACHINE_WINDOW_NS;
	m->usage.window.end_real_us = 1000000;
}

/* A single-threaded process that ran ns on the package. */
static inline struct usage_row *machine_row(struct machine *m, uint32_t tgid, unsigned int package,
					    uint64_t ns)
{
	struct usage_row *row = &m->row[m->usage.n_rows++];

	*row = (struct usage_row){
		.pid = tgid,
		.tgid = tgid,
		.start_boottime_ns = 1000 + tgid,
		.cgroup_id = 100 + tgid % 5,
		.total_ns = ns,
	};
	row->cpu_ns[package] = ns;
	snprintf(row->comm, sizeof(row->comm), "task-%u", tgid);
	return row;
}

/* A counted package domain, measured, with the gain of all meters. */
static inline struct energy_reading *machine_domain(struct machine *m, int package, uint64_t uj,
						    uint64_t idle_uj)
{
	size_t i = m->energy.n_domains++;

	m->energy.domain[i] = (struct energy_domain){
		.kind = ENERGY_PACKAGE,
		.package = package,
		.parent = -1,
		.counted = true,
		.quality = ENERGY_MEASURED,
		.systematic = { 0.02, 0.03 },
		.factor = "rapl_gain",
	};
	snprintf(m->energy.domain[i].name, ENERGY_NAME_LEN, "domain-%zu", i);
	m->energy.reading[i] = (struct energy_reading){
		.energy_uj = uj,
		.idle_uj = idle_uj,
		.quality = ENERGY_MEASURED,
	};
	return &m->energy.reading[i];
}

/* Books that agree with the rows: the rest of the window was idle. */
static inline void machine_books(struct machine *m)
{
	struct usage_books *b = &m->usage.books;

	b->wall_ns =
		m->usage.n_cpus * (m->usage.window.end_mono_ns - m->usage.window.begin_mono_ns);
	b->task_ns = 0;
	for (size_t i = 0; i < m->usage.n_rows; i++)
		b->task_ns += m->row[i].total_ns;
	b->idle_ns = b->wall_ns > b->task_ns ? b->wall_ns - b->task_ns : 0;
}

/* Up to MACHINE_MAX_ROWS rows on up to 8 packages with up to 3 domains each. */
static inline void machine_random(struct machine *m, struct random_source *r)
{
	unsigned int n_packages = 1 + (unsigned int)random_below(r, JT_MAX_PACKAGES);
	size_t n_rows = random_below(r, 40);

	machine_init(m, n_packages);
	m->usage.threads_per_core = 1 + (unsigned int)random_below(r, 2);
	for (size_t i = 0; i < n_rows; i++) {
		struct usage_row *row = machine_row(m, 1 + (uint32_t)random_below(r, 30), 0,
						    random_below(r, 100000000));

		row->pid = row->tgid + 1000 * (uint32_t)random_below(r, 2);
		row->ended = random_below(r, 3) == 0;
		row->cpu_ns[n_packages - 1] += random_below(r, 1000);
		row->total_ns = 0;
		for (unsigned int p = 0; p < n_packages; p++)
			row->total_ns += row->cpu_ns[p];
		if (random_below(r, 10) == 0) {
			row->tgid = 0;
			row->flags |= JT_CELL_OVERFLOW;
		}
		if (row->tgid % 3 == 0)
			row->flags |= JT_CELL_LINEAGE;
	}
	for (size_t i = random_below(r, 3 * n_packages + 1); i > 0; i--) {
		struct energy_reading *reading =
			machine_domain(m, (int)random_below(r, n_packages + 1) - 1,
				       random_below(r, 300000000), random_below(r, 100000000));
		struct energy_domain *d = &m->energy.domain[m->energy.n_domains - 1];

		reading->random_sd_uj = (double)random_below(r, 10000);
		reading->quality = (enum energy_quality)(random_below(r, 10) ? 2 : 0);
		d->counted = random_below(r, 5) != 0;
		d->kind = (enum energy_domain_kind)random_below(r, ENERGY_OTHER + 1);
		snprintf(d->factor, ENERGY_NAME_LEN, "factor-%u",
			 (unsigned int)random_below(r, 12));
		d->systematic.minus = random_unit(r) / 4;
		d->systematic.plus = random_unit(r) / 4;
	}
	machine_books(m);
}

static inline struct intensity machine_france(void)
{
	return (struct intensity){
		.zone = "FR",
		.mg_per_kwh = 44200,
		.low_mg_per_kwh = 22200,
		.high_mg_per_kwh = 115700,
		.kind = "average",
		.is_annual_mean = true,
	};
}

#endif /* TESTS_UNIT_MACHINE_H */
