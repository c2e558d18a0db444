/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * rusage.c - runs a command and writes the CPU time that the kernel booked for it and itself.
 *
 *   rusage OUT COMMAND…     OUT gets one JSON line; exit status: the command's
 *
 * cpu_ns is wait4's user + system time of the command with the descendants it waited for;
 * self_cpu_ns is this program's own, which an observer of both would add.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static uint64_t rusage_cpu_ns(const struct rusage *r)
{
	return (uint64_t)(r->ru_utime.tv_sec + r->ru_stime.tv_sec) * 1000000000u +
	       (uint64_t)(r->ru_utime.tv_usec + r->ru_stime.tv_usec) * 1000u;
}

int main(int argc, char **argv)
{
	struct rusage child, self;
	int status;
	pid_t pid;
	FILE *out;

	if (argc < 3) {
		fprintf(stderr, "usage: rusage OUT COMMAND...\n");
		return 2;
	}
	pid = fork();
	if (pid < 0) {
		perror("rusage: fork");
		return 1;
	}
	if (pid == 0) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	while (wait4(pid, &status, 0, &child) < 0) {
		if (errno != EINTR) {
			perror("rusage: wait4");
			return 1;
		}
	}
	getrusage(RUSAGE_SELF, &self);
	out = fopen(argv[1], "w");
	if (!out) {
		perror(argv[1]);
		return 1;
	}
	fprintf(out, "{\"cpu_ns\":%" PRIu64 ",\"self_cpu_ns\":%" PRIu64 "}\n",
		rusage_cpu_ns(&child), rusage_cpu_ns(&self));
	if (fclose(out))
		return 1;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
