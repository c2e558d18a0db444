/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* window.c - adds one window to the open tick: integers only, exact. */
#include "carbon/account.h"

#include <errno.h>
#include <string.h>

/* 0.1 % of the window: docs/method.md, "What is checked in every window". */
#define BREACH_PPM 1000
/*
 * Reading the maps takes microseconds, in which the CPUs go on. Shorter windows are held against
 * this much time per CPU, so that a residue of microseconds is no large part of next to nothing.
 */
#define LEAST_WALL_NS (100 * JT_NS_PER_MS)

static void add_row_identity(struct sample *s, const struct usage_row *row)
{
	/* A thread goes by its own name. */
	bool leader = s->kind == RECORD_THREAD || row->pid == row->tgid;

	s->flags = sample_flags(s, row->flags);
	sample_add_owner(s, row->uid, row->tgid != 0);
	if (record_kind_is_group(s->kind))
		return;
	s->cgroup_id = row->cgroup_id;
	if (!record_kind_is_task(s->kind))
		return;
	s->uid = row->uid;
	s->parent_tgid = row->parent_tgid;
	if (leader || !s->comm_is_leader) {
		memcpy(s->comm, row->comm, sizeof(s->comm));
		s->comm_is_leader = leader;
	}
}

/* What the rows of a window have in common. */
struct common {
	size_t n_factors;
	size_t factor_map[SHARES_MAX_FACTORS]; /* of the window's, their index in the tick */
	uint64_t mg_per_kwh;
};

static void add_row(struct sample *s, const struct usage_row *row, const struct shares_row *share,
		    const struct common *c)
{
	add_row_identity(s, row);
	s->cpu_ns += row->total_ns;
	s->energy_uj += share->energy_uj;
	s->product += jt_energy_x_intensity(share->energy_uj, c->mg_per_kwh);
	for (size_t f = 0; f < c->n_factors; f++)
		s->by_factor_uj[c->factor_map[f]] += share->by_factor_uj[f];
	s->attribution_sd_uj += share->attribution_sd_uj;
	s->spread_uj += share->spread_uj;
	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		s->model_uj[m] += share->model_uj[m];
	s->static_sd_uj += share->static_sd_uj;
	s->random_var_uj2 += share->random_var_uj2;
	if (share->quality < s->quality)
		s->quality = share->quality;
}

/*
 * Ended rows go before live ones: where a process has both (exec closes a cell and opens
 * another), the name it goes on with is the one that stays.
 */
static void add_rows(struct account *a, const struct usage *u, const struct shares *s,
		     const struct common *c)
{
	enum record_kind by = a->tick.by;

	for (int live = 0; live <= 1; live++) {
		for (size_t i = 0; i < u->n_rows; i++) {
			const struct usage_row *row = &u->rows[i];
			struct tally_key key;

			if (row->ended == (live == 1) ||
			    (row->total_ns == 0 && s->rows[i].energy_uj == 0))
				continue;
			key = tally_key_of_row(by, row);
			add_row(tally_get(&a->tally, by, &key), row, &s->rows[i], c);
		}
	}
}

static void add_domains(struct tick *t, const struct energy *e, const struct shares *s)
{
	enum energy_quality q = energy_total_quality(e);

	if (t->n_windows == 0 || t->n_domains != e->n_domains) {
		t->n_domains = e->n_domains;
		memcpy(t->domain, e->domain, e->n_domains * sizeof(e->domain[0]));
		for (size_t i = 0; i < e->n_domains; i++)
			t->domain_quality[i] = e->reading[i].quality;
	}
	for (size_t i = 0; i < e->n_domains; i++) {
		if (e->domain[i].counted)
			shares_domain_add(&t->domain_sum[i], &s->domain[i]);
		else if (e->reading[i].quality != ENERGY_MISSING)
			t->domain_sum[i].energy_uj += e->reading[i].energy_uj;
		if (e->reading[i].quality < t->domain_quality[i])
			t->domain_quality[i] = e->reading[i].quality;
	}
	shares_domain_add(&t->host, &s->host);
	if (t->n_windows == 0 || q < t->quality)
		t->quality = q;
	for (size_t i = 0; i < e->n_gaps; i++)
		account_add_gap(t, &e->gap[i]);
	t->n_gaps_dropped += e->n_gaps_dropped;
}

