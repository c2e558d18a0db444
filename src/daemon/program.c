/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* program.c - see program.h. */
#include "daemon/program.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef JT_LIBEXECDIR
#define JT_LIBEXECDIR "../libexec/jouletrail" /* from where this program is */
#endif

/* Longest name of one. */
#define PROGRAM_LEN 32

static int find_program(const char *program, char ret[FS_PATH_LEN], struct why *why)
{
	char own[FS_PATH_LEN - PROGRAM_LEN - sizeof(JT_LIBEXECDIR)];
	const char *const dirs[] = { ".", JT_LIBEXECDIR };
	ssize_t n = readlink("/proc/self/exe", own, sizeof(own) - 1);
	char *slash;

	own[n > 0 ? n : 0] = '\0';
	slash = strrchr(own, '/');
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]) && slash; i++) {
		snprintf(ret, FS_PATH_LEN, "%.*s/%s/%s", (int)(slash - own), own, dirs[i], program);
		if (access(ret, X_OK) == 0)
			return 0;
	}
	return why_set(why, -ENOENT, "%s is neither beside this program nor in its %s", program,
		       JT_LIBEXECDIR);
}

static void find_user(const char *program, struct program *h)
{
	const char *const names[] = { program, "nobody" };
	struct passwd user, *found = NULL;
	char text[4096];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]) && !found; i++)
		if (getpwnam_r(names[i], &user, text, sizeof(text), &found))
			found = NULL;
	h->uid = found ? found->pw_uid : 65534;
	h->gid = found ? found->pw_gid : 65534;
}

int program_find(const char *program, struct program *ret, struct why *why)
{
	find_user(program, ret);
	return find_program(program, ret->path, why);
}

/* The one capability that is kept: held, and handed on to the program. */
static int keep_reading(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const uint32_t bit = 1U << CAP_DAC_READ_SEARCH;
	struct __user_cap_data_struct data[2] = {
		{ .effective = bit, .permitted = bit, .inheritable = bit },
	};

	if (syscall(SYS_capset, &head, data) < 0 ||
	    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0) < 0)
		return -errno;
	return 0;
}

/* While it is still root. What a machine does not allow is gone without: it is less, not more. */
static void confine_reader(void)
{
	unshare(CLONE_NEWNET | CLONE_NEWIPC);
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (cap != CAP_DAC_READ_SEARCH)
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0);
}

static int drop_privileges(const struct program *h)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (geteuid() != 0)
		return 0;
	if (h->reads_all)
		confine_reader();
	if (setgroups(0, NULL) < 0 || setresgid(h->gid, h->gid, h->gid) < 0 ||
	    setresuid(h->uid, h->uid, h->uid) < 0)
		return -errno;
	if (h->reads_all)
		keep_reading();
	/* Changing the user clears it. */
	return prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 ? -errno : 0;
}

_Noreturn void program_exec(const struct program *h, pid_t parent, int stdin_fd, char *const argv[])
{
	char *none[] = { NULL };

	if (drop_privileges(h) == 0 && getppid() == parent && dup2(stdin_fd, STDIN_FILENO) >= 0 &&
	    chdir("/") == 0) {
		/* Ours close themselves; those of whoever started us may not. */
		close_range(STDERR_FILENO + 1, ~0U, 0);
		execve(h->path, argv, none);
	}
	_exit(127);
}
