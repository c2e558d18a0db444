/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* child.c - see child.h. */
#include "daemon/child.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "jouletrail/units.h"

#define END_TRIES   50
#define END_STEP_NS (2 * JT_NS_PER_MS)

struct child {
	const char *name;
	struct program program;
	char **argv; /* NULL-terminated, its own */
	struct spawner *spawner;
	int number; /* there */
	bool running;
	pid_t pid; /* without a spawner */
};

DEFINE_CLEANUP(struct child *, child_free)

static int copy_argv(struct child *c, char *const argv[])
{
	size_t n = 0;

	while (argv[n])
		n++;
	c->argv = calloc(n + 1, sizeof(*c->argv));
	for (size_t i = 0; c->argv && i < n; i++) {
		c->argv[i] = strdup(argv[i]);
		if (!c->argv[i])
			return -ENOMEM;
	}
	return c->argv ? 0 : -ENOMEM;
}

int child_new(const struct child_options *o, struct child **ret, struct why *why)
{
	CLEANUP(child_free_ptr) struct child *c = calloc(1, sizeof(*c));
	int err;

	if (!c)
		return -ENOMEM;
	c->name = o->program;
	err = program_find(o->program, &c->program, why);
	if (err)
		return err;
	c->program.reads_all = o->reads_all;
	err = copy_argv(c, o->argv);
	if (err)
		return err;
	if (o->spawner) {
		c->number = spawner_add(o->spawner, &c->program, c->argv);
		if (c->number < 0)
			return why_set(why, c->number, "%s: %s", c->name, strerror(-c->number));
		c->spawner = o->spawner;
	}
	*ret = TAKE_PTR(c);
	return 0;
}

void child_free(struct child *c)
{
	if (!c)
		return;
	child_end(c);
	for (size_t i = 0; c->argv && c->argv[i]; i++)
		free(c->argv[i]);
	free(c->argv);
	free(c);
}

const struct program *child_program(const struct child *c)
{
	return &c->program;
}

bool child_is_running(const struct child *c)
{
	return c->running;
}

/* Without a spawner. */
static int fork_here(struct child *c, int stdin_fd, int stdout_fd)
{
	pid_t parent = getpid();

	c->pid = fork();
	if (c->pid == 0) {
		if (stdout_fd >= 0 && dup2(stdout_fd, STDOUT_FILENO) < 0)
			_exit(127);
		program_exec(&c->program, parent, stdin_fd, c->argv);
	}
	return c->pid < 0 ? -errno : 0;
}

int child_start(struct child *c, int stdin_fd, int stdout_fd, struct why *why)
{
	int err = c->spawner ? spawner_start(c->spawner, c->number, stdin_fd, stdout_fd)
			     : fork_here(c, stdin_fd, stdout_fd);

	c->running = !err;
	return err ? why_set(why, err, "%s: %s", c->name, strerror(-err)) : 0;
}

bool child_has_ended(struct child *c, char *ret_how, size_t size)
{
	int status;

	if (!c->running || !(c->spawner ? spawner_has_ended(c->spawner, c->number, &status)
					: waitpid(c->pid, &status, WNOHANG) == c->pid))
		return false;
	c->running = false;
	snprintf(ret_how, size, "%s %d", WIFSIGNALED(status) ? "signal" : "status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	return true;
}

int child_wait(struct child *c)
{
	int status;

	while (waitpid(c->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	c->running = false;
	return status;
}

void child_end(struct child *c)
{
	const struct timespec step = { .tv_nsec = END_STEP_NS };

	if (!c->running)
		return;
	c->running = false;
	if (c->spawner) {
		spawner_end(c->spawner, c->number);
		return;
	}
	kill(c->pid, SIGKILL);
	for (int i = 0; i < END_TRIES && waitpid(c->pid, NULL, WNOHANG) == 0; i++)
		nanosleep(&step, NULL);
}
