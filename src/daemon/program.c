/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* program.c - see program.h. */
#include "daemon/program.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/login.h"
#include "base/caps.h"
#include "daemon/filter.h"

#ifndef JT_LIBEXECDIR
#define JT_LIBEXECDIR "../libexec/jouletrail" /* from where this program is */
#endif

/* Longest name of one, with what leads to it. */
#define PROGRAM_LEN 64

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
		/* PREFIX/bin and PREFIX/libexec, whatever PREFIX is. */
		snprintf(ret, FS_PATH_LEN, "%.*s/../libexec/jouletrail/%s", (int)(slash - own), own,
			 program);
		if (access(ret, X_OK) == 0)
			return 0;
	}
	return why_set(why, -ENOENT, "%s is neither beside this program nor in its %s", program,
		       JT_LIBEXECDIR);
}

int program_find(const char *program, struct program *ret, struct why *why)
{
	struct login user;

	login_find(program, &user);
	ret->uid = user.uid;
	ret->gid = user.gid;
	return find_program(program, ret->path, why);
}

/* The one capability that is kept is handed on to the program. */
static void hand_on_reading(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	const uint32_t bit = 1U << CAP_DAC_READ_SEARCH;
	struct __user_cap_data_struct data[2] = {
		{ .effective = bit, .permitted = bit, .inheritable = bit },
	};

	if (syscall(SYS_capset, &head, data) == 0)
		prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_READ_SEARCH, 0, 0);
}

static int drop_privileges(const struct program *h)
{
	bool reads_all = h->reads_all && geteuid() == 0;
	sigset_t none;
	int err;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	/* What a feed writes another user reads, whatever becomes of the ledger. */
	umask(022);
	/* What a machine does not allow is gone without: it is less, not more. */
	if (reads_all)
		(void)!unshare(CLONE_NEWNET | CLONE_NEWIPC);
	err = caps_become(h->uid, h->gid, reads_all ? 1ULL << CAP_DAC_READ_SEARCH : 0);
	if (err)
		return err;
	if (reads_all) {
		hand_on_reading();
		err = filter_no_sockets();
	}
	/* Last: changing the user clears it. */
	return err ? err : prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 ? -errno : 0;
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
