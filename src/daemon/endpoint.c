/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* endpoint.c - see endpoint.h. */
#include "daemon/endpoint.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/board.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/log.h"
#include "daemon/child.h"

#define PROGRAM	   "jouletrail-metrics"
#define RESTART_NS (10 * JT_NS_PER_S)

struct endpoint {
	struct child *child;
	uint64_t ended_mono_ns;
	int listen_fd;
	int reader_fd; /* of board */
	struct board *board;
	struct metrics *metrics;
	struct buf text;
	bool failed; /* the last tick could not be shown */
};

DEFINE_CLEANUP(struct endpoint *, endpoint_free)

void endpoint_free(struct endpoint *e)
{
	if (!e)
		return;
	child_free(e->child);
	cleanup_close(&e->listen_fd);
	cleanup_close(&e->reader_fd);
	board_free(e->board);
	metrics_free(e->metrics);
	buf_free(&e->text);
	free(e);
}

static int show(struct endpoint *e)
{
	buf_reset(&e->text);
	metrics_put(e->metrics, &e->text);
	return e->text.err ? e->text.err : board_put(e->board, e->text.data, e->text.len);
}

static void say_where(const struct endpoint *e, const char *where)
{
	char text[LISTEN_TEXT_LEN];

	if (listen_text(e->listen_fd, text))
		log_info("metrics on http://%s/metrics", text);
	if (!listen_is_loopback(e->listen_fd))
		log_warning("--metrics %s: whoever reaches this address can read what runs here; "
			    "there is no password and no TLS",
			    where);
}

int endpoint_new(const char *where, size_t max_series, struct spawner *spawner,
		 struct endpoint **ret, struct why *why)
{
	char *argv[] = { (char *)PROGRAM, NULL };
	const struct child_options co = { .program = PROGRAM, .argv = argv, .spawner = spawner };
	CLEANUP(endpoint_free_ptr) struct endpoint *e = calloc(1, sizeof(*e));
	struct why what = { "" };
	int err;

	if (!e)
		return why_set(why, -ENOMEM, "--metrics: %s", strerror(ENOMEM));
	e->reader_fd = -1;
	e->listen_fd = listen_open(where, LISTEN_BY_ADDRESS, &what);
	if (e->listen_fd < 0)
		return why_set(why, e->listen_fd, "--metrics: %s", what.text);
	err = child_new(&co, &e->child, &what);
	if (err)
		return why_set(why, err, "--metrics: %s", what.text);
	err = metrics_new(max_series, JT_VERSION, &e->metrics);
	if (!err)
		err = board_new(metrics_max_bytes(max_series), &e->board);
	if (!err) {
		e->reader_fd = board_open_reader(e->board);
		err = e->reader_fd < 0 ? e->reader_fd : show(e);
	}
	if (err)
		return why_set(why, err, "--metrics: shared memory: %s", strerror(-err));
	/* The board is its output: so it holds no ledger's stream open either. */
	err = child_start(e->child, e->listen_fd, e->reader_fd, why);
	if (err)
		return err;
	say_where(e, where);
	*ret = TAKE_PTR(e);
	return 0;
}

static void look(struct endpoint *e, uint64_t now_mono_ns)
{
	struct why why = { "" };
	char how[32];

	if (child_has_ended(e->child, how, sizeof(how))) {
		e->ended_mono_ns = now_mono_ns;
		log_warning("%s ended (%s); it is started again in %d seconds", PROGRAM, how,
			    (int)(RESTART_NS / JT_NS_PER_S));
	}
	if (!child_is_running(e->child) && now_mono_ns >= e->ended_mono_ns + RESTART_NS &&
	    child_start(e->child, e->listen_fd, e->reader_fd, &why)) {
		e->ended_mono_ns = now_mono_ns;
		log_warning("%s", why.text);
	}
}

void endpoint_publish(struct endpoint *e, const struct tick *t, const struct metrics_state *s)
{
	int err = metrics_add(e->metrics, t, s);
	int shown = show(e);

	err = err ? err : shown;
	if (err && !e->failed)
		log_warning("metrics: the tick cannot be shown: %s; measuring goes on",
			    strerror(-err));
	if (!err && e->failed)
		log_info("metrics: ticks are shown again");
	e->failed = err != 0;
	look(e, clock_mono_ns());
}
