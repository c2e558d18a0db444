/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* child.c - is a small program started, started again when it is due, and ended come what may? */
#include "daemon/child.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Programs are looked for beside our own: a shell, for the time of a test. */
static void put_shell(char ret[512], char name[64])
{
	char own[448];
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);

	cr_assert_gt(n, 0);
	own[n] = '\0';
	*strrchr(own, '/') = '\0';
	snprintf(name, 64, "child-test-%d", (int)getpid());
	snprintf(ret, 512, "%s/%s", own, name);
	unlink(ret);
	cr_assert_eq(symlink("/bin/sh", ret), 0);
}

static struct child *child_of(const char *script, bool patient)
{
	char *argv[] = { "sh", "-c", (char *)script, NULL };
	char path[512], name[64];
	const struct child_options o = { .program = name,
					 .name = "a shell",
					 .restart_ns = 10,
					 .patient = patient,
					 .argv = argv };
	struct child *c = NULL;
	struct why why = { "" };
	int err;

	put_shell(path, name);
	err = child_new(&o, &c, &why);
	cr_assert_eq(err, 0, "%s", why.text);
	return c;
}

static void take_shell(void)
{
	char path[512], name[64];

	put_shell(path, name);
	unlink(path);
}

static void start(struct child *c, int stdout_fd)
{
	int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	cr_assert_eq(child_start(c, null_fd, stdout_fd, NULL), 0);
	close(null_fd);
}

static int status_of(const char *script)
{
	struct child *c = child_of(script, false);
	int status;

	start(c, -1);
	status = child_wait(c);
	cr_expect_not(child_is_running(c));
	child_free(c);
	return status;
}

Test(child, says_how_it_ended, .fini = take_shell)
{
	cr_expect_eq(status_of("exit 3"), 3);
	cr_expect_eq(status_of("kill -9 $$"), -EIO);
}

Test(child, what_is_not_there_is_said)
{
	char *argv[] = { "x", NULL };
	const struct child_options o = { .program = "jouletrail-nothing", .argv = argv };
	struct child *c = NULL;
	struct why why = { "" };

	cr_expect_eq(child_new(&o, &c, &why), -ENOENT);
	cr_expect_neq(strstr(why.text, "jouletrail-nothing"), NULL, "%s", why.text);
}

Test(child, is_due_a_while_after_its_end, .fini = take_shell)
{
	struct child *c = child_of("read line", false);
	struct why why = { "cannot" };
	siginfo_t info;

	start(c, -1);
	cr_assert_eq(waitid(P_ALL, 0, &info, WEXITED | WNOWAIT), 0);
	cr_expect_not(child_is_due(c, 100), "its end is seen now");
	cr_expect_not(child_is_due(c, 109));
	cr_expect(child_is_due(c, 110));
	child_put_off(c, 110, &why);
	cr_expect_not(child_is_due(c, 119));
	cr_expect(child_is_due(c, 120));
	child_free(c);
}

/* One that does not listen is killed; it has said by then that it does not. */
static void end_one(const char *script, bool patient)
{
	struct child *c = child_of(script, patient);
	char text[32] = "";
	int fd[2];
	pid_t pid;

	cr_assert_eq(pipe2(fd, O_CLOEXEC), 0);
	start(c, fd[1]);
	close(fd[1]);
	cr_assert_gt(read(fd[0], text, sizeof(text) - 1), 0);
	close(fd[0]);
	pid = (pid_t)strtol(text, NULL, 10);
	cr_assert_gt(pid, 0);
	child_end(c);
	cr_expect_not(child_is_running(c));
	/* What was not waited for in time is there until somebody does. */
	while (waitpid(pid, NULL, 0) == pid)
		;
	cr_expect(kill(pid, 0) < 0 && errno == ESRCH);
	child_end(c);
	child_free(c);
}

Test(child, ends_whatever_it_does, .fini = take_shell)
{
	end_one("echo $$; exec sleep 1000", false);
	end_one("echo $$; exec sleep 1000", true);
	end_one("trap '' TERM; echo $$; exec sleep 1000", false);
	end_one("trap '' TERM; echo $$; exec sleep 1000", true);
}
