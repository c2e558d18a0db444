/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * forkstorm.c - moves into a cgroup and runs many processes that each burn a little CPU time.
 *
 *   forkstorm CGROUP_DIR COUNT BURN_US     as many at a time as there are CPUs
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Writing 0 moves the writer, with all that it forks from here on. */
static int storm_enter(const char *cgroup)
{
	char path[4096];
	int fd, err = 0;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		err = -errno;
	if (fd >= 0)
		close(fd);
	return err;
}

/* Own CPU time, not wall time: a waiting process burns as much as a running one. */
static void storm_burn(uint64_t burn_ns)
{
	struct timespec ts;

	do
		clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &ts);
	while ((uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec < burn_ns);
}

/* Waits for one child; 0 when it ended well. */
static int storm_reap(void)
{
	int status;

	while (wait(&status) < 0)
		if (errno != EINTR)
			return -errno;
	return status ? -ECHILD : 0;
}

static int storm_run(unsigned long count, uint64_t burn_ns, unsigned long at_once)
{
	unsigned long n_running = 0;
	int err = 0;

	while (count > 0 || n_running > 0) {
		pid_t pid;

		if (n_running == at_once || count == 0) {
			err = storm_reap();
			if (err)
				return err;
			n_running--;
			continue;
		}
		pid = fork();
		if (pid < 0)
			return -errno;
		if (pid == 0) {
			storm_burn(burn_ns);
			_exit(0);
		}
		n_running++;
		count--;
	}
	return 0;
}

int main(int argc, char **argv)
{
	long n_cpus = sysconf(_SC_NPROCESSORS_ONLN);
	int err;

	if (argc != 4) {
		fprintf(stderr, "usage: forkstorm CGROUP_DIR COUNT BURN_US\n");
		return 2;
	}
	err = storm_enter(argv[1]);
	if (!err)
		err = storm_run(strtoul(argv[2], NULL, 10), strtoul(argv[3], NULL, 10) * 1000,
				n_cpus > 0 ? (unsigned long)n_cpus : 1);
	if (err)
		fprintf(stderr, "forkstorm: %s: %s\n", argv[1], strerror(-err));
	return err ? 1 : 0;
}
