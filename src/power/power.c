/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* power.c - the table of meters, the choice among them, and one window of energy. */
#include "power/power.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "jouletrail/units.h"
#include "power/calibration.h"
#include "power/domains.h"
#include "power/meter.h"

/* Best first: "auto" takes the first that opens of those that cover the same. */
static const struct meter_ops *const meters[] = {
	&powercap_ops, &perf_ops, &msr_ops, &hwmon_ops, &gpu_ops, &model_ops, &none_ops,
};

#define N_METERS (sizeof(meters) / sizeof(meters[0]))

/* An open meter. */
struct part {
	const struct meter_ops *ops;
	void *meter;
};

struct power {
	struct power_hooks hooks;
	size_t n_parts;
	struct part part[N_METERS];
	char choice[1200];
	struct energy layout; /* domains; readings missing */
};

DEFINE_CLEANUP(struct power *, power_free)

void power_free(struct power *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_parts; i++)
		p->part[i].ops->close(p->part[i].meter);
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

struct meter_time meter_now(const struct power_options *o)
{
	return (struct meter_time){ o->now_mono_ns, o->hooks->suspended_ns() };
}

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *fmt,
							 ...)
{
	size_t len = strlen(text);
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text + len, size - len, fmt, ap);
	va_end(ap);
}

/* "powercap: 4 domains (package-0 dram-0 …)", "model: <source of the first>", "none: …" */
static void describe(struct power *p, const struct meter_ops *ops, size_t first)
{
	const struct energy *e = &p->layout;
	size_t n = e->n_domains - first;
	const char *gap = *p->choice ? "; " : "";

	if (!n) {
		append(p->choice, sizeof(p->choice), "%s%s: no meter, energy is missing", gap,
		       ops->name);
		return;
	}
	if (e->domain[first].quality == ENERGY_MODELLED) {
		append(p->choice, sizeof(p->choice), "%s%s: %s", gap, ops->name,
		       e->domain[first].source);
		return;
	}
	append(p->choice, sizeof(p->choice), "%s%s, %zu domain%s:", gap, ops->name, n,
	       n == 1 ? "" : "s");
	for (size_t i = first; i < e->n_domains; i++)
		append(p->choice, sizeof(p->choice), " %s%s", e->domain[i].name,
		       e->domain[i].counted ? "" : " (not added)");
}

/* Adds the meter; with needed, only if it adds to the host's total (-ENOENT else). */
static int open_part(struct power *p, const struct meter_ops *ops, const struct power_options *o,
		     bool needed, struct why *why)
{
	struct part *part = &p->part[p->n_parts];
	size_t first = p->layout.n_domains;
	int err = ops->open(o, &p->layout, &part->meter, why);

	if (!err && !domains_join(&p->layout, first, ops->name) && needed) {
		ops->close(part->meter);
		err = why_set(why, -ENOENT, "%s: nothing that is not measured already", ops->name);
	}
	if (err) {
		memset(&p->layout.domain[first], 0,
		       (ENERGY_MAX_DOMAINS - first) * sizeof(p->layout.domain[0]));
		p->layout.n_domains = first;
		return err;
	}
	part->ops = ops;
	p->n_parts++;
	describe(p, ops, first);
	return 0;
}

static bool covers_cpu(const struct energy *e)
{
	for (size_t i = 0; i < e->n_domains; i++)
		if (e->domain[i].counted &&
		    (e->domain[i].kind == ENERGY_PACKAGE || e->domain[i].kind == ENERGY_PSYS))
			return true;
	return false;
}

/* The first of each kind that opens; p->choice says why the better ones did not. */
static int choose(struct power *p, const struct power_options *o, struct why *why)
{
	char reasons[900] = "";

	for (size_t i = 0; i < N_METERS; i++) {
		const struct meter_ops *ops = meters[i];
		bool cpu = ops->covers & METER_CPU && !covers_cpu(&p->layout);
		struct why w = { "" };
		int err;

		if (ops->covers ? !cpu && !(ops->covers & METER_GPU) : p->n_parts > 0)
			continue;
		err = open_part(p, ops, o, ops->covers != 0, &w);
		/* What a machine has not is said once; that it has no GPU, not at all. */
		if (err == -ENOENT && *reasons && ops != &model_ops)
			append(reasons, sizeof(reasons), "%s%s", cpu ? ", nor " : "",
			       cpu ? ops->name : "");
		else if (err && (cpu || err != -ENOENT))
			append(reasons, sizeof(reasons), "; not %s", w.text);
	}
	if (!p->n_parts)
		return why_set(why, -ENOENT, "no meter%.400s", reasons);
	append(p->choice, sizeof(p->choice), "%s", reasons);
	return 0;
}

/* Whether the comma-separated list has the name. */
static bool lists(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *p = strstr(list, name); p; p = strstr(p + 1, name))
		if ((p == list || p[-1] == ',') && (!p[len] || p[len] == ','))
			return true;
	return false;
}

