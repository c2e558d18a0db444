/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* child.c - see child.h. */
#include "daemon/child.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "jouletrail/units.h"

#define STEP_NS	  (2 * JT_NS_PER_MS)
#define KILLED_NS (100 * JT_NS_PER_MS) /* for one that was killed to be gone */

int child_start(struct child *c, const struct child_streams *s, char *const argv[], struct why *why)
{
	pid_t parent = getpid();

	c->pid = fork();
	if (c->pid == 0) {
		if (s->stdout_fd >= 0 && dup2(s->stdout_fd, STDOUT_FILENO) < 0)
			_exit(127);
		program_exec(&c->program, parent, s->stdin_fd, argv);
	}
	if (c->pid > 0)
		return 0;
	c->pid = 0;
	return why_set(why, -errno, "%s: %s", c->name, strerror(errno));
}

bool child_is_due(struct child *c, uint64_t now_mono_ns)
{
	int status;

	if (c->pid > 0 && waitpid(c->pid, &status, WNOHANG) == c->pid) {
		c->pid = 0;
		c->ended_mono_ns = now_mono_ns;
		log_warning("%s ended (%s %d); it is started again in %d seconds", c->name,
			    WIFSIGNALED(status) ? "signal" : "status",
			    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status),
			    (int)(c->restart_ns / JT_NS_PER_S));
	}
	return c->pid == 0 && now_mono_ns >= c->ended_mono_ns + c->restart_ns;
}

void child_put_off(struct child *c, uint64_t now_mono_ns, const struct why *why)
{
	c->ended_mono_ns = now_mono_ns;
	log_warning("%s", why->text);
}

int child_wait(struct child *c)
{
	int status;

	while (waitpid(c->pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	c->pid = 0;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -EIO;
}

static bool is_gone_within(pid_t pid, uint64_t limit_ns)
{
	const struct timespec step = { .tv_nsec = STEP_NS };

	for (uint64_t ns = 0; ns < limit_ns; ns += STEP_NS) {
		if (waitpid(pid, NULL, WNOHANG) != 0)
			return true;
		nanosleep(&step, NULL);
	}
	return false;
}

void child_end(struct child *c, uint64_t patience_ns)
{
	if (c->pid <= 0)
		return;
	kill(c->pid, patience_ns ? SIGTERM : SIGKILL);
	if (!is_gone_within(c->pid, patience_ns ? patience_ns : KILLED_NS) && patience_ns) {
		kill(c->pid, SIGKILL);
		is_gone_within(c->pid, KILLED_NS);
	}
	c->pid = 0;
}
