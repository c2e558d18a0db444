/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-switch.c - what the programs cost per switch, above an empty program on that tracepoint.
 *
 * By the kernel's own BPF run-time statistics, of every program that the measured process holds,
 * under a pipe ping-pong on one CPU. The empty program is attached throughout, so that each round
 * has its own zero. Ours, ours with each of its weightings, and libbpf-tools' runqlat and cpudist
 * where they are there, take turns.
 */
#include <fcntl.h>
#include <linux/perf_event.h>
#include <sys/syscall.h>

#include "bench/figure.h"
#include "bench/pairs.h"
#include "bench/progstats.h"
#include "bench/standing.h"
#include "empty.skel.h"

#define N_ROUNDS     9
#define MAX_SUBJECTS 6
/* A round is this many switches long: some 0.3 s. */
#define ROUND_SWITCHES 200000
/* Naps of 20 ms that a tool may take until its programs run. */
#define MAX_NAPS 500

/* Who is measured: a tool by its name, or our own programs. */
struct subject {
	const char *name;
	struct sched_options options; /* of ours */
	struct sched *sched;
	double per_switch_ns[N_ROUNDS];
	size_t n;
	pid_t pid;
	bool tool;
};

/* What counts cycles where there is no PMU: read the same way, another source. */
static const struct perf_event_attr software_clock = {
	.type = PERF_TYPE_SOFTWARE,
	.size = sizeof(struct perf_event_attr),
	.config = PERF_COUNT_SW_CPU_CLOCK,
};

static struct progstats stats_of_empty(const struct empty_bpf *empty, uint32_t *ret_id)
{
	struct bpf_prog_info info;
	struct progstats stats = progstats_of_fd(bpf_program__fd(empty->progs.empty_switch), &info);

	if (ret_id)
		*ret_id = info.id;
	return stats;
}

static void subject_exec(void *arg)
{
	const char *tool = arg;
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execlp(tool, tool, (char *)NULL);
	_exit(127);
}

static bool subject_begin(struct subject *s)
{
	struct why why = { "" };

	if (s->tool) {
		s->pid = load_fork(subject_exec, (void *)s->name);
		return true;
	}
	s->pid = getpid();
	if (!sched_new(&s->options, &s->sched, &why))
		return true;
	/* Once is enough. */
	if (s->n == 0)
		fprintf(stderr, "bench: %s: %s\n", s->name, why.text);
	return false;
}

/* Returns whether its programs run. */
static bool subject_start(struct subject *s, uint32_t empty_id)
{
	uint64_t n_before;

	if (!subject_begin(s))
		return false;
	n_before = progstats_sum(s->pid, empty_id).n_runs;
	for (int i = 0; i < MAX_NAPS; i++) {
		if (s->tool && waitpid(s->pid, NULL, WNOHANG) == s->pid) {
			s->pid = 0;
			return false;
		}
		load_sleep_ms(20);
		if (progstats_sum(s->pid, empty_id).n_runs > n_before + 1000)
			return true;
	}
	return false;
}

static void subject_stop(struct subject *s)
{
	sched_free(s->sched);
	s->sched = NULL;
	if (s->tool && s->pid > 0)
		load_kill(s->pid);
}

/* One round of one subject; ret_empty_ns is what the empty program took per run meanwhile. */
static void subject_round(struct subject *s, const struct empty_bpf *empty, double *ret_empty_ns)
{
	uint32_t empty_id;
	struct progstats none, own, none_end, own_end;

	stats_of_empty(empty, &empty_id);
	if (!subject_start(s, empty_id)) {
		subject_stop(s);
		return;
	}
	own = progstats_sum(s->pid, empty_id);
	none = stats_of_empty(empty, NULL);
	do {
		load_sleep_ms(20);
		none_end = stats_of_empty(empty, NULL);
	} while (none_end.n_runs - none.n_runs < ROUND_SWITCHES);
	own_end = progstats_sum(s->pid, empty_id);
	none_end = stats_of_empty(empty, NULL);
	subject_stop(s);

	double n_switches = (double)(none_end.n_runs - none.n_runs);
	double empty_ns = (double)(none_end.run_ns - none.run_ns) / n_switches;
	double own_ns = (double)(own_end.run_ns - own.run_ns);

	/* Every run of a program has the cost of being measured in it, as the empty one has. */
	own_ns -= (double)(own_end.n_runs - own.n_runs) * empty_ns;
	s->per_switch_ns[s->n++] = own_ns / n_switches;
	*ret_empty_ns = empty_ns;
}

