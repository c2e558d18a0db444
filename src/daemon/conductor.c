/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* conductor.c - see conductor.h. */
#include "daemon/conductor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/command.h"

/* Caught, and so the default again in what is executed; what was ignored stays that. */
static void go_on(int number)
{
	(void)number;
}

static void outlive_signals(void)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
	struct sigaction was;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (sigaction(numbers[i], NULL, &was) == 0 && was.sa_handler != SIG_IGN)
			sigaction(numbers[i], &(struct sigaction){ .sa_handler = go_on }, NULL);
	/* Ignored, as some parents leave it, a command's status would be nobody's. */
	signal(SIGCHLD, SIG_DFL);
}

/* In the child. A message is smaller than PIPE_BUF: whole or not at all. */
static int tell(int fd, pid_t parent, const struct conductor_run *run)
{
	if (write(fd, run, sizeof(*run)) != sizeof(*run))
		return -EPIPE;
	kill(parent, SIGCHLD);
	return 0;
}

static int conduct(char *const *argv, int stdout_fd, int fd, pid_t parent)
{
	struct command command;
	struct conductor_run run = { 0 };
	int err = command_fork(argv, stdout_fd, &command);
	pid_t pid;

	if (!err) {
		run.pid = command.pid;
		err = command_release(&command);
		run.began_mono_ns = command.released_mono_ns;
		if (!err)
			tell(fd, parent, &run);
		do
			pid = waitpid(command.pid, &command.wait_status, 0);
		while (pid < 0 && errno == EINTR);
		command_ended(&command);
		run.ended_mono_ns = command.ended_mono_ns;
		run.exit_status = command_exit_status(&command);
		run.exec_errno = command.exec_errno;
	} else {
		run.exec_errno = -err;
		run.exit_status = 126;
	}
	run.ended = true;
	return tell(fd, parent, &run);
}

static _Noreturn void child(char *const *const *commands, size_t n, int stdout_fd, int ask_fd,
			    int tell_fd)
{
	pid_t parent = getppid();
	uint32_t which;
	ssize_t got;

	outlive_signals();
	for (;;) {
		do
			got = read(ask_fd, &which, sizeof(which));
		while (got < 0 && errno == EINTR);
		if (got != sizeof(which) || which >= n ||
		    conduct(commands[which], stdout_fd, tell_fd, parent))
			_exit(0);
	}
}

int conductor_fork(char *const *const *commands, size_t n, int stdout_fd, struct conductor *ret)
{
	int ask[2] = { -1, -1 }, said[2] = { -1, -1 };
	pid_t pid = -1;
	int err = 0;

	if (pipe2(ask, O_CLOEXEC) || pipe2(said, O_CLOEXEC))
		err = -errno;
	if (!err) {
		pid = fork();
		err = pid < 0 ? -errno : 0;
	}
	if (pid == 0) {
		/* Its own copy of the writing end would keep the pipe open for ever. */
		close(ask[1]);
		close(said[0]);
		child(commands, n, stdout_fd, ask[0], said[1]);
	}
	cleanup_close(&ask[0]);
	cleanup_close(&said[1]);
	if (err) {
		cleanup_close(&ask[1]);
		cleanup_close(&said[0]);
		return err;
	}
	fcntl(said[0], F_SETFL, O_NONBLOCK);
	*ret = (struct conductor){ .pid = pid, .ask_fd = ask[1], .tell_fd = said[0] };
	return 0;
}

int conductor_start(struct conductor *c, size_t command)
{
	uint32_t which = (uint32_t)command;

	c->run = (struct conductor_run){ 0 };
	return write(c->ask_fd, &which, sizeof(which)) == sizeof(which) ? 0 : -errno;
}

int conductor_look(struct conductor *c)
{
	struct conductor_run run;
	ssize_t n;

	while ((n = read(c->tell_fd, &run, sizeof(run))) == sizeof(run))
		c->run = run;
	return n < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : -ECHILD;
}

void conductor_end(struct conductor *c)
{
	if (c->pid <= 0)
		return;
	close(c->ask_fd);
	close(c->tell_fd);
	waitpid(c->pid, NULL, 0);
	c->pid = 0;
}
