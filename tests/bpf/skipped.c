/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * skipped.c - not every switch or fork reaches our programs: a task's time is found at its next
 * switch all the same, or when it is freed, and it gets its cell at the end of the window.
 */
#include <sys/syscall.h>

#include "bpf/board.h"
#include "bpf/cells.h"

#define N_SPINNERS 3

static struct board *board;

TestSuite(skipped, .init = setup, .fini = teardown, .timeout = 300);

static void spin(void *arg)
{
	board_spin(board, *(unsigned int *)arg);
}

/* Another instance comes and goes until the board stops. */
static void come_and_go(void *arg)
{
	struct sched_options o = { .max_tasks = 16 };
	struct why why;

	(void)arg;
	while (!board->stop) {
		struct sched *other;

		if (sched_new(&o, &other, &why))
			_exit(1);
		sched_free(other);
	}
}

Test(skipped, no_time_is_lost_while_tracers_come_and_go)
{
	unsigned int index[N_SPINNERS];
	uint64_t seen_ns[N_SPINNERS] = { 0 }, from_ns[N_SPINNERS], total_ns[N_SPINNERS];
	pid_t pid[N_SPINNERS], tracer;
	const struct usage *u;

	board = board_new();
	/* More than there are CPUs, so that there are switches to be skipped. */
	for (unsigned int i = 0; i < N_SPINNERS; i++) {
		index[i] = i;
		pid[i] = start(spin, &index[i]);
	}
	board_wait(board, N_SPINNERS);
	tracer = start(come_and_go, NULL);
	window();
	board_mark(board);
	board_wait(board, N_SPINNERS);
	for (unsigned int i = 0; i < N_SPINNERS; i++)
		from_ns[i] = board->spinner[i].at_ns[0];
	for (int w = 0; w < 40; w++) {
		usleep(50000);
		u = window_conserved(1000);
		for (unsigned int i = 0; i < N_SPINNERS; i++)
			seen_ns[i] += used_ns(u, pid[i], 0, 0, NULL);
	}
	board->stop = true;
	end_ns(tracer);
	for (unsigned int i = 0; i < N_SPINNERS; i++)
		total_ns[i] = end_ns(pid[i]);
	u = window();
	for (unsigned int i = 0; i < N_SPINNERS; i++) {
		seen_ns[i] += used_ns(u, pid[i], 0, 0, NULL);
		/* The first window ended before the mark: what lies between is in what was seen. */
		cr_assert_geq(seen_ns[i] + SWITCHES_NS, total_ns[i] - from_ns[i]);
	}
}

/* The cell that the task charges. */
static uint32_t cell_of(pid_t pid)
{
	uint32_t n_cells;
	const struct jt_cell *cell = map_own("cells", &n_cells);

	for (uint32_t i = JT_SHARED_CELLS + 1; i < n_cells; i++)
		if (cell[i].state == JT_CELL_OPEN && cell[i].pid == (uint32_t)pid)
			return i;
	cr_assert_fail("no cell of %d", pid);
	return 0;
}

/* As if the kernel had not told of its fork: no storage, and no cell that would know it. */
static void forget(pid_t pid)
{
	static const char nobody[256];
	struct bpf_map_info info;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	uint32_t cell = cell_of(pid);

	cr_assert_eq(bpf_map_delete_elem(map_own_fd("tasks", &info), &pidfd), 0);
	cr_assert_eq(bpf_map_update_elem(map_own_fd("owners", &info), &cell, nobody, BPF_ANY), 0);
	close(pidfd);
}

Test(skipped, task_whose_fork_was_missed_gets_its_cell_at_the_end_of_the_window)
{
	unsigned int index = 0;
	uint64_t total_ns;
	const struct usage *u;
	pid_t pid;

	board = board_new();
	pid = start(spin, &index);
	board_wait(board, 1);
	window();
	forget(pid);
	board_mark(board);
	board_wait(board, 1);
	spin_cpu_ns(20 * MS);
	u = window_conserved(1000);
	cr_assert_gt(u->losses.untracked_ns, 0);
	/* What it has run since the switch that ended that window is in the next one. */
	window_conserved(1000);
	board_mark(board);
	board_wait(board, 1);
	spin_cpu_ns(20 * MS);
	board->stop = true;
	total_ns = end_ns(pid);
	u = window_conserved(1000);
	cr_assert_eq(u->losses.untracked_ns, 0);
	cr_assert_geq(used_ns(u, pid, 0, 0, NULL) + SWITCHES_NS,
		      total_ns - board->spinner[0].at_ns[1]);
}

