/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * weight.c - weighted CPU time on the running kernel: SMT co-run, frequency, a counter.
 *
 * Siblings and frequencies that this machine lacks are played by a fixture of its CPU folder below
 * the root that the stage reads: two CPUs that the fixture calls siblings are busy at the same time
 * as often as real ones are.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <linux/perf_event.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "bpf/board.h"

static char root[64];

static void put(const char *path, const char *text)
{
	char full[256], *slash;
	FILE *f;

	snprintf(full, sizeof(full), "%s/sys/devices/system/cpu/%s", root, path);
	for (slash = full + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		mkdir(full, 0755);
	}
	f = fopen(full, "we");
	cr_assert(f);
	fputs(text, f);
	fclose(f);
}

/* n CPUs as this machine has them, each in a package of its own; siblings 0-1, 2-3, … */
static void fixture(long n)
{
	char path[64], text[64];

	snprintf(root, sizeof(root), "/tmp/jouletrail-weight-XXXXXX");
	cr_assert(mkdtemp(root));
	snprintf(text, sizeof(text), "0-%ld", n - 1);
	put("possible", text);
	put("online", text);
	for (long i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "cpu%ld/topology/physical_package_id", i);
		snprintf(text, sizeof(text), "%ld", i);
		put(path, text);
		snprintf(path, sizeof(path), "cpu%ld/topology/thread_siblings_list", i);
		snprintf(text, sizeof(text), "%ld-%ld", i & ~1L, i | 1L);
		put(path, text);
		snprintf(path, sizeof(path), "cpu%ld/cpufreq/scaling_cur_freq", i);
		put(path, "1000000\n");
	}
}

static void setup_weight(enum jt_weight weight)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	if (n != sysconf(_SC_NPROCESSORS_CONF) || n < 2 || n > JT_MAX_PACKAGES)
		cr_skip_test("needs 2 to %d CPUs, all online", JT_MAX_PACKAGES);
	fixture(n);
	kernel_open(&(struct sched_options){ .weight = weight, .root = root });
}

static void teardown_weight(void)
{
	char command[96];

	teardown();
	snprintf(command, sizeof(command), "rm -rf %s", root);
	if (root[0])
		cr_expect_eq(system(command), 0);
}

TestSuite(weight, .fini = teardown_weight, .timeout = 120);

static void pin(unsigned int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

struct spinner {
	struct board *board;
	unsigned int cpu;
};

static void spin_pinned(void *arg)
{
	const struct spinner *s = arg;

	pin(s->cpu);
	board_spin(s->board, s->cpu);
}

static uint64_t weight_of(const struct usage *u, pid_t pid)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++)
		if (u->rows[i].tgid == (uint32_t)pid)
			for (unsigned int p = 0; p < JT_MAX_PACKAGES; p++)
				sum += u->rows[i].weight[p];
	return sum;
}

/* Time that tasks of the CPU (a package here) ran while its sibling was busy. */
static uint64_t corun_ns(const struct usage *u, unsigned int cpu)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < u->n_rows; i++)
		sum += u->rows[i].weight[cpu];
	return sum;
}

/*
 * Both siblings measure the same thing: the time in which both were busy. lag_ns: how much later
 * the window ended on one of them, at its flush, than on the other.
 */
static void assert_symmetric(const struct usage *u, uint64_t lag_ns)
{
	/*
	 * What is no task's on a busy CPU (the scheduler gap) is in one and not in the other; and
	 * the cells are read a moment after the books.
	 */
	uint64_t gap_ns = (uint64_t)llabs(u->package[0].gap_ns) +
			  (uint64_t)llabs(u->package[1].gap_ns) + u->package[0].excluded_ns +
			  u->package[1].excluded_ns + u->late_ns + u->late_before_ns;
	uint64_t a = corun_ns(u, 0), b = corun_ns(u, 1), diff = a > b ? a - b : b - a;

	cr_assert(diff <= gap_ns + lag_ns + (a + b) / 200 + SWITCHES_NS,
		  "%" PRIu64 " against %" PRIu64 ", gap %" PRIu64, a, b, gap_ns);
	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		cr_assert_leq(corun_ns(u, cpu), u->package[cpu].task_ns + gap_ns + SWITCHES_NS);
		cr_assert_leq(corun_ns(u, cpu),
			      u->package[1 - cpu].task_ns + gap_ns + lag_ns + SWITCHES_NS);
	}
}

