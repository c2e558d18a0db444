/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* account.c - sums that windows and ticks share: gaps, factors, books, losses, merging. */
#include "carbon/account.h"

#include <errno.h>
#include <string.h>

#include "quant/temporal.h"

/* A gap that goes on where the last one of its domain ended is the same gap. */
void account_add_gap(struct tick *t, const struct energy_gap *g)
{
	for (size_t i = 0; i < t->n_gaps; i++) {
		struct energy_gap *old = &t->gap[i];

		if (old->domain == g->domain && strcmp(old->reason, g->reason) == 0 &&
		    g->from_us >= old->from_us && g->from_us <= old->to_us) {
			if (g->to_us > old->to_us)
				old->to_us = g->to_us;
			return;
		}
	}
	if (t->n_gaps == ENERGY_MAX_GAPS)
		t->n_gaps_dropped++;
	else
		t->gap[t->n_gaps++] = *g;
}

size_t account_factor(struct shares_factor *list, size_t *n, const struct shares_factor *f)
{
	struct shares_factor *mine;
	size_t i;

	for (i = 0; i < *n; i++)
		if (strncmp(list[i].name, f->name, sizeof(f->name)) == 0)
			break;
	if (i == *n && i < SHARES_MAX_FACTORS) {
		list[(*n)++] = *f;
		return i;
	}
	if (i == SHARES_MAX_FACTORS) {
		i = SHARES_MAX_FACTORS - 1;
		memcpy(list[i].name, "other", sizeof("other"));
	}
	mine = &list[i];
	/* Written so that a NaN stays: the interval takes it for the widest. */
	if (!(f->sides.minus <= mine->sides.minus))
		mine->sides.minus = f->sides.minus;
	if (!(f->sides.plus <= mine->sides.plus))
		mine->sides.plus = f->sides.plus;
	return i;
}

/* name and cgroup stay behind: they belong to the tick they were filled for. */
static void merge_sample(struct account *to, const struct sample *from, const size_t *factor_map)
{
	struct tally_key key = tally_key_of_sample(from);
	struct sample *s = tally_get(&to->tally, from->kind, &key);

	s->uid = from->uid;
	s->parent_tgid = from->parent_tgid;
	s->flags = sample_flags(s, from->flags);
	sample_add_owner(s, from->owner_uid, from->has_owner && !from->mixed_owners);
	s->cgroup_id = from->cgroup_id;
	if (from->comm_is_leader || !s->comm_is_leader) {
		memcpy(s->comm, from->comm, sizeof(s->comm));
		s->comm_is_leader = from->comm_is_leader;
	}
	s->cpu_ns += from->cpu_ns;
	s->energy_uj += from->energy_uj;
	s->product += from->product;
	for (size_t f = 0; f < SHARES_MAX_FACTORS; f++)
		s->by_factor_uj[factor_map[f]] += from->by_factor_uj[f];
	s->attribution_sd_uj += from->attribution_sd_uj;
	s->spread_uj += from->spread_uj;
	for (size_t m = 0; m < SHARES_N_MODELS; m++)
		s->model_uj[m] += from->model_uj[m];
	s->static_sd_uj += from->static_sd_uj;
	s->random_var_uj2 += from->random_var_uj2;
	if (from->quality < s->quality)
		s->quality = from->quality;
}

static void merge_domains(struct tick *t, const struct tick *f)
{
	if (t->n_windows == 0 || t->n_domains != f->n_domains) {
		t->n_domains = f->n_domains;
		memcpy(t->domain, f->domain, f->n_domains * sizeof(f->domain[0]));
		memcpy(t->domain_quality, f->domain_quality, sizeof(f->domain_quality));
	}
	for (size_t i = 0; i < f->n_domains; i++) {
		shares_domain_add(&t->domain_sum[i], &f->domain_sum[i]);
		if (f->domain_quality[i] < t->domain_quality[i])
			t->domain_quality[i] = f->domain_quality[i];
	}
	shares_domain_add(&t->host, &f->host);
	if (t->n_windows == 0 || f->quality < t->quality)
		t->quality = f->quality;
	for (size_t i = 0; i < f->n_gaps; i++)
		account_add_gap(t, &f->gap[i]);
	t->n_gaps_dropped += f->n_gaps_dropped;
}

