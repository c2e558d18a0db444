/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spans_window.c - whose a window's rows are, and what of them each open span has. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "daemon/spans_parts.h"

static bool make_room(struct spans *s, size_t n)
{
	size_t capacity = n + n / 4 + 64;
	void *bigger;

	if (n <= s->row_capacity)
		return true;
	bigger = reallocarray(s->row, capacity, sizeof(*s->row));
	if (!bigger)
		return false;
	s->row = bigger;
	s->row_capacity = capacity;
	return true;
}

static void put_row(struct spans *s, const struct course_window *w, size_t i, uint32_t target)
{
	struct target *t = s->target[target];

	s->row[i].next[t->kind] = t->row;
	t->row = (uint32_t)i + 1;
	sum_add_row(&t->sum, &w->shares->rows[i], w->usage->rows[i].total_ns);
	if (s->row[i].is_first) {
		uint64_t before = family_get(s->family, s->row[i].member).ran_before;

		t->n_processes++;
		t->n_new += before == 0;
		t->n_slept += before > 0 && before + 1 < s->number;
	}
}

/* The targets of this window, empty, each in the next one around it. */
static void begin_targets(struct spans *s)
{
	for (uint32_t i = 1; i <= s->n_targets; i++) {
		struct target *t = s->target[i];

		t->outer = t->inner = t->row = 0;
		t->n_processes = t->n_new = t->n_slept = 0;
		if (t->number)
			sum_begin(&t->sum, RECORD_PROCESS);
	}
	for (uint32_t i = 1; i <= s->n_targets; i++) {
		struct target *t = s->target[i];

		if (t->number && t->kind == SPANS_TREE)
			t->outer = family_outer(s->family, t->member);
		if (t->number && t->kind == SPANS_CGROUP)
			t->outer = spans_cgroup_around(s, i);
		if (!t->outer)
			continue;
		t->beside = s->target[t->outer]->inner;
		s->target[t->outer]->inner = i;
	}
}

static bool has_kind(const struct spans *s, enum spans_kind kind)
{
	for (uint32_t i = 1; i <= s->n_targets; i++)
		if (s->target[i]->number && s->target[i]->kind == kind)
			return true;
	return false;
}

/* The next target of a walk through top and all in it, outer ones first; 0 = that was the last. */
static uint32_t next_target(const struct spans *s, uint32_t top, uint32_t at)
{
	if (s->target[at]->inner)
		return s->target[at]->inner;
	while (at != top && !s->target[at]->beside)
		at = s->target[at]->outer;
	return at == top ? 0 : s->target[at]->beside;
}

void spans_each_row(const struct spans *s, uint32_t target, spans_each_fn *f, void *arg)
{
	enum spans_kind kind = s->target[target]->kind;

	for (uint32_t t = target; t; t = next_target(s, target, t))
		for (uint32_t i = s->target[t]->row; i; i = s->row[i - 1].next[kind])
			f(i - 1, arg);
}

static void add_sum(struct sum *to, const struct sum *from)
{
	double random_sd_uj = to->random_sd_uj + from->random_sd_uj;

	sum_add(to, &from->sample);
	to->attribution_sd_uj += from->attribution_sd_uj;
	to->random_sd_uj = random_sd_uj;
}

/* What lies in a target is in it, too: the innermost first. */
static void add_inner(struct spans *s, uint32_t top)
{
	for (uint32_t t = s->target[top]->inner; t; t = s->target[t]->beside) {
		if (s->target[t]->inner)
			add_inner(s, t);
		add_sum(&s->target[top]->sum, &s->target[t]->sum);
		s->target[top]->n_processes += s->target[t]->n_processes;
		s->target[top]->n_new += s->target[t]->n_new;
		s->target[top]->n_slept += s->target[t]->n_slept;
	}
}