Test(weight, siblings_that_spin_share_all_their_time)
{
	struct spinner s[2] = { { board_new(), 0 }, { NULL, 1 } };
	const struct usage *u;
	pid_t pid[2];

	setup_weight(JT_WEIGHT_SMT);
	s[1].board = s[0].board;
	for (int i = 0; i < 2; i++)
		pid[i] = start(spin_pinned, &s[i]);
	board_wait(s[0].board, 2);
	window();
	usleep(200000);
	u = window();
	cr_assert_eq(u->weight, JT_WEIGHT_SMT);
	for (int i = 0; i < 2; i++) {
		uint64_t ran_ns = used_ns(u, pid[i], 0, 0, NULL);
		uint64_t beside_ns = u->package[1 - i].task_ns;

		/*
		 * While one of them waits for another task, that one is busy beside it; while its
		 * CPU is stolen, nobody is.
		 */
		cr_assert_geq(weight_of(u, pid[i]) + ran_ns / 50 + SWITCHES_NS,
			      ran_ns < beside_ns ? ran_ns : beside_ns);
		cr_assert_leq(weight_of(u, pid[i]), ran_ns);
	}
	/* Both are busy all the time. */
	assert_symmetric(u, (uint64_t)llabs((int64_t)u->package[0].task_ns -
					    (int64_t)u->package[1].task_ns));
	s[0].board->stop = true;
	for (int i = 0; i < 2; i++)
		end_ns(pid[i]);
}

#define NAP_NS (3 * MS)

struct napper {
	unsigned int cpu;
	_Atomic uint64_t late_ns; /* beyond its naps */
};

static void nap_and_spin(void *arg)
{
	struct napper *s = arg;

	pin(s->cpu);
	for (int i = 0; i < 20; i++) {
		uint64_t begin_ns;

		spin_cpu_ns((s->cpu + 1) * 2 * MS);
		begin_ns = clock_mono_ns();
		usleep(NAP_NS / JT_NS_PER_US);
		s->late_ns += clock_mono_ns() - begin_ns - NAP_NS;
	}
}

Test(weight, siblings_agree_on_the_time_they_share)
{
	struct napper *s = mmap(NULL, 2 * sizeof(*s), PROT_READ | PROT_WRITE,
				MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const struct usage *u;
	uint64_t lag_ns = 0;
	pid_t pid[2];

	setup_weight(JT_WEIGHT_SMT);
	s[1].cpu = 1;
	/* A CPU that went idle by a missed switch looks busy to its sibling until the next one. */
	for (int left = 10; left > 0; left--) {
		for (int i = 0; i < 2; i++) {
			s[i].late_ns = 0;
			pid[i] = start(nap_and_spin, &s[i]);
		}
		for (int i = 0; i < 2; i++)
			end_ns(pid[i]);
		u = window();
		if (u->books.n_missed == 0)
			break;
		if (left == 1)
			cr_skip_test("the kernel missed a switch in each of 10 windows");
	}
	cr_assert_gt(corun_ns(u, 0), 0);
	/*
	 * The switch to a task that was woken has the clock of its wake-up; a sibling that looks in
	 * between sees an idle CPU. An emulated one is late by milliseconds.
	 */
	if (getenv("IN_GUEST"))
		lag_ns = s[0].late_ns + s[1].late_ns;
	assert_symmetric(u, lag_ns);
}

/* Of that name, among our own descriptors: others may be about. It stays the instance's. */
static int own_program(const char *name)
{
	for (int fd = 0; fd < 1024; fd++) {
		struct bpf_prog_info info = { 0 };
		uint32_t size = sizeof(info);

		if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && !strcmp(info.name, name))
			return fd;
	}
	return -ENOENT;
}

static void set_khz(int program, uint64_t khz, uint64_t cpu)
{
	uint64_t args[2] = { khz, cpu };
	LIBBPF_OPTS(bpf_test_run_opts, o, .ctx_in = args, .ctx_size_in = sizeof(args));

	cr_assert_eq(bpf_prog_test_run_opts(program, &o), 0);
}

