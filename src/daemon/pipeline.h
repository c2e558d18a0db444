/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* pipeline.h - the product: one window at a time, from the kernel's maps to durable records. */
#ifndef DAEMON_PIPELINE_H
#define DAEMON_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/why.h"
#include "carbon/course.h"
#include "daemon/grid.h"
#include "identity/identity.h"
#include "ledger/ledger.h"
#include "types/record.h"

struct pipeline;
struct replay;
struct spawner;

/* Called with every closed tick, after it is durable: the sink. t is valid until the next step. */
typedef void pipeline_publish_fn(const struct tick *t, void *arg);

/*
 * Who looks at every window beside the sinks. read: time has just been read, and nothing must take
 * long. window: who used what, before it becomes part of a tick; id is asked for cgroups.
 */
struct pipeline_watcher {
	void (*read)(void *arg);
	void (*window)(const struct course_window *w, struct identity *id, void *arg);
	void *arg;
};

/* Strings are used during pipeline_new() only. */
struct pipeline_options {
	uint64_t tick_ns; /* a tick ends with the first window that reaches it; 0 = every window */
	enum record_kind by;		/* what a sample is */
	bool keep_total;		/* for pipeline_total() */
	bool irq;			/* interrupts are a consumer, where the kernel tells them */
	bool ends_with_ledger;		/* for messages: the caller stops when it fails */
	bool capture_no_names;		/* without comms, cgroups and the host's name */
	bool cmdlines;			/* command lines of processes: they can hold secrets */
	uid_t owner;			/* besides root's, whose the guests' folder may be */
	unsigned int max_tasks;		/* accounting cells; 0 = default */
	pid_t lineage_tgid;		/* mark this process and its descendants; 0 = nobody */
	unsigned int n_threads;		/* for Monte Carlo; 0 = one */
	unsigned int corun_percent;	/* what SMT co-run counts; 0 = default */
	const char *zone;		/* NULL = WORLD */
	struct grid_options grid;	/* carbon of the moment; zeroed = the zone's annual mean */
	const char *power;		/* meter names or "auto" */
	const char *calibration;	/* file; NULL = none */
	const char *weight;		/* of CPU time: time, smt, freq, cycles; NULL = time */
	const char *idle_policy;	/* separate, proportional, reserved; NULL = separate */
	const char *static_power;	/* calibrated, learnt, none; NULL = calibrated */
	const char *uncertainty;	/* analytical, montecarlo; NULL = analytical */
	const char *root;		/* /sys and /proc below it; NULL = "/" */
	const char *power_root;		/* the meters' own root; NULL = root */
	const char *ledger_dir;		/* NULL = no ledger */
	const char *key_dir;		/* NULL = default */
	uint64_t retain_ns;		/* older records are summed up and dropped; 0 = none are */
	const struct ledger_plan *plan; /* for its open record; NULL = none */
	const struct site_terms *site;	/* likewise */
	const char *capture;		/* write what the sources give there; NULL = nowhere */
	const char *labels;		/* of containers, that are told of; NULL = none */
	const char *guests;		/* where guests are told their energy; NULL = nowhere */
	struct spawner *spawner;	/* of the small programs; NULL = forked here */
	uint64_t interval_ns;		/* how long a window is meant to be; for guests */
	/* The sources, in the machine's place; the caller's. Its method holds where NULL is. */
	struct replay *replay;
	pipeline_publish_fn *publish; /* NULL = none */
	void *publish_arg;
	struct pipeline_watcher watcher; /* zeroed = nobody */
};

/*
 * Opens every stage; the first window begins at the end of this call. Warnings that a user must
 * see (no zone given, tail set aside in the ledger) are logged here, once.
 * Returns 0 (*ret is the caller's, for pipeline_free()) or -errno with why.
 */
int pipeline_new(const struct pipeline_options *o, struct pipeline **ret, struct why *why);

/*
 * Ends the current window and passes it through every stage; when the tick is due, or end_tick is
 * set, also names, appends and publishes it.
 *
 * Returns 0, or the first -errno of a stage. A ledger that cannot be written does not stop it:
 * pipeline_ledger_failed() says so, the tick is published all the same.
 */
int pipeline_step(struct pipeline *p, bool end_tick);

/*
 * Passes all of the options' replay through the stages: the same windows, ticks, names and times.
 * Returns 0, also where the capture was cut short (*ret_cut; what was no whole tick is dropped);
 * -EBADMSG with why for one that is not sound; or the first -errno of a stage.
 */
int pipeline_replay(struct pipeline *p, bool *ret_cut, struct why *why);

/* Everything since the start; needs keep_total. Named. Valid until the next step. */
int pipeline_total(struct pipeline *p, struct tick **ret);

/*
 * Reads the meters within a window, and nothing else: to be called every
 * pipeline_poll_interval_ns(), so that no counter goes round twice unseen, however long the window.
 */
void pipeline_poll(struct pipeline *p);
uint64_t pipeline_poll_interval_ns(const struct pipeline *p);

/* What of the machine others may ask for; not of a replay. */
struct identity *pipeline_identity(struct pipeline *p);
/* The intensity of a time; to = from: of a moment. */
void pipeline_intensity(struct pipeline *p, int64_t from_real_us, int64_t to_real_us,
			struct intensity *ret);
/* What is wrong with its source; "" = nothing. */
const char *pipeline_intensity_trouble(const struct pipeline *p);
/* What a capture that begins now says of this machine and method; the rest is the caller's. */
struct capture_head;
void pipeline_capture_head(const struct pipeline *p, struct capture_head *ret);
/* The ledger's commits: ledger_subscribe(). Nothing without a ledger. */
void pipeline_tell_records(struct pipeline *p, ledger_told_fn *f, void *arg);
/*
 * Right after a step that ended a tick: another source of intensity, which is no feed's before or
 * after. Returns 0, or -errno with why, and then all is as it was.
 */
int pipeline_change_grid(struct pipeline *p, const struct grid_options *o, const char *zone,
			 struct why *why);

/* Another retain_ns from now on. */
void pipeline_retain(struct pipeline *p, uint64_t retain_ns);

/* What can be said of options before anything is opened. Returns 0 or -EINVAL with why. */
int pipeline_check(const struct pipeline_options *o, struct why *why);

/* Whether measuring goes on with the capabilities that are effective now: for priv_drop(). */
bool pipeline_may_go_on(void *pipeline);

bool pipeline_ledger_failed(const struct pipeline *p);
uint64_t pipeline_n_ledger_records(const struct pipeline *p);
const char *pipeline_power_choice(const struct pipeline *p);
uint64_t pipeline_n_lineage_tasks(const struct pipeline *p);
uint64_t pipeline_n_lineage_alive(const struct pipeline *p);

/* Closes the ledger properly and releases everything; NULL is fine. Returns the ledger's error. */
int pipeline_free(struct pipeline *p);

#endif /* DAEMON_PIPELINE_H */
