/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counter.c - see counter.h. */
#include "power/counter.h"

#include <errno.h>
#include <stddef.h>

#include "jouletrail/units.h"

#define MIN_INTERVAL_NS JT_NS_PER_MS

__extension__ typedef unsigned __int128 wide;

const char *counter_reason_of_errno(int err)
{
	switch (-err) {
	case ENOENT:
	case ENODEV:
	case ENXIO:
		return "vanished";
	case EINVAL:
	case ERANGE:
		return "rubbish";
	case EACCES:
	case EPERM:
		return "forbidden";
	default:
		return "unreadable";
	}
}

bool counter_is_suspend(uint64_t before_suspended_ns, uint64_t after_suspended_ns)
{
	return after_suspended_ns > before_suspended_ns &&
	       after_suspended_ns - before_suspended_ns > COUNTER_SUSPEND_NS;
}

static bool is_good(const struct counter_limits *l, const struct counter_sample *s)
{
	return !s->err && (!l->range_uj || s->value_uj <= l->range_uj);
}

void counter_init(struct counter *c, const struct counter_limits *l,
		  const struct counter_sample *first)
{
	*c = (struct counter){
		.limits = *l,
		.last = *first,
		.changed_mono_ns = first->mono_ns,
		.based = is_good(l, first),
	};
}

static uint64_t slack_of(const struct counter_limits *l)
{
	return l->slack_ns ? l->slack_ns : COUNTER_SLACK_NS;
}

static uint64_t stale_of(const struct counter_limits *l)
{
	return l->stale_ns ? l->stale_ns : COUNTER_STALE_NS;
}

/* The most that can have been drawn in elapsed_ns, uJ. */
static wide most_uj(const struct counter_limits *l, uint64_t elapsed_ns)
{
	return ((wide)elapsed_ns + slack_of(l)) * l->max_power_uw / JT_NS_PER_S + 1;
}

/* The same step for two good values, the earlier one a base. */
static const char *step_between(const struct counter *c, const struct counter_sample *s,
				uint64_t *ret_uj)
{
	const struct counter_limits *l = &c->limits;
	uint64_t mono_ns = s->mono_ns > c->last.mono_ns ? s->mono_ns - c->last.mono_ns : 0;
	bool back = s->value_uj < c->last.value_uj;
	uint64_t step_uj;

	if (counter_is_suspend(c->last.suspended_ns, s->suspended_ns))
		return "suspend";
	if (s->n_gaps != c->last.n_gaps)
		return "source";
	if (back && !l->range_uj)
		return "reset";
	/* Unsigned: last <= range, so range - last + value does not wrap around 2^64. */
	step_uj = back ? l->range_uj - c->last.value_uj + s->value_uj
		       : s->value_uj - c->last.value_uj;
	if (step_uj > most_uj(l, mono_ns))
		return back ? "reset" : "jump";
	if (l->range_uj && (wide)step_uj + l->range_uj <= most_uj(l, mono_ns))
		return "pause";
	*ret_uj = step_uj;
	return NULL;
}

const char *counter_step(struct counter *c, const struct counter_sample *s, uint64_t *ret_uj)
{
	const char *reason = NULL;

	if (!is_good(&c->limits, s)) {
		reason = s->err ? counter_reason_of_errno(s->err) : "rubbish";
		c->based = false;
		c->frozen = false;
	} else if (!c->based) {
		reason = "returned";
		c->based = true;
		c->changed_mono_ns = s->mono_ns;
	} else if (s->value_uj != c->last.value_uj || s->n_updates != c->last.n_updates) {
		reason = c->frozen ? "returned" : step_between(c, s, ret_uj);
		c->frozen = false;
		c->changed_mono_ns = s->mono_ns;
	} else if (s->mono_ns >= c->changed_mono_ns + stale_of(&c->limits)) {
		reason = "stale";
		c->frozen = true;
	} else {
		reason = step_between(c, s, ret_uj);
	}
	c->last = *s;
	return reason;
}

uint64_t counter_max_interval_ns(const struct counter_limits *l)
{
	wide fill_ns;

	if (!l->range_uj)
		return UINT64_MAX;
	fill_ns = (wide)l->range_uj * JT_NS_PER_S / l->max_power_uw / 2;
	if (fill_ns < slack_of(l) + MIN_INTERVAL_NS)
		return MIN_INTERVAL_NS;
	fill_ns -= slack_of(l);
	return fill_ns > UINT64_MAX ? UINT64_MAX : (uint64_t)fill_ns;
}