Test(weight, cycles_follow_the_frequency)
{
	struct spinner s = { board_new(), 1 };
	struct board *b = s.board;
	uint64_t total_ns, fast_ns, cycles, stolen, low, high;
	const struct usage *u;
	int program;
	pid_t pid;

	setup_weight(JT_WEIGHT_FREQ);
	program = own_program("on_frequency");
	cr_assert_geq(program, 0);
	pid = start(spin_pinned, &s);
	while (!b->spinner[1].seen)
		usleep(1000);
	usleep(100000);
	/* From 1 to 3 GHz between two marks that the spinner notes. */
	board_mark(b);
	while (b->spinner[1].seen < 2)
		usleep(1000);
	set_khz(program, 3000000, 1);
	board_mark(b);
	while (b->spinner[1].seen < 3)
		usleep(1000);
	usleep(100000);
	b->stop = true;
	total_ns = end_ns(pid);
	u = window();
	cycles = weight_of(u, pid);
	/*
	 * A slice's frequency is its mean over time, of which some was stolen before the change or
	 * after it: cycles of that time at the difference of 2 GHz.
	 */
	stolen = 2 * u->books.excluded_ns;
	/* What it ran after the change lies between the two marks' rests. */
	fast_ns = total_ns - b->spinner[1].at_ns[1];
	low = total_ns + 2 * fast_ns;
	fast_ns = total_ns - b->spinner[1].at_ns[0];
	high = total_ns + 2 * fast_ns;
	assert_within(cycles + stolen, low - low / 500 - SWITCHES_NS,
		      high + high / 500 + SWITCHES_NS + 2 * stolen, "cycles at 1 and 3 GHz");
}

/* Long in a guest, whose CPU may stand still between the run queue's clock and the reading. */
static void spin_long(void *arg)
{
	(void)arg;
	spin_cpu_ns(getenv("IN_GUEST") ? 500 * MS : 50 * MS);
}

/* A software event that counts ns of a CPU stands for the PMU: what is read is what was counted. */
Test(weight, counter_is_read_at_every_switch)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_SOFTWARE,
					.size = sizeof(attr),
					.config = PERF_COUNT_SW_CPU_CLOCK };
	const struct usage *u;
	unsigned int percent = getenv("IN_GUEST") ? 10 : 1;
	uint64_t sum = 0, ran_ns;
	pid_t pid;

	kernel_open(&(struct sched_options){ .weight = JT_WEIGHT_CYCLES, .cycles = &attr });
	pid = start(spin_long, NULL);
	ran_ns = end_ns(pid);
	u = window();
	cr_assert_eq(u->losses.n_unread, 0);
	for (size_t i = 0; i < u->n_rows; i++)
		for (unsigned int p = 0; p < JT_MAX_PACKAGES; p++)
			sum += u->rows[i].weight[p];
	/* The clock goes on in interrupts and while the CPU is stolen. */
	cr_assert_geq(weight_of(u, pid) + ran_ns / 100 * percent + SWITCHES_NS, ran_ns);
	cr_assert_leq(sum, u->books.wall_ns + u->books.wall_ns / 100 * percent);
}

Test(weight, plain_time_has_none)
{
	const struct usage *u;

	setup();
	u = window();
	cr_assert_eq(u->weight, JT_WEIGHT_TIME);
	cr_assert_eq(u->losses.n_unread, 0);
}

/* How long the program on the switch path is after the verifier. */
static uint32_t switch_length(void)
{
	struct bpf_prog_info info = { 0 };
	uint32_t size = sizeof(info);
	int fd = own_program("on_switch");

	cr_assert_geq(fd, 0);
	cr_assert_eq(bpf_obj_get_info_by_fd(fd, &info, &size), 0);
	return info.xlated_prog_len;
}

Test(weight, what_is_off_is_not_in_the_program)
{
	static const enum jt_weight on[] = { JT_WEIGHT_SMT, JT_WEIGHT_FREQ };
	uint32_t plain;

	setup();
	plain = switch_length();
	cr_assert_gt(plain, 0);
	teardown();
	for (size_t i = 0; i < sizeof(on) / sizeof(on[0]); i++) {
		setup_weight(on[i]);
		cr_assert_lt(plain, switch_length());
		teardown();
	}
}

static void refused(enum jt_weight weight, const char *word)
{
	struct sched_options o = { .weight = weight, .root = root };
	struct why why = { "" };

	cr_assert_lt(sched_new(&o, &sched, &why), 0);
	cr_assert(strstr(why.text, word), "%s", why.text);
	cr_assert(strstr(why.text, "--weight time"), "%s", why.text);
}

Test(weight, machine_without_siblings_or_cpufreq_is_told_so)
{
	if (geteuid() != 0)
		cr_skip_test("needs root");
	snprintf(root, sizeof(root), "/tmp/jouletrail-weight-XXXXXX");
	cr_assert(mkdtemp(root));
	put("possible", "0-1");
	put("online", "0-1");
	refused(JT_WEIGHT_SMT, "two threads");
	refused(JT_WEIGHT_FREQ, "cpufreq");
}
