/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-slowdown.c - how much CPU time loads take with the programs attached and without.
 *
 * The same load in pairs, attached and not, the order turning from pair to pair; of each pair the
 * ratio of the CPU time that wait4 gives, and of all pairs the median. Three loads: a pipe
 * ping-pong (nothing but switches), groups of senders and receivers over sockets as hackbench has
 * them, and a parallel compile.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "bench/figure.h"
#include "bench/load.h"

#define MAX_PAIRS 101

#define PINGPONG_ROUNDS 60000

#define N_GROUPS    2
#define GROUP_PEERS 10
#define N_MESSAGES  300
#define MESSAGE_LEN 100

/* CPU time of one run of a load, ns. */
typedef uint64_t load_fn(void);

static uint64_t load_pingpong(void)
{
	struct pingpong p;
	uint64_t first_ns;

	pingpong_start(&p, PINGPONG_ROUNDS);
	first_ns = load_end_ns(p.pid[0]);
	return first_ns + load_end_ns(p.pid[1]);
}

/* One end of every socket pair of a group: senders hold all of side 0, receiver i its side 1. */
struct group {
	int socket[GROUP_PEERS][2];
	int self;
};

static void group_send(void *arg)
{
	const struct group *g = arg;
	char message[MESSAGE_LEN] = { 0 };

	for (int i = 0; i < N_MESSAGES; i++)
		for (int peer = 0; peer < GROUP_PEERS; peer++)
			if (write(g->socket[peer][0], message, sizeof(message)) != MESSAGE_LEN)
				_exit(1);
}

static void group_receive(void *arg)
{
	const struct group *g = arg;
	char message[MESSAGE_LEN];

	for (int i = 0; i < N_MESSAGES * GROUP_PEERS; i++)
		if (recv(g->socket[g->self][1], message, sizeof(message), MSG_WAITALL) !=
		    MESSAGE_LEN)
			_exit(1);
}

static uint64_t load_messages(void)
{
	pid_t pid[N_GROUPS * GROUP_PEERS * 2];
	uint64_t sum_ns = 0;
	size_t n = 0;

	for (int i = 0; i < N_GROUPS; i++) {
		struct group g;

		for (int peer = 0; peer < GROUP_PEERS; peer++)
			load_check(!socketpair(AF_UNIX, SOCK_STREAM, 0, g.socket[peer]),
				   "bench: socketpair");
		for (g.self = 0; g.self < GROUP_PEERS; g.self++) {
			pid[n++] = load_fork(group_receive, &g);
			pid[n++] = load_fork(group_send, &g);
		}
		for (int peer = 0; peer < GROUP_PEERS; peer++) {
			close(g.socket[peer][0]);
			close(g.socket[peer][1]);
		}
	}
	while (n > 0)
		sum_ns += load_end_ns(pid[--n]);
	return sum_ns;
}

static void compile(void *arg)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	execlp("cc", "cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Isrc", "-Iinclude", "-c", "-o",
	       "/dev/null", (const char *)arg, (char *)NULL);
	_exit(127);
}

static uint64_t load_compile(void)
{
	static const char *const source[] = { "src/base/fs.c", "src/base/json.c",
					      "src/sched/books.c", "src/sched/cells.c" };
	pid_t pid[sizeof(source) / sizeof(source[0])];
	uint64_t sum_ns = 0;

	for (size_t i = 0; i < sizeof(pid) / sizeof(pid[0]); i++)
		pid[i] = load_fork(compile, (void *)source[i]);
	for (size_t i = 0; i < sizeof(pid) / sizeof(pid[0]); i++)
		sum_ns += load_end_ns(pid[i]);
	return sum_ns;
}

static double cpu_ns(load_fn *load, bool attached)
{
	struct sched *s = attached ? bench_sched(0) : NULL;
	uint64_t ns = load();

	sched_free(s);
	return (double)ns;
}

/* Medians of the pairs' slowdowns in %, and how well the median is known. */
static double slowdown(const char *name, load_fn *load, size_t n_pairs)
{
	double percent[MAX_PAIRS], median;
	char line[64];

	cpu_ns(load, false);
	for (size_t i = 0; i < n_pairs; i++) {
		double first = cpu_ns(load, i % 2), second = cpu_ns(load, i % 2 == 0);

		percent[i] = ((i % 2 ? first / second : second / first) - 1) * 100;
	}
	median = figure_median(percent, n_pairs);
	snprintf(line, sizeof(line), "slowdown.%s_error", name);
	figure_info(line, figure_median_error(percent, n_pairs), "%");
	return median;
}

int main(void)
{
	figure_at_most("slowdown.pingpong", slowdown("pingpong", load_pingpong, 41), "%", 4);
	figure_info("slowdown.messages", slowdown("messages", load_messages, 41), "%");
	figure_at_most("slowdown.compile", slowdown("compile", load_compile, 41), "%", 0.5);
	return 0;
}
