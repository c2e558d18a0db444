/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* books.c - closing windows over CPUs that idle, run, come and go. */
#include "sched/books.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#define OFFSET_NS 5000000000u /* CLOCK_MONOTONIC - rq->clock of the machine played here */

static struct topology two_cpus(struct topology_cpu *cpu)
{
	cpu[0] = (struct topology_cpu){ .online = true, .package = 0 };
	cpu[1] = (struct topology_cpu){ .online = true, .package = 1 };
	return (struct topology){ .n_possible = 2, .n_online = 2, .n_packages = 2, .cpu = cpu };
}

/* A switch of CPU at clock: who ran until then leaves, who comes. */
static void play(struct jt_cpu_books *b, uint64_t clock_ns, uint32_t to_pid)
{
	uint64_t passed = clock_ns - b->clock_ns;

	if (!b->clock_ns)
		b->base_clock_ns = b->base_clock_task_ns = clock_ns;
	if (b->clock_ns && b->current_pid)
		b->task_ns += passed;
	else if (b->clock_ns)
		b->idle_ns += passed;
	b->clock_ns = clock_ns;
	b->clock_task_ns = clock_ns;
	b->current_pid = to_pid;
	b->sequence += 2;
}

Test(books, idle_counts_up_to_now_and_is_taken_back)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	play(&cpu[0], 1000, 0);
	play(&cpu[1], 1000, 7);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_close(b, &t, 1000 + OFFSET_NS, &u);

	/* CPU 0 idles on without a switch; CPU 1 is flushed at 2000. */
	play(&cpu[1], 2000, 8);
	books_sample_clocks(b, 2000, 2000 + OFFSET_NS);
	books_close(b, &t, 2000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.wall_ns, 2000);
	cr_assert_eq(u.books.idle_ns, 1000);
	cr_assert_eq(u.books.task_ns, 1000);
	cr_assert_eq(u.package[0].idle_ns, 1000);
	cr_assert_eq(u.package[1].task_ns, 1000);
	cr_assert_eq(usage_books_residue_ppm(&u.books), 0);

	/* It wakes at 2500: 1500 of idle in all, of which 1000 were given out already. */
	play(&cpu[0], 2500, 9);
	play(&cpu[0], 3000, 0);
	play(&cpu[1], 3000, 8);
	books_sample_clocks(b, 3000, 3000 + OFFSET_NS);
	books_close(b, &t, 3000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.idle_ns, 500);
	cr_assert_eq(u.books.task_ns, 1500);
	cr_assert_eq(usage_books_residue_ppm(&u.books), 0);
	books_free(b);
}

Test(books, open_slice_is_carried)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	play(&cpu[0], 1000, 7);
	play(&cpu[1], 1000, 7);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_close(b, &t, 1000 + OFFSET_NS, &u);
	/* CPU 1 could not be flushed: its slice stays open from 1000 on. */
	play(&cpu[0], 2000, 7);
	books_sample_clocks(b, 2000, 2000 + OFFSET_NS);
	books_close(b, &t, 2000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.task_ns, 1000);
	cr_assert_eq(u.books.carried_ns, 1000);
	cr_assert_eq(usage_books_residue_ppm(&u.books), 0);
	play(&cpu[0], 3000, 7);
	play(&cpu[1], 3000, 7);
	books_sample_clocks(b, 3000, 3000 + OFFSET_NS);
	books_close(b, &t, 3000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.task_ns, 3000);
	cr_assert_eq(u.books.carried_ns, -1000);
	books_free(b);
}

/* Woken at 1600, with the clock of which the switch is stamped that came after the window's end. */
Test(books, slice_that_looked_idle_is_carried)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	tc[1].online = false;
	play(&cpu[0], 1000, 0);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_close(b, &t, 1000 + OFFSET_NS, &u);
	books_close(b, &t, 2000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.idle_ns, 1000);

	play(&cpu[0], 1600, 9);
	play(&cpu[0], 3000, 0);
	books_close(b, &t, 3000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.task_ns, 1400);
	cr_assert_eq(u.books.idle_ns, 0);
	cr_assert_eq(u.books.carried_ns, -400);
	cr_assert_eq(usage_books_residue_ns(&u.books), 0);

	/* What was given out in excess is taken off the next idle time. */
	play(&cpu[0], 3500, 9);
	play(&cpu[0], 4000, 0);
	books_close(b, &t, 4000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.idle_ns, 100);
	cr_assert_eq(u.books.carried_ns, 400);
	cr_assert_eq(usage_books_residue_ns(&u.books), 0);
	books_free(b);
}

/* The reader may stand still between the moment and the books. */
Test(books, switches_after_the_moment_are_the_next_windows)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	play(&cpu[0], 1000, 7);
	play(&cpu[1], 1000, 7);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_close(b, &t, 1000 + OFFSET_NS, &u);

	/* By the time they are read, CPU 0 is idle since 2300, CPU 1 runs another since 2200. */
	play(&cpu[0], 2300, 0);
	play(&cpu[1], 2200, 8);
	books_close(b, &t, 2000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.wall_ns, 2000);
	cr_assert_eq(u.books.task_ns, 2500);
	cr_assert_eq(u.books.idle_ns, 0);
	cr_assert_eq(u.books.carried_ns, -500);
	cr_assert_eq(usage_books_residue_ns(&u.books), 0);

	play(&cpu[1], 3000, 8);
	books_close(b, &t, 3000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.task_ns, 800);
	cr_assert_eq(u.books.idle_ns, 700);
	cr_assert_eq(u.books.carried_ns, 500);
	cr_assert_eq(usage_books_residue_ns(&u.books), 0);
	books_free(b);
}