/* Each row to the nearest target of each kind. */
static void find_rows(struct spans *s, const struct course_window *w, struct identity *id)
{
	bool cgroups = has_kind(s, SPANS_CGROUP), alone = has_kind(s, SPANS_ALONE);
	struct spans_cgroup_memo memo = { 0 };

	for (size_t i = 0; i < w->usage->n_rows; i++) {
		uint32_t member = family_row(s->family, &w->usage->rows[i]);

		s->row[i] = (struct spans_row){ .member = member };
		s->row[i].is_first = member && family_mark(s->family, member);
		s->has_lost |= !member && w->usage->rows[i].tgid;
	}
	spans_index_cgroups(s);
	begin_targets(s);
	for (size_t i = 0; i < w->usage->n_rows; i++) {
		uint32_t member = s->row[i].member, target[3] = { 0 };

		if (member)
			target[0] = family_nearest(s->family, member);
		if (member && alone)
			target[1] = *family_root(s->family, member, FAMILY_ALONE);
		if (cgroups)
			target[2] = spans_cgroup_of(s, &w->usage->rows[i], id, &memo);
		for (size_t k = 0; k < 3; k++)
			if (target[k])
				put_row(s, w, i, target[k]);
	}
	for (uint32_t i = 1; i <= s->n_targets; i++)
		if (s->target[i]->number && !s->target[i]->outer)
			add_inner(s, i);
}

/* A window is added to a span: what the walk through its rows needs. */
struct adding {
	struct span *span;
	const struct course_window *w;
	const struct spans_row *row;
	const struct family *family;
	struct span_cut cut;
	uint32_t member; /* the target's process; 0 = none */
	struct sum sum;	 /* of the window */
	bool *mark;	 /* [n_rows] */
};

static void count_row(size_t i, void *arg)
{
	struct adding *a = arg;
	const struct spans_row *r = &a->row[i];

	/* One that ran in the span before was counted then. */
	if (r->is_first && family_get(a->family, r->member).ran_before < a->span->first)
		a->span->n_processes++;
}

static void add_row(size_t i, void *arg)
{
	struct adding *a = arg;
	const struct spans_row *r = &a->row[i];
	struct span_part part;

	if (!span_part_of(&a->cut, &a->w->usage->rows[i], &a->w->shares->rows[i],
			  r->member && r->member == a->member, &part))
		return;
	count_row(i, arg);
	sum_add_row(&a->sum, &part.share, part.cpu_ns);
	a->span->below_uj += (double)part.share.energy_uj - part.low_uj;
	a->span->above_uj += part.high_uj - (double)part.share.energy_uj;
	if (part.by_time)
		a->span->divided_uj += (double)part.share.energy_uj;
}

static void add_process_ns(size_t i, void *arg)
{
	struct adding *a = arg;

	if (a->row[i].member == a->member) {
		a->cut.process_ns += a->w->usage->rows[i].total_ns;
		a->cut.stale_ns++;
	}
}

static bool begins_in(const struct span *span, const struct course_window *w)
{
	return span->begin.mono_ns > w->usage->window.begin_mono_ns;
}

/* Where the span's borders lie in the time of the target's process, by its clock. */
static void cut_by_clock(struct adding *a, const struct target *t)
{
	const struct span *span = a->span;
	struct span_cut *c = &a->cut;
	bool begins = begins_in(span, a->w);
	uint64_t n_running, before_ns = span->begin_clock_ns, after_ns = span->end_clock_ns;

	if (t->kind == SPANS_CGROUP || (begins && before_ns == FAMILY_GONE))
		return;
	spans_each_row(span->spans, t->number, add_process_ns, a);
	n_running = c->stale_ns < a->w->usage->n_cpus ? c->stale_ns : a->w->usage->n_cpus;
	c->stale_ns = n_running * span->spans->tick_ns;
	c->to_ns = c->process_ns;
	if (t->clock_ns == FAMILY_GONE && begins && after_ns != FAMILY_GONE && span->ends) {
		/* It ended since: between two readings lies what lies between them. */
		c->to_ns =
			after_ns - before_ns < c->process_ns ? after_ns - before_ns : c->process_ns;
		c->has_clock = true;
		return;
	}
	/* One whose clock is gone has ended: before the span did, where it was gone then. */
	if (t->clock_ns == FAMILY_GONE && (begins || after_ns != FAMILY_GONE))
		return;
	if (begins && t->clock_ns - before_ns < c->process_ns)
		c->from_ns = c->process_ns - (t->clock_ns - before_ns);
	if (span->ends && after_ns != FAMILY_GONE)
		c->to_ns = t->clock_ns - after_ns < c->process_ns
				   ? c->process_ns - (t->clock_ns - after_ns)
				   : 0;
	if (c->to_ns < c->from_ns)
		c->to_ns = c->from_ns;
	c->has_clock = true;
}

