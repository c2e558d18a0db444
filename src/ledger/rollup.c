/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rollup.c - the sums of rollup.h, out of checked records. */
#include "ledger/rollup.h"

#include <errno.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "ledger/figures.h"
#include "types/energy.h"

#define ROLLUP_US_PER_DAY (INT64_C(86400) * 1000000)

int rollup_new(uint64_t base, struct rollup **ret)
{
	struct rollup *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->base = base;
	*ret = r;
	return 0;
}

static void rollup_keep(void *node)
{
	(void)node; /* the rows are freed by their list */
}

void rollup_free(struct rollup *r)
{
	if (!r)
		return;
	tdestroy(r->index, rollup_keep);
	for (size_t i = 0; i < r->n_rows; i++) {
		free(r->row[i]->key);
		free(r->row[i]->line);
		free(r->row[i]);
	}
	for (size_t i = 0; i < r->n_spans; i++) {
		for (size_t j = 0; j < r->span[i].n_domains; j++)
			free(r->span[i].domain[j].text);
		free(r->span[i].domain);
		free(r->span[i].line);
	}
	free(r->row);
	free(r->span);
	free(r);
}

/* A copy of text in *to. */
static int rollup_copy(char **to, struct scan_value text)
{
	char *copy = strndup(text.at, text.len);

	if (!copy)
		return -ENOMEM;
	free(*to);
	*to = copy;
	return 0;
}

static int rollup_quality(struct scan_value v, int worst)
{
	static const enum energy_quality all[] = { ENERGY_MISSING, ENERGY_MODELLED,
						   ENERGY_MEASURED };

	if (scan_member(v, "quality", &v))
		return worst;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		if (scan_is_string(v, energy_quality_name(all[i])) && (int)all[i] < worst)
			worst = (int)all[i];
	return worst;
}

/* Zone and signal of a record's intensity; what is too long is cut: added up as one, as is none. */
static void rollup_signal(struct scan_value line, struct rollup_span *ret)
{
	static const char *const words[] = { "kind", "boundary", "accounting" };
	struct scan_value i, v = { "null", 4 };
	size_t len = 0;

	if (scan_member(line, "intensity", &i))
		i = (struct scan_value){ "{}", 2 };
	scan_member(i, "zone", &v);
	snprintf(ret->zone, sizeof(ret->zone), "%.*s", (int)v.len, v.at);
	for (size_t w = 0; w < sizeof(words) / sizeof(words[0]); w++)
		if (!scan_member(i, words[w], &v) && len < sizeof(ret->signal))
			len += (size_t)snprintf(ret->signal + len, sizeof(ret->signal) - len,
						"%.*s ", (int)v.len, v.at);
}

/* The span of a record that begins at from_us. */
static struct rollup_span rollup_span_of(const struct check_facts *f, struct scan_value line,
					 int64_t from_us)
{
	struct rollup_span s = { .month = f->kind == CHECK_ROLLUP, .quality = ENERGY_MEASURED };
	time_t seconds = (time_t)(from_us / 1000000);
	struct scan_value by;
	struct tm tm;

	s.number = from_us / ROLLUP_US_PER_DAY;
	if (s.month && gmtime_r(&seconds, &tm))
		s.number = (int64_t)tm.tm_year * 12 + tm.tm_mon;
	if (!scan_member(line, "by", &by) && !scan_text(by, &by))
		snprintf(s.by, sizeof(s.by), "%.*s", (int)by.len, by.at);
	rollup_signal(line, &s);
	return s;
}

static int rollup_find_span(struct rollup *r, const struct rollup_span *want, size_t *ret)
{
	struct rollup_span *more;
	size_t i;

	for (i = r->n_spans; i > 0; i--) {
		const struct rollup_span *s = &r->span[i - 1];

		if (s->number == want->number && s->month == want->month &&
		    !strcmp(s->by, want->by) && !strcmp(s->zone, want->zone) &&
		    !strcmp(s->signal, want->signal)) {
			*ret = i - 1;
			return 0;
		}
	}
	more = reallocarray(r->span, r->n_spans + 1, sizeof(*more));
	if (!more)
		return -ENOMEM;
	r->span = more;
	more[r->n_spans] = *want;
	*ret = r->n_spans++;
	return 0;
}

/* What tells domains apart. */
static bool rollup_same_domain(struct scan_value a, struct scan_value b)
{
	static const char *const names[] = { "counted", "kind", "name", "package", "source" };
	struct scan_value x, y;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		int no_x = scan_member(a, names[i], &x), no_y = scan_member(b, names[i], &y);

		if (no_x != no_y || (!no_x && (x.len != y.len || memcmp(x.at, y.at, x.len) != 0)))
			return false;
	}
	return true;
}