/* ---- the last switch ----------------------------------------------------------------------- */

/* What the programs know of a task that sleeps. */
struct known {
	uint32_t index;
	struct jt_cell cell;
	char owner[256];
};

static void known_read(struct known *k, pid_t pid)
{
	struct bpf_map_info info;

	k->index = cell_of(pid);
	cr_assert_eq(bpf_map_lookup_elem(map_own_fd("cells", &info), &k->index, &k->cell), 0);
	cr_assert_eq(bpf_map_lookup_elem(map_own_fd("owners", &info), &k->index, k->owner), 0);
}

/* What it ran since goes back to the gap: on that CPU itself, where no switch comes in between. */
static void books_untell(uint64_t ran_ns)
{
	struct bpf_map_info info;
	struct jt_cpu_books *books;
	cpu_set_t before, here;
	int cpu, fd = map_own_fd("books", &info);
	size_t bytes = (size_t)info.max_entries * info.value_size;

	books = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	cr_assert_neq(books, MAP_FAILED);
	cr_assert_eq(sched_getaffinity(0, sizeof(before), &before), 0);
	cpu = sched_getcpu();
	CPU_ZERO(&here);
	CPU_SET(cpu, &here);
	cr_assert_eq(sched_setaffinity(0, sizeof(here), &here), 0);
	__atomic_fetch_sub(&books[cpu].task_ns, ran_ns, __ATOMIC_SEQ_CST);
	__atomic_fetch_add(&books[cpu].gap_ns, (int64_t)ran_ns, __ATOMIC_SEQ_CST);
	sched_setaffinity(0, sizeof(before), &before);
	munmap(books, bytes);
}

/* As if the kernel had told of none of its switches since; it is dead, and not reaped. */
static void untell(const struct known *k)
{
	struct bpf_map_info info;
	struct jt_cell now;

	cr_assert_eq(bpf_map_lookup_elem(map_own_fd("cells", &info), &k->index, &now), 0);
	cr_assert_eq(now.state, JT_CELL_CLOSED);
	cr_assert_eq(now.generation, k->cell.generation);
	for (unsigned int p = 0; p < JT_MAX_PACKAGES; p++)
		books_untell(now.cpu_ns[p] - k->cell.cpu_ns[p]);
	cr_assert_eq(bpf_map_update_elem(map_own_fd("cells", &info), &k->index, &k->cell, BPF_ANY),
		     0);
	cr_assert_eq(bpf_map_update_elem(map_own_fd("owners", &info), &k->index, k->owner, BPF_ANY),
		     0);
}

static int go[2];

static void spin_when_told(void *arg)
{
	char c;

	(void)arg;
	if (read(go[0], &c, 1) == 1)
		spin_cpu_ns(20 * MS);
}

Test(skipped, task_whose_last_switch_was_missed_is_charged_and_closed_when_it_is_freed)
{
	uint32_t n_cells;
	const struct jt_cell *cell = map_own("cells", &n_cells);
	uint64_t before_ns, total_ns;
	const struct usage *u;
	struct known known;
	siginfo_t info;
	pid_t pid;

	cr_assert_eq(pipe(go), 0);
	pid = start(spin_when_told, NULL);
	while (task_state(pid) != 'S')
		usleep(1000);
	before_ns = rest_ns(pid);
	known_read(&known, pid);
	window();
	cr_assert_eq(write(go[1], "", 1), 1);
	cr_assert_eq(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	rest_ns(pid);
	untell(&known);
	total_ns = end_ns(pid);
	while (cell[known.index].state == JT_CELL_OPEN)
		usleep(1000);
	u = window_conserved(1000);
	assert_close(used_ns(u, pid, 0, 0, NULL), total_ns - before_ns, 1000, "the last slice");
	for (size_t i = 0; i < u->n_rows; i++)
		cr_assert(u->rows[i].tgid != (uint32_t)pid || u->rows[i].ended);
	/* Seen closed by one window, given back by the next. */
	window();
	cr_assert(cell[known.index].state == JT_CELL_FREE ||
		  cell[known.index].generation != known.cell.generation);
}
