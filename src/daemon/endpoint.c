/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* endpoint.c - see endpoint.h. */
#include "daemon/endpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/board.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/listen.h"
#include "base/log.h"
#include "daemon/child.h"

#define SERVER	   "jouletrail-metrics"
#define PUSHER	   "jouletrail-push"
#define RESTART_NS (10 * JT_NS_PER_S)

struct endpoint {
	struct child *server; /* NULL = none */
	struct child *pusher; /* NULL = none; first, then again */
	struct child *first, *again;
	int listen_fd;
	int reader_fd; /* of board */
	int output_fd; /* the pusher's; -1 = none */
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
	child_free(e->server);
	child_free(e->first);
	child_free(e->again);
	cleanup_close(&e->listen_fd);
	cleanup_close(&e->reader_fd);
	board_free(e->board);
	metrics_free(e->metrics);
	buf_free(&e->text);
	free(e);
}

/* The board is its output, also so that it does not hold a ledger's stream open. */
static int start_server(struct endpoint *e, struct why *why)
{
	return child_start(e->server, e->listen_fd, e->reader_fd, why);
}

static int show(struct endpoint *e)
{
	buf_reset(&e->text);
	metrics_put(e->metrics, &e->text);
	return e->text.err ? e->text.err : board_put(e->board, e->text.data, e->text.len);
}

/* spawner: NULL for one that is forked here. */
static int make_child(const char *const argv[], struct spawner *spawner, struct child **ret,
		      struct why *why)
{
	const struct child_options co = { .program = argv[0],
					  .restart_ns = RESTART_NS,
					  .patient = true,
					  .argv = (char *const *)argv,
					  .spawner = spawner };

	return child_new(&co, ret, why);
}

/* how: "--new" where the board shows nothing yet, "--again", or "--check". */
static int make_pusher(const struct endpoint_options *o, const char *how, struct spawner *spawner,
		       struct child **ret, struct why *why)
{
	const char *argv[] = { PUSHER, how, o->push, NULL };
	struct why what = { "" };
	int err = make_child(argv, spawner, ret, &what);

	return err ? why_set(why, err, "--push: %s", what.text[0] ? what.text : strerror(-err)) : 0;
}

/* Addresses are the pusher's own to judge: it says what is wrong, and its status is 2. */
static int check_push(struct child *c, int reader_fd, struct why *why)
{
	char said[sizeof(why->text) - 16];
	ssize_t n = 0, got;
	int fd[2], err;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return why_set(why, -errno, "--push: %s", strerror(errno));
	err = child_start(c, reader_fd, fd[1], why);
	close(fd[1]);
	while (!err && n < (ssize_t)sizeof(said) - 1 &&
	       ((got = read(fd[0], said + n, sizeof(said) - 1 - (size_t)n)) > 0 ||
		(got < 0 && errno == EINTR)))
		n += got > 0 ? got : 0;
	close(fd[0]);
	if (err)
		return err;
	said[n] = '\0';
	said[strcspn(said, "\n")] = '\0';
	err = child_wait(c);
	if (err == 0)
		return 0;
	return why_set(why, err > 0 ? -EINVAL : err, "--push: %s",
		       said[0] ? said : PUSHER " cannot be run");
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

static int listen_at(struct endpoint *e, const char *where, struct why *why)
{
	struct why what = { "" };

	e->listen_fd = listen_open(where, LISTEN_BY_ADDRESS, &what);
	if (e->listen_fd < 0)
		return why_set(why, e->listen_fd, "--metrics: %s", what.text);
	return 0;
}

static int find_server(struct endpoint *e, const struct endpoint_options *o, struct why *why)
{
	const char *argv[] = { SERVER, NULL };
	struct why what = { "" };
	int err = listen_at(e, o->metrics, why);

	if (err)
		return err;
	err = make_child(argv, o->spawner, &e->server, &what);
	return err ? why_set(why, err, "--metrics: %s", what.text[0] ? what.text : strerror(-err))
		   : 0;
}

static int find_pusher(struct endpoint *e, const struct endpoint_options *o, struct why *why)
{
	struct child *check = NULL;
	int err = make_pusher(o, "--check", NULL, &check, why);

	if (!err)
		err = check_push(check, e->reader_fd, why);
	child_free(check);
	if (!err)
		err = make_pusher(o, "--new", o->spawner, &e->first, why);
	if (!err)
		err = make_pusher(o, "--again", o->spawner, &e->again, why);
	e->pusher = e->first;
	e->output_fd = o->stdout_is_taken ? -1 : STDOUT_FILENO;
	return err;
}

static int make_board(struct endpoint *e, size_t max_series, struct why *why)
{
	int err = metrics_new(max_series, JT_VERSION, &e->metrics);

	if (!err)
		err = board_new(metrics_max_bytes(max_series), &e->board);
	if (!err) {
		e->reader_fd = board_open_reader(e->board);
		err = e->reader_fd < 0 ? e->reader_fd : show(e);
	}
	return err ? why_set(why, err, "metrics: shared memory: %s", strerror(-err)) : 0;
}

int endpoint_new(const struct endpoint_options *o, struct endpoint **ret, struct why *why)
{
	CLEANUP(endpoint_free_ptr) struct endpoint *e = calloc(1, sizeof(*e));
	int err = 0;

	if (!e)
		return why_set(why, -ENOMEM, "metrics: %s", strerror(ENOMEM));
	e->listen_fd = e->reader_fd = -1;
	if (o->metrics)
		err = find_server(e, o, why);
	if (!err)
		err = make_board(e, o->max_series, why);
	if (!err && o->push)
		err = find_pusher(e, o, why);
	if (!err && o->push)
		err = child_start(e->pusher, e->reader_fd, e->output_fd, why);
	if (!err && o->metrics)
		err = start_server(e, why);
	if (err)
		return err;
	if (o->metrics)
		say_where(e, o->metrics);
	*ret = TAKE_PTR(e);
	return 0;
}

static void look(struct endpoint *e, uint64_t now_mono_ns)
{
	struct why why = { "" };

	if (e->server && child_is_due(e->server, now_mono_ns) && start_server(e, &why))
		child_put_off(e->server, now_mono_ns, &why);
	if (!e->pusher || !child_is_due(e->pusher, now_mono_ns))
		return;
	e->pusher = e->again;
	if (child_start(e->pusher, e->reader_fd, e->output_fd, &why))
		child_put_off(e->pusher, now_mono_ns, &why);
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
