/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline_parts.h - the inside of a pipeline, for the files that open it and run it. */
#ifndef DAEMON_PIPELINE_PARTS_H
#define DAEMON_PIPELINE_PARTS_H

#include "attrib/attrib.h"
#include "base/clock.h"
#include "base/urgent.h"
#include "carbon/carbon.h"
#include "daemon/asker.h"
#include "daemon/audit.h"
#include "daemon/capture.h"
#include "daemon/guests.h"
#include "daemon/irq.h"
#include "daemon/pipeline.h"
#include "daemon/replay.h"
#include "daemon/feed.h"
#include "daemon/reserve.h"
#include "identity/identity.h"
#include "intensity/source.h"
#include "power/power.h"
#include "sched/sched.h"

/* One reading of the clocks: all records of one write to the ledger are of one moment. */
struct moment {
	uint64_t mono_ns;
	int64_t real_us;
};

struct pipeline {
	struct sched *sched;
	struct urgent *urgent; /* NULL = before the first window */
	struct audit *audit;
	struct power *power;
	struct reserve *reserve; /* NULL = the idle policy does not ask */
	struct irq *irq;	 /* NULL = interrupts are no consumer */
	struct attrib *attrib;
	struct carbon *carbon;
	struct identity *identity;
	struct guests *guests; /* NULL = nobody is told */
	struct asker *asker;   /* NULL = nobody looks into runtimes' state */
	struct ledger *ledger;
	struct intensity_source *source;
	struct intensity_source *old_source; /* before the last change: ticks point into it */
	struct feed *feed;		     /* keeps the source's file fresh; NULL = none */
	struct intensity intensity;	     /* of the last window */
	char trouble[128];		     /* the last that was said of the source */
	struct energy energy;
	struct record_audit audit_total;
	uint64_t n_forgotten_total;
	struct capture *capture; /* NULL = none, or given up */
	struct replay *replay;	 /* in the place of sched, power and identity; the caller's */
	struct ledger_scene scene;
	struct moment moment;
	struct tick *total;  /* the last that pipeline_total() gave; NULL = none */
	bool keeps_captured; /* a replay on the capture's own grid */
	struct method method;
	uint64_t tick_ns;
	uint64_t tick_began_mono_ns; /* 0 = with the next window */
	bool ends_with_ledger;
	bool ledger_failed;
	bool retention_failed;
	bool reserve_overflowed;
	bool epoch_overdue;
	pipeline_publish_fn *publish;
	void *publish_arg;
};

static inline void pipeline_look_at_clock(struct pipeline *p)
{
	p->moment = (struct moment){ clock_mono_ns(), clock_real_us() };
}

/* Opens what the options ask for; what was opened before an error is pipeline_free()'s. */
int pipeline_open(struct pipeline *p, const struct pipeline_options *o, struct why *why);

#endif /* DAEMON_PIPELINE_PARTS_H */
