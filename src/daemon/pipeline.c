/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline.c - the stages in order, and nothing else: see pipeline_step(). */
#include "daemon/pipeline.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "daemon/pipeline_parts.h"

#define LAST_ANSWERS_NS (2 * JT_NS_PER_S)
#define MIN_POLL_NS	(10 * JT_NS_PER_MS) /* a counter that goes round faster has gaps */

/* A capture that cannot be written is said once; measuring goes on without it. */
static void pipeline_captured(struct pipeline *p, int err)
{
	if (!err)
		return;
	log_error("the capture cannot be written: %s; measuring goes on without it",
		  strerror(-err));
	capture_free(p->capture);
	p->capture = NULL;
}

static int pipeline_name(struct pipeline *p, struct tick *t)
{
	if (!p->replay)
		return identity_run(p->identity, t);
	replay_name(p->replay, t);
	return 0;
}

/* What is shown of nested cgroups beside their samples. */
static int pipeline_branch(struct pipeline *p, struct tick *t)
{
	return t->by == RECORD_CGROUP || t->by == RECORD_SLICE ? carbon_branches(p->carbon, t) : 0;
}

/* Old records stay where they cannot be retired: said when that begins and ends. */
static void pipeline_retention(struct pipeline *p)
{
	const char *trouble = ledger_retention_trouble(p->ledger);

	if (trouble && !p->retention_failed)
		log_warning("%s; nothing is dropped", trouble);
	if (!trouble && p->retention_failed)
		log_info("old records of the ledger can be retired again");
	p->retention_failed = trouble != NULL;
}

/* Into the ledger. Said when trouble begins and when it ends, not at every tick between. */
static void pipeline_append(struct pipeline *p, const struct tick *tick)
{
	struct why why = { "" };
	int err = ledger_append(p->ledger, tick, &why);
	bool overdue = ledger_epoch_is_overdue(p->ledger);

	if (err && !p->ledger_failed)
		log_error("%s; %s", why.text,
			  p->ends_with_ledger ? "stopping"
					      : "measuring goes on without the ledger");
	if (!err && p->ledger_failed)
		log_info("the ledger can be written again");
	p->ledger_failed = err != 0;
	if (overdue && !p->epoch_overdue)
		log_warning("the ledger's key of the hour cannot be replaced: is the key directory "
			    "writable? Records are signed on with the old one");
	p->epoch_overdue = overdue;
	pipeline_retention(p);
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
	if (p->replay) {
		tick->n_lineage_tasks = replay_tick(p->replay)->n_lineage_tasks;
		tick->audit = replay_tick(p->replay)->audit;
		tick->n_forgotten = replay_tick(p->replay)->n_forgotten;
	} else {
		tick->n_lineage_tasks = sched_n_lineage_tasks(p->sched);
		tick->audit = audit_take(p->audit);
	}
	record_audit_add(&p->audit_total, &tick->audit);
	err = pipeline_name(p, tick);
	if (err)
		return err;
	if (!p->replay)
		tick->n_forgotten = identity_take_forgotten(p->identity);
	p->n_forgotten_total += tick->n_forgotten;
	if (p->capture) {
		struct capture_tick t = { .mono_ns = p->moment.mono_ns,
					  .real_us = p->moment.real_us,
					  .n_lineage_tasks = tick->n_lineage_tasks,
					  .n_forgotten = tick->n_forgotten,
					  .audit = tick->audit };

		pipeline_captured(p, capture_tick(p->capture, t, tick));
	}
	if (p->ledger)
		pipeline_append(p, tick);
	if (!p->publish)
		return 0;
	err = pipeline_branch(p, tick);
	if (!err)
		p->publish(tick, p->publish_arg);
	return err;
}

/* The maths of one window. */
static int pipeline_account(struct pipeline *p, const struct usage *usage)
{
	const struct shares *shares;
	int err = attrib_run(p->attrib, usage, &p->energy, &shares);

	if (!err && p->guests)
		guests_window(p->guests, usage, shares);
	return err ? err : carbon_run(p->carbon, usage, &p->energy, shares, &p->intensity);
}

