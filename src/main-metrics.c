/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main-metrics.c - jouletrail-metrics: the unprivileged process that answers scrapes. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/board.h"
#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "jouletrail/units.h"
#include "serve/http.h"
#include "serve/scrape.h"

/* A scrape takes milliseconds; Prometheus gives up after ten seconds. An argument is another. */
#define DEADLINE_S 10
#define MAX_FILES  (HTTP_MAX_CONNECTIONS + 32)

/* The tracer hands over a listening socket and a board where others have input and output. */
static int was_handed(struct board **ret)
{
	int listens = 0;
	socklen_t len = sizeof(listens);

	if (getsockopt(STDIN_FILENO, SOL_SOCKET, SO_ACCEPTCONN, &listens, &len) || !listens)
		return -EINVAL;
	return board_attach(STDOUT_FILENO, ret);
}

/* What is not needed is not to be had. */
static void set_limits(void)
{
	const struct rlimit files = { MAX_FILES, MAX_FILES }, none = { 0, 0 };

	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_CORE, &none);
}

int main(int argc, char **argv)
{
	struct http_options o = { .fd = STDIN_FILENO, .answer = scrape_answer };
	uint64_t deadline_s = DEADLINE_S;
	const struct timespec second = { .tv_sec = 1 };
	struct scrape *scrape = NULL;
	struct board *board = NULL;
	struct http *http = NULL;
	struct why why = { "" };
	sigset_t stops;

	if (argc > 2 || (argc == 2 && fs_parse_u64(argv[1], &deadline_s)) || was_handed(&board)) {
		log_error(
			"jouletrail-metrics is started by: jouletrail daemon --metrics HOST:PORT");
		return 2;
	}
	set_limits();
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigprocmask(SIG_BLOCK, &stops, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (scrape_new(board, &scrape)) {
		log_error("metrics: %s", strerror(ENOMEM));
		return 1;
	}
	o.deadline_ns = deadline_s * JT_NS_PER_S;
	o.arg = scrape;
	if (http_start(&o, &http, &why)) {
		log_error("metrics: %s", why.text);
		return 1;
	}
	do {
		scrape_look(scrape);
		http_sweep(http, clock_mono_ns());
	} while (sigtimedwait(&stops, NULL, &second) < 0);
	http_stop(http);
	scrape_free(scrape);
	board_free(board);
	return 0;
}
