/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * bench-slowdown.c - how much CPU time loads take with the programs attached and without.
 *
 * Three arms in turn: nothing attached, an empty program on sched_switch, ours; of each round the
 * ratios of CPU time per unit of work, and of all rounds the median with its error. Where a load
 * switches too seldom for a ratio to tell, the cost is booked beside it by the kernel's BPF
 * run-time statistics: every run of every program of ours on the whole machine.
 */
#include <bpf/bpf.h>
#include <fcntl.h>
#include <string.h>

#include "bench/arms.h"
#include "bench/attach.h"
#include "bench/progstats.h"
#include "bench/standing.h"
#include "empty.skel.h"

#define PINGPONG_ROUNDS 81
#define MESSAGES_ROUNDS 41
#define COMPILE_ROUNDS	61
/* One arm of a round, of loads that stand: messages come in bursts, and even out over longer. */
#define PINGPONG_MS 40
#define MESSAGES_MS 120
#define BOOK_MS	    1000

#define N_GROUPS 2

enum { NOTHING, EMPTY, OURS, N_ARMS };

static double measure_pingpong(const void *load)
{
	return standing_ns_per_unit(load, PINGPONG_MS);
}

static double measure_messages(const void *load)
{
	return standing_ns_per_unit(load, MESSAGES_MS);
}

static void compile(void *arg)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	execlp("cc", "cc", "-std=gnu11", "-D_GNU_SOURCE", "-O2", "-Isrc", "-Iinclude", "-c", "-o",
	       "/dev/null", (const char *)arg, (char *)NULL);
	_exit(127);
}

static double measure_compile(const void *load)
{
	static const char *const source[] = { "src/base/fs.c", "src/base/json.c",
					      "src/sched/books.c", "src/sched/cells.c" };
	pid_t pid[sizeof(source) / sizeof(source[0])];
	uint64_t sum_ns = 0;

	(void)load;
	for (size_t i = 0; i < sizeof(pid) / sizeof(pid[0]); i++)
		pid[i] = load_fork(compile, (void *)source[i]);
	for (size_t i = 0; i < sizeof(pid) / sizeof(pid[0]); i++)
		sum_ns += load_end_ns(pid[i]);
	return (double)sum_ns;
}

static double book_standing(const void *load)
{
	uint64_t ns = standing_cpu_ns(load);

	load_sleep_ms(BOOK_MS);
	return (double)(standing_cpu_ns(load) - ns);
}

/*
 * Percent of a load's CPU time (run() returns it, ns) that our programs took meanwhile, with
 * dispatch_ns for the call of each, which statistics leave out. Too much rather than too little:
 * the whole machine's runs are in it, and a clock reading in each.
 */
static double booked_percent(double (*run)(const void *load), const void *load, double dispatch_ns)
{
	struct sched *s = bench_sched(0);
	int enabled = bpf_enable_stats(BPF_STATS_RUN_TIME);
	struct progstats before, after;
	double cpu_ns;

	load_check(enabled >= 0, "bench: BPF_ENABLE_STATS");
	before = progstats_sum(getpid(), 0);
	cpu_ns = run(load);
	after = progstats_sum(getpid(), 0);
	close(enabled);
	sched_free(s);
	return ((double)(after.run_ns - before.run_ns) +
		(double)(after.n_runs - before.n_runs) * dispatch_ns) /
	       cpu_ns * 100;
}

static void report_arms(const char *load, const struct arm *arm, size_t n_rounds)
{
	char name[64];

	snprintf(name, sizeof(name), "slowdown.%s_empty", load);
	arms_info(name, arms_slowdown(&arm[EMPTY], &arm[NOTHING], n_rounds), "%");
	snprintf(name, sizeof(name), "slowdown.%s_above_empty", load);
	arms_info(name, arms_slowdown(&arm[OURS], &arm[EMPTY], n_rounds), "%");
}

/* Returns what the call of an empty program costs, ns. */
static double pingpong(struct arm *arm)
{
	struct arms_median m;
	struct standing load;
	double dispatch_ns;

	standing_pingpong(&load, 0);
	arms_run(arm, N_ARMS, PINGPONG_ROUNDS, measure_pingpong, &load);
	standing_stop(&load);
	m = arms_slowdown(&arm[OURS], &arm[NOTHING], PINGPONG_ROUNDS);
	figure_at_most("slowdown.pingpong", m.value, "%", 4);
	figure_info("slowdown.pingpong_error", m.error, "%");
	report_arms("pingpong", arm, PINGPONG_ROUNDS);
	m = arms_above(&arm[EMPTY], &arm[NOTHING], PINGPONG_ROUNDS);
	dispatch_ns = m.value;
	arms_info("slowdown.switch_empty", m, "ns");
	arms_info("slowdown.switch_above_empty",
		  arms_above(&arm[OURS], &arm[EMPTY], PINGPONG_ROUNDS), "ns");
	figure_info("slowdown.switch_nothing", figure_median(arm[NOTHING].cost, PINGPONG_ROUNDS),
		    "ns");
	return dispatch_ns;
}

static void messages(struct arm *arm, double dispatch_ns)
{
	struct standing load;

	standing_groups(&load, N_GROUPS);
	arms_run(arm, N_ARMS, MESSAGES_ROUNDS, measure_messages, &load);
	arms_info("slowdown.messages", arms_slowdown(&arm[OURS], &arm[NOTHING], MESSAGES_ROUNDS),
		  "%");
	report_arms("messages", arm, MESSAGES_ROUNDS);
	figure_info("slowdown.messages_by_statistics",
		    booked_percent(book_standing, &load, dispatch_ns), "%");
	standing_stop(&load);
}

static void compiles(struct arm *arm, double dispatch_ns)
{
	struct arm pair[] = { arm[NOTHING], arm[OURS] };

	measure_compile(NULL);
	arms_run(pair, 2, COMPILE_ROUNDS, measure_compile, NULL);
	figure_at_most("slowdown.compile_by_statistics",
		       booked_percent(measure_compile, NULL, dispatch_ns), "%", 0.5);
	arms_info("slowdown.compile", arms_slowdown(&pair[1], &pair[0], COMPILE_ROUNDS), "%");
}

int main(void)
{
	static struct arm arm[N_ARMS] = {
		[NOTHING] = { .name = "nothing" },
		[EMPTY] = { .name = "empty", .attach = attach_program, .detach = detach_program },
		[OURS] = { .name = "ours", .attach = attach_ours, .detach = detach_ours },
	};
	struct empty_bpf *empty = empty_bpf__open_and_load();
	double dispatch_ns;

	load_check(empty != NULL, "bench: empty program");
	arm[EMPTY].arg = empty->progs.empty_switch;
	dispatch_ns = pingpong(arm);
	messages(arm, dispatch_ns);
	compiles(arm, dispatch_ns);
	empty_bpf__destroy(empty);
	return 0;
}