/* The intensity of the window's own time. Trouble is said when it changes. */
static void pipeline_look_at_grid(struct pipeline *p, const struct window *w, struct intensity *ret)
{
	const char *trouble;

	intensity_source_at(p->source, w->begin_real_us, w->end_real_us, ret);
	feed_look(p->feed, w->end_mono_ns);
	trouble = intensity_source_trouble(p->source);
	if (!strncmp(trouble, p->trouble, sizeof(p->trouble) - 1))
		return;
	if (trouble[0])
		log_warning("intensity: %s; measuring goes on%s", trouble,
			    ret->flags[0] ? " with a wider figure" : "");
	else
		log_info("intensity: the trouble is over");
	snprintf(p->trouble, sizeof(p->trouble), "%s", trouble);
}

/* A tick is of one signal: another one begins another tick. */
static int pipeline_take_intensity(struct pipeline *p, const struct intensity *i)
{
	int err = 0;

	if (p->tick_began_mono_ns && !intensity_is_same_signal(&p->intensity, i)) {
		pipeline_look_at_clock(p);
		err = pipeline_end_tick(p);
	}
	p->intensity = *i;
	return err;
}

/* Consumers that are no tasks are part of the window, as who ran is. */
static void pipeline_add_rows(struct pipeline *p, const struct usage *usage)
{
	size_t room;
	struct usage_row *spare = sched_spare_rows(p->sched, &room);
	size_t n = p->irq && irq_row(p->irq, usage, spare);

	if (p->reserve)
		n += reserve_rows(p->reserve, usage, spare + n, room - n);
	sched_use_spare_rows(p->sched, n);
	if (p->reserve && !p->reserve_overflowed && reserve_n_dropped(p->reserve)) {
		log_warning("idle policy reserved: more than %d cgroups; those beyond reserve "
			    "nothing",
			    RESERVE_MAX_CGROUPS);
		p->reserve_overflowed = true;
	}
}

/* Of the last window nobody waits for the measuring to go on. */
static void pipeline_ask(struct pipeline *p, const struct usage *usage, bool end_tick)
{
	if (end_tick)
		asker_finish(p->asker, LAST_ANSWERS_NS);
	else
		asker_exchange(p->asker, usage->window.end_mono_ns);
}

/* Time and energy of the same window. */
struct pipeline_reading {
	struct pipeline *p;
	const struct usage *usage;
	int err;
};

static void pipeline_read(void *arg)
{
	struct pipeline_reading *r = arg;

	audit_before(r->p->audit);
	r->err = sched_read(r->p->sched, &r->usage);
	if (!r->err)
		r->err = power_read(r->p->power, r->usage, &r->p->energy);
	if (!r->err)
		audit_after(r->p->audit, r->usage);
}

int pipeline_step(struct pipeline *p, bool end_tick)
{
	struct pipeline_reading reading = { .p = p };
	struct intensity intensity;
	const struct usage *usage;
	int err = p->urgent ? 0 : urgent_new(&p->urgent);

	if (err)
		return err;
	p->total = NULL;
	/* Nobody else runs between these readings. */
	urgent_run(p->urgent, pipeline_read, &reading);
	usage = reading.usage;
	err = reading.err;
	if (!err) {
		/* After the cells: whoever has time there was told of before. */
		sched_names(p->sched, identity_hear, p->identity);
		pipeline_look_at_grid(p, &usage->window, &intensity);
		err = pipeline_take_intensity(p, &intensity);
	}
	if (!err) {
		pipeline_add_rows(p, usage);
		err = identity_group(p->identity, usage);
		pipeline_ask(p, usage, end_tick);
	}
	if (!err && p->capture)
		pipeline_captured(p, capture_window(p->capture, usage, &p->energy, &p->intensity));
	if (!err)
		err = pipeline_account(p, usage);
	if (err)
		return err;

	if (!p->tick_began_mono_ns)
		p->tick_began_mono_ns = usage->window.begin_mono_ns;
	/* Half a window early is nearer than half a window late. */
	if (!end_tick && usage->window.end_mono_ns + window_length_ns(&usage->window) / 2 <
				 p->tick_began_mono_ns + p->tick_ns)
		return 0;
	pipeline_look_at_clock(p);
	return pipeline_end_tick(p);
}

