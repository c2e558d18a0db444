/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline.c - the stages in order, and nothing else: see pipeline_step(). */
#include "daemon/pipeline.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attrib/attrib.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/urgent.h"
#include "carbon/carbon.h"
#include "daemon/audit.h"
#include "identity/identity.h"
#include "intensity/intensity.h"
#include "power/power.h"
#include "sched/sched.h"

#define MIN_POLL_NS (10 * JT_NS_PER_MS) /* a counter that goes round faster has gaps */

struct pipeline {
	struct sched *sched;
	struct audit *audit;
	struct power *power;
	struct attrib *attrib;
	struct carbon *carbon;
	struct identity *identity;
	struct ledger *ledger;
	struct intensity intensity;
	struct energy energy;
	struct record_audit audit_total;
	uint64_t tick_ns;
	uint64_t tick_began_mono_ns; /* 0 = with the next window */
	bool ledger_failed;
	bool epoch_overdue;
	pipeline_publish_fn *publish;
	void *publish_arg;
};

/* Into the ledger. Said when trouble begins and when it ends, not at every tick between. */
static void pipeline_append(struct pipeline *p, const struct tick *tick)
{
	struct why why = { "" };
	int err = ledger_append(p->ledger, tick, &why);
	bool overdue = ledger_epoch_is_overdue(p->ledger);

	if (err && !p->ledger_failed)
		log_error("%s; measuring goes on without the ledger", why.text);
	if (!err && p->ledger_failed)
		log_info("the ledger can be written again");
	p->ledger_failed = err != 0;
	if (overdue && !p->epoch_overdue)
		log_warning("the ledger's key of the hour cannot be replaced: is the key directory "
			    "writable? Records are signed on with the old one");
	p->epoch_overdue = overdue;
}

/* One tick leaves: named, durable, then told. */
static int pipeline_end_tick(struct pipeline *p)
{
	struct tick *tick;
	int err;

	p->tick_began_mono_ns = 0;
	err = carbon_close(p->carbon, &tick);
	if (err)
		return err;
	tick->n_lineage_tasks = sched_n_lineage_tasks(p->sched);
	tick->audit = audit_take(p->audit);
	record_audit_add(&p->audit_total, &tick->audit);
	err = identity_run(p->identity, tick);
	if (err)
		return err;
	if (p->ledger)
		pipeline_append(p, tick);
	if (p->publish)
		p->publish(tick, p->publish_arg);
	return 0;
}

int pipeline_step(struct pipeline *p, bool end_tick)
{
	const struct usage *usage;
	const struct shares *shares;
	bool urgent;
	int err;

	/* Time and energy of the same window: nobody else runs between these readings. */
	urgent = urgent_begin();
	audit_before(p->audit);
	err = sched_read(p->sched, &usage);
	if (!err)
		err = power_read(p->power, usage, &p->energy);
	if (!err)
		audit_after(p->audit, usage);
	urgent_end(urgent);
	if (!err)
		err = attrib_run(p->attrib, usage, &p->energy, &shares);
	if (!err)
		err = carbon_run(p->carbon, usage, &p->energy, shares, &p->intensity);
	if (err)
		return err;

	if (!p->tick_began_mono_ns)
		p->tick_began_mono_ns = usage->window.begin_mono_ns;
	/* Half a window early is nearer than half a window late. */
	if (end_tick || usage->window.end_mono_ns + window_length_ns(&usage->window) / 2 >=
				p->tick_began_mono_ns + p->tick_ns)
		return pipeline_end_tick(p);
	return 0;
}

static int pipeline_open_ledger(struct pipeline *p, const struct pipeline_options *o,
				struct why *why)
{
	struct ledger_options lo = {
		.dir = o->ledger_dir,
		.key_dir = o->key_dir,
		.build_id = JT_VERSION,
		.intensity_sha256 = intensity_table_sha256,
		.intensity_licence = p->intensity.licence,
		/* Ticks follow each other without a hole: more than one of them missing is one. */
		.heartbeat_ns = 2 * o->tick_ns,
	};
	struct ledger_opening how = { 0 };
	int err = ledger_open(&lo, &p->ledger, &how, why);

