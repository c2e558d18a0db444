/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* main-push.c - jouletrail-push: the unprivileged process that brings ticks to sinks. */
#include <curl/curl.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/board.h"
#include "base/clock.h"
#include "base/log.h"
#include "jouletrail/units.h"
#include "push/worker.h"

#define MAX_SINKS 8
#define MAX_FILES (4 * MAX_SINKS + 16)
/* For the last tick, once we are told to end: the tracer waits for us, but not for ever. */
#define LAST_NS (3 * JT_NS_PER_S)

struct pusher {
	char *list; /* of addresses, cut */
	size_t n;
	struct worker_options options[MAX_SINKS];
	struct worker *worker[MAX_SINKS];
	char host[256];
};

static void say(bool trouble, const char *text)
{
	if (trouble)
		log_warning("%s", text);
	else
		log_info("%s", text);
}

/* Blanks separate them. Returns 0; -EINVAL with why. */
static int read_sinks(const char *list, struct pusher *p, struct why *why)
{
	char *rest;

	p->list = strdup(list);
	if (!p->list)
		return why_set(why, -ENOMEM, "%s", strerror(ENOMEM));
	for (char *a = strtok_r(p->list, " \t", &rest); a; a = strtok_r(NULL, " \t", &rest)) {
		struct worker_options *o = &p->options[p->n];

		if (p->n == MAX_SINKS)
			return why_set(why, -EINVAL, "more than %d sinks", MAX_SINKS);
		o->address = a;
		o->kind = sink_find(a, &o->rest, why);
		if (!o->kind)
			return -EINVAL;
		p->n++;
	}
	return p->n ? 0 : why_set(why, -EINVAL, "no sink is named");
}

/* What is not needed is not to be had. */
static void set_limits(void)
{
	const struct rlimit files = { MAX_FILES, MAX_FILES }, none = { 0, 0 };

	setrlimit(RLIMIT_NOFILE, &files);
	setrlimit(RLIMIT_CORE, &none);
}

/* From the first tick to the last. */
static int push(struct pusher *p, const struct board *board, bool from_zero)
{
	uint64_t until;
	sigset_t stops;
	int signal_number;

	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigprocmask(SIG_BLOCK, &stops, NULL);
	if (gethostname(p->host, sizeof(p->host) - 1) || !p->host[0])
		snprintf(p->host, sizeof(p->host), "localhost");
	for (size_t i = 0; i < p->n; i++) {
		struct worker_options *o = &p->options[i];
		int err;

		o->host = p->host;
		o->board = board;
		o->from_zero = from_zero;
		o->say = say;
		err = worker_new(o, &p->worker[i]);
		if (err) {
			log_error("push to %s: %s", o->address, strerror(-err));
			return 1;
		}
		log_info("ticks go to %s", o->address);
	}
	while (sigwait(&stops, &signal_number))
		;
	for (size_t i = 0; i < p->n; i++)
		worker_stop(p->worker[i]);
	until = clock_mono_ns() + LAST_NS;
	for (size_t i = 0; i < p->n; i++)
		if (!worker_join(p->worker[i], until))
			log_warning("push to %s: the last tick is not delivered",
				    p->options[i].address);
	/* A thread that still waits for its sink ends with us. */
	_exit(0);
}

int main(int argc, char **argv)
{
	const char *how = argc == 3 ? argv[1] : "";
	struct pusher p = { .n = 0 };
	struct board *board = NULL;
	struct why why = { "" };

	if (strcmp(how, "--check") == 0) {
		int err = read_sinks(argv[2], &p, &why);

		if (err)
			puts(why.text);
		free(p.list);
		return err ? 2 : 0;
	}
	if ((strcmp(how, "--new") != 0 && strcmp(how, "--again") != 0) ||
	    board_attach(STDIN_FILENO, &board)) {
		log_error("jouletrail-push is started by: jouletrail daemon --push SINKS");
		return 2;
	}
	if (read_sinks(argv[2], &p, &why)) {
		log_error("--push: %s", why.text);
		return 2;
	}
	set_limits();
	signal(SIGPIPE, SIG_IGN);
	if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
		log_error("libcurl cannot be started");
		return 1;
	}
	return push(&p, board, strcmp(how, "--new") == 0);
}