/* The next window or tick of the replay. */
static int pipeline_replay_step(struct pipeline *p, enum replay_event event)
{
	if (event == REPLAY_WINDOW) {
		struct usage usage = *replay_usage(p->replay);

		usage.weight = p->method.weight;
		p->energy = *replay_energy(p->replay);
		if (p->keeps_captured)
			p->intensity = *replay_intensity(p->replay);
		else
			intensity_source_at(p->source, usage.window.begin_real_us,
					    usage.window.end_real_us, &p->intensity);
		return pipeline_account(p, &usage);
	}
	p->moment =
		(struct moment){ replay_tick(p->replay)->mono_ns, replay_tick(p->replay)->real_us };
	return pipeline_end_tick(p);
}

int pipeline_replay(struct pipeline *p, bool *ret_cut, struct why *why)
{
	enum replay_event event;
	int err;

	for (;;) {
		err = replay_next(p->replay, &event, why);
		if (err)
			return err;
		if (event == REPLAY_END || event == REPLAY_CUT)
			break;
		err = pipeline_replay_step(p, event);
		if (err)
			return why_set(why, err, "what was captured does not go together: %s",
				       strerror(-err));
	}
	if (event == REPLAY_END)
		p->moment = (struct moment){ replay_end(p->replay)->mono_ns,
					     replay_end(p->replay)->real_us };
	*ret_cut = event == REPLAY_CUT;
	return 0;
}

int pipeline_new(const struct pipeline_options *o, struct pipeline **ret, struct why *why)
{
	struct pipeline *p = calloc(1, sizeof(*p));
	int err;

	if (!p)
		return -ENOMEM;
	p->tick_ns = o->tick_ns;
	p->replay = o->replay;
	p->ends_with_ledger = o->ends_with_ledger;
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
	(*ret)->n_lineage_tasks = pipeline_n_lineage_tasks(p);
	(*ret)->audit = p->audit_total;
	(*ret)->n_forgotten = p->n_forgotten_total;
	err = pipeline_name(p, *ret);
	if (!err)
		err = pipeline_branch(p, *ret);
	p->total = err ? NULL : *ret;
	return err;
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

bool pipeline_may_go_on(void *pipeline)
{
	const struct pipeline *p = pipeline;

	return sched_may_be_asked(p->sched);
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
	return p->replay ? replay_head(p->replay)->power_choice : power_choice(p->power);
}

uint64_t pipeline_n_lineage_tasks(const struct pipeline *p)
{
	return p->replay ? replay_end(p->replay)->n_lineage_tasks : sched_n_lineage_tasks(p->sched);
}

uint64_t pipeline_n_lineage_alive(const struct pipeline *p)
{
	return p->replay ? replay_end(p->replay)->n_lineage_alive : sched_n_lineage_alive(p->sched);
}

static void pipeline_end_capture(struct pipeline *p)
{
	struct capture_end e = { .mono_ns = p->moment.mono_ns, .real_us = p->moment.real_us };

	e.n_lineage_tasks = sched_n_lineage_tasks(p->sched);
	e.n_lineage_alive = sched_n_lineage_alive(p->sched);
	pipeline_captured(p, capture_end(p->capture, e, p->total));
}

int pipeline_free(struct pipeline *p)
{
	struct why why = { "" };
	int err;

	if (!p)
		return 0;
	if (!p->replay)
		pipeline_look_at_clock(p);
	err = ledger_close(p->ledger, &why);
	if (err && !p->ledger_failed)
		log_error("%s", why.text);
	if (p->capture)
		pipeline_end_capture(p);
	capture_free(p->capture);
	power_free(p->power);
	attrib_free(p->attrib);
	urgent_free(p->urgent);
	sched_free(p->sched);
	carbon_free(p->carbon);
	feed_free(p->feed);
	asker_free(p->asker);
	intensity_source_free(p->source);
	intensity_source_free(p->old_source);
	audit_free(p->audit);
	reserve_free(p->reserve);
	irq_free(p->irq);
	guests_free(p->guests);
	identity_free(p->identity);
	free(p);
	return err;
}
