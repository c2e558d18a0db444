/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * client.h - asks `jouletrail daemon` what a part of this program took: spans, epochs, totals.
 *
 *	struct jt_client *c;
 *	struct jt_result r;
 *	uint64_t span;
 *
 *	jt_client_open(NULL, &c);		never ends the program: without a daemon it goes on
 *	jt_span_begin(c, NULL, &span);		of this process and its children, from here on
 *	work();
 *	if (!jt_span_end(c, span, &r) && r.has_energy)
 *		printf("%" PRIu64 " uJ\n", r.energy_uj.value);
 *	jt_client_close(c);
 *
 * Link with `pkg-config --cflags --libs jouletrail`. What figures mean: docs/units.md; what the
 * daemon does for them: docs/protocol.md.
 *
 * Every call returns 0 or a negative errno, and leaves what it would have filled untouched then:
 *	-ENOTCONN   there is no daemon (any more), or this is a child of fork(): open its own client
 *	-ETIMEDOUT  it has not answered in time; it may yet
 *	-EPROTO     what came is no answer; the connection is closed
 *	-EACCES     not this user's to see or name	-ENOENT  no such span, process, cgroup
 *	-EINVAL     a request that is none		-EDQUOT  one more than a client may have
 *	-ENODATA    the daemon has not got it		-ESHUTDOWN  it ends	-ENOMEM
 * jt_client_error() has the sentence that goes with the last one.
 *
 * Threads: a client may be used by several at once; one that waits does not hold up the others.
 * No signal is raised and no handler set; the descriptor is closed by exec.
 */
#ifndef JOULETRAIL_CLIENT_H
#define JOULETRAIL_CLIENT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JT_CLIENT_API __attribute__((visibility("default")))

#define JT_CLIENT_SOCKET     "/run/jouletrail/control.sock"
#define JT_CLIENT_SOCKET_ENV "JOULETRAIL_SOCKET" /* names another one */

struct jt_client;

#define JT_CLIENT_SAY 1U /* one line to standard error when there is no daemon: monitor_only */

struct jt_client_options {
	const char *path;    /* NULL: $JOULETRAIL_SOCKET, else JT_CLIENT_SOCKET */
	uint32_t timeout_ms; /* for an answer, beside the window that an end waits for; 0: 5000 */
	uint32_t flags;	     /* JT_CLIENT_SAY */
};

/*
 * o may be NULL. *ret is the caller's for jt_client_close(), also where -ENOTCONN, -ETIMEDOUT or
 * -EPROTO is returned: every call with it returns -ENOTCONN then. Only after -ENOMEM there is none.
 */
JT_CLIENT_API int jt_client_open(const struct jt_client_options *o, struct jt_client **ret);

/* Ends its spans; NULL is fine. No other thread may be using it. */
JT_CLIENT_API void jt_client_close(struct jt_client *c);

/* Why the last call that failed, of any thread, did: one line, cut to size; "" where none did. */
JT_CLIENT_API void jt_client_error(struct jt_client *c, char *ret, size_t size);

struct jt_figure {
	uint64_t value;
	uint64_t low; /* 95 % */
	uint64_t high;
};

enum jt_quality { JT_QUALITY_MISSING = 0, JT_QUALITY_MODELLED, JT_QUALITY_MEASURED };
enum jt_ended_by { JT_OPEN = 0, JT_BY_CLIENT, JT_BY_PARENT, JT_BY_TARGET, JT_BY_STOPPING };

/* What a span took. A figure without its has_ is unknown, not 0. Text is cut to its room. */
struct jt_result {
	uint64_t span;
	char name[136];
	char zone[32];
	int64_t begin_real_us; /* microseconds since 1970 UTC */
	int64_t end_real_us;
	uint64_t wall_ns; /* the span's own */
	uint64_t cpu_ns;  /* the target's; above wall_ns with several CPUs */
	uint64_t n_windows;
	uint64_t n_processes;
	struct jt_figure energy_uj;
	struct jt_figure co2e_ug;
	struct jt_figure host_energy_uj; /* of the whole machine in host_wall_ns: whole windows */
	struct jt_figure host_co2e_ug;
	struct jt_figure intensity_mg_per_kwh;
	uint64_t host_wall_ns;
	uint32_t border_ppm; /* of the energy: divided by time at the span's ends */
	uint8_t quality;     /* enum jt_quality; missing: figures are the part that is known */
	uint8_t ended_by;    /* enum jt_ended_by */
	uint8_t lost;	     /* 1: accounting lost detail, some of it may be missing */
	uint8_t has_energy, has_co2e, has_host_energy, has_host_co2e, has_intensity;
	uint8_t reserved[60];
};

struct jt_label {
	const char *key;
	const char *value;
};

/* Zeroed: a span without a name, of this process and its descendants. UTF-8. */
struct jt_span_options {
	const char *name; /* at most 128 bytes; NULL = none */
	const struct jt_label *label;
	size_t n_labels;    /* at most 16, of 64 and 256 bytes */
	uint64_t parent;    /* an open span of this client that it lies in; 0 = none */
	int64_t pid;	    /* of that process and its descendants; 0 = this one */
	const char *cgroup; /* of that cgroup and below; NULL = none; not with pid */
};

/* Waits for the daemon to have begun it: well below a millisecond. o may be NULL. */
JT_CLIENT_API int jt_span_begin(struct jt_client *c, const struct jt_span_options *o,
				uint64_t *ret_span);

/* Up to the end of the last window; the span goes on. */
JT_CLIENT_API int jt_span_read(struct jt_client *c, uint64_t span, struct jt_result *ret);

/*
 * Ends it and waits for the end of its last window: a second, as a rule. After -ETIMEDOUT
 * jt_span_wait() has the result.
 */
JT_CLIENT_API int jt_span_end(struct jt_client *c, uint64_t span, struct jt_result *ret);

/* The same in two: end now, take the result later. A span that is ended must be waited for. */
JT_CLIENT_API int jt_span_end_async(struct jt_client *c, uint64_t span);
/* -EAGAIN: not within timeout_ms (0: waits not); -EBUSY: another thread waits. ret may be NULL. */
JT_CLIENT_API int jt_span_wait(struct jt_client *c, uint64_t span, uint32_t timeout_ms,
			       struct jt_result *ret);

/* A span "epoch" with the label n below parent (0: below none); ended as any span is. */
JT_CLIENT_API int jt_epoch_begin(struct jt_client *c, uint64_t parent, uint64_t n,
				 uint64_t *ret_span);
JT_CLIENT_API int jt_epoch_end(struct jt_client *c, uint64_t span, struct jt_result *ret);

#ifdef __cplusplus
}
#endif

#include "jouletrail/client_host.h"

static_assert(sizeof(struct jt_result) == 424, "a layout that programs were built with");

#endif /* JOULETRAIL_CLIENT_H */
