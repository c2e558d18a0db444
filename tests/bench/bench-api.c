/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-api.c - requests that `jouletrail api` answers per second of its CPU time.
 *
 * bylocations/best over two places, a month of 5 minutes each; one connection, kept alive, over
 * loopback. Only the server's CPU time counts.
 */
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/figure.h"

#define N_REQUESTS 20000
#define N_POINTS   (30 * 288)

static const char request[] = "GET /emissions/bylocations/best?location=FR&location=SE"
			      "&time=2025-01-01&toTime=2025-01-31 HTTP/1.1\r\nHost: x\r\n\r\n";

static void die(const char *what)
{
	perror(what);
	exit(1);
}

static void make_data(const char *path)
{
	static const char *const zones[] = { "FR", "SE" };
	FILE *f = fopen(path, "w");

	if (!f)
		die(path);
	fputs("time,duration,zone,g_per_kwh\n", f);
	for (int z = 0; z < 2; z++)
		for (long i = 0; i < N_POINTS; i++)
			fprintf(f, "%ld,00:05:00,%s,%ld\n", 1735689600 + 300 * i, zones[z],
				20 + (i * 7919 + z) % 400);
	fclose(f);
}

/* Starts it on any port; returns the port that it says. */
static unsigned int serve(const char *jt, const char *data, pid_t *ret_pid)
{
	unsigned int port = 0;
	char line[200];
	int out[2];
	FILE *f;

	if (pipe(out))
		die("pipe");
	*ret_pid = fork();
	if (*ret_pid == 0) {
		dup2(out[1], STDERR_FILENO);
		execl(jt, jt, "api", "--listen", "127.0.0.1:0", "--data", data, NULL);
		_exit(127);
	}
	close(out[1]);
	f = fdopen(out[0], "r");
	if (!f || !fgets(line, sizeof(line), f) || !strrchr(line, ':'))
		die("the server");
	port = (unsigned int)strtoul(strrchr(line, ':') + 1, NULL, 10);
	return port; /* f stays open: the server may say more */
}

static int dial(unsigned int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		die("connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

/* One request and its whole answer. */
static void ask(int fd)
{
	char answer[65536];
	size_t n = 0, want = 0;

	if (write(fd, request, sizeof(request) - 1) != sizeof(request) - 1)
		die("write");
	while (!want || n < want) {
		ssize_t got = read(fd, answer + n, sizeof(answer) - 1 - n);
		const char *body, *length;

		if (got <= 0)
			die("read");
		n += (size_t)got;
		answer[n] = '\0';
		body = strstr(answer, "\r\n\r\n");
		length = strcasestr(answer, "Content-Length: ");
		if (body && !length)
			die("an answer without a length");
		if (body)
			want = (size_t)(body + 4 - answer) + strtoul(length + 16, NULL, 10);
	}
	if (strncmp(answer, "HTTP/1.1 200", 12) != 0 || !strstr(answer, "\"rating\":20"))
		die("the answer");
}

static double cpu_s(pid_t pid)
{
	clockid_t clock;
	struct timespec t;

	if (clock_getcpuclockid(pid, &clock) || clock_gettime(clock, &t))
		die("the server's clock");
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int main(void)
{
	const char *jt = getenv("JT") ?: "build/jouletrail";
	char data[] = "/tmp/bench-api-XXXXXX";
	double before, after;
	pid_t pid;
	int fd = mkstemp(data);

	if (fd < 0)
		die(data);
	close(fd);
	make_data(data);
	fd = dial(serve(jt, data, &pid));
	for (int i = 0; i < 100; i++)
		ask(fd);
	before = cpu_s(pid);
	for (int i = 0; i < N_REQUESTS; i++)
		ask(fd);
	after = cpu_s(pid);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	unlink(data);
	figure_at_least("api.best_per_cpu_s", N_REQUESTS / (after - before), "1/s", 5000);
	return 0;
}
