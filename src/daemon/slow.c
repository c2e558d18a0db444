/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* slow.c - see slow.h. */
#include "daemon/slow.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct slow {
	bool has_any;
	struct usage usage;
	struct shares shares;
	struct energy energy;
	struct intensity intensity;
	jt_product product, low_product, high_product; /* of the host's energy */
	size_t n_slots; /* a power of two, more than twice the rows */
	uint32_t *slot; /* index + 1 into the rows; 0 = free */
};

void slow_free(struct slow *s)
{
	if (!s)
		return;
	free(s->usage.rows);
	free(s->shares.rows);
	free(s->slot);
	free(s);
}

int slow_new(struct slow **ret)
{
	struct slow *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	*ret = s;
	return 0;
}

void slow_reset(struct slow *s)
{
	s->has_any = false;
	s->usage.n_rows = s->shares.n_rows = 0;
	if (s->n_slots)
		memset(s->slot, 0, s->n_slots * sizeof(*s->slot));
}

bool slow_is_empty(const struct slow *s)
{
	return !s->has_any;
}

uint64_t slow_begin_mono_ns(const struct slow *s)
{
	return s->usage.window.begin_mono_ns;
}

static bool is_same_cell(const struct usage_row *a, const struct usage_row *b)
{
	return a->pid == b->pid && a->tgid == b->tgid && a->cgroup_id == b->cgroup_id &&
	       a->flags == b->flags && a->start_boottime_ns == b->start_boottime_ns;
}

static uint32_t *find(const struct slow *s, const struct usage_row *row)
{
	uint64_t hash = (row->pid ^ row->cgroup_id << 32 ^ row->start_boottime_ns) *
			UINT64_C(0x9e3779b97f4a7c15);
	size_t i = hash >> 20 & (s->n_slots - 1);

	while (s->slot[i] && !is_same_cell(&s->usage.rows[s->slot[i] - 1], row))
		i = (i + 1) & (s->n_slots - 1);
	return &s->slot[i];
}

/* Room for n more rows. */
static int make_room(struct slow *s, size_t n)
{
	size_t need = s->usage.n_rows + n, capacity = s->usage.capacity ? s->usage.capacity : 256;
	void *rows, *shares, *slots;

	if (need <= s->usage.capacity)
		return 0;
	while (capacity < need)
		capacity *= 2;
	rows = reallocarray(s->usage.rows, capacity, sizeof(*s->usage.rows));
	if (rows)
		s->usage.rows = rows;
	shares = reallocarray(s->shares.rows, capacity, sizeof(*s->shares.rows));
	if (shares)
		s->shares.rows = shares;
	slots = calloc(4 * capacity, sizeof(*s->slot));
	if (!rows || !shares || !slots) {
		free(slots);
		return -ENOMEM;
	}
	free(s->slot);
	s->slot = slots;
	s->n_slots = 4 * capacity;
	s->usage.capacity = s->shares.capacity = capacity;
	for (size_t i = 0; i < s->usage.n_rows; i++)
		*find(s, &s->usage.rows[i]) = (uint32_t)i + 1;
	return 0;
}

static void add_usage_row(struct usage_row *to, const struct usage_row *row)
{
	struct usage_row sum = *row;

	for (size_t p = 0; p < JT_MAX_PACKAGES; p++) {
		sum.cpu_ns[p] += to->cpu_ns[p];
		sum.weight[p] += to->weight[p];
	}
	sum.total_ns += to->total_ns;
	*to = sum;
}

static void add_share(struct shares_row *to, const struct shares_row *row, size_t n_factors,
		      const size_t *map)
{
	to->energy_uj += row->energy_uj;
	for (size_t f = 0; f < n_factors; f++)
		to->by_factor_uj[map[f]] += row->by_factor_uj[f];
	to->attribution_sd_uj += row->attribution_sd_uj;
	to->spread_uj += row->spread_uj;
	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		to->model_uj[m] += row->model_uj[m];
	to->static_sd_uj += row->static_sd_uj;
	to->random_var_uj2 += row->random_var_uj2;
	if (row->quality < to->quality)
		to->quality = row->quality;
}

