/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* command.c - see command.h. */
#include "daemon/command.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"

/* In the child: waits for the word, then becomes the command. Never returns. */
static void command_run(char *const *argv, int hold_fd, int error_fd)
{
	ssize_t n;
	char go;
	int err;

	do
		n = read(hold_fd, &go, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		_exit(127);
	execvp(argv[0], argv);
	err = errno;
	if (write(error_fd, &err, sizeof(err)) < 0)
		_exit(127);
	_exit(err == ENOENT ? 127 : 126);
}

int command_fork(char *const *argv, int stdout_fd, struct command *ret)
{
	int hold[2], error[2];
	pid_t pid;

	if (pipe2(hold, O_CLOEXEC))
		return -errno;
	if (pipe2(error, O_CLOEXEC)) {
		close(hold[0]);
		close(hold[1]);
		return -errno;
	}
	pid = fork();
	if (pid == 0) {
		/* Its own copy of the writing end would keep the pipe open for ever. */
		close(hold[1]);
		if (stdout_fd != STDOUT_FILENO && dup2(stdout_fd, STDOUT_FILENO) < 0)
			_exit(126);
		command_run(argv, hold[0], error[1]);
	}
	close(hold[0]);
	close(error[1]);
	if (pid < 0) {
		close(hold[1]);
		close(error[0]);
		return -errno;
	}
	*ret = (struct command){
		.argv = argv, .pid = pid, .hold_fd = hold[1], .error_fd = error[0]
	};
	return 0;
}

int command_release(struct command *c)
{
	ssize_t n;
	int err = 0;

	c->released_mono_ns = clock_mono_ns();
	n = write(c->hold_fd, "", 1);
	close(c->hold_fd);
	c->hold_fd = -1;
	if (n == 1)
		do
			n = read(c->error_fd, &err, sizeof(err));
		while (n < 0 && errno == EINTR);
	close(c->error_fd);
	c->error_fd = -1;
	c->exec_errno = n == sizeof(err) ? err : 0;
	return -c->exec_errno;
}

void command_reap(struct command *c)
{
	pid_t pid = c->ended ? 0 : waitpid(c->pid, &c->wait_status, WNOHANG);

	if (pid == 0 || (pid < 0 && errno != ECHILD))
		return;
	command_ended(c);
}

void command_ended(struct command *c)
{
	if (!c->ended)
		c->ended_mono_ns = clock_mono_ns();
	c->ended = true;
}

int command_exit_status(const struct command *c)
{
	if (c->exec_errno)
		return c->exec_errno == ENOENT ? 127 : 126;
	if (WIFSIGNALED(c->wait_status))
		return 128 + WTERMSIG(c->wait_status);
	return WEXITSTATUS(c->wait_status);
}

void command_cancel(struct command *c)
{
	if (c->pid <= 0 || c->hold_fd < 0)
		return;
	close(c->hold_fd);
	close(c->error_fd);
	c->hold_fd = c->error_fd = -1;
	waitpid(c->pid, &c->wait_status, 0);
	c->ended = true;
}
