/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor_parts.c - see doctor_parts.h. */
#include "cli/doctor_parts.h"

#include <errno.h>
#include <fcntl.h>
#include <gnu/libc-version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "cli/options.h"

/* A capture of ten windows has some 10 kB each; of a crowded machine more than that is cut off. */
#define CAPTURE_MAX (16U << 20)

void doctor_put_version(struct buf *out)
{
	buf_printf(out, "jouletrail %s\nC library %s\ncompiled by %s\n", JT_VERSION,
		   gnu_get_libc_version(), __VERSION__);
}

static void put_files(struct buf *out, const struct doctor *d, const char *const *path, size_t n)
{
	char text[4096];

	for (size_t i = 0; i < n; i++) {
		doctor_read(d, path[i], text, sizeof(text));
		buf_printf(out, "/%s: %s\n", path[i], text[0] ? text : "(none)");
	}
}

/* Of the words that the kernel was started with those that bear on measuring. */
static void put_command_line(struct buf *out, const struct doctor *d)
{
	static const char *const chosen[] = { "lockdown",
					      "mitigations",
					      "cgroup",
					      "systemd.unified",
					      "systemd.legacy",
					      "nohz",
					      "isolcpus",
					      "rcu_nocbs",
					      "tsc",
					      "clocksource",
					      "intel_pstate",
					      "amd_pstate",
					      "idle",
					      "processor.max_cstate",
					      "intel_idle",
					      "cpuidle",
					      "nosmt",
					      "maxcpus",
					      "psi",
					      "preempt" };
	char text[8192], *at = NULL;

	doctor_read(d, "proc/cmdline", text, sizeof(text));
	buf_puts(out, "of /proc/cmdline:");
	for (char *word = strtok_r(text, " \n", &at); word; word = strtok_r(NULL, " \n", &at))
		for (size_t i = 0; i < ARRAY_LENGTH(chosen); i++)
			if (!strncmp(word, chosen[i], strlen(chosen[i]))) {
				buf_printf(out, " %s", word);
				break;
			}
	buf_putc(out, '\n');
}

/* Type and options of what cgroups are mounted as; not where. */
static void put_mounts(struct buf *out, const struct doctor *d)
{
	char text[65536], *at = NULL;

	doctor_read(d, "proc/self/mounts", text, sizeof(text));
	for (char *line = strtok_r(text, "\n", &at); line; line = strtok_r(NULL, "\n", &at)) {
		char type[32], options[256];

		if (sscanf(line, "%*s %*s %31s %255s", type, options) == 2 &&
		    (!strncmp(type, "cgroup", 6) || !strcmp(type, "tracefs") ||
		     !strcmp(type, "bpf") || !strcmp(type, "securityfs")))
			buf_printf(out, "mounted: %s %s\n", type, options);
	}
}

void doctor_put_kernel(struct buf *out, const struct doctor *d)
{
	static const char *const paths[] = {
		"sys/kernel/security/lsm",
		"sys/kernel/security/lockdown",
		"sys/devices/system/clocksource/clocksource0/current_clocksource",
		"proc/sys/kernel/perf_event_paranoid",
		"proc/sys/kernel/unprivileged_bpf_disabled",
		"proc/sys/kernel/sched_schedstats",
		"proc/sys/net/core/bpf_jit_enable",
		"sys/fs/cgroup/cgroup.controllers",
		"proc/loadavg",
	};
	struct utsname name;

	if (uname(&name) == 0)
		buf_printf(out, "%s %s %s %s\n", name.sysname, name.release, name.version,
			   name.machine);
	put_files(out, d, paths, ARRAY_LENGTH(paths));
	put_command_line(out, d);
	put_mounts(out, d);
}

/* The first processor's lines, but for its serial number, where one has it. */
static void put_processor(struct buf *out, const struct doctor *d)
{
	char text[65536], *at = NULL;

	doctor_read(d, "proc/cpuinfo", text, sizeof(text));
	at = strstr(text, "\n\n");
	if (at)
		*at = '\0';
	for (char *line = strtok_r(text, "\n", &at); line; line = strtok_r(NULL, "\n", &at))
		if (strncasecmp(line, "Serial", 6) != 0)
			buf_printf(out, "%s\n", line);
}

void doctor_put_cpu(struct buf *out, const struct doctor *d)
{
	static const char *const paths[] = {
		"sys/devices/system/cpu/online",
		"sys/devices/system/cpu/possible",
		"sys/devices/system/node/online",
		"sys/devices/system/cpu/smt/active",
		"sys/devices/system/cpu/cpu0/topology/core_cpus_list",
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_driver",
		"sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
		"sys/devices/system/cpu/cpuidle/current_driver",
		"sys/devices/system/cpu/cpuidle/current_governor",
	};

	put_processor(out, d);
	put_files(out, d, paths, ARRAY_LENGTH(paths));
}

/* Without a configuration: neither its grid nor its feed is for a bug report. */
static _Noreturn void capture_exec(const char *file)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	setenv("JOULETRAIL_CONFIG", "/dev/null", 1);
	execl("/proc/self/exe", "jouletrail", "run", "--interval", "200ms", "--no-names",
	      "--capture", file, "--", "sleep", "2", NULL);
	_exit(EXIT_FAILED);
}

static void capture_read(struct buf *out, const char *file)
{
	CLEANUP(cleanup_close) int fd = open(file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	char piece[16384];
	ssize_t n;

	while (fd >= 0 && out->len < CAPTURE_MAX && (n = read(fd, piece, sizeof(piece))) > 0)
		buf_append(out, piece, (size_t)n);
}

void doctor_put_capture(struct buf *out)
{
	char dir[] = "/tmp/jouletrail-bundle-XXXXXX", file[64];
	int status = -1;
	pid_t pid;

	/* 0700: nobody else may look in, or put something there. */
	if (!mkdtemp(dir))
		return;
	snprintf(file, sizeof(file), "%s/capture", dir);
	pid = fork();
	if (pid == 0)
		capture_exec(file);
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (status == 0)
		capture_read(out, file);
	unlink(file);
	rmdir(dir);
}