/* Where the span's borders lie in the window. */
static void cut(struct adding *a)
{
	const struct span *span = a->span;
	const struct window *w = &a->w->usage->window;
	const struct spans_moment *at = span->ends ? &span->end : &span->begin;
	uint64_t sleep_ns = at->boot_ns - at->mono_ns;
	struct span_cut *c = &a->cut;

	sum_begin(&a->sum, RECORD_PROCESS);
	a->member = span->spans->target[span->target]->member;
	*c = (struct span_cut){ .usage = a->w->usage,
				.begin_boot_ns = w->begin_mono_ns + sleep_ns,
				.end_boot_ns = w->end_mono_ns + sleep_ns };
	c->from_boot_ns = begins_in(span, a->w) ? span->begin.boot_ns : c->begin_boot_ns;
	c->to_boot_ns = span->ends ? span->end.boot_ns : c->end_boot_ns;
	cut_by_clock(a, span->spans->target[span->target]);
}

/* Marks a row that the span has a part of. */
static void mark_row(size_t i, void *arg)
{
	struct adding *a = arg;
	struct span_part part;

	a->mark[i] = span_part_of(&a->cut, &a->w->usage->rows[i], &a->w->shares->rows[i],
				  a->row[i].member && a->row[i].member == a->member, &part);
}

void span_rows(struct span *span, const struct course_window *w, bool *ret)
{
	struct spans *s = span->spans;
	struct adding a = { .span = span, .w = w, .row = s->row, .family = s->family, .mark = ret };

	memset(ret, 0, w->usage->n_rows * sizeof(*ret));
	if (s->row_capacity < w->usage->n_rows || !span->first)
		return;
	cut(&a);
	spans_each_row(s, span->target, mark_row, &a);
}

static bool has_losses(const struct usage_losses *l)
{
	return l->n_no_cell || l->n_no_storage || l->n_global || l->untracked_ns;
}

void span_add_window(struct span *span, const struct course_window *w)
{
	struct spans *s = span->spans;
	const struct target *t = s->target[span->target];
	struct adding a = { .span = span, .w = w, .row = s->row, .family = s->family };
	size_t map[SHARES_MAX_FACTORS];

	if (course_add_window(&span->course, w, map)) {
		span->lost = true;
		return;
	}
	span->lost |= has_losses(&w->usage->losses);
	if (!span->first)
		span->first = s->number;
	if (!begins_in(span, w) && !span->ends) {
		/* All but those that it has counted; who slept may be one of them. */
		if (span->first == s->number)
			span->n_processes += t->n_processes;
		else if (t->n_slept)
			spans_each_row(s, span->target, count_row, &a);
		else
			span->n_processes += t->n_new;
		course_add(&span->sum, &t->sum, w, map);
		return;
	}
	cut(&a);
	spans_each_row(s, span->target, add_row, &a);
	course_add(&span->sum, &a.sum, w, map);
}

static bool is_over(const struct span *span)
{
	return span->spans->target[span->target]->kind != SPANS_CGROUP &&
	       span->end_clock_ns == FAMILY_GONE && span_n_alive(span) == 0;
}

void spans_window(struct spans *s, const struct course_window *w, struct identity *id)
{
	bool has_room = s->n && make_room(s, w->usage->n_rows);

	s->number++;
	if (!s->n)
		return;
	family_begin(s->family, s->number);
	s->has_lost = !has_room;
	if (has_room)
		find_rows(s, w, id);
	s->has_lost |= family_is_short(s->family);
	for (struct span *span = s->span; span; span = span->next) {
		if (span->done)
			continue;
		if (has_room)
			span_add_window(span, w);
		span->lost |= s->has_lost;
		span->begins = false;
		span->done = span->ends;
		/* Was there anybody left to end? */
		if (span->done && span->ended_by == SPANS_BY_CLIENT && is_over(span))
			span->ended_by = SPANS_BY_TARGET;
	}
	family_end(s->family);
}
