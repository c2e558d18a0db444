/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* made_up.h - captures of runs that never were, sound ones and hostile ones. */
#ifndef TESTS_UNIT_DAEMON_MADE_UP_H
#define TESTS_UNIT_DAEMON_MADE_UP_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/capture.h"
#include "unit/random.h"

#define MADE_UP_ROWS 8

struct made_up {
	struct random_source r;
	bool hostile; /* figures of any size, which need not go together */
	char path[64];
	struct capture_head head;
	struct intensity intensity;
	struct usage usage;
	struct usage_row row[MADE_UP_ROWS];
	struct energy energy;
	struct sample sample[2];
	struct tick tick;
};

static inline uint64_t made_up_figure(struct made_up *m, uint64_t usual)
{
	if (m->hostile && random_below(&m->r, 4) == 0)
		return random_any_size(&m->r);
	return random_below(&m->r, usual);
}

static inline void made_up_begin(struct made_up *m, uint64_t seed, bool hostile)
{
	int fd;

	memset(m, 0, sizeof(*m));
	m->r.seed = seed;
	m->hostile = hostile;
	strcpy(m->path, "/tmp/jt-capture-XXXXXX");
	fd = mkstemp(m->path);
	cr_assert(fd >= 0);
	close(fd);
	m->head = (struct capture_head){ .version = CAPTURE_VERSION,
					 .program = "0.1.0",
					 .host = "h",
					 .boot_id = "b",
					 .power_choice = "made up",
					 .ledger_dir = "d",
					 .mono_ns = 1000,
					 .real_us = 1000,
					 .capacity = MADE_UP_ROWS,
					 .idle_policy = METHOD_RESERVED,
					 .static_power = METHOD_LEARNT,
					 .weight = JT_WEIGHT_SMT,
					 .corun_percent = 60,
					 .has_names = true };
	m->intensity = (struct intensity){ .zone = "FR",
					   .zone_name = "France",
					   .mg_per_kwh = 44200,
					   .low_mg_per_kwh = 22200,
					   .high_mg_per_kwh = 115700,
					   .kind = "average",
					   .boundary = "lifecycle",
					   .accounting = "production",
					   .year = 2024,
					   .source = "made up",
					   .licence = "none",
					   .is_annual_mean = true };
	m->energy.n_domains = 3;
	m->energy.domain[0] = (struct energy_domain){ .name = "package-0",
						      .source = "s",
						      .parent = -1,
						      .counted = true,
						      .quality = ENERGY_MEASURED,
						      .systematic = { 0.025, 0.025 },
						      .factor = "rapl_gain" };
	m->energy.domain[1] = m->energy.domain[0];
	strcpy(m->energy.domain[1].name, "dram-0");
	m->energy.domain[1].kind = ENERGY_DRAM;
	m->energy.domain[2] = m->energy.domain[0];
	strcpy(m->energy.domain[2].name, "core-0");
	m->energy.domain[2].kind = ENERGY_CORE;
	m->energy.domain[2].parent = 0;
	m->energy.domain[2].counted = false;
}

static inline void made_up_rows(struct made_up *m)
{
	struct usage *u = &m->usage;

	u->n_rows = random_below(&m->r, MADE_UP_ROWS + 1);
	u->rows = m->row;
	for (size_t i = 0; i < u->n_rows; i++) {
		struct usage_row *row = &m->row[i];

		*row = (struct usage_row){ .pid = (uint32_t)(100 + i),
					   .tgid = (uint32_t)(100 + i / 2),
					   .cgroup_id = 1 + i % 3,
					   .start_boottime_ns = 7 + i / 2,
					   .comm = "made\tup\xff" };
		row->cpu_ns[0] = made_up_figure(m, 1000000);
		row->total_ns = row->cpu_ns[0];
		row->weight[0] = made_up_figure(m, row->total_ns + 1);
		if (i % 4 == 3)
			*row = (struct usage_row){ .cgroup_id = row->cgroup_id,
						   .flags = USAGE_ROW_RESERVED,
						   .reserved_ucpu = made_up_figure(m, 1000000) };
		u->books.task_ns += row->total_ns;
	}
}

/* The next window into m->usage and m->energy. */
static inline void made_up_window(struct made_up *m, uint64_t index)
{
	struct window w = { index, 1000 + index * 1000000000, 1000 + (index + 1) * 1000000000,
			    1000 + (int64_t)index * 1000000,
			    1000 + (int64_t)(index + 1) * 1000000 };

	m->usage = (struct usage){ .window = w,
				   .n_cpus = 2,
				   .n_packages = 1,
				   .threads_per_core = 2,
				   .weight = JT_WEIGHT_SMT,
				   .capacity = MADE_UP_ROWS };
	m->usage.books.wall_ns = 2000000000;
	made_up_rows(m);
	m->usage.books.idle_ns = 2000000000 - m->usage.books.task_ns;
	m->usage.package[0] = m->usage.books;
	m->energy.n_gaps = 0;
	for (size_t i = 0; i < m->energy.n_domains; i++) {
		struct energy_reading *reading = &m->energy.reading[i];

		*reading = (struct energy_reading){ .quality = ENERGY_MISSING };
		if (random_below(&m->r, 5) == 0) {
			m->energy.gap[m->energy.n_gaps++] =
				(struct energy_gap){ (int)i, "stale", w.begin_real_us,
						     w.end_real_us };
			continue;
		}
		reading->quality = ENERGY_MEASURED;
		reading->energy_uj = made_up_figure(m, 100000000);
		reading->idle_uj = random_below(&m->r, reading->energy_uj + 1);
		reading->random_sd_uj = random_unit(&m->r) * 100;
	}
	m->energy.read_mono_ns = w.end_mono_ns;
}

/* A tick as the maths would close it; only its names matter to a capture. */
static inline struct tick *made_up_tick(struct made_up *m)
{
	m->tick.n_samples = 2;
	m->tick.sample = m->sample;
	m->sample[0] = (struct sample){ .tgid = 100,
					.cgroup_id = 1,
					.start_boottime_ns = 7,
					.name = "made up",
					.cgroup = "/a" };
	m->sample[1] = (struct sample){
		.tgid = 101, .cgroup_id = 3, .start_boottime_ns = 8, .name = "\xff", .cgroup = NULL
	};
	return &m->tick;
}

/* n_ticks ticks of three windows each, into m->path. */
static inline void made_up_capture(struct made_up *m, uint64_t n_ticks)
{
	struct why why = { "" };
	struct capture *c = NULL;
	uint64_t index = 0;

	cr_assert(capture_new(m->path, &m->head, &m->intensity, &c, &why) == 0, "%s", why.text);
	for (uint64_t t = 0; t < n_ticks; t++) {
		const struct capture_tick tick = { .mono_ns = 2000 + t, .real_us = 2000 };

		for (int i = 0; i < 3; i++) {
			made_up_window(m, index++);
			cr_assert(capture_window(c, &m->usage, &m->energy, &m->intensity) == 0);
		}
		cr_assert(capture_tick(c, tick, made_up_tick(m)) == 0);
	}
	cr_assert(capture_end(c, (struct capture_end){ .mono_ns = 9000, .real_us = 9000 }, NULL) ==
		  0);
	capture_free(c);
}

#endif /* TESTS_UNIT_DAEMON_MADE_UP_H */
