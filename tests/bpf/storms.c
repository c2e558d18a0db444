/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* storms.c - tasks by the thousand, switches by the ten thousand: all time, no cell left over. */
#include <pthread.h>

#include "bpf/cells.h"
#include "bpf/load.h"

TestSuite(storms, .init = setup_large, .fini = teardown, .timeout = 240);

static void short_lives(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			spin_cpu_ns(MS / 4);
			_exit(0);
		}
		waitpid(pid, NULL, 0);
	}
}

/* Windows while the storm goes on: cells come round. */
static void check_storm(const char *name, void (*storm)(void *), int n)
{
	uint64_t lost = 0;
	siginfo_t info;
	struct load l;

	load_start(&l, name, storm, &n);
	load_go(&l);
	do {
		const struct usage *u;

		usleep(50000);
		info.si_pid = 0;
		waitid(P_PID, (id_t)l.pid, &info, WEXITED | WNOWAIT | WNOHANG);
		u = load_window(&l);
		lost += u->losses.n_no_cell + u->losses.n_no_storage + u->losses.untracked_ns +
			u->losses.n_backwards;
	} while (!info.si_pid);
	load_end(&l, 1000);
	cr_assert_eq(lost, 0, "%" PRIu64 " lost", lost);
	cr_assert_eq(cells_leaked(), 0);
}

Test(storms, short_lived_tasks_leave_no_cell_behind)
{
	check_storm("short", short_lives, scaled(2000));
}

/* Forks in bundles: a busy machine makes each wait long. */
static void forks(void *arg)
{
	for (int i = 0; i < *(int *)arg; i++) {
		pid_t pid = fork();

		if (pid == 0)
			_exit(0);
		while (i % 50 == 49 && wait(NULL) > 0)
			;
	}
	while (wait(NULL) > 0)
		;
}

static void *nothing(void *arg)
{
	return arg;
}

static void thread_starts(void *arg)
{
	for (int i = 0; i < *(int *)arg / 4; i++) {
		pthread_t t[4];

		for (int k = 0; k < 4; k++)
			pthread_create(&t[k], NULL, nothing, NULL);
		for (int k = 0; k < 4; k++)
			pthread_join(t[k], NULL);
	}
}

Test(storms, storm_of_processes_equals_cpu_stat)
{
	check_storm("processes", forks, scaled(getenv("LONG") ? 200000 : 20000));
}

Test(storms, storm_of_threads_equals_cpu_stat)
{
	check_storm("threads", thread_starts, scaled(getenv("LONG") ? 200000 : 20000));
}

static void ping_pong(void *arg)
{
	int ping[2], pong[2];
	char c = 0;

	(void)arg;
	if (pipe(ping) || pipe(pong))
		_exit(1);
	if (fork() == 0) {
		close(ping[1]);
		while (read(ping[0], &c, 1) == 1 && write(pong[1], &c, 1) == 1)
			;
		_exit(0);
	}
	for (int i = scaled(50000); i > 0; i--)
		if (write(ping[1], &c, 1) != 1 || read(pong[0], &c, 1) != 1)
			_exit(1);
	close(ping[1]);
	wait(NULL);
}

Test(storms, switch_heavy_load_loses_nothing)
{
	struct load l;

	load_start(&l, "switches", ping_pong, NULL);
	load_go(&l);
	load_end(&l, 1000);
}