static int rollup_add_domain(struct rollup_span *s, struct scan_value v)
{
	struct rollup_domain *d;
	struct scan_value energy;
	size_t i;

	for (i = 0; i < s->n_domains; i++)
		if (rollup_same_domain(
			    (struct scan_value){ s->domain[i].text, strlen(s->domain[i].text) }, v))
			break;
	if (i == s->n_domains) {
		d = reallocarray(s->domain, i + 1, sizeof(*d));
		if (!d)
			return -ENOMEM;
		s->domain = d;
		d[i] = (struct rollup_domain){ .quality = ENERGY_MEASURED };
		if (rollup_copy(&d[i].text, v))
			return -ENOMEM;
		s->n_domains++;
	}
	d = &s->domain[i];
	d->known |= !scan_member(v, "energy_uj", &energy) && !scan_is_null(energy);
	d->quality = rollup_quality(v, d->quality);
	d->energy_uj += figures_u64(v, "energy_uj");
	d->idle_uj += figures_u64(v, "idle_uj");
	d->attributed_uj += figures_u64(v, "attributed_uj");
	d->unattributed_uj += figures_u64(v, "unattributed_uj");
	d->static_uj += figures_u64(v, "static_uj");
	d->static_sd_uj += figures_u64(v, "static_sd_uj");
	return 0;
}

/* Energy of the host by where it went. */
static void rollup_add_parts(struct rollup_span *s, struct scan_value host)
{
	struct scan_value v;

	s->idle_uj += figures_u64(host, "idle_uj");
	s->attributed_uj += figures_u64(host, "attributed_uj");
	s->unattributed_uj += figures_u64(host, "unattributed_uj");
	s->static_uj += figures_u64(host, "static_uj");
	if (!scan_member(host, "platform_rest_uj", &v))
		s->has_rest = true;
	s->platform_rest_uj += figures_u64(host, "platform_rest_uj");
	if (scan_member(host, "unattributed_by_uj", &v))
		return;
	for (size_t i = 0; i < SHARES_N_REASONS; i++)
		s->unattributed_by_uj[i] +=
			figures_u64(v, shares_reason_name((enum shares_reason)i));
}

/* The host's figures of a tick, or of a rollup that is summed up again. */
static int rollup_add_host(struct rollup *r, struct rollup_span *s, const struct check_facts *f,
			   struct scan_value line)
{
	struct scan_value host, domains, v;
	struct quant_interval_u64 energy;
	size_t pos = 0;
	int err = 0;

	if (scan_member(line, "host", &host) || scan_member(line, "domains", &domains))
		return 0;
	s->quality = rollup_quality(host, s->quality);
	while (!err && scan_element(domains, &pos, &v))
		err = rollup_add_domain(s, v);
	s->host.time_ns += r->tick_ns;
	s->n_missing += figures_u64(line, "n_missing");
	if (err || scan_member(host, "energy_uj", &v) || scan_is_null(v)) {
		s->n_missing += f->kind == CHECK_TICK;
		return err;
	}
	energy = figures_energy(host);
	quant_total_add(&s->host, &energy, f->co2e_ug, &r->common, &s->host_zone);
	figures_sources(line, energy.value, &s->sources);
	rollup_add_parts(s, host);
	s->idle_co2e_ug += figures_u64(host, "idle_co2e_ug");
	s->unattributed_co2e_ug += figures_u64(host, "unattributed_co2e_ug");
	return 0;
}

static int rollup_add_tick(struct rollup *r, const struct check_facts *f)
{
	struct scan_value line = { f->line, f->len }, window;
	struct rollup_span want, *s;
	int64_t from_us, to_us;
	int err;

	r->inside = false;
	/* What it stands for is summed up here from the ticks themselves. */
	if (f->kind == CHECK_ROLLUP && f->to > r->base)
		return 0;
	if (scan_member(line, "window", &window))
		return 0;
	from_us = figures_us(window, "from_us");
	to_us = figures_us(window, "to_us");
	figures_common(line, &r->common);
	want = rollup_span_of(f, line, from_us);
	want.from_us = from_us;
	want.to_us = to_us;
	err = rollup_find_span(r, &want, &r->now);
	if (err)
		return err;
	s = &r->span[r->now];
	if (from_us < s->from_us)
		s->from_us = from_us;
	if (to_us > s->to_us)
		s->to_us = to_us;
	r->inside = true;
	r->tick = f->index;
	r->tick_ns = f->end_mono_ns > f->begin_mono_ns ? f->end_mono_ns - f->begin_mono_ns : 0;
	if (f->kind == CHECK_ROLLUP)
		r->tick_ns = figures_u64(line, "time_ns");
	s->n_ticks += f->kind == CHECK_ROLLUP ? f->n_ticks : 1;
	s->n_lost_ticks += r->n_lost_ticks + figures_u64(line, "n_lost_ticks");
	r->n_lost_ticks = 0;
	err = rollup_copy(&s->line, line);
	return err ? err : rollup_add_host(r, s, f, line);
}

