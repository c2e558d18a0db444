/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* rows.c - see rows.h: a table of consumers by who they are. */
#include "view/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fnv.h"

#define ROWS_FIRST_ROOM 256

DEFINE_CLEANUP(struct rows *, rows_free)

static void row_free(struct row *row)
{
	free(row->name);
	free(row->cgroup);
	free(row->ancestors);
}

static struct rows_slot rows_slot_of(size_t row, uint64_t id)
{
	return (struct rows_slot){ .row = (uint32_t)row + 1, .tag = (uint32_t)(id >> 32) };
}

static struct rows_slot *rows_free_slot(const struct rows *r, uint64_t id)
{
	size_t at = id % r->n_slots;

	while (r->slot[at].row)
		at = (at + 1) % r->n_slots;
	return &r->slot[at];
}

static int rows_index(struct rows *r, size_t room)
{
	size_t n_slots = 2;
	struct rows_slot *slot;

	while (n_slots < 2 * room)
		n_slots *= 2;
	slot = calloc(n_slots, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(r->slot);
	r->slot = slot;
	r->n_slots = n_slots;
	for (size_t i = 0; i < r->n; i++)
		*rows_free_slot(r, r->row[i].id) = rows_slot_of(i, r->row[i].id);
	return 0;
}

static int rows_grow(struct rows *r, size_t room)
{
	struct row *row = realloc(r->row, room * sizeof(*row));

	if (!row)
		return -ENOMEM;
	r->row = row;
	r->room = room;
	return rows_index(r, room);
}

int rows_new(size_t max, struct rows **ret)
{
	CLEANUP(rows_free_ptr) struct rows *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	r->max = max;
	r->host.total_known = true;
	if (rows_grow(r, max < ROWS_FIRST_ROOM ? max : ROWS_FIRST_ROOM))
		return -ENOMEM;
	*ret = TAKE_PTR(r);
	return 0;
}

void rows_free(struct rows *r)
{
	if (!r)
		return;
	for (size_t i = 0; i < r->n; i++)
		row_free(&r->row[i]);
	free(r->row);
	free(r->slot);
	free(r);
}

/* Who s is: the identity part of a row, and nothing else. As in the tally of carbon/. */
static struct row row_of(const struct sample *s)
{
	struct row row = { .kind = s->kind, .flags = s->flags };
	uint64_t h = FNV_BEGIN;

	if (record_kind_is_group(s->kind)) {
		row.key = s->group;
	} else if (record_kind_is_task(s->kind) && s->tgid) {
		row.tgid = s->tgid;
		row.pid = s->kind == RECORD_THREAD ? s->pid : 0;
		row.key = s->start_boottime_ns;
	} else {
		row.key = s->cgroup_id;
		row.key_flags = s->flags & (JT_CELL_V1_CGRP | USAGE_ROW_IRQ | USAGE_ROW_RESERVED);
	}
	/* Field by field: a struct has padding. */
	h = fnv_add(h, (const char *)&row.kind, sizeof(row.kind));
	h = fnv_add(h, (const char *)&row.tgid, sizeof(row.tgid));
	h = fnv_add(h, (const char *)&row.pid, sizeof(row.pid));
	h = fnv_add(h, (const char *)&row.key_flags, sizeof(row.key_flags));
	row.id = fnv_add(h, (const char *)&row.key, sizeof(row.key));
	return row;
}

static bool row_is(const struct row *a, const struct row *b)
{
	return a->id == b->id && a->kind == b->kind && a->tgid == b->tgid && a->pid == b->pid &&
	       a->key_flags == b->key_flags && a->key == b->key;
}

bool rows_is(const struct row *row, const struct sample *s)
{
	struct row who = row_of(s);

	return row_is(row, &who);
}

static void rows_drop_before(struct rows *r, uint64_t window)
{
	size_t kept = 0;

	for (size_t i = 0; i < r->n; i++) {
		if (r->row[i].seen < window)
			row_free(&r->row[i]);
		else
			r->row[kept++] = r->row[i];
	}
	r->n = kept;
}

/* Those go that had nothing for an hour, and if that is not enough, for less. */
static int rows_make_room(struct rows *r)
{
	for (uint64_t age = 3600; age && r->n >= r->max - r->max / 8; age /= 4)
		if (r->n_windows > age)
			rows_drop_before(r, r->n_windows - age);
	return rows_index(r, r->room);
}

/* The row of who s is; a new one where there was none. NULL: no room, no memory. */
static struct row *rows_get(struct rows *r, const struct sample *s)
{
	struct row who = row_of(s);
	uint32_t tag = (uint32_t)(who.id >> 32);

	for (size_t at = who.id % r->n_slots; r->slot[at].row; at = (at + 1) % r->n_slots)
		if (r->slot[at].tag == tag && row_is(&r->row[r->slot[at].row - 1], &who))
			return &r->row[r->slot[at].row - 1];
	if (r->n == r->max)
		return NULL;
	if (r->n == r->room && rows_grow(r, 2 * r->room < r->max ? 2 * r->room : r->max))
		return NULL;
	who.begun = r->n_windows;
	*rows_free_slot(r, who.id) = rows_slot_of(r->n, who.id);
	r->row[r->n] = who;
	return &r->row[r->n++];
}

/* Names change seldom: most windows compare, and copy nothing. */
static int row_keep(char **have, const char *now)
{
	char *copy;

	if (!now || (*have && !strcmp(*have, now)))
		return 0;
	copy = strdup(now);
	if (!copy)
		return -ENOMEM;
	free(*have);
	*have = copy;
	return 0;
}

static int row_add(struct rows *r, struct row *row, const struct sample *s)
{
	struct rows_figures *f = &row->figures;
	const char *name = s->labels.cmdline ? s->labels.cmdline : s->name;
	int err;

	/* Of a group there can be two samples in a window: a command's part of it is apart. */
	if (row->seen != r->n_windows) {
		uint64_t gone = r->n_windows - row->seen;

		for (uint64_t i = 0; row->seen && i < gone && i < ROWS_HISTORY; i++)
			row->history_uw[(r->n_windows - i) % ROWS_HISTORY] = 0;
		f->energy_uj = f->low_uj = f->high_uj = f->cpu_ns = 0;
		row->seen = r->n_windows;
	}
	f->energy_uj += s->energy.value;
	f->low_uj += s->energy.low;
	f->high_uj += s->energy.high;
	f->cpu_ns += s->cpu_ns;
	f->total_uj += s->energy.value;
	f->total_ug += s->co2e.value;
	f->total_cpu_ns += s->cpu_ns;
	row->quality = s->quality;
	row->flags = s->flags;
	row->history_uw[r->n_windows % ROWS_HISTORY] =
		r->host.has_energy ? (float)jt_mean_power_uw(f->energy_uj, r->host.window_ns) : -1;
	err = row_keep(&row->name, name);
	if (!err)
		err = row_keep(&row->cgroup, s->cgroup);
	return err ? err : row_keep(&row->ancestors, s->labels.ancestors);
}

static void part_add(struct rows_figures *to, uint64_t energy_uj, uint64_t co2e_ug)
{
	to->energy_uj = energy_uj;
	to->total_uj += energy_uj;
	to->total_ug += co2e_ug;
}

static void interval_add(struct quant_interval_u64 *to, const struct quant_interval_u64 *from)
{
	to->value += from->value;
	to->low += from->low;
	to->high += from->high;
}

static void host_add(struct rows *r, const struct tick *t)
{
	struct rows_host *h = &r->host;
	uint64_t others_ug = t->idle_co2e_ug + t->unattributed_co2e_ug;

	h->by = t->by;
	h->n_cpus = t->n_cpus;
	h->window_ns = window_length_ns(&t->window);
	h->uptime_ns += h->window_ns;
	h->quality = t->quality;
	/* As export_has_energy() has it. */
	h->has_energy = t->quality != ENERGY_MISSING || t->host.energy_uj > 0;
	h->total_known = h->total_known && h->has_energy;
	h->intensity = t->intensity;
	h->energy = t->host_energy;
	h->co2e = t->host_co2e;
	interval_add(&h->total_energy, &t->host_energy);
	interval_add(&h->total_co2e, &t->host_co2e);
	h->busy_ns = t->books.task_ns;
	part_add(&h->attributed, t->host.attributed_uj,
		 t->host_co2e.value > others_ug ? t->host_co2e.value - others_ug : 0);
	part_add(&h->idle, t->host.idle_uj, t->idle_co2e_ug);
	part_add(&h->unattributed, t->host.unattributed_uj, t->unattributed_co2e_ug);
	h->attributed.cpu_ns = t->books.task_ns;
	h->n_breaches += t->conservation.n_breaches;
	h->n_gaps += t->n_gaps + t->n_gaps_dropped;
	h->n_no_cell += t->losses.n_no_cell;
	h->history_uw[r->n_windows % ROWS_HOST_HISTORY] =
		h->has_energy ? (float)jt_mean_power_uw(t->host_energy.value, h->window_ns) : -1;
}

int rows_add(struct rows *r, const struct tick *t)
{
	int err = 0, failed;

	r->n_windows++;
	r->n_refused = 0;
	host_add(r, t);
	if (r->n >= r->max - r->max / 8)
		err = rows_make_room(r);
	for (size_t i = 0; i < t->n_samples; i++) {
		struct row *row = rows_get(r, &t->sample[i]);

		failed = row ? row_add(r, row, &t->sample[i]) : 0;
		r->n_refused += !row;
		err = err ? err : failed;
	}
	return err;
}

int rows_clone(const struct rows *r, struct rows **ret)
{
	CLEANUP(rows_free_ptr) struct rows *copy = NULL;
	int err = rows_new(r->max, &copy);

	if (!err)
		err = rows_grow(copy, r->room);
	for (size_t i = 0; !err && i < r->n; i++) {
		struct row *to = &copy->row[i];

		*to = r->row[i];
		to->name = to->cgroup = to->ancestors = NULL;
		copy->n = i + 1;
		err = row_keep(&to->name, r->row[i].name);
		if (!err)
			err = row_keep(&to->cgroup, r->row[i].cgroup);
		if (!err)
			err = row_keep(&to->ancestors, r->row[i].ancestors);
	}
	if (err)
		return err;
	copy->n_windows = r->n_windows;
	copy->n_refused = r->n_refused;
	copy->host = r->host;
	*ret = TAKE_PTR(copy);
	return 0;
}

struct rows_figures rows_now(const struct rows *r, const struct row *row)
{
	struct rows_figures f = row->figures;

	if (row->seen != r->n_windows)
		f.energy_uj = f.low_uj = f.high_uj = f.cpu_ns = 0;
	return f;
}

void rows_figures_add(struct rows_figures *to, const struct rows_figures *from)
{
	to->energy_uj += from->energy_uj;
	to->low_uj += from->low_uj;
	to->high_uj += from->high_uj;
	to->cpu_ns += from->cpu_ns;
	to->total_uj += from->total_uj;
	to->total_ug += from->total_ug;
	to->total_cpu_ns += from->total_cpu_ns;
}

float rows_power_uw(const struct rows *r, const struct row *row, uint64_t ago)
{
	uint64_t window = r->n_windows - ago;

	if (ago >= ROWS_HISTORY || ago >= r->n_windows || window < row->begun)
		return -1;
	return window > row->seen ? 0 : row->history_uw[window % ROWS_HISTORY];
}

float rows_host_power_uw(const struct rows *r, uint64_t ago)
{
	if (ago >= ROWS_HOST_HISTORY || ago >= r->n_windows)
		return -1;
	return r->host.history_uw[(r->n_windows - ago) % ROWS_HOST_HISTORY];
}
