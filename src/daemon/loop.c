/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* loop.c - see loop.h. */
#include "daemon/loop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/cleanup.h"

struct loop {
	int timer_fd;
	int signal_fd;
	int stop_signal;
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

int loop_new(uint64_t interval_ns, struct loop **ret)
{
	CLEANUP(loop_free_ptr) struct loop *l = calloc(1, sizeof(*l));
	struct timespec interval = {
		.tv_sec = (time_t)(interval_ns / 1000000000u),
		.tv_nsec = (long)(interval_ns % 1000000000u),
	};
	struct itimerspec every = { .it_interval = interval, .it_value = interval };
	sigset_t set;

	if (!l)
		return -ENOMEM;
	loop_signals(&set);
	l->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	l->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
	if (l->signal_fd < 0 || l->timer_fd < 0 || timerfd_settime(l->timer_fd, 0, &every, NULL))
		return -errno;
	*ret = TAKE_PTR(l);
	return 0;
}

void loop_free(struct loop *l)
{
	if (!l)
		return;
	cleanup_close(&l->timer_fd);
	cleanup_close(&l->signal_fd);
	free(l);
}

int loop_wait(struct loop *l, enum loop_event *ret)
{
	struct pollfd fds[] = {
		{ .fd = l->signal_fd, .events = POLLIN },
		{ .fd = l->timer_fd, .events = POLLIN },
	};
	struct signalfd_siginfo info;
	uint64_t n_ticks;

	for (;;) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (read(l->signal_fd, &info, sizeof(info)) == sizeof(info)) {
			*ret = info.ssi_signo == SIGCHLD ? LOOP_CHILD : LOOP_STOP;
			l->stop_signal = (int)info.ssi_signo;
			return 0;
		}
		if (read(l->timer_fd, &n_ticks, sizeof(n_ticks)) == sizeof(n_ticks)) {
			*ret = LOOP_WINDOW;
			return 0;
		}
	}
}

int loop_stop_signal(const struct loop *l)
{
	return l->stop_signal;
}
