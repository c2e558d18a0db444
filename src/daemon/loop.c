/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loop.c - see loop.h. */
#include "daemon/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "jouletrail/units.h"

#define LOOP_MAX_WATCHED 4
#define LOOP_N_OWN	 3

struct loop {
	int timer_fd;
	int poll_fd; /* -1 = windows are short enough */
	int signal_fd;
	int stop_signal;
	bool watched_turn; /* a timer was first the last time */
	bool not_done;
	enum loop_event undone; /* which one */
	size_t n_watched;
	struct {
		int fd;
		enum loop_event event;
	} watched[LOOP_MAX_WATCHED];
};

static void loop_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGCHLD);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	sigaddset(ret, SIGHUP);
}

DEFINE_CLEANUP(struct loop *, loop_free)

void loop_block_signals(void)
{
	sigset_t set;

	loop_signals(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	/* Ignored, as some parents leave it, a child would vanish without a word. */
	signal(SIGCHLD, SIG_DFL);
}

/* A descriptor that becomes readable every interval_ns from now, or -1 with errno. */
static int loop_timer(uint64_t interval_ns)
{
	struct timespec interval = {
		.tv_sec = (time_t)(interval_ns / JT_NS_PER_S),
		.tv_nsec = (long)(interval_ns % JT_NS_PER_S),
	};
	struct itimerspec every = { .it_interval = interval, .it_value = interval };
	CLEANUP(cleanup_close)
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0 || timerfd_settime(fd, 0, &every, NULL))
		return -1;
	return TAKE_FD(fd);
}

int loop_new(uint64_t interval_ns, uint64_t poll_ns, struct loop **ret)
{
	CLEANUP(loop_free_ptr) struct loop *l = malloc(sizeof(*l));
	sigset_t set;

	if (!l)
		return -ENOMEM;
	loop_signals(&set);
	*l = (struct loop){ .timer_fd = -1, .poll_fd = -1 };
	l->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->signal_fd < 0)
		return -errno;
	l->timer_fd = loop_timer(interval_ns);
	if (l->timer_fd < 0)
		return -errno;
	if (poll_ns < interval_ns) {
		l->poll_fd = loop_timer(poll_ns);
		if (l->poll_fd < 0)
			return -errno;
	}
	*ret = TAKE_PTR(l);
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	cleanup_close(&l->timer_fd);
	cleanup_close(&l->poll_fd);
	cleanup_close(&l->signal_fd);
	free(l);
}

static bool loop_is_due(int timer_fd)
{
	uint64_t n_ticks;

	return timer_fd >= 0 && read(timer_fd, &n_ticks, sizeof(n_ticks)) == sizeof(n_ticks);
}

int loop_watch(struct loop *l, int fd, enum loop_event event)
{
	if (l->n_watched == LOOP_MAX_WATCHED)
		return -ENOSPC;
	l->watched[l->n_watched].fd = fd;
	l->watched[l->n_watched++].event = event;
	return 0;
}

void loop_is_not_done(struct loop *l, enum loop_event event)
{
	l->undone = event;
	l->not_done = true;
}

static bool loop_timers(struct loop *l, enum loop_event *ret)
{
	if (loop_is_due(l->timer_fd))
		*ret = LOOP_WINDOW;
	else if (loop_is_due(l->poll_fd))
		*ret = LOOP_POLL;
	else
		return false;
	l->watched_turn = true;
	return true;
}

/* An end and an error are for whoever reads it to find. */
static bool loop_watched(struct loop *l, const struct pollfd *fds, enum loop_event *ret)
{
	for (size_t i = 0; i < l->n_watched; i++) {
		bool goes_on = l->not_done && l->watched[i].event == l->undone;

		if (!fds[i].revents && !goes_on)
			continue;
		*ret = l->watched[i].event;
		l->not_done &= *ret != l->undone;
		l->watched_turn = false;
		return true;
	}
	return false;
}

int loop_wait(struct loop *l, enum loop_event *ret)
{
	struct pollfd fds[LOOP_N_OWN + LOOP_MAX_WATCHED] = {
		{ .fd = l->signal_fd, .events = POLLIN },
		{ .fd = l->timer_fd, .events = POLLIN },
		{ .fd = l->poll_fd, .events = POLLIN }, /* poll() leaves out what is negative */
	};
	const struct pollfd *watched = fds + LOOP_N_OWN;
	struct signalfd_siginfo info;

	for (size_t i = 0; i < l->n_watched; i++)
		fds[LOOP_N_OWN + i] = (struct pollfd){ .fd = l->watched[i].fd, .events = POLLIN };
	for (;;) {
		if (poll(fds, LOOP_N_OWN + l->n_watched, l->not_done ? 0 : -1) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (read(l->signal_fd, &info, sizeof(info)) == sizeof(info)) {
			*ret = info.ssi_signo == SIGCHLD ? LOOP_CHILD : LOOP_STOP;
			l->stop_signal = (int)info.ssi_signo;
			return 0;
		}
		if ((l->watched_turn && loop_watched(l, watched, ret)) || loop_timers(l, ret) ||
		    loop_watched(l, watched, ret))
			return 0;
	}
}

int loop_stop_signal(const struct loop *l)
{
	return l->stop_signal;
}