	if (err)
		return err;
	if (how.recovered)
		log_warning("ledger %s: %llu bytes that no checkpoint covers were set aside",
			    o->ledger_dir, (unsigned long long)how.set_aside_bytes);
	if (how.new_incarnation)
		log_warning("ledger %s: what is there does not match its checkpoint; it is kept, "
			    "and a new log begins: %s",
			    o->ledger_dir, how.origin);
	return 0;
}

static int pipeline_open(struct pipeline *p, const struct pipeline_options *o, struct why *why)
{
	struct sched_options so = { .max_tasks = o->max_tasks,
				    .lineage_tgid = o->lineage_tgid,
				    .root = o->root };
	struct power_options po = { .meter = o->power,
				    .calibration = o->calibration,
				    .root = o->power_root ? o->power_root : o->root,
				    .proc_root = o->root ? o->root : "" };
	struct carbon_options co = { .by = o->by, .keep_total = o->keep_total };
	int err;

	if (o->weight && usage_weight_parse(o->weight, &so.weight))
		return why_set(why, -EINVAL,
			       "unknown weight '%s': --weight is time, smt, freq or cycles",
			       o->weight);
	err = intensity_lookup(o->zone, &p->intensity, why);
	if (!err && o->ledger_dir)
		err = pipeline_open_ledger(p, o, why);
	if (!err)
		err = identity_new(o->root, &p->identity);
	if (!err)
		err = audit_new(p->identity, &p->audit);
	if (!err)
		err = carbon_new(&co, &p->carbon);
	if (!err)
		err = sched_new(&so, &p->sched, why);
	if (!err)
		err = attrib_new(sched_capacity(p->sched), &p->attrib);
	if (err)
		return err;
	/* Last, so that the first interval of energy begins where that of time does. */
	po.now_mono_ns = clock_mono_ns();
	return power_new(&po, &p->power, why);
}

int pipeline_new(const struct pipeline_options *o, struct pipeline **ret, struct why *why)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->tick_ns = o->tick_ns;
	p->publish = o->publish;
	p->publish_arg = o->publish_arg;
	err = pipeline_open(p, o, why);
	if (err) {
		if (!why->text[0])
			why_set(why, err, "cannot start: %s", strerror(-err));
		pipeline_free(p);
		return err;
	}
	*ret = p;
	return 0;
}

int pipeline_total(struct pipeline *p, struct tick **ret)
{
	int err = carbon_total(p->carbon, ret);

	if (err)
		return err;
	(*ret)->n_lineage_tasks = sched_n_lineage_tasks(p->sched);
	(*ret)->audit = p->audit_total;
	return identity_run(p->identity, *ret);
}

void pipeline_poll(struct pipeline *p)
{
	power_poll(p->power, clock_mono_ns());
}

uint64_t pipeline_poll_interval_ns(const struct pipeline *p)
{
	uint64_t ns = power_max_interval_ns(p->power);

	return ns > MIN_POLL_NS ? ns : MIN_POLL_NS;
}

bool pipeline_ledger_failed(const struct pipeline *p)
{
	return p->ledger_failed;
}

uint64_t pipeline_n_ledger_records(const struct pipeline *p)
{
	return p->ledger ? ledger_n_records(p->ledger) : 0;
}

const char *pipeline_power_choice(const struct pipeline *p)
{
	return power_choice(p->power);
}

uint64_t pipeline_n_lineage_tasks(const struct pipeline *p)
{
	return sched_n_lineage_tasks(p->sched);
}

uint64_t pipeline_n_lineage_alive(const struct pipeline *p)
{
	return sched_n_lineage_alive(p->sched);
}

int pipeline_free(struct pipeline *p)
{
	struct why why = { "" };
	int err;

	if (!p)
		return 0;
	err = ledger_close(p->ledger, &why);
	if (err && !p->ledger_failed)
		log_error("%s", why.text);
	power_free(p->power);
	attrib_free(p->attrib);
	sched_free(p->sched);
	carbon_free(p->carbon);
	audit_free(p->audit);
	identity_free(p->identity);
	free(p);
	return err;
}
