/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* power.c - takes a meter out of the table and reads it, one window at a time. */
#include "power/power.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "power/meter.h"

/* Best first; `auto` takes the first of the leading N_AUTO that opens. */
static const struct meter_ops *const meters[] = { &meter_powercap, &meter_model, &meter_none };

#define N_METERS (sizeof(meters) / sizeof(meters[0]))
#define N_AUTO	 2

struct power {
	const struct meter_ops *ops;
	void *state;
	struct energy domains;
	char choice[512];
};

static int none_open(const struct power_options *o, void **ret_state, struct energy *e,
		     struct why *why)
{
	(void)o;
	(void)why;
	(void)e;
	*ret_state = NULL;
	return 0;
}

static void none_read(void *state, const struct usage *u, struct energy *e)
{
	(void)state;
	(void)u;
	(void)e;
}

const struct meter_ops meter_none = {
	.name = "none",
	.about = "no energy at all: CPU time only",
	.open = none_open,
	.read = none_read,
};

void meter_add_gap(struct energy *e, size_t domain, const char *reason, const struct window *w)
{
	if (e->n_gaps == ENERGY_MAX_GAPS) {
		e->n_gaps_dropped++;
		return;
	}
	e->gap[e->n_gaps++] = (struct energy_gap){
		.domain = (int)domain,
		.reason = reason,
		.from_us = w->begin_real_us,
		.to_us = w->end_real_us,
	};
}

static int power_open_auto(struct power *p, const struct power_options *o, struct why *why)
{
	struct why first = { "" }, *each = &first;
	int err = -ENOENT;

	for (size_t i = 0; i < N_AUTO; i++) {
		err = meters[i]->open(o, &p->state, &p->domains, each);
		if (!err) {
			p->ops = meters[i];
			snprintf(p->choice, sizeof(p->choice), "%s, because %s", meters[i]->name,
				 i ? first.text : "it is the best meter here");
			return 0;
		}
		p->domains = (struct energy){ 0 };
		each = why;
	}
	return err;
}

static int power_open_named(struct power *p, const struct power_options *o, struct why *why)
{
	char names[160] = "auto";
	int err;

	for (size_t i = 0; i < N_METERS; i++) {
		if (strcmp(meters[i]->name, o->meter) == 0) {
			p->ops = meters[i];
			snprintf(p->choice, sizeof(p->choice), "%s, as asked", o->meter);
			err = meters[i]->open(o, &p->state, &p->domains, why);
			return err;
		}
		snprintf(names + strlen(names), sizeof(names) - strlen(names), ", %s",
			 meters[i]->name);
	}
	return why_set(why, -ENOENT, "--power %s: no such meter; there are %s", o->meter, names);
}

int power_new(const struct power_options *o, struct power **ret, struct why *why)
{
	struct power *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	if (!o->meter || strcmp(o->meter, "auto") == 0)
		err = power_open_auto(p, o, why);
	else
		err = power_open_named(p, o, why);
	if (err) {
		free(p);
		return err;
	}
	*ret = p;
	return 0;
}

int power_read(struct power *p, const struct usage *u, struct energy *ret)
{
	*ret = p->domains;
	ret->read_mono_ns = clock_mono_ns();
	p->ops->read(p->state, u, ret);
	for (size_t i = 0; i < ret->n_domains; i++)
		if (ret->reading[i].idle_uj > ret->reading[i].energy_uj)
			ret->reading[i].idle_uj = ret->reading[i].energy_uj;
	return 0;
}

const struct energy *power_domains(const struct power *p)
{
	return &p->domains;
}

const char *power_choice(const struct power *p)
{
	return p->choice;
}

uint64_t power_max_interval_ns(const struct power *p)
{
	return p->ops->max_interval_ns ? p->ops->max_interval_ns(p->state) : UINT64_MAX;
}

void power_free(struct power *p)
{
	if (!p)
		return;
	if (p->ops->close)
		p->ops->close(p->state);
	free(p);
}

void power_probe(const char *root, power_probe_fn *f, void *arg)
{
	for (size_t i = 0; i < N_METERS; i++) {
		struct power_options o = { .meter = meters[i]->name, .root = root };
		struct why why = { "" };
		struct power *p = NULL;
		char text[512];

		if (power_new(&o, &p, &why)) {
			f(meters[i]->name, false, why.text, arg);
			continue;
		}
		snprintf(text, sizeof(text), "%s", meters[i]->about);
		for (size_t d = 0; d < p->domains.n_domains; d++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				 d ? ", " : ": ", p->domains.domain[d].name);
		f(meters[i]->name, true, text, arg);
		power_free(p);
	}
}
