/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_control.c - see run_control.h. */
#include "cli/run_control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "client/connection.h"
#include "daemon/replay.h"

/* Of a capture's line, with its NUL: docs/capture.md. */
#define LINE_LEN 65536

struct run_control {
	struct jt_client *client;
	uint64_t span;
	struct replay *replay;
	FILE *lines; /* what has come of the capture */
	char path[FS_PATH_LEN];
	bool ended; /* there is no more of it */
	char line[LINE_LEN];
};

DEFINE_CLEANUP(struct run_control *, run_control_free)

void run_control_free(struct run_control *r)
{
	if (!r)
		return;
	jt_client_close(r->client);
	replay_free(r->replay);
	if (r->lines)
		fclose(r->lines);
	free(r);
}

/* The client's words for an error of its own. */
static int refused(struct run_control *r, int err, struct why *why)
{
	char text[256];

	jt_client_error(r->client, text, sizeof(text));
	return why_set(why, err, "%s", text);
}

int run_control_new(const char *path, struct run_control **ret, struct why *why)
{
	CLEANUP(run_control_free_ptr) struct run_control *r = calloc(1, sizeof(*r));
	const struct jt_client_options o = { .path = path };
	int err;

	if (!r)
		return -ENOMEM;
	err = jt_client_open(&o, &r->client);
	if (err)
		return r->client ? refused(r, err, why) : err;
	*ret = TAKE_PTR(r);
	return 0;
}

const char *run_control_path(const struct run_control *r)
{
	return r->client->path;
}

int run_control_check(const struct pipeline_settings *s, enum record_kind by, struct why *why)
{
	static const struct pipeline_settings usual = PIPELINE_SETTINGS_DEFAULT;
	const struct {
		const char *name;
		bool is_set;
	} its_own[] = {
		{ "--interval", s->interval_ns != usual.interval_ns },
		{ "--tick", s->tick_ns != usual.tick_ns },
		{ "--power", s->power && strcmp(s->power, usual.power) != 0 },
		{ "--calibration", s->calibration },
		{ "--irq", s->irq },
		{ "--max-tasks", s->max_tasks },
		{ "--root", s->root },
		{ "--power-root", s->power_root },
		{ "--guests", s->guests },
		{ "--cmdline", s->cmdlines },
		{ "--labels", s->labels },
	};
	CLEANUP(buf_free) struct buf names = { 0 };

	if (s->ledger_dir)
		return why_set(
			why, -EINVAL,
			"run by the daemon writes no ledger, the daemon does: leave --ledger "
			"out, or run as root");
	if (!record_kind_is_task(by))
		return why_set(
			why, -EINVAL,
			"run by the daemon lists processes or threads: leave --by out, or run "
			"as root");
	for (size_t i = 0; i < ARRAY_LENGTH(its_own); i++)
		if (its_own[i].is_set)
			buf_printf(&names, "%s%s", names.len ? ", " : "", its_own[i].name);
	if (names.len && !names.err)
		log_warning("the daemon measures in its own way: no %s", names.data);
	return 0;
}

/* A line of the capture, or its end. */
static void run_control_event(struct answer_value event, void *arg)
{
	struct run_control *r = arg;
	struct answer_value v = { 0 };

	answer_member(event, "event", &v);
	if (answer_is(v, "end"))
		r->ended = true;
	if (!answer_is(v, "capture") || answer_member(event, "line", &v))
		return;
	answer_text(v, r->line, sizeof(r->line));
	fprintf(r->lines, "%s\n", r->line);
}

