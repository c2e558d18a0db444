/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline_open.c - opens the stages: those of this machine, or a replay in their place. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/log.h"
#include "daemon/pipeline_parts.h"
#include "daemon/grid.h"
#include "intensity/intensity.h"
#include "quant/value.h"

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
		.plan = o->plan,
		.site = o->site,
		.host = head && head->host[0] ? head->host : NULL,
		.build_id = JT_VERSION,
		.bpf_tags = head ? head->bpf_tags : NULL,
		.config_sha256 = head ? head->config_sha256 : NULL,
		.intensity_sha256 = intensity_table_sha256,
		.intensity_licence = p->intensity.licence,
		.scene = &p->scene,
		.retain_ns = o->retain_ns,
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
		.idle_policy = p->method.idle_policy,
		.static_power = p->method.static_power,
		.weight = p->method.weight,
		.corun_percent = p->method.corun_percent,
	};

	gethostname(head.host, sizeof(head.host) - 1);
	fs_read_text(NULL, "proc/sys/kernel/random/boot_id", head.boot_id, sizeof(head.boot_id),
		     NULL);
	snprintf(head.ledger_dir, sizeof(head.ledger_dir), "%s", o->ledger_dir ?: "");
	return capture_new(o->capture, &head, &p->intensity, &p->capture, why);
}

/* A process, or a unit, has its container's id; its name is of those who ask for containers. */
static bool pipeline_looks_up(enum record_kind by)
{
	return by == RECORD_CGROUP || by == RECORD_CONTAINER || by == RECORD_POD;
}

/* Measuring goes on without it. */
static void pipeline_open_asker(struct pipeline *p, const struct pipeline_options *o)
{
	const struct asker_options ao = {
		.root = o->root, .labels = o->labels, .spawner = o->spawner, .identity = p->identity
	};
	struct why why = { "" };

	if (asker_new(&ao, &p->asker, &why))
		log_warning("%s; names that only a runtime knows are not looked up", why.text);
}

/* The stages that look at this machine; the first window begins at the end. */
static int pipeline_open_sources(struct pipeline *p, const struct pipeline_options *o,
				 struct why *why)
{
	struct sched_options so = {
		.max_tasks = o->max_tasks,
		.lineage_tgid = o->lineage_tgid,
		.root = o->root,
		.weight = p->method.weight,
		.execs = record_kind_is_task(o->by) || o->by == RECORD_VM || o->guests,
		/* A machine's own name is on its command line. */
		.cmdlines = (record_kind_is_task(o->by) && o->cmdlines) || o->by == RECORD_VM
	};
	struct identity_options io = { .root = o->root,
				       .by = o->by,
				       .keep = o->keep_total,
				       .cmdlines = o->cmdlines,
				       .vms = o->guests != NULL };
	struct power_options po = { .meter = o->power,
				    .calibration = o->calibration,
				    .root = o->power_root ? o->power_root : o->root,
				    .proc_root = o->root ? o->root : "" };
	struct guests_options go = { .dir = o->guests,
				     .interval_ns = o->interval_ns,
				     .owner = o->owner };
	int err;

	io.lookups = pipeline_looks_up(o->by);
	err = identity_new(&io, &p->identity);
	if (!err && io.lookups)
		pipeline_open_asker(p, o);
	if (!err)
		err = audit_new(p->identity, &p->audit);
	if (!err && p->method.idle_policy == METHOD_RESERVED)
		err = reserve_new(p->identity, &p->reserve);
	if (!err && o->irq) {
		err = irq_new(o->root, &p->irq);
		if (err)
			return why_set(why, err, "--irq: /proc/stat: %s", strerror(-err));
	}
	go.identity = p->identity;
	if (!err && o->guests)
		err = guests_new(&go, &p->guests, why);
	if (!err)
		err = sched_new(&so, &p->sched, why);
	if (!err) {
		identity_seed(p->identity);
		err = attrib_new(sched_capacity(p->sched), &p->method, &p->attrib);
	}
	if (err)
		return err;
	/* Last, so that the first interval of energy begins where that of time does. */
	po.now_mono_ns = clock_mono_ns();
	return power_new(&po, &p->power, why);
}

