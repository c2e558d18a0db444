/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* child.c - is a small program started, started again when it is due, and ended come what may? */
#include "daemon/child.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "jouletrail/units.h"

static struct child child_of(void)
{
	return (struct child){ .name = "sh",
			       .restart_ns = 10,
			       .program = { .path = "/bin/sh", .uid = 65534, .gid = 65534 } };
}

static void start(struct child *c, const char *script, int stdout_fd)
{
	char *argv[] = { "sh", "-c", (char *)script, NULL };
	const struct child_streams s = { open("/dev/null", O_RDONLY), stdout_fd };

	cr_assert_eq(child_start(c, &s, argv, NULL), 0);
	cr_assert_gt(c->pid, 0);
	close(s.stdin_fd);
}

Test(child, says_how_it_ended)
{
	struct child c = child_of();

	start(&c, "exit 3", -1);
	cr_expect_eq(child_wait(&c), 3);
	cr_expect_eq(c.pid, 0);
	start(&c, "kill -9 $$", -1);
	cr_expect_eq(child_wait(&c), -EIO);
	c.program.path[0] = '\0';
	start(&c, "exit 0", -1);
	cr_expect_eq(child_wait(&c), 127, "what cannot be run");
}

Test(child, is_due_a_while_after_its_end)
{
	struct child c = child_of();
	struct why why = { "cannot" };
	siginfo_t info;

	start(&c, "read line", -1);
	cr_assert_eq(waitid(P_PID, (id_t)c.pid, &info, WEXITED | WNOWAIT), 0);
	cr_expect_not(child_is_due(&c, 100), "its end is seen now");
	cr_expect_not(child_is_due(&c, 109));
	cr_expect(child_is_due(&c, 110));
	child_put_off(&c, 110, &why);
	cr_expect_not(child_is_due(&c, 119));
	cr_expect(child_is_due(&c, 120));
}

/* One that does not listen is killed; it has said by then that it does not. */
Test(child, ends_whatever_it_does)
{
	static const char *const scripts[] = { "echo x; exec sleep 1000",
					       "trap '' TERM; echo x; exec sleep 1000" };

	for (size_t i = 0; i < 4; i++) {
		struct child c = child_of();
		int fd[2];
		char byte;
		pid_t pid;

		cr_assert_eq(pipe2(fd, O_CLOEXEC), 0);
		start(&c, scripts[i % 2], fd[1]);
		close(fd[1]);
		cr_assert_eq(read(fd[0], &byte, 1), 1);
		close(fd[0]);
		pid = c.pid;
		child_end(&c, i < 2 ? 50 * JT_NS_PER_MS : 0);
		cr_expect_eq(c.pid, 0);
		/* What was not waited for in time is there until somebody does. */
		while (waitpid(pid, NULL, 0) == pid)
			;
		cr_expect(kill(pid, 0) < 0 && errno == ESRCH);
		child_end(&c, 0);
	}
}
