/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline_open.c - opens the stages: those of this machine, or a replay in their place. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "daemon/pipeline_parts.h"
#include "intensity/intensity.h"

/* The ledger's clock. */
static void pipeline_now(void *arg, uint64_t *ret_mono_ns, int64_t *ret_real_us)
{
	const struct pipeline *p = arg;

	*ret_mono_ns = p->moment.mono_ns;
	*ret_real_us = p->moment.real_us;
}

static int pipeline_open_ledger(struct pipeline *p, const struct ledger_options *lo,
				struct why *why)
{
	struct ledger_opening how = { 0 };
	int err = ledger_open(lo, &p->ledger, &how, why);

	if (err)
		return err;
	if (how.recovered)
		log_warning("ledger %s: %llu bytes that no checkpoint covers were set aside",
			    lo->dir, (unsigned long long)how.set_aside_bytes);
	if (how.new_incarnation)
		log_warning("ledger %s: what is there does not match its checkpoint; it is kept, "
			    "and a new log begins: %s",
			    lo->dir, how.origin);
	return 0;
}

/* What a ledger of this run says of itself: of this machine, or of the one that is replayed. */
static struct ledger_options pipeline_ledger_options(struct pipeline *p,
						     const struct pipeline_options *o)
{
	const struct capture_head *head = p->replay ? replay_head(p->replay) : NULL;

	p->scene = (struct ledger_scene){ .now = pipeline_now,
					  .arg = p,
					  .repeatable = head || o->capture };
	if (head) {
		p->moment = (struct moment){ head->mono_ns, head->real_us };
		p->scene.boot_id = head->boot_id;
		p->scene.path = head->ledger_dir;
	}
	return (struct ledger_options){
		.dir = o->ledger_dir,
		.key_dir = o->key_dir,
		.host = head && head->host[0] ? head->host : NULL,
		.build_id = JT_VERSION,
		.bpf_tags = head ? head->bpf_tags : NULL,
		.config_sha256 = head ? head->config_sha256 : NULL,
		.intensity_sha256 = intensity_table_sha256,
		.intensity_licence = p->intensity.licence,
		.scene = &p->scene,
		/* Ticks follow each other without a hole: more than one of them missing is one. */
		.heartbeat_ns = 2 * o->tick_ns,
	};
}

static int pipeline_open_capture(struct pipeline *p, const struct pipeline_options *o,
				 const struct ledger_options *lo, struct why *why)
{
	struct capture_head head = {
		.version = CAPTURE_VERSION,
		.program = JT_VERSION,
		.bpf_tags = lo->bpf_tags,
		.config_sha256 = lo->config_sha256,
		.power_choice = power_choice(p->power),
		.has_ledger = o->ledger_dir != NULL,
		.mono_ns = p->moment.mono_ns,
		.real_us = p->moment.real_us,
		.by = o->by,
		.tick_ns = o->tick_ns,
		.capacity = sched_capacity(p->sched),
		.has_names = !o->capture_no_names,
	};

	gethostname(head.host, sizeof(head.host) - 1);
	fs_read_text(NULL, "proc/sys/kernel/random/boot_id", head.boot_id, sizeof(head.boot_id),
		     NULL);
	snprintf(head.ledger_dir, sizeof(head.ledger_dir), "%s", o->ledger_dir ?: "");
	return capture_new(o->capture, &head, &p->intensity, &p->capture, why);
}

/* The stages that look at this machine; the first window begins at the end. */
static int pipeline_open_sources(struct pipeline *p, const struct pipeline_options *o,
				 struct why *why)
{
	struct sched_options so = { .max_tasks = o->max_tasks,
				    .lineage_tgid = o->lineage_tgid,
				    .root = o->root,
				    .execs = record_kind_is_task(o->by),
				    .cmdlines = record_kind_is_task(o->by) && o->cmdlines };
	struct identity_options io = {
		.root = o->root, .by = o->by, .keep = o->keep_total, .cmdlines = so.cmdlines
	};
	struct power_options po = { .meter = o->power,
				    .calibration = o->calibration,
				    .root = o->power_root ? o->power_root : o->root,
				    .proc_root = o->root ? o->root : "" };
	int err;

	if (o->weight && usage_weight_parse(o->weight, &so.weight))
		return why_set(why, -EINVAL,
			       "unknown weight '%s': --weight is time, smt, freq or cycles",
			       o->weight);
	err = identity_new(&io, &p->identity);
	if (!err)
		err = audit_new(p->identity, &p->audit);
	if (!err)
		err = sched_new(&so, &p->sched, why);
	if (!err) {
		identity_seed(p->identity);
		err = attrib_new(sched_capacity(p->sched), &p->attrib);
	}
	if (err)
		return err;
	/* Last, so that the first interval of energy begins where that of time does. */
	po.now_mono_ns = clock_mono_ns();
	return power_new(&po, &p->power, why);
}

int pipeline_open(struct pipeline *p, const struct pipeline_options *o, struct why *why)
{
	struct carbon_options co = { .by = o->by, .keep_total = o->keep_total };
	struct ledger_options lo;
	int err = 0;

	p->keeps_zone = o->zone != NULL;
	if (p->replay && !o->zone)
		p->intensity = *replay_intensity(p->replay);
	else
		err = intensity_lookup(o->zone, &p->intensity, why);
	if (err)
		return err;
	pipeline_look_at_clock(p);
	lo = pipeline_ledger_options(p, o);
	if (lo.dir)
		err = pipeline_open_ledger(p, &lo, why);
	if (!err)
		err = carbon_new(&co, &p->carbon);
	if (err)
		return err;
	if (p->replay)
		return attrib_new(replay_head(p->replay)->capacity, &p->attrib);
	err = pipeline_open_sources(p, o, why);
	return err || !o->capture ? err : pipeline_open_capture(p, o, &lo, why);
}