static int check_names(const char *list, struct why *why)
{
	char names[160] = "auto";
	const char *word = list;

	for (size_t i = 0; i < N_METERS; i++)
		append(names, sizeof(names), ", %s", meters[i]->name);
	for (;;) {
		size_t len = strcspn(word, ","), i = 0;

		while (i < N_METERS &&
		       (strlen(meters[i]->name) != len || strncmp(meters[i]->name, word, len) != 0))
			i++;
		if (i == N_METERS)
			return why_set(why, -ENOENT, "unknown power meter \"%.*s\": use one of %s",
				       (int)len, word, names);
		if (!word[len])
			return 0;
		word += len + 1;
	}
}

static int open_named(struct power *p, const struct power_options *o, struct why *why)
{
	int err = check_names(o->meter, why);

	/* In the table's order, so that a model never stands before what was measured. */
	for (size_t i = 0; i < N_METERS && !err; i++)
		if (lists(o->meter, meters[i]->name))
			err = open_part(p, meters[i], o, false, why);
	return err;
}

/* Static power of measured domains, as the calibration has it. */
static int take_calibration(struct power *p, const char *path, struct why *why)
{
	CLEANUP(cleanup_free) struct calibration *c = malloc(sizeof(*c));
	size_t n = 0;
	int err;

	if (!c)
		return why_set(why, -ENOMEM, "power: out of memory");
	err = calibration_read(path, c, why);
	if (err)
		return err;
	for (size_t i = 0; i < c->n_domains; i++) {
		int d = domains_find(&p->layout, 0, c->domain[i].name);

		if (d < 0 || p->layout.domain[d].quality != ENERGY_MEASURED)
			continue;
		p->layout.domain[d].idle_power_uw = c->domain[i].idle_uw;
		n++;
	}
	if (c->n_domains)
		append(p->choice, sizeof(p->choice),
		       "; calibration %.200s: static power of %zu domain%s", path, n,
		       n == 1 ? "" : "s");
	return 0;
}

int power_new(const struct power_options *o, struct power **ret, struct why *why)
{
	CLEANUP(power_free_ptr) struct power *p = calloc(1, sizeof(*p));
	struct power_options mine = *o;
	int err;

	if (!p)
		return why_set(why, -ENOMEM, "power: out of memory");
	if (o->hooks)
		p->hooks = *o->hooks;
	p->hooks.suspended_ns = p->hooks.suspended_ns ?: clock_suspended_ns;
	mine.hooks = &p->hooks;
	if (!o->meter || !strcmp(o->meter, "auto"))
		err = choose(p, &mine, why);
	else
		err = open_named(p, &mine, why);
	if (!err && o->calibration)
		err = take_calibration(p, o->calibration, why);
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

/* A meter does not know what is static; a calibration may. */
static void set_idle(const struct energy_domain *d, uint64_t window_ns, struct energy_reading *r)
{
	uint64_t uj;

	if (d->quality != ENERGY_MEASURED || r->quality == ENERGY_MISSING)
		return;
	uj = (uint64_t)((jt_product)d->idle_power_uw * window_ns / JT_NS_PER_S);
	r->idle_uj = uj < r->energy_uj ? uj : r->energy_uj;
}

int power_read(struct power *p, const struct usage *u, struct energy *ret)
{
	power_poll(p, u->window.end_mono_ns);
	*ret = p->layout;
	for (size_t i = 0; i < ret->n_domains; i++)
		if (ret->domain[i].package >= 0)
			ret->domain[i].package = package_rank(u, ret->domain[i].package);
	ret->read_mono_ns = u->window.end_mono_ns;
	for (size_t i = 0; i < p->n_parts; i++)
		p->part[i].ops->read(p->part[i].meter, u, ret);
	for (size_t i = 0; i < ret->n_domains; i++)
		set_idle(&ret->domain[i], window_length_ns(&u->window), &ret->reading[i]);
	return 0;
}

void power_poll(struct power *p, uint64_t now_mono_ns)
{
	const struct meter_time now = { now_mono_ns, p->hooks.suspended_ns() };

	for (size_t i = 0; i < p->n_parts; i++)
		if (p->part[i].ops->sample)
			p->part[i].ops->sample(p->part[i].meter, &now);
}

uint64_t power_max_interval_ns(const struct power *p)
{
	uint64_t least_ns = UINT64_MAX;

	for (size_t i = 0; i < p->n_parts; i++) {
		const struct part *part = &p->part[i];
		uint64_t ns = part->ops->max_interval_ns ? part->ops->max_interval_ns(part->meter)
							 : UINT64_MAX;

		if (ns < least_ns)
			least_ns = ns;
	}
	return least_ns;
}

const struct energy *power_domains(const struct power *p)
{
	return &p->layout;
}

bool power_mirror(const struct power *p, size_t i, struct energy_domain *ret)
{
	for (size_t k = 0; k < p->n_parts; k++) {
		const struct part *part = &p->part[k];
		size_t n = 0;

		if (!part->ops->mirror)
			continue;
		while (part->ops->mirror(part->meter, n, ret))
			if (n++ == i)
				return true;
		i -= n;
	}
	return false;
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