Test(books, offline_cpu_has_no_wall_time)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	play(&cpu[0], 1000, 7);
	play(&cpu[1], 1000, 0);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_close(b, &t, 1000 + OFFSET_NS, &u);
	tc[1].online = false;
	for (uint64_t at = 2000; at <= 3000; at += 1000) {
		play(&cpu[0], at, 7);
		books_sample_clocks(b, at, at + OFFSET_NS);
		books_close(b, &t, at + OFFSET_NS, &u);
		cr_assert_eq(u.books.wall_ns, 1000);
		cr_assert_eq(u.books.idle_ns, 0);
	}
	/* Back: the long absence is nobody's idle time. */
	tc[1].online = true;
	play(&cpu[1], 3500, 0);
	play(&cpu[0], 4000, 7);
	books_sample_clocks(b, 4000, 4000 + OFFSET_NS);
	books_close(b, &t, 4000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.wall_ns, 1000);
	play(&cpu[0], 5000, 7);
	books_sample_clocks(b, 5000, 5000 + OFFSET_NS);
	books_close(b, &t, 5000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.wall_ns, 2000);
	cr_assert_eq(u.books.idle_ns, 1000);
	cr_assert_eq(usage_books_residue_ppm(&u.books), 0);
	books_free(b);
}

Test(books, cpu_that_comes_or_goes_counts_for_what_it_ran)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	play(&cpu[0], 1000, 7);
	play(&cpu[1], 1000, 0);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_close(b, &t, 1000 + OFFSET_NS, &u);
	/* It idles 100, runs 300, and is gone at 1400. */
	play(&cpu[1], 1100, 8);
	play(&cpu[1], 1400, 0);
	tc[1].online = false;
	play(&cpu[0], 2000, 7);
	books_sample_clocks(b, 2000, 2000 + OFFSET_NS);
	books_close(b, &t, 2000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.task_ns, 1300);
	cr_assert_eq(u.books.idle_ns, 100);
	cr_assert_eq(u.books.wall_ns, 1400);
	/* It comes back at some time before 2500, runs 200, and runs on since 2900. */
	tc[1].online = true;
	play(&cpu[1], 2500, 8);
	play(&cpu[1], 2700, 0);
	play(&cpu[1], 2900, 8);
	play(&cpu[0], 3000, 7);
	books_sample_clocks(b, 3000, 3000 + OFFSET_NS);
	books_close(b, &t, 3000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.task_ns, 1200);
	cr_assert_eq(u.books.carried_ns, 100);
	cr_assert_eq(u.books.wall_ns, 1300);
	cr_assert_eq(usage_books_residue_ppm(&u.books), 0);
	books_free(b);
}

Test(books, late_samples_do_not_shift_the_clock)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	play(&cpu[0], 1000, 7);
	play(&cpu[1], 1000, 0);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_close(b, &t, 1000 + OFFSET_NS, &u);
	play(&cpu[0], 2000, 7);
	play(&cpu[1], 2000, 0);
	/* One thread was stolen for long after its switch; the other was not. */
	books_sample_clocks(b, 2000, 2000 + OFFSET_NS + 80000000);
	books_sample_clocks(b, 2000, 2000 + OFFSET_NS + 5);
	books_close(b, &t, 2000 + OFFSET_NS + 5, &u);
	cr_assert_leq(usage_books_residue_ppm(&u.books), 5000);
	cr_assert_leq(llabs(u.books.carried_ns), 5);
	books_free(b);
}

/* The first window has several looks at the clocks, and nothing to hold them against. */
Test(books, closest_sample_of_the_first_window_counts)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	play(&cpu[0], 1000, 0);
	play(&cpu[1], 1000, 0);
	books_sample_clocks(b, 1000, 1900 + OFFSET_NS);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_sample_clocks(b, 1000, 1500 + OFFSET_NS);
	books_close(b, &t, 2000 + OFFSET_NS, &u);
	play(&cpu[0], 3000, 0);
	books_sample_clocks(b, 3000, 3000 + OFFSET_NS);
	books_close(b, &t, 3000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.idle_ns, 2000);
	cr_assert_eq(usage_books_residue_ppm(&u.books), 0);
	books_free(b);
}

Test(books, torn_read_is_put_off_to_the_next_window)
{
	struct jt_cpu_books cpu[2] = { 0 };
	struct topology_cpu tc[2];
	struct topology t = two_cpus(tc);
	struct usage u = { 0 };
	struct books *b = NULL;

	cr_assert_eq(books_new(cpu, 2, &b), 0);
	play(&cpu[0], 1000, 7);
	play(&cpu[1], 1000, 0);
	books_sample_clocks(b, 1000, 1000 + OFFSET_NS);
	books_close(b, &t, 1000 + OFFSET_NS, &u);
	/* CPU 1 is stolen while it writes: idle time is in, the clock is not. */
	play(&cpu[0], 2000, 7);
	cpu[1].sequence++;
	cpu[1].idle_ns += 700;
	books_sample_clocks(b, 2000, 2000 + OFFSET_NS);
	books_close(b, &t, 2000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.idle_ns, 1000);
	cr_assert_eq(usage_books_residue_ppm(&u.books), 0);
	/* Also when the sequence does not show it (stores out of order). */
	cpu[1].sequence++;
	play(&cpu[0], 3000, 7);
	books_sample_clocks(b, 3000, 3000 + OFFSET_NS);
	books_close(b, &t, 3000 + OFFSET_NS, &u);
	cr_assert_eq(u.books.idle_ns, 1000);
	cr_assert_eq(usage_books_residue_ppm(&u.books), 0);
	books_free(b);
}