/* Where the capture goes: the file that was asked for, or memory. */
static int run_control_file(struct run_control *r, const char *capture)
{
	CLEANUP(cleanup_close) int fd = -1;

	if (capture)
		fd = open(capture, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	else
		fd = memfd_create("jouletrail-span", MFD_CLOEXEC);
	if (fd < 0)
		return -errno;
	if (capture)
		snprintf(r->path, sizeof(r->path), "%s", capture);
	else
		snprintf(r->path, sizeof(r->path), "/proc/self/fd/%d", fd);
	r->lines = fdopen(fd, "w");
	if (!r->lines)
		return -errno;
	TAKE_FD(fd);
	return 0;
}

static int run_control_subscribe(struct run_control *r)
{
	struct client_request *request;
	struct buf out = { 0 };
	struct json_writer w;
	int err = client_begin(r->client, "subscribe", &w, &out);

	if (err)
		return err;
	json_kv_u64(&w, "span", r->span);
	json_kv_str(&w, "to", "windows");
	err = client_send(r->client, &w, 0, &request);
	if (err)
		return err;
	err = client_await(r->client, request, r->client->timeout_ns);
	client_done(r->client, request);
	return err;
}

/* A daemon that has no number here counts processes otherwise than we do. */
static bool numbers_processes_as_we_do(const struct run_control *r)
{
	struct ucred peer = { .pid = 0 };
	socklen_t size = sizeof(peer);

	return !getsockopt(r->client->fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) && peer.pid;
}

int run_control_begin(struct run_control *r, const struct command *c, const char *capture,
		      struct why *why)
{
	const struct jt_span_options o = { .name = "run", .pid = c->pid };
	int err = run_control_file(r, capture);

	if (!numbers_processes_as_we_do(r))
		return why_set(
			why, -EXDEV,
			"%s: the daemon is in another PID namespace, and cannot be told which "
			"process is meant",
			run_control_path(r));
	if (err)
		return why_set(why, err, "capture %s: %s", capture ? capture : "in memory",
			       strerror(-err));
	r->client->event = run_control_event;
	r->client->event_arg = r;
	err = jt_span_begin(r->client, &o, &r->span);
	if (!err)
		err = run_control_subscribe(r);
	return err ? refused(r, err, why) : 0;
}

/* What has come of signals: those that are the command's go to it. */
static void run_control_signals(int signal_fd, const struct command *c)
{
	struct signalfd_siginfo info;

	/* A terminal sends Ctrl-C to both of us; the others come to us alone. */
	while (read(signal_fd, &info, sizeof(info)) == sizeof(info))
		if (info.ssi_signo == SIGTERM || info.ssi_signo == SIGHUP)
			kill(c->pid, (int)info.ssi_signo);
}

/* The capture is read as it comes: a client that does not is closed. */
static int run_control_watch(struct run_control *r, struct command *c)
{
	CLEANUP(cleanup_close) int signal_fd = -1;
	struct pollfd fds[2];
	sigset_t set;
	int lost = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signal_fd < 0)
		return -errno;
	for (command_reap(c); !c->ended; command_reap(c)) {
		fds[0] = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
		fds[1] = (struct pollfd){ .fd = lost ? -1 : r->client->fd, .events = POLLIN };
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
		run_control_signals(signal_fd, c);
		if (!lost)
			lost = client_read_events(r->client);
	}
	return lost;
}

/* What comes after the result. */
static int run_control_rest(struct run_control *r)
{
	uint64_t now_ns = clock_mono_ns(), until_ns = now_ns + r->client->timeout_ns;
	struct pollfd fd = { .fd = r->client->fd, .events = POLLIN };
	int err = 0;

	while (!r->ended && !err && now_ns < until_ns) {
		poll(&fd, 1, (int)((until_ns - now_ns) / JT_NS_PER_MS) + 1);
		err = client_read_events(r->client);
		now_ns = clock_mono_ns();
	}
	return r->ended ? 0 : err ? err : -ETIMEDOUT;
}

int run_control_wait(struct run_control *r, struct command *c, struct why *why)
{
	struct jt_result result = { .ended_by = JT_OPEN };
	int err = run_control_watch(r, c);

	/* The daemon has ended: what it has said of its last window is there. */
	if (r->ended)
		return why_set(why, -ESHUTDOWN, "the daemon ended before the command did");
	if (!err)
		err = jt_span_end(r->client, r->span, &result);
	if (!err)
		err = run_control_rest(r);
	if (err)
		return refused(r, err, why);
	if (result.ended_by == JT_BY_STOPPING)
		return why_set(why, -ESHUTDOWN, "the daemon ended with the command");
	return 0;
}

/* All of what came, through the stages. */
static int run_control_replay(struct run_control *r, const struct pipeline_options *po,
			      struct pipeline **ret, struct why *why)
{
	struct pipeline_options options = *po;
	struct tick *total;
	bool cut;
	int err = replay_new(r->path, &r->replay, why);

	if (err)
		return err;
	options.capture = NULL;
	options.replay = r->replay;
	err = pipeline_new(&options, ret, why);
	if (err)
		return err;
	/* One that was cut short has an error of its own. */
	err = pipeline_replay(*ret, &cut, why);
	if (!err && pipeline_total(*ret, &total) == -ENODATA)
		err = why_set(why, -ENODATA, "no whole window");
	return err;
}

int run_control_pipeline(struct run_control *r, const struct pipeline_options *po,
			 struct pipeline **ret, struct why *why)
{
	struct pipeline *p = NULL;
	struct why what = { "" };
	int err;

	if (fflush(r->lines) || ferror(r->lines))
		return why_set(why, -EIO, "%s: the capture cannot be written", r->path);
	err = run_control_replay(r, po, &p, &what);
	if (err) {
		pipeline_free(p);
		return why_set(why, err, "what the daemon at %s said: %s", run_control_path(r),
			       what.text[0] ? what.text : strerror(-err));
	}
	*ret = p;
	return 0;
}
