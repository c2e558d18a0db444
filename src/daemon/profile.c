/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* profile.c - see profile.h. */
#include "daemon/profile.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attrib/attrib.h"

struct profile_consumer {
	const struct sample *sample;
};

struct profile {
	bool whole_machine;
	struct stacks_table *table;
	bool by_thread;
	struct profile_consumer *consumer; /* of the window, by tgid and pid */
	size_t n_consumers, consumer_capacity;
	struct profile_stack *stack;
	size_t n_stacks;
	uint64_t *share; /* of one consumer's rows */
	size_t share_capacity;
	uint64_t energy_uj;
	uint64_t unsampled_uj;
	uint64_t n_samples;
};

int profile_new(bool whole_machine, struct stacks_table *table, struct profile **ret)
{
	struct profile *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->whole_machine = whole_machine;
	p->table = table;
	*ret = p;
	return 0;
}

void profile_free(struct profile *p)
{
	if (!p)
		return;
	free(p->consumer);
	free(p->stack);
	free(p->share);
	free(p);
}

static int compare_ids(uint32_t tgid_a, uint32_t pid_a, uint32_t tgid_b, uint32_t pid_b)
{
	if (tgid_a != tgid_b)
		return tgid_a < tgid_b ? -1 : 1;
	return pid_a < pid_b ? -1 : pid_a > pid_b;
}

/* A process has pid 0. */
static int compare_consumers(const void *pa, const void *pb)
{
	const struct sample *a = ((const struct profile_consumer *)pa)->sample;
	const struct sample *b = ((const struct profile_consumer *)pb)->sample;
	int order = compare_ids(a->tgid, a->pid, b->tgid, b->pid);

	if (order)
		return order;
	return a->start_boottime_ns < b->start_boottime_ns
		       ? -1
		       : a->start_boottime_ns > b->start_boottime_ns;
}

int profile_begin(struct profile *p, const struct tick *t)
{
	if (t->n_samples > p->consumer_capacity) {
		struct profile_consumer *now =
			reallocarray(p->consumer, t->n_samples, sizeof(*now));

		if (!now)
			return -ENOMEM;
		p->consumer = now;
		p->consumer_capacity = t->n_samples;
	}
	p->n_consumers = 0;
	p->by_thread = t->by == RECORD_THREAD;
	for (size_t i = 0; i < t->n_samples; i++)
		if (p->whole_machine || t->sample[i].flags & JT_CELL_LINEAGE)
			p->consumer[p->n_consumers++].sample = &t->sample[i];
	if (p->n_consumers)
		qsort(p->consumer, p->n_consumers, sizeof(*p->consumer), compare_consumers);
	return 0;
}

