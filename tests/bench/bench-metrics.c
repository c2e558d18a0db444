/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-metrics.c - what a scrape of 2,000 consumers costs who serves it, and a tick who measures.
 *
 * Seven figures each: 14,000 samples. Every scrape is of a new text, so that none is the copy of
 * the last. A scrape reaches a process that shares memory with the tracer, which takes no part.
 */
#include <arpa/inet.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/board.h"
#include "base/clock.h"
#include "base/listen.h"
#include "bench/figure.h"
#include "export/metrics.h"
#include "push/emf_lines.h"

#define N_CONSUMERS 2000
#define N_TICKS	    50

struct bench {
	struct metrics *metrics;
	struct board *board;
	struct buf text;
	struct tick *tick;
};

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void make_tick(struct bench *b)
{
	struct sample *list = calloc(N_CONSUMERS, sizeof(*list));
	static char name[N_CONSUMERS][200];

	b->tick = calloc(1, sizeof(*b->tick));
	if (!list || !b->tick)
		die("memory");
	for (unsigned int i = 0; i < N_CONSUMERS; i++) {
		snprintf(
			name[i], sizeof(name[i]),
			"/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod%08x.slice/"
			"cri-containerd-%064x.scope",
			i / 3, i);
		list[i] = (struct sample){ .kind = RECORD_CGROUP,
					   .name = name[i],
					   .cgroup = name[i],
					   .labels.container = strrchr(name[i], '-') + 1,
					   .labels.runtime = "containerd",
					   .cpu_ns = 123456789 + i,
					   .energy = { 1234567, 1034567, 1534567 },
					   .co2e = { 1234, 1034, 1534 } };
	}
	b->tick->by = RECORD_CGROUP;
	b->tick->quality = ENERGY_MEASURED;
	b->tick->sample = list;
	b->tick->n_samples = N_CONSUMERS;
	b->tick->window.end_mono_ns = 10 * JT_NS_PER_S;
}

/* One tick, as the tracer does it. */
static void tick(struct bench *b)
{
	static const struct metrics_state state = { .has_ledger = true };

	buf_reset(&b->text);
	if (metrics_add(b->metrics, b->tick, &state))
		die("metrics_add");
	metrics_put(b->metrics, &b->text);
	if (b->text.err || board_put(b->board, b->text.data, b->text.len))
		die("board_put");
}

static pid_t serve(const struct bench *b, const char *program, int fd)
{
	pid_t pid = fork();

	if (pid == 0) {
		dup2(fd, STDIN_FILENO);
		dup2(board_open_reader(b->board), STDOUT_FILENO);
		execl(program, "jouletrail-metrics", NULL);
		_exit(127);
	}
	return pid;
}

/* One scrape, whole. */
static void scrape(const char *where, const char *accept)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)atoi(strrchr(where, ':') + 1)),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	static char answer[1 << 16];
	char request[256];
	size_t n = 0;
	ssize_t got;

	snprintf(request, sizeof(request),
		 "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: %s\r\n\r\n",
		 accept);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)) ||
	    write(fd, request, strlen(request)) < 0)
		die("connect");
	while ((got = read(fd, answer, sizeof(answer))) > 0)
		n += (size_t)got;
	close(fd);
	if (n < 1000 * N_CONSUMERS)
		die("the answer");
}

static double cpu_ms(clockid_t clock)
{
	return (double)clock_read_ns(clock) / 1e6;
}

static double scrape_ms(struct bench *b, const char *where, const char *accept, clockid_t clock)
{
	double ms[N_TICKS];

	for (int i = 0; i < N_TICKS; i++) {
		double before;

		tick(b);
		before = cpu_ms(clock);
		scrape(where, accept);
		ms[i] = cpu_ms(clock) - before;
	}
	return figure_median(ms, N_TICKS);
}

/* What a sink that needs figures reads out of each tick, and the lines of one. */
static double read_back_ms(struct bench *b)
{
	struct figures f[2] = { { .n = 0 }, { .n = 0 } };
	struct figures_between used = { .n = 0 };
	struct buf lines = { 0 };
	double ms[N_TICKS];

	for (int i = 0; i < N_TICKS; i++) {
		struct figures *now = &f[i % 2];
		const struct sink_tick t = { .host = "host", .now = now, .used = &used };
		double before;

		tick(b);
		buf_reset(&now->text);
		buf_append(&now->text, b->text.data, b->text.len);
		buf_reset(&lines);
		before = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);
		if (figures_read(now) || figures_between(&f[(i + 1) % 2], now, 20, &used))
			die("figures");
		emf_lines_put(&t, &lines);
		ms[i] = cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - before;
	}
	figures_free(&f[0]);
	figures_free(&f[1]);
	figures_between_free(&used);
	buf_free(&lines);
	return figure_median(ms, N_TICKS);
}

int main(void)
{
	const char *tree = getenv("B") ?: "build";
	char program[512], where[LISTEN_TEXT_LEN];
	struct bench b = { NULL };
	double ms[N_TICKS];
	struct why why;
	clockid_t clock;
	int fd = listen_open("127.0.0.1:0", LISTEN_BY_ADDRESS, &why);
	pid_t pid;

	snprintf(program, sizeof(program), "%s/jouletrail-metrics", tree);
	if (fd < 0 || !listen_text(fd, where) || metrics_new(N_CONSUMERS, "0", &b.metrics) ||
	    board_new(metrics_max_bytes(N_CONSUMERS), &b.board))
		die("start");
	make_tick(&b);
	tick(&b); /* series are made once */
	for (int i = 0; i < N_TICKS; i++) {
		double before = cpu_ms(CLOCK_PROCESS_CPUTIME_ID);

		tick(&b);
		ms[i] = cpu_ms(CLOCK_PROCESS_CPUTIME_ID) - before;
	}
	figure_at_most("metrics.tick_2000_ms", figure_median(ms, N_TICKS), "ms", 10);
	figure_info("metrics.text_2000_kib", (double)b.text.len / 1024, "KiB");
	figure_at_most("push.read_back_2000_ms", read_back_ms(&b), "ms", 20);
	pid = serve(&b, program, fd);
	if (pid < 0 || clock_getcpuclockid(pid, &clock))
		die("the server");
	scrape(where, "text/plain");
	figure_at_most("metrics.scrape_2000_ms", scrape_ms(&b, where, "text/plain", clock), "ms",
		       5);
	figure_at_most("metrics.scrape_2000_openmetrics_ms",
		       scrape_ms(&b, where, "application/openmetrics-text", clock), "ms", 5);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	return 0;
}
