/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* counter.c - see counter.h. */
#include "power/counter.h"

#include <stddef.h>

/* RAPL publishes about every 1 ms with jitter (docs/power.md); late updates fall into a step. */
#define UPDATE_SLACK_NS UINT64_C(10000000)

const char counter_unreadable[] = "unreadable";
const char counter_returned[] = "returned";
const char counter_range[] = "out of range";
const char counter_reset[] = "reset";
const char counter_jump[] = "jump";
const char counter_ambiguous[] = "unread too long";
const char counter_stale[] = "stale";

void counter_init(struct counter *c, uint64_t range_uj, uint64_t max_power_uw)
{
	*c = (struct counter){ .range_uj = range_uj, .max_power_uw = max_power_uw };
}

static uint64_t counter_drawable_uj(const struct counter *c, uint64_t interval_ns)
{
	unsigned __int128 uj =
		(unsigned __int128)c->max_power_uw * (interval_ns + UPDATE_SLACK_NS) / 1000000000u;

	return uj > UINT64_MAX ? UINT64_MAX : (uint64_t)uj;
}

static const char *counter_judge(struct counter *c, uint64_t value_uj, uint64_t now_mono_ns,
				 uint64_t *ret_uj)
{
	uint64_t drawable_uj = counter_drawable_uj(c, now_mono_ns - c->last_mono_ns);
	bool wrapped = value_uj < c->last_uj;
	uint64_t step_uj = wrapped ? c->range_uj - c->last_uj + value_uj : value_uj - c->last_uj;

	if (step_uj == 0) {
		if (now_mono_ns - c->changed_mono_ns >= COUNTER_STALE_NS)
			return counter_stale;
		*ret_uj = 0;
		return NULL;
	}
	if (step_uj > drawable_uj)
		return wrapped ? counter_reset : counter_jump;
	/* Could it have gone once more around? */
	if (drawable_uj - step_uj >= c->range_uj)
		return counter_ambiguous;
	*ret_uj = step_uj;
	return NULL;
}

const char *counter_step(struct counter *c, int read_err, uint64_t value_uj, uint64_t now_mono_ns,
			 uint64_t *ret_uj)
{
	bool first = !c->primed && c->last_mono_ns == 0;
	const char *reason;

	if (!read_err && value_uj > c->range_uj)
		read_err = 1;
	if (read_err) {
		c->primed = false;
		c->last_mono_ns = now_mono_ns;
		return read_err > 0 ? counter_range : counter_unreadable;
	}
	if (c->primed) {
		reason = counter_judge(c, value_uj, now_mono_ns, ret_uj);
	} else {
		reason = first ? NULL : counter_returned;
		c->changed_mono_ns = now_mono_ns;
		if (first)
			*ret_uj = 0;
	}
	if (c->primed && value_uj != c->last_uj)
		c->changed_mono_ns = now_mono_ns;
	c->primed = true;
	c->last_uj = value_uj;
	c->last_mono_ns = now_mono_ns;
	return reason;
}

uint64_t counter_max_interval_ns(const struct counter *c)
{
	unsigned __int128 turn_ns;

	if (c->max_power_uw == 0)
		return UINT64_MAX;
	turn_ns = (unsigned __int128)c->range_uj * 1000000000u / c->max_power_uw;
	if (turn_ns > UINT64_MAX)
		return UINT64_MAX;
	return (uint64_t)turn_ns / 2;
}