static int rollup_compare_keys(const void *a, const void *b)
{
	const struct rollup_row *x = a, *y = b;

	if (x->span != y->span)
		return x->span < y->span ? -1 : 1;
	return strcmp(x->key, y->key);
}

/* The members of those names, each with its first letter before it. */
static char *rollup_join(struct scan_value line, const char *const *name, size_t n)
{
	CLEANUP(buf_free) struct buf key = { 0 };
	struct scan_value v;

	for (size_t i = 0; i < n; i++) {
		if (scan_member(line, name[i], &v))
			continue;
		buf_putc(&key, name[i][0]);
		buf_append(&key, v.at, v.len);
	}
	return key.err ? NULL : TAKE_PTR(key.data);
}

/*
 * What tells consumers of one kind apart: of a task its ids and start; else the path of a cgroup,
 * or of what it is grouped by; without one the group's own id, or the cgroup's and what it is.
 */
static char *rollup_key(struct scan_value line)
{
	static const char *const task[] = { "pid", "start_boottime_ns", "tid" };
	static const char *const path[] = { "cgroup" }, *const group[] = { "id" };
	static const char *const pathless[] = { "cgroup_id", "name" };
	struct scan_value v;

	if (!scan_member(line, "pid", &v))
		return rollup_join(line, task, 3);
	if (!scan_member(line, "cgroup", &v) && !scan_is_null(v))
		return rollup_join(line, path, 1);
	if (!scan_member(line, "id", &v))
		return rollup_join(line, group, 1);
	return rollup_join(line, pathless, 2);
}

/* The row of that key, which is taken over; with room for no more, the one of the others. */
static int rollup_find_row(struct rollup *r, size_t span, char *key, struct rollup_row **ret)
{
	struct rollup_row want = { .span = span, .key = key }, *row;
	struct rollup_row *const *found = tfind(&want, &r->index, rollup_compare_keys);

	if (!found && r->n_rows >= ROLLUP_MAX_GROUPS && strcmp(key, "") != 0) {
		free(key);
		key = strdup("");
		return key ? rollup_find_row(r, span, key, ret) : -ENOMEM;
	}
	if (found) {
		free(key);
		*ret = *found;
		return 0;
	}
	if (r->n_rows == r->capacity) {
		size_t more = r->capacity ? 2 * r->capacity : 64;
		struct rollup_row **list = reallocarray(r->row, more, sizeof(struct rollup_row *));

		if (list) {
			r->row = list;
			r->capacity = more;
		}
	}
	row = r->n_rows < r->capacity ? malloc(sizeof(*row)) : NULL;
	if (!row) {
		free(key);
		return -ENOMEM;
	}
	*row = want;
	row->last_tick = UINT64_MAX;
	r->row[r->n_rows++] = row;
	*ret = row;
	return tsearch(row, &r->index, rollup_compare_keys) ? 0 : -ENOMEM;
}

static int rollup_add_sample(struct rollup *r, const struct check_facts *f)
{
	struct scan_value line = { f->line, f->len }, v;
	struct quant_interval_u64 energy;
	struct rollup_row *row = NULL;
	char *key = rollup_key(line);
	uint64_t n_missing;
	int err = key ? rollup_find_row(r, r->now, key, &row) : -ENOMEM;

	if (!err && row->key[0])
		err = rollup_copy(&row->line, line);
	if (err)
		return err;
	if (row->last_tick != r->tick)
		row->total.time_ns += scan_member(line, "time_ns", &v)
					      ? r->tick_ns
					      : figures_u64(line, "time_ns");
	row->last_tick = r->tick;
	row->cpu_ns += figures_u64(line, "cpu_ns");
	n_missing = figures_u64(line, "n_missing");
	row->n_missing += n_missing;
	if (f->missing) {
		row->n_missing += n_missing == 0;
		return 0;
	}
	energy = figures_energy(line);
	quant_total_add(&row->total, &energy, f->co2e_ug, &r->common, &row->zone);
	return 0;
}

int rollup_add(struct rollup *r, const struct check_facts *f)
{
	if (f->kind == CHECK_TICK || f->kind == CHECK_ROLLUP)
		return rollup_add_tick(r, f);
	if (f->kind == CHECK_SAMPLE && r->inside)
		return rollup_add_sample(r, f);
	if (f->kind == CHECK_GAP)
		r->n_lost_ticks += f->n;
	return 0;
}