/* The grid's series, and the process that keeps it fresh; then the intensity of now. */
static int pipeline_open_grid(struct pipeline *p, const struct pipeline_options *o, struct why *why)
{
	int64_t now_us = clock_real_us();
	int err;

	err = grid_open(&o->grid, o->zone, &p->source, why);
	if (!err && !p->replay)
		err = grid_start_feed(&o->grid, o->zone, o->spawner, &p->feed, why);
	if (!err)
		intensity_source_at(p->source, now_us, now_us, &p->intensity);
	return err;
}

/* How energy is divided: the capture's way or the default, and what the options say of it. */
static int pipeline_set_method(struct pipeline *p, const struct pipeline_options *o,
			       struct why *why)
{
	struct method *m = &p->method;

	*m = (struct method)METHOD_DEFAULT;
	if (p->replay)
		*m = (struct method){ .idle_policy = replay_head(p->replay)->idle_policy,
				      .static_power = replay_head(p->replay)->static_power,
				      .weight = replay_head(p->replay)->weight,
				      .corun_percent = replay_head(p->replay)->corun_percent };
	if (o->corun_percent)
		m->corun_percent = o->corun_percent;
	if (o->weight && usage_weight_parse(o->weight, &m->weight))
		return why_set(why, -EINVAL,
			       "unknown weight '%s': --weight is time, smt, freq or cycles",
			       o->weight);
	if (p->replay && m->weight != JT_WEIGHT_TIME && m->weight != replay_head(p->replay)->weight)
		return why_set(why, -EINVAL,
			       "the capture knows nothing of --weight %s: it has %s, and time",
			       o->weight, usage_weight_name(replay_head(p->replay)->weight));
	if (o->idle_policy && method_idle_policy_parse(o->idle_policy, &m->idle_policy))
		return why_set(why, -EINVAL,
			       "unknown idle policy '%s': --idle-policy is separate, proportional "
			       "or reserved",
			       o->idle_policy);
	if (o->static_power && method_static_power_parse(o->static_power, &m->static_power))
		return why_set(why, -EINVAL,
			       "unknown static power '%s': --static-power is calibrated, learnt or "
			       "none",
			       o->static_power);
	return 0;
}

int pipeline_change_grid(struct pipeline *p, const struct grid_options *o, const char *zone,
			 struct why *why)
{
	int64_t now_us = clock_real_us();
	struct intensity_source *fresh;
	int err = grid_open(o, zone, &fresh, why);

	if (err)
		return err;
	intensity_source_free(p->old_source);
	p->old_source = p->source;
	p->source = fresh;
	intensity_source_at(p->source, now_us, now_us, &p->intensity);
	return 0;
}

void pipeline_retain(struct pipeline *p, uint64_t retain_ns)
{
	ledger_retain(p->ledger, retain_ns);
}

int pipeline_check(const struct pipeline_options *o, struct why *why)
{
	struct pipeline nothing = { 0 };
	bool montecarlo;

	if (o->uncertainty && quant_method_parse(o->uncertainty, &montecarlo))
		return why_set(why, -EINVAL,
			       "unknown method '%s': --uncertainty is analytical or montecarlo",
			       o->uncertainty);
	return pipeline_set_method(&nothing, o, why);
}

int pipeline_open(struct pipeline *p, const struct pipeline_options *o, struct why *why)
{
	struct carbon_options co = { .by = o->by,
				     .keep_total = o->keep_total,
				     .n_threads = o->n_threads };
	struct ledger_options lo;
	int err = pipeline_check(o, why);

	if (!err)
		err = pipeline_set_method(p, o, why);
	if (err)
		return err;
	if (o->uncertainty)
		quant_method_parse(o->uncertainty, &co.montecarlo);
	pipeline_look_at_clock(p);
	p->keeps_captured = p->replay && !o->zone && !o->grid.spec && !o->grid.kind;
	if (p->keeps_captured)
		p->intensity = *replay_intensity(p->replay);
	else
		err = pipeline_open_grid(p, o, why);
	if (err)
		return err;
	lo = pipeline_ledger_options(p, o);
	if (lo.dir)
		err = pipeline_open_ledger(p, &lo, why);
	if (!err)
		err = carbon_new(&co, &p->carbon);
	if (err)
		return err;
	if (p->replay)
		return attrib_new(replay_head(p->replay)->capacity, &p->method, &p->attrib);
	err = pipeline_open_sources(p, o, why);
	return err || !o->capture ? err : pipeline_open_capture(p, o, &lo, why);
}
