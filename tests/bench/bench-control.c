/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-control.c - what clients of the control socket cost the daemon: CPU time of its side alone,
 * system calls counted. A round trip is a span's begin and end with both answers; all that a window
 * with N_SPANS of them costs is in it.
 */
#include <time.h>

#include "attrib/attrib.h"
#include "base/clock.h"
#include "bench/figure.h"
#include "stubs/pipeline.h"

#define N_SPANS 64
#define N_ROWS	1000
#define N_TIMES 50

static struct control *control;
static struct pipeline_watcher watcher;
static struct attrib *attrib;
static struct usage_row rows[N_ROWS];
static struct machine machine;
static struct intensity france;
static uint64_t spent_ns; /* by the daemon's side */

static void serve(void)
{
	uint64_t before_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);

	while (control_serve(control))
		;
	spent_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
}

static void ask(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
		stub_die("send");
	serve();
}

static void hear(int fd)
{
	static char answers[1 << 20];

	while (recv(fd, answers, sizeof(answers), MSG_DONTWAIT) > 0)
		;
}

/* Tenths of a second that this process, its children and others ran in. */
static void window(size_t n_rows)
{
	struct course_window w = { &machine.usage, &machine.energy, NULL, &france };
	uint64_t now_ns = clock_mono_ns(), before_ns;

	machine_init(&machine, 1);
	machine.usage.rows = rows;
	machine.usage.window.begin_mono_ns = now_ns - 100000000;
	machine.usage.window.end_mono_ns = now_ns;
	for (size_t i = 0; i < n_rows; i++)
		rows[i] =
			(struct usage_row){ .tgid = i ? 4000000 + (uint32_t)i : (uint32_t)getpid(),
					    .pid = 4000000 + (uint32_t)i,
					    .parent_tgid = i % 2 ? (uint32_t)getpid() : 4000000,
					    .start_boottime_ns = i ? 2000 : 1000,
					    .cpu_ns = { 100000 },
					    .total_ns = 100000 };
	machine.usage.n_rows = n_rows;
	machine_domain(&machine, 0, 10000000, 1000);
	machine_books(&machine);
	if (attrib_run(attrib, &machine.usage, &machine.energy, &w.shares))
		stub_die("attrib");
	before_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	watcher.read(watcher.arg);
	watcher.window(&w, stub_identity, watcher.arg);
	spent_ns += clock_read_ns(CLOCK_THREAD_CPUTIME_ID) - before_ns;
}

static double round_trip_us(int fd, uint64_t *first)
{
	char text[64];

	spent_ns = 0;
	for (int i = 0; i < N_SPANS; i++)
		ask(fd, "{\"op\":\"span_begin\",\"id\":1,\"name\":\"epoch\",\"labels\":{\"n\":"
			"\"3\"}}\n");
	for (int i = 0; i < N_SPANS; i++) {
		snprintf(text, sizeof(text), "{\"op\":\"span_end\",\"id\":2,\"span\":%llu}\n",
			 (unsigned long long)++*first);
		ask(fd, text);
	}
	window(100);
	hear(fd);
	return (double)spent_ns / 1e3 / N_SPANS;
}

int main(void)
{
	double us[N_TIMES];
	uint64_t first = 0;
	int fd;

	control = stub_control(&watcher);
	france = machine_france();
	if (attrib_new(N_ROWS, &(struct method)METHOD_DEFAULT, &attrib))
		stub_die("attrib");
	fd = stub_connect();
	serve();
	for (int i = 0; i < N_TIMES; i++)
		us[i] = round_trip_us(fd, &first);
	figure_at_most("control.span_round_trip_us", figure_median(us, N_TIMES), "us", 50);
	for (int i = 0; i < N_TIMES; i++) {
		spent_ns = 0;
		window(N_ROWS);
		us[i] = (double)spent_ns / 1e3;
	}
	figure_at_most("control.window_1000_rows_no_span_us", figure_median(us, N_TIMES), "us", 50);
	for (int i = 0; i < N_SPANS; i++)
		ask(fd, "{\"op\":\"span_begin\"}\n");
	hear(fd);
	window(N_ROWS); /* in which they begin */
	for (int i = 0; i < N_TIMES; i++) {
		spent_ns = 0;
		window(N_ROWS);
		us[i] = (double)spent_ns / 1e3;
	}
	figure_at_most("control.window_1000_rows_64_spans_us", figure_median(us, N_TIMES), "us",
		       1000);
	control_free(control);
	return 0;
}