static void add_intensity(struct account *a, const struct shares *s, const struct intensity *i,
			  const struct quant_sides *sides)
{
	struct tick *t = &a->tick;
	jt_product host = jt_energy_x_intensity(s->host.energy_uj, i->mg_per_kwh);

	t->intensity = *i;
	account_grid_add(&a->grid, s->host.energy_uj, i, sides);
	t->host_product += host;
	t->idle_product += jt_energy_x_intensity(s->host.idle_uj, i->mg_per_kwh);
	t->unattributed_product += jt_energy_x_intensity(s->host.unattributed_uj, i->mg_per_kwh);
	t->intensity_sides = *sides; /* of the last window, should there be no energy at all */
}

static uint64_t part_ppm(uint64_t part, uint64_t whole)
{
	return whole ? (uint64_t)((jt_product)part * JT_PPM_PER_1 / whole) : 0;
}

static void check_conservation(struct record_conservation *c, const struct usage *u,
			       const struct shares *s)
{
	uint64_t least_ns = u->n_cpus * LEAST_WALL_NS;
	uint64_t wall_ns = u->books.wall_ns > least_ns ? u->books.wall_ns : least_ns;
	uint64_t time_ppm = part_ppm(usage_books_residue_ns(&u->books), wall_ns);
	uint64_t booked_uj = s->host.idle_uj + s->host.unattributed_uj;
	uint64_t cells_ppm = part_ppm(usage_cells_residue_ns(u), wall_ns);
	int64_t energy_uj;

	for (size_t i = 0; i < u->n_rows; i++)
		booked_uj += s->rows[i].energy_uj;
	energy_uj = (int64_t)(booked_uj - s->host.energy_uj);

	if (time_ppm > c->time_ppm)
		c->time_ppm = time_ppm;
	if (cells_ppm > c->cells_ppm)
		c->cells_ppm = cells_ppm;
	c->energy_uj += energy_uj;
	if (time_ppm > BREACH_PPM || cells_ppm > BREACH_PPM || energy_uj != 0) {
		c->n_breaches++;
		c->breached = true;
	}
}

/* Everything that could refuse the window, before anything is changed. */
static int check_window(const struct account *a, const struct usage *u, const struct energy *e,
			const struct shares *s)
{
	uint64_t sum;

	if (s->n_rows != u->n_rows || s->n_domains != e->n_domains ||
	    e->n_domains > ENERGY_MAX_DOMAINS || s->n_factors > SHARES_MAX_FACTORS)
		return -EINVAL;
	if (__builtin_add_overflow(a->tick.host.energy_uj, s->host.energy_uj, &sum) ||
	    __builtin_add_overflow(a->tick.books.wall_ns, u->books.wall_ns, &sum))
		return -EOVERFLOW;
	return 0;
}

int account_add_window(struct account *a, const struct usage *u, const struct energy *e,
		       const struct shares *s, const struct intensity *i)
{
	struct common c = { .n_factors = s->n_factors, .mg_per_kwh = i->mg_per_kwh };
	struct tick *t = &a->tick;
	struct quant_sides sides;
	int err = check_window(a, u, e, s);

	if (err == 0)
		err = account_sides(i, &sides);
	if (err == 0)
		err = tally_reserve(&a->tally, u->n_rows);
	if (err < 0)
		return err;

	for (size_t f = 0; f < s->n_factors; f++)
		c.factor_map[f] = account_factor(t->factor, &t->n_factors, &s->factor[f]);
	for (size_t f = 0; f < s->n_factors; f++) {
		t->host_by_factor_uj[c.factor_map[f]] += s->host_by_factor_uj[f];
		t->idle_by_factor_uj[c.factor_map[f]] += s->idle_by_factor_uj[f];
	}
	t->host_random_var_uj2 += s->host_random_var_uj2;
	t->idle_static_sd_uj += s->idle_static_sd_uj;
	add_domains(t, e, s);
	add_intensity(a, s, i, &sides);
	add_rows(a, u, s, &c);
	check_conservation(&t->conservation, u, s);

	usage_books_add(&t->books, &u->books);
	usage_losses_add(&t->losses, &u->losses);
	t->self_cpu_ns += u->self_cpu_ns;
	t->method = s->method;
	t->n_cpus = u->n_cpus;
	t->n_packages = u->n_packages;
	if (t->n_windows == 0) {
		t->window.begin_mono_ns = u->window.begin_mono_ns;
		t->window.begin_real_us = u->window.begin_real_us;
	}
	t->window.end_mono_ns = u->window.end_mono_ns;
	t->window.end_real_us = u->window.end_real_us;
	t->n_windows++;
	return 0;
}
