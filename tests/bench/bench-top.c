/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-top.c - what a second of `top` with 5,000 consumers costs the view: taking a tick, sorting,
 * drawing 160 x 50 cells; and the whole program in a terminal beside 5,000 processes that all run
 * in every second. CPU time, in per cent of a core at one window a second.
 */
#include <locale.h>
#include <pty.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/crowd.h"
#include "bench/figure.h"
#include "unit/view/made_up.h"
#include "view/view.h"

#define N_CONSUMERS 5000
#define N_TICKS	    100
#define N_SECONDS   20

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* Other figures in every window, so that the order changes too. */
static void next_tick(struct made_up *m, struct random_source *r)
{
	char name[MADE_UP_NAME];

	m->tick.n_samples = 0;
	for (uint32_t i = 1; i <= N_CONSUMERS; i++) {
		snprintf(name, sizeof(name), "consumer-%u", i);
		made_up_process(m, i, name, 1 + random_below(r, 100000))->labels.ancestors =
			i % 7 ? "make(3) bash(2) sshd(1)" : "bash(2) sshd(1)";
	}
	made_up_close(m, 400000, 0);
}

/* ms of one window, the median of many; key: what is chosen first, 0 = nothing. */
static double window_ms(uint32_t key)
{
	struct made_up *m = made_up_new(N_CONSUMERS);
	struct random_source r = { .seed = 1 };
	struct canvas c = { 0 };
	double ms[N_TICKS];
	struct view *v;

	if (view_new(RECORD_PROCESS, true, &v))
		die("view_new");
	if (key)
		view_key(v, key);
	for (int i = -3; i < N_TICKS; i++) {
		uint64_t before;

		next_tick(m, &r);
		before = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID);
		if (view_tick(v, &m->tick) || canvas_reset(&c, 50, 160) || view_draw(v, &c))
			die("view");
		if (i >= 0)
			ms[i] = (double)(clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) - before) / 1e6;
	}
	canvas_free(&c);
	view_free(v);
	made_up_free(m);
	return figure_median(ms, N_TICKS);
}

/* Reads what top draws until a second is over. */
static void drain(int fd)
{
	uint64_t end = clock_mono_ns() + JT_NS_PER_S;
	char text[65536];

	while (clock_mono_ns() < end) {
		if (read(fd, text, sizeof(text)) <= 0)
			load_sleep_ms(5);
	}
}

/* The program's own CPU time of N_SECONDS, once it has seen the crowd. */
static double program_percent(void)
{
	const char *tree = getenv("B") ?: "build";
	struct winsize size = { .ws_row = 50, .ws_col = 160 };
	struct crowd crowd;
	char program[512];
	clockid_t clock;
	uint64_t before = 0;
	double percent;
	pid_t pid;
	int fd;

	snprintf(program, sizeof(program), "%s/jouletrail", tree);
	if (!crowd_start(&crowd, N_CONSUMERS, 1))
		return NAN;
	pid = forkpty(&fd, NULL, NULL, &size);
	if (pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		execl(program, "jouletrail", "top", "--max-tasks", "131072", NULL);
		_exit(127);
	}
	if (pid < 0 || clock_getcpuclockid(pid, &clock) || fcntl(fd, F_SETFL, O_NONBLOCK))
		die("top");
	for (int i = 0; i < 5 + N_SECONDS; i++) {
		if (i == 5)
			before = clock_read_ns(clock);
		crowd_wake(&crowd);
		drain(fd);
	}
	percent = (double)(clock_read_ns(clock) - before) / 1e9 / N_SECONDS * 100;
	if (write(fd, "q", 1) != 1)
		die("q");
	drain(fd);
	kill(pid, SIGTERM);
	waitpid(pid, NULL, 0);
	crowd_stop(&crowd);
	return percent;
}

int main(void)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	/* 1 % of a core at one window a second is 10 ms. */
	figure_at_most("top.view_5000_percent", window_ms(0) / 10, "%", 1);
	figure_at_most("top.tree_5000_percent", window_ms('t') / 10, "%", 1);
	if (geteuid() == 0)
		figure_at_most("top.program_5000_percent", program_percent(), "%", 1);
	return 0;
}
