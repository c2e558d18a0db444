/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* ledger.h - durable, chained, signed records of every tick. Format: docs/ledger.md. */
#ifndef LEDGER_LEDGER_H
#define LEDGER_LEDGER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "types/record.h"
#include "types/site.h"

struct ledger;

/*
 * The moment and the place that a ledger is written at, where they are not here and now: a replay
 * gives those of the run that it replays, and so gets the same bytes.
 */
struct ledger_scene {
	void (*now)(void *arg, uint64_t *ret_mono_ns, int64_t *ret_real_us);
	void *arg;
	const char *boot_id; /* NULL = this boot's */
	const char *path;    /* what the incarnation is drawn from; NULL = dir */
	/*
	 * The keys of epochs are drawn from the secret and not by chance, so that a replay has the
	 * same. Whoever gets the secret can then sign an epoch that is over, wiped or not.
	 */
	bool repeatable;
};

/* A decision, made before the ticks that are its outcome: docs/planning.md. */
struct ledger_plan {
	char sha256[65]; /* of the plan's text, lower-case hex */
	char kind[16];	 /* "average", "marginal" */
	char zone[64];
	char now_zone[64]; /* where it would have run at once; "" = not known */
	int64_t start_us;
	int64_t now_us; /* when that would have been */
	uint64_t mg_per_kwh;
	uint64_t now_mg_per_kwh;
	int64_t better_ppm; /* probability that it is better; -1 = not comparable */
};

/* What the open record says of the program that writes; strings are copied where kept. */
struct ledger_options {
	const char *dir;     /* created 0755 if missing; "-" = as a stream to standard output */
	const char *key_dir; /* NULL = LEDGER_DEFAULT_KEY_DIR; created 0700, keys 0600 */
	const char *host;    /* of the origin "<host>/ledger/<incarnation>"; NULL = gethostname() */
	const char *build_id;	      /* version of the program */
	const char *bpf_tags;	      /* comma-separated program tags; NULL = "" */
	const char *config_sha256;    /* of the effective configuration; NULL = "" */
	const char *intensity_sha256; /* of the embedded table */
	const char *intensity_licence;
	const struct ledger_plan *plan;	  /* NULL = nothing was planned */
	const struct site_terms *site;	  /* for sums over its records; NULL = nothing was said */
	const struct ledger_scene *scene; /* used until ledger_close(); NULL = here and now */
	uint64_t segment_bytes;	 /* seal and rotate beyond it; 0 = LEDGER_DEFAULT_SEGMENT_BYTES */
	uint64_t segment_age_ns; /* or after that long; 0 = LEDGER_DEFAULT_AGE_NS */
	uint64_t epoch_ns;	 /* a new epoch's key after that long; 0 = LEDGER_DEFAULT_AGE_NS */
	bool keep_plain;	 /* sealed segments are not compressed */
	/*
	 * Sealed segments of records that are older are summed up into rollups and dropped; from a
	 * day on, whole UTC days. 0 = everything is kept.
	 */
	uint64_t retain_ns;
	/* Between two ticks longer silence is a gap record, or verify objects; 0 = any is fine. */
	uint64_t heartbeat_ns;
};

#define LEDGER_DEFAULT_KEY_DIR "/var/lib/jouletrail/keys"
/* What a start has to hash again at most, and still 6,000 records. */
#define LEDGER_DEFAULT_SEGMENT_BYTES (UINT64_C(4) << 20)
#define LEDGER_DEFAULT_AGE_NS	     (UINT64_C(3600) * 1000000000)

/* What an open did beyond opening; for one log line each. */
struct ledger_opening {
	bool created;	/* a new ledger */
	bool recovered; /* a tail that no checkpoint covers was set aside */
	uint64_t set_aside_bytes;
	bool new_incarnation; /* corruption or rollback: old records are kept, a new log begun */
	uint64_t n_records;
	char origin[160];
};

/*
 * Opens for appending, recovering from a crash first. One writer: a second gets -EBUSY and why
 * says which process holds it. A directory that is not a ledger, or whose origin or key is not
 * ours: -EPERM or -EINVAL, nothing is changed.
 */
int ledger_open(const struct ledger_options *o, struct ledger **ret, struct ledger_opening *ret_how,
		struct why *why);

/*
 * Appends the tick and its samples: one write, fdatasync, tree, signed checkpoint. On 0 they are
 * durable and signed. On error (-ENOSPC, -EIO …) nothing that was committed before is touched,
 * the tick is not committed, and a later call may succeed; a `gap` record then covers the hole.
 */
int ledger_append(struct ledger *l, const struct tick *t, struct why *why);

/*
 * Calls f with the lines of every commit, each with its LF, once they are durable and signed; first
 * is the index of the first of n. One subscriber; f NULL = none. f must not call the ledger.
 */
typedef void ledger_told_fn(uint64_t first, uint64_t n, const char *lines, size_t len, void *arg);
void ledger_subscribe(struct ledger *l, ledger_told_fn *f, void *arg);

/* Appends `close` and a last checkpoint, releases; NULL is fine. */
int ledger_close(struct ledger *l, struct why *why);

/*
 * Has the present epoch lasted twice as long as it should, because its successor's key cannot be
 * made or the old one not be wiped? The key directory is not writable, most likely.
 */
bool ledger_epoch_is_overdue(const struct ledger *l);

/* Another retain_ns from now on. What has been retired does not come back. */
void ledger_retain(struct ledger *l, uint64_t retain_ns);

/* Why old records could not be retired at the last try; NULL = there was no trouble. */
const char *ledger_retention_trouble(const struct ledger *l);

/* Records committed so far. */
uint64_t ledger_n_records(const struct ledger *l);

#endif /* LEDGER_LEDGER_H */