/* Whether this machine counts CPU cycles. */
static bool has_pmu(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_CPU_CYCLES,
	};
	int fd = (int)syscall(SYS_perf_event_open, &attr, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

/* All in turn; returns what the empty program took per run. */
static double run_rounds(struct subject *subject, size_t n_subjects, const struct empty_bpf *empty)
{
	double empty_ns[N_ROUNDS * MAX_SUBJECTS];
	size_t n_empty = 0;

	for (size_t i = 0; i < N_ROUNDS; i++)
		for (size_t j = 0; j < n_subjects; j++) {
			empty_ns[n_empty] = NAN;
			subject_round(&subject[(i + j) % n_subjects], empty, &empty_ns[n_empty]);
			n_empty += !isnan(empty_ns[n_empty]);
		}
	return figure_median(empty_ns, n_empty);
}

static void report(struct subject *subject, size_t n_subjects)
{
	double ours = figure_median(subject[0].per_switch_ns, subject[0].n), cheapest = INFINITY;
	char name[64];

	figure_at_most("switch.ours_above_empty", ours, "ns", 35);
	figure_info("switch.ours_above_empty_error",
		    figure_median_error(subject[0].per_switch_ns, subject[0].n), "ns");
	for (size_t i = 1; i < n_subjects; i++) {
		double ns = figure_median(subject[i].per_switch_ns, subject[i].n);

		if (isnan(ns)) {
			fprintf(stderr, "bench: %s is not installed or does not run here\n",
				subject[i].name);
			continue;
		}
		snprintf(name, sizeof(name), "switch.%s_above_empty", subject[i].name);
		figure_info(name, ns, "ns");
		if (subject[i].tool)
			cheapest = fmin(cheapest, ns);
	}
	if (isfinite(cheapest))
		figure_at_most("switch.ours_to_cheapest", ours / cheapest, "ratio", 0.5);
}

int main(void)
{
	char root[PAIRS_ROOT_LEN];
	bool pairs = pairs_make(root), pmu = has_pmu();
	struct subject subject[MAX_SUBJECTS] = {
		{ .name = "ours" },
		{ .name = "runqlat", .tool = true },
		{ .name = "cpudist", .tool = true },
		{ .name = pmu ? "cycles" : "cycles_by_software",
		  .options = { .weight = JT_WEIGHT_CYCLES,
			       .cycles = pmu ? NULL : &software_clock } },
		{ .name = "smt", .options = { .weight = JT_WEIGHT_SMT, .root = root } },
		{ .name = "freq", .options = { .weight = JT_WEIGHT_FREQ, .root = root } },
	};
	/* The last two need the pairs. */
	size_t n_subjects = pairs ? MAX_SUBJECTS : MAX_SUBJECTS - 2;
	struct empty_bpf *empty;
	struct standing load;

	load_check(bpf_enable_stats(BPF_STATS_RUN_TIME) >= 0, "bench: BPF_ENABLE_STATS");
	empty = empty_bpf__open_and_load();
	load_check(empty && !empty_bpf__attach(empty), "bench: empty program");
	standing_pingpong(&load, 0);
	figure_info("switch.empty", run_rounds(subject, n_subjects, empty), "ns");
	standing_stop(&load);
	empty_bpf__destroy(empty);
	if (pairs)
		pairs_remove(root);
	report(subject, n_subjects);
	return 0;
}