static void merge_conservation(struct record_conservation *to,
			       const struct record_conservation *from)
{
	if (from->time_ppm > to->time_ppm)
		to->time_ppm = from->time_ppm;
	if (from->cells_ppm > to->cells_ppm)
		to->cells_ppm = from->cells_ppm;
	to->energy_uj += from->energy_uj;
	to->n_breaches += from->n_breaches;
	to->breached |= from->breached;
}

/* One word for both, or "mixed". */
static const char *merge_word(const char *to, const char *from)
{
	return to && from && strcmp(to, from) != 0 ? "mixed" : from;
}

/* Of which signals it is: a total may be of several, which it then says. */
static void merge_signal(struct intensity *to, const struct intensity *from)
{
	struct intensity mine = *from;

	mine.kind = merge_word(to->kind, from->kind);
	mine.boundary = merge_word(to->boundary, from->boundary);
	mine.accounting = merge_word(to->accounting, from->accounting);
	mine.source = merge_word(to->source, from->source);
	mine.licence = merge_word(to->licence, from->licence);
	mine.flags = merge_word(to->flags, from->flags);
	mine.is_annual_mean |= to->is_annual_mean;
	*to = mine;
}

static void merge_intensity(struct account *to, const struct account *from)
{
	merge_signal(&to->tick.intensity, &from->tick.intensity);
	to->grid.low_product += from->grid.low_product;
	to->grid.high_product += from->grid.high_product;
	to->tick.intensity_sides = from->tick.intensity_sides;
	to->tick.host_product += from->tick.host_product;
	to->tick.idle_product += from->tick.idle_product;
	to->tick.unattributed_product += from->tick.unattributed_product;
	to->grid.annual += from->grid.annual;
	to->grid.intensity_minus += from->grid.intensity_minus;
	to->grid.intensity_plus += from->grid.intensity_plus;
}

static void merge_time(struct tick *t, const struct tick *f)
{
	usage_books_add(&t->books, &f->books);
	usage_losses_add(&t->losses, &f->losses);
	t->self_cpu_ns += f->self_cpu_ns;
	t->n_lineage_tasks = f->n_lineage_tasks; /* counted so far, not since the last tick */
	t->method = f->method;
	t->n_cpus = f->n_cpus;
	t->n_packages = f->n_packages;
	if (t->n_windows == 0) {
		t->window.begin_mono_ns = f->window.begin_mono_ns;
		t->window.begin_real_us = f->window.begin_real_us;
	}
	t->window.end_mono_ns = f->window.end_mono_ns;
	t->window.end_real_us = f->window.end_real_us;
	t->n_windows += f->n_windows;
}

int account_merge(struct account *to, const struct account *from)
{
	size_t factor_map[SHARES_MAX_FACTORS] = { 0 };
	const struct tick *f = &from->tick;
	struct tick *t = &to->tick;
	uint64_t sum;
	int err;

	if (__builtin_add_overflow(t->host.energy_uj, f->host.energy_uj, &sum) ||
	    __builtin_add_overflow(t->books.wall_ns, f->books.wall_ns, &sum))
		return -EOVERFLOW;
	err = tally_reserve(&to->tally, from->tally.n);
	if (err < 0)
		return err;

	for (size_t i = 0; i < f->n_factors; i++) {
		factor_map[i] = account_factor(t->factor, &t->n_factors, &f->factor[i]);
		t->host_by_factor_uj[factor_map[i]] += f->host_by_factor_uj[i];
		t->idle_by_factor_uj[factor_map[i]] += f->idle_by_factor_uj[i];
	}
	t->host_random_var_uj2 += f->host_random_var_uj2;
	t->idle_static_sd_uj += f->idle_static_sd_uj;
	merge_domains(t, f);
	merge_intensity(to, from);
	for (size_t i = 0; i < from->tally.n; i++)
		merge_sample(to, &from->tally.sample[i], factor_map);
	merge_conservation(&t->conservation, &f->conservation);
	merge_time(t, f);
	return 0;
}

void account_follow(struct account *a, struct account *last, uint64_t index)
{
	*a = (struct account){ .tick = { .by = last->tick.by,
					 .montecarlo = last->tick.montecarlo,
					 .window.index = index },
			       .tally = last->tally };
	last->tally = (struct tally){ 0 };
	tally_reset(&a->tally);
}

void account_free(struct account *a)
{
	tally_free(&a->tally);
}