static void add_rows(struct slow *s, const struct course_window *w, const size_t *map)
{
	for (size_t i = 0; i < w->usage->n_rows; i++) {
		const struct usage_row *row = &w->usage->rows[i];
		uint32_t *slot = find(s, row);

		if (!*slot) {
			size_t n = s->usage.n_rows++;

			*slot = (uint32_t)n + 1;
			s->shares.n_rows++;
			s->usage.rows[n] = (struct usage_row){ .pid = 0 };
			s->shares.rows[n] = (struct shares_row){ .quality = ENERGY_MEASURED };
		}
		add_usage_row(&s->usage.rows[*slot - 1], row);
		add_share(&s->shares.rows[*slot - 1], &w->shares->rows[i], w->shares->n_factors,
			  map);
	}
}

/* The first window: what is the last one's is set, all else is empty. */
static void begin(struct slow *s, const struct course_window *w)
{
	struct usage_row *rows = s->usage.rows;
	struct shares_row *shares = s->shares.rows;
	size_t capacity = s->usage.capacity;

	s->usage = *w->usage;
	s->usage.rows = rows;
	s->usage.capacity = capacity;
	s->usage.n_rows = 0;
	s->usage.books = (struct usage_books){ .wall_ns = 0 };
	s->usage.losses = (struct usage_losses){ .n_no_cell = 0 };
	s->usage.self_cpu_ns = 0;
	s->shares = (struct shares){ .rows = shares, .capacity = capacity };
	s->energy = *w->energy;
	s->product = s->low_product = s->high_product = 0;
	s->has_any = true;
}

static void add_host(struct slow *s, const struct course_window *w, const size_t *map)
{
	const struct shares *from = w->shares;

	shares_domain_add(&s->shares.host, &from->host);
	for (size_t f = 0; f < from->n_factors; f++) {
		s->shares.host_by_factor_uj[map[f]] += from->host_by_factor_uj[f];
		s->shares.idle_by_factor_uj[map[f]] += from->idle_by_factor_uj[f];
	}
	s->shares.host_random_var_uj2 += from->host_random_var_uj2;
	s->shares.idle_static_sd_uj += from->idle_static_sd_uj;
	s->shares.method = from->method;
	for (size_t i = 0; i < s->energy.n_domains && i < w->energy->n_domains; i++)
		if (w->energy->reading[i].quality < s->energy.reading[i].quality)
			s->energy.reading[i].quality = w->energy->reading[i].quality;
	s->intensity = *w->intensity;
	s->product += jt_energy_x_intensity(from->host.energy_uj, w->intensity->mg_per_kwh);
	s->low_product += jt_energy_x_intensity(from->host.energy_uj, w->intensity->low_mg_per_kwh);
	s->high_product +=
		jt_energy_x_intensity(from->host.energy_uj, w->intensity->high_mg_per_kwh);
}

int slow_add(struct slow *s, const struct course_window *w)
{
	size_t map[SHARES_MAX_FACTORS] = { 0 };

	if (w->shares->n_rows != w->usage->n_rows || make_room(s, w->usage->n_rows)) {
		slow_reset(s);
		return -ENOMEM;
	}
	if (!s->has_any)
		begin(s, w);
	for (size_t f = 0; f < w->shares->n_factors && f < SHARES_MAX_FACTORS; f++)
		map[f] = account_factor(s->shares.factor, &s->shares.n_factors,
					&w->shares->factor[f]);
	add_rows(s, w, map);
	add_host(s, w, map);
	usage_books_add(&s->usage.books, &w->usage->books);
	usage_losses_add(&s->usage.losses, &w->usage->losses);
	s->usage.self_cpu_ns += w->usage->self_cpu_ns;
	s->usage.window.end_mono_ns = w->usage->window.end_mono_ns;
	s->usage.window.end_real_us = w->usage->window.end_real_us;
	return 0;
}

struct course_window slow_window(struct slow *s)
{
	uint64_t uj = s->shares.host.energy_uj;

	if (uj) {
		s->intensity.mg_per_kwh = (uint64_t)((s->product + uj / 2) / uj);
		s->intensity.low_mg_per_kwh = (uint64_t)(s->low_product / uj);
		s->intensity.high_mg_per_kwh = (uint64_t)((s->high_product + uj - 1) / uj);
	}
	return (struct course_window){ &s->usage, &s->energy, &s->shares, &s->intensity };
}