bool profile_wanted(uint32_t tgid, uint32_t pid, const void *arg)
{
	const struct profile *p = arg;
	size_t low = 0, high = p->n_consumers;

	if (!p->by_thread)
		pid = 0;
	while (low < high) {
		size_t middle = (low + high) / 2;
		const struct sample *s = p->consumer[middle].sample;
		int order = compare_ids(s->tgid, p->by_thread ? s->pid : 0, tgid, pid);

		if (order == 0)
			return tgid != 0;
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

/* Room for every stack of the table. */
static int profile_grow(struct profile *p)
{
	size_t n = table_n_stacks(p->table);
	struct profile_stack *now;

	if (n <= p->n_stacks)
		return 0;
	n += n / 2;
	now = reallocarray(p->stack, n, sizeof(*now));
	if (!now)
		return -ENOMEM;
	memset(now + p->n_stacks, 0, (n - p->n_stacks) * sizeof(*now));
	p->stack = now;
	p->n_stacks = n;
	return 0;
}

static int profile_add(struct profile *p, uint32_t stack, uint64_t energy_uj)
{
	int err = profile_grow(p);

	if (err)
		return err;
	p->stack[stack].energy_uj += energy_uj;
	p->energy_uj += energy_uj;
	return 0;
}

/* A stack of names alone; note may be NULL. */
static int profile_note(struct profile *p, enum stack_kind kind, const char *root, const char *note,
			uint64_t energy_uj)
{
	uint32_t frame[2], stack;
	int err = energy_uj ? table_text(p->table, kind, root, &frame[0]) : -EALREADY;

	if (!err && note)
		err = table_text(p->table, STACK_NOTE, note, &frame[1]);
	if (!err)
		err = table_stack(p->table, frame, note ? 2 : 1, &stack);
	if (!err)
		err = profile_add(p, stack, energy_uj);
	return err == -EALREADY ? 0 : err;
}

static int profile_unsampled(struct profile *p, const struct sample *s)
{
	/* Interrupts, reserved time and overflow cells are of no process: no sample names them. */
	if (!s->tgid || s->flags & (USAGE_ROW_IRQ | USAGE_ROW_RESERVED))
		return profile_note(p, STACK_NOTE, s->name ? s->name : "(overflow)", NULL,
				    s->energy_uj);
	p->unsampled_uj += s->energy_uj;
	return profile_note(p, STACK_PROCESS, s->comm, "[no sample]", s->energy_uj);
}

/* The rows of a consumer; a process has all of its threads' rows. */
static size_t rows_of(const struct profile *p, const struct sample *s, const struct stack_window *w,
		      size_t from)
{
	size_t n = 0;

	while (from + n < w->n_rows && w->row[from + n].tgid == s->tgid &&
	       (!p->by_thread || w->row[from + n].pid == s->pid))
		n++;
	return n;
}

static int profile_share(struct profile *p, uint64_t energy_uj, const struct stack_row *row,
			 size_t n)
{
	int err = 0;

	if (n > p->share_capacity) {
		uint64_t *now = reallocarray(p->share, n, sizeof(*now));

		if (!now)
			return -ENOMEM;
		p->share = now;
		p->share_capacity = n;
	}
	for (size_t i = 0; i < n; i++)
		p->share[i] = row[i].n_samples;
	err = attrib_split(energy_uj, p->share, n, p->share);
	for (size_t i = 0; i < n && !err; i++)
		err = profile_add(p, row[i].stack, p->share[i]);
	return err;
}

int profile_end(struct profile *p, const struct tick *t, const struct stack_window *w)
{
	size_t at = 0;
	int err = profile_grow(p);

	for (size_t i = 0; i < w->n_rows && !err; i++) {
		p->stack[w->row[i].stack].n_samples += w->row[i].n_samples;
		p->n_samples += w->row[i].n_samples;
	}
	for (size_t i = 0; i < p->n_consumers && !err; i++) {
		const struct sample *s = p->consumer[i].sample;
		size_t n = 0;

		/* Two processes of one number, one after the other, have the same rows. */
		while (at < w->n_rows &&
		       compare_ids(w->row[at].tgid, p->by_thread ? w->row[at].pid : 0, s->tgid,
				   p->by_thread ? s->pid : 0) < 0)
			at++;
		if (s->tgid)
			n = rows_of(p, s, w, at);
		err = n ? profile_share(p, s->energy_uj, &w->row[at], n) : profile_unsampled(p, s);
	}
	if (!err && p->whole_machine)
		err = profile_note(p, STACK_NOTE, "[idle]", NULL, t->host.idle_uj);
	if (!err && p->whole_machine)
		err = profile_note(p, STACK_NOTE, "[not attributed]", NULL,
				   t->host.unattributed_uj);
	return err;
}

const struct profile_stack *profile_stacks(const struct profile *p, size_t *ret_n)
{
	size_t n = table_n_stacks(p->table);

	*ret_n = n < p->n_stacks ? n : p->n_stacks;
	return p->stack;
}

uint64_t profile_energy_uj(const struct profile *p)
{
	return p->energy_uj;
}

uint64_t profile_unsampled_uj(const struct profile *p)
{
	return p->unsampled_uj;
}

uint64_t profile_n_samples(const struct profile *p)
{
	return p->n_samples;
}
