/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* power.c - the table of meters, the choice among them, and one window of energy. */
#include "power/power.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "power/meter.h"

/* Best first: "auto" takes the first that opens. */
static const struct meter_ops *const meters[] = { &powercap_ops, &model_ops, &none_ops };

#define N_METERS (sizeof(meters) / sizeof(meters[0]))

struct power {
	const struct meter_ops *ops;
	void *meter;
	char choice[640];
	struct energy layout; /* domains; readings missing */
};

DEFINE_CLEANUP(struct power *, power_free)

void power_free(struct power *p)
{
	if (!p)
		return;
	if (p->ops)
		p->ops->close(p->meter);
	free(p);
}

void meter_add_gap(struct energy *e, size_t domain, const char *reason, const struct window *w)
{
	e->reading[domain] = (struct energy_reading){ .quality = ENERGY_MISSING };
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

/* "powercap: 4 domains (package-0 dram-0 …)", "model: <source of the first>", "none: …" */
static void describe(const struct power *p, char *ret, size_t size)
{
	const struct energy *e = &p->layout;
	size_t len;

	if (!e->n_domains) {
		snprintf(ret, size, "%s: no meter, energy is missing", p->ops->name);
		return;
	}
	if (e->domain[0].quality == ENERGY_MODELLED) {
		snprintf(ret, size, "%s: %s", p->ops->name, e->domain[0].source);
		return;
	}
	len = (size_t)snprintf(ret, size, "%s, %zu domain%s:", p->ops->name, e->n_domains,
			       e->n_domains == 1 ? "" : "s");
	for (size_t i = 0; i < e->n_domains && len < size; i++)
		len += (size_t)snprintf(ret + len, size - len, " %s%s", e->domain[i].name,
					e->domain[i].counted ? "" : " (not added)");
}

static int open_meter(struct power *p, const struct meter_ops *ops, const struct power_options *o,
		      struct why *why)
{
	memset(&p->layout, 0, sizeof(p->layout));
	int err = ops->open(o, &p->layout, &p->meter, why);

	if (!err)
		p->ops = ops;
	return err;
}

/* The first that opens; p->choice says why the better ones did not. */
static int choose(struct power *p, const struct power_options *o, struct why *why)
{
	char reasons[2 * sizeof(why->text)] = "";
	size_t len = 0;
	int err = -ENOENT;

	for (size_t i = 0; i < N_METERS; i++) {
		struct why w = { "" };

		err = open_meter(p, meters[i], o, &w);
		if (!err)
			break;
		if (len < sizeof(reasons))
			len += (size_t)snprintf(reasons + len, sizeof(reasons) - len, "; not %s",
						w.text);
	}
	if (err)
		return why_set(why, err, "no meter%s", reasons);
	describe(p, p->choice, sizeof(p->choice));
	len = strlen(p->choice);
	snprintf(p->choice + len, sizeof(p->choice) - len, "%s", reasons);
	return 0;
}

static int open_named(struct power *p, const struct power_options *o, struct why *why)
{
	char names[128] = "auto";
	size_t len = strlen(names);

	for (size_t i = 0; i < N_METERS; i++) {
		if (!strcmp(meters[i]->name, o->meter)) {
			int err = open_meter(p, meters[i], o, why);

			if (!err)
				describe(p, p->choice, sizeof(p->choice));
			return err;
		}
		len += (size_t)snprintf(names + len, sizeof(names) - len, ", %s", meters[i]->name);
	}
	return why_set(why, -ENOENT, "unknown power meter \"%s\": use one of %s", o->meter, names);
}

int power_new(const struct power_options *o, struct power **ret, struct why *why)
{
	CLEANUP(power_free_ptr) struct power *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return why_set(why, -ENOMEM, "power: out of memory");
	if (!o->meter || !strcmp(o->meter, "auto"))
		err = choose(p, o, why);
	else
		err = open_named(p, o, why);
	if (err)
		return err;
	*ret = TAKE_PTR(p);
	return 0;
}

/*
 * The usage's number of the package that the kernel calls id. One on which no CPU is online gets a
 * number on which nothing can have run: its energy stays unattributed.
 */
static int package_rank(const struct usage *u, int id)
{
	unsigned int i = 0;

	while (i < u->n_packages && u->package_id[i] != id)
		i++;
	return (int)(i < JT_MAX_PACKAGES ? i : JT_MAX_PACKAGES - 1);
}

int power_read(struct power *p, const struct usage *u, struct energy *ret)
{
	*ret = p->layout;
	for (size_t i = 0; i < ret->n_domains; i++)
		if (ret->domain[i].package >= 0)
			ret->domain[i].package = package_rank(u, ret->domain[i].package);
	ret->read_mono_ns = u->window.end_mono_ns;
	p->ops->read(p->meter, u, ret);
	return 0;
}

void power_poll(struct power *p, uint64_t now_mono_ns, int64_t now_real_us)
{
	const struct meter_time now = { now_mono_ns, now_real_us };

	if (p->ops->sample)
		p->ops->sample(p->meter, &now);
}

uint64_t power_max_interval_ns(const struct power *p)
{
	return p->ops->max_interval_ns ? p->ops->max_interval_ns(p->meter) : UINT64_MAX;
}

const struct energy *power_domains(const struct power *p)
{
	return &p->layout;
}

const char *power_choice(const struct power *p)
{
	return p->choice;
}

void power_probe(const char *root, power_probe_fn *f, void *arg)
{
	for (size_t i = 0; i < N_METERS; i++) {
		const struct power_options o = { .meter = meters[i]->name, .root = root };
		CLEANUP(power_free_ptr) struct power *p = NULL;
		struct why why = { "" };
		int err = power_new(&o, &p, &why);

		f(meters[i]->name, !err, err ? why.text : power_choice(p), arg);
	}
}
