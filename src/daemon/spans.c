/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spans.c - see spans.h: spans and whom they are of. What a window adds is in spans_window.c. */
#include "daemon/spans.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "daemon/spans_parts.h"

const char *spans_end_name(enum spans_end e)
{
	static const char *const names[] = { "client", "parent", "target", "stopping" };

	return names[e];
}

void spans_free(struct spans *s)
{
	if (!s)
		return;
	while (s->span)
		span_close(s->span);
	for (uint32_t i = 1; i <= s->n_targets; i++)
		free(s->target[i]);
	free(s->target);
	free(s->row);
	free(s->slot);
	family_free(s->family);
	free(s);
}

DEFINE_CLEANUP(struct spans *, spans_free)

int spans_new(const char *root, family_clock_fn *clock, struct spans **ret)
{
	CLEANUP(spans_free_ptr) struct spans *s = calloc(1, sizeof(*s));
	struct timespec tick;
	int err;

	if (!s)
		return -ENOMEM;
	s->clock = clock;
	err = family_new(root, clock, &s->family);
	if (err)
		return err;
	/* A running thread's time is brought up to date by the tick. */
	clock_getres(CLOCK_MONOTONIC_COARSE, &tick);
	s->tick_ns = (uint64_t)tick.tv_nsec;
	*ret = TAKE_PTR(s);
	return 0;
}

static bool is_same_target(const struct target *t, const struct spans_target *of, uint32_t member)
{
	if (!t->number || t->kind != of->kind)
		return false;
	if (of->kind != SPANS_CGROUP)
		return t->member == member;
	return t->v1 == of->v1 && !strcmp(t->path, of->path);
}

static int new_target(struct spans *s, uint32_t *ret)
{
	uint32_t i = 1;

	while (i <= s->n_targets && s->target[i]->number)
		i++;
	if (i > s->n_targets && i > s->target_capacity) {
		uint32_t capacity = s->target_capacity ? 2 * s->target_capacity : 16;
		void *bigger = reallocarray(s->target, capacity + 1, sizeof(struct target *));

		if (!bigger)
			return -ENOMEM;
		s->target = bigger;
		s->target_capacity = capacity;
	}
	if (i > s->n_targets) {
		s->target[i] = calloc(1, sizeof(**s->target));
		if (!s->target[i])
			return -ENOMEM;
		s->n_targets = i;
	}
	*ret = i;
	return 0;
}

/* The target, one that there is or a new one; counted. */
static int take_target(struct spans *s, const struct spans_target *of, uint32_t *ret)
{
	uint32_t member = 0, i;
	struct target *t;
	int err;

	if (of->kind != SPANS_CGROUP) {
		member = family_process(s->family, of->tgid);
		if (!member)
			return -ESRCH;
	}
	for (i = 1; i <= s->n_targets; i++)
		if (is_same_target(s->target[i], of, member)) {
			s->target[i]->n_spans++;
			*ret = i;
			return 0;
		}
	err = new_target(s, &i);
	if (err)
		return err;
	t = s->target[i];
	*t = (struct target){ .number = i,
			      .kind = of->kind,
			      .member = member,
			      .tgid = of->tgid,
			      .v1 = of->v1,
			      .n_spans = 1 };
	if (member)
		*family_root(s->family, member,
			     of->kind == SPANS_TREE ? FAMILY_TREE : FAMILY_ALONE) = i;
	if (of->kind == SPANS_CGROUP) {
		t->path = strdup(of->path);
		if (!t->path) {
			t->number = 0;
			return -ENOMEM;
		}
	}
	*ret = i;
	return 0;
}

static void drop_target(struct spans *s, uint32_t i)
{
	struct target *t = s->target[i];

	if (--t->n_spans)
		return;
	if (t->member)
		*family_root(s->family, t->member,
			     t->kind == SPANS_TREE ? FAMILY_TREE : FAMILY_ALONE) = 0;
	free(t->path);
	*t = (struct target){ .number = 0 };
}

static uint64_t read_clock(const struct spans *s, const struct target *t)
{
	return t->kind == SPANS_CGROUP ? FAMILY_GONE : s->clock(t->tgid);
}

int spans_begin(struct spans *s, const struct spans_target *t, const struct spans_moment *now,
		struct span **ret)
{
	CLEANUP(cleanup_free) struct span *span = NULL;
	int err;

