/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan_exec.c - waits for the best time, then runs the command in this process's place. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "cli/options.h"
#include "cli/plan.h"
#include "daemon/command.h"
#include "jouletrail/units.h"

/* To look at the clock again: it may have been set, or the machine may have slept. */
#define LOOK_S 60

static const int forwarded[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 };

static int64_t now_s(void)
{
	return clock_real_us() / (int64_t)JT_US_PER_S;
}

/* 0: it is time; else the signal that ended the waiting. */
static int wait_until(int64_t start_s, const sigset_t *set)
{
	for (int64_t left = start_s - now_s(); left > 0; left = start_s - now_s()) {
		const struct timespec look = { .tv_sec = left < LOOK_S ? left : LOOK_S };
		int sig = sigtimedwait(set, NULL, &look);

		if (sig > 0 && sig != SIGCHLD)
			return sig;
	}
	return 0;
}

/* Until the command has ended. What the terminal sends it has got itself. */
static void forward(struct command *c, const sigset_t *set)
{
	siginfo_t info;

	for (;;) {
		command_reap(c);
		if (c->ended)
			return;
		if (sigwaitinfo(set, &info) > 0 && info.si_signo != SIGCHLD &&
		    info.si_code != SI_KERNEL)
			kill(c->pid, info.si_signo);
	}
}

int plan_exec(int64_t start_s, char *const *argv, struct why *why)
{
	struct command c = { 0 };
	sigset_t set, before;
	int sig, err;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_LENGTH(forwarded); i++)
		sigaddset(&set, forwarded[i]);
	sigaddset(&set, SIGCHLD);
	signal(SIGCHLD, SIG_DFL);
	/* Forked first: the command has the signals as this process got them. */
	err = command_fork(argv, STDOUT_FILENO, &c);
	if (err) {
		why_set(why, err, "cannot fork: %s", strerror(-err));
		return EXIT_FAILED;
	}
	sigprocmask(SIG_BLOCK, &set, &before);
	sig = wait_until(start_s, &set);
	if (sig) {
		command_cancel(&c);
		return 128 + sig;
	}
	err = command_release(&c);
	if (err)
		why_set(why, err, "%s: %s", argv[0], strerror(-err));
	forward(&c, &set);
	return command_exit_status(&c);
}