	if (s->n == SPANS_MAX)
		return -ENOSPC;
	span = calloc(1, sizeof(*span));
	if (!span)
		return -ENOMEM;
	err = take_target(s, t, &span->target);
	if (err)
		return err;
	span->spans = s;
	span->begin = *now;
	span->begin_clock_ns = read_clock(s, s->target[span->target]);
	span->begins = true;
	sum_begin(&span->sum, RECORD_PROCESS);
	span->next = s->span;
	if (s->span)
		s->span->previous = span;
	s->span = span;
	s->n++;
	*ret = TAKE_PTR(span);
	return 0;
}

void span_end(struct span *span, const struct spans_moment *now, enum spans_end by)
{
	const struct target *t = span->spans->target[span->target];

	if (span->ends)
		return;
	span->ends = true;
	span->end = *now;
	span->ended_by = by;
	span->end_clock_ns = read_clock(span->spans, t);
}

bool span_is_ending(const struct span *span)
{
	return span->ends;
}

bool span_is_done(const struct span *span)
{
	return span->done;
}

void span_close(struct span *span)
{
	struct spans *s = span->spans;

	if (span->previous)
		span->previous->next = span->next;
	else
		s->span = span->next;
	if (span->next)
		span->next->previous = span->previous;
	drop_target(s, span->target);
	free(span);
	/* Whoever is asked for next may be another process of the same id. */
	if (--s->n == 0)
		family_clear(s->family);
}

void spans_read(struct spans *s)
{
	for (uint32_t i = 1; i <= s->n_targets; i++)
		s->target[i]->clock_ns = FAMILY_GONE;
	for (struct span *span = s->span; span; span = span->next) {
		struct target *t = s->target[span->target];

		if ((span->begins || span->ends) && !span->done && t->clock_ns == FAMILY_GONE)
			t->clock_ns = read_clock(s, t);
	}
}

size_t spans_n(const struct spans *s)
{
	return s->n;
}

uint64_t span_n_alive(const struct span *span)
{
	const struct spans *s = span->spans;
	const struct target *t = s->target[span->target];

	if (t->kind == SPANS_ALONE)
		return s->clock(t->tgid) != FAMILY_GONE;
	return t->kind == SPANS_TREE ? family_n_alive(s->family, t->number) : 0;
}

/* The interval with the borders' bounds in it: as of the least, and of the most, that it had. */
static void widen(struct quant_interval_u64 *v, double value, const struct span *span)
{
	double low = 1, high = 1;

	if (!(value > 0))
		return;
	low = fmax(0, 1 - span->below_uj / value);
	high = 1 + span->above_uj / value;
	v->low = (uint64_t)floor((double)v->low * low);
	v->high = (uint64_t)ceil((double)v->high * high);
}

void span_result(const struct span *span, struct span_result *ret)
{
	const struct course *c = &span->course;
	CLEANUP(cleanup_free) struct account *a = malloc(sizeof(*a));
	struct sum sum = span->sum;
	double value = (double)sum.sample.energy_uj;

	*ret = (struct span_result){
		.begin = span->begin,
		.end = span->end,
		.cpu_ns = sum.sample.cpu_ns,
		.n_windows = c->n_windows,
		.n_processes = span->n_processes,
		.host_wall_ns = window_length_ns(&c->window),
		.ended_by = span->ended_by,
		.lost = span->lost,
	};
	if (!a || !c->n_windows)
		return;
	if (!span->done) {
		ret->end.mono_ns = c->window.end_mono_ns;
		ret->end.real_us = c->window.end_real_us;
	}
	course_finish(c, a);
	course_sum_end(&sum, a);
	ret->energy = sum.sample.energy;
	ret->co2e = sum.sample.co2e;
	widen(&ret->energy, value, span);
	widen(&ret->co2e, value, span);
	ret->host_energy = a->tick.host_energy;
	ret->host_co2e = a->tick.host_co2e;
	ret->intensity = a->tick.intensity;
	ret->quality = sum.sample.quality < c->quality ? sum.sample.quality : c->quality;
	if (value > 0)
		ret->border_ppm = (uint64_t)llround(fmin(1, span->divided_uj / value) * 1e6);
}
