/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stacks.c - does this kernel give samples, mappings, forks and names, in one order of time? */
#include "stacks/stacks.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "bench/load.h"
#include "jouletrail/units.h"
#include "stacks/symbols.h"

static struct stacks *stacks;

static void setup(void)
{
	struct stacks_options o = { .frequency_hz = 499 };
	struct why why = { "" };

	if (geteuid() != 0)
		cr_skip_test("needs root");
	cr_assert_eq(stacks_new(&o, &stacks, &why), 0, "%s", why.text);
}

static void teardown(void)
{
	stacks_free(stacks);
}

TestSuite(kernel_stacks, .init = setup, .fini = teardown, .timeout = 120);

/* What a sample of a leaf names, whatever is known of its callers. */
static volatile uint64_t sink;

static __attribute__((noinline)) void spin_in_here(uint64_t ms)
{
	uint64_t until = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) + ms * JT_NS_PER_MS;

	while (clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) < until)
		for (int i = 0; i < 100000; i++)
			sink += 3;
}

static void spin_body(void *arg)
{
	(void)arg;
	spin_in_here(300);
}

static bool everybody(uint32_t tgid, uint32_t pid, const void *arg)
{
	(void)pid;
	return tgid == *(const uint32_t *)arg;
}

static const struct stack_window *window_of(pid_t pid, uint64_t end_mono_ns)
{
	const struct stack_window *w;
	uint32_t tgid = (uint32_t)pid;

	cr_assert_eq(stacks_read(stacks, end_mono_ns, everybody, &tgid, &w), 0);
	return w;
}

static uint64_t n_samples(const struct stack_window *w)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->n_rows; i++)
		n += w->row[i].n_samples;
	return n;
}

/* Samples of stacks that have a frame whose name begins so: compilers make clones. */
static uint64_t n_named(const struct stack_window *w, const struct resolved *names,
			const char *name)
{
	uint64_t n = 0;

	for (size_t i = 0; i < w->n_rows; i++) {
		size_t len;
		const uint32_t *f = table_frames(stacks_table(stacks), w->row[i].stack, &len);
		bool has = false;

		for (size_t d = 0; d < len; d++)
			has |= strncmp(names->frame[f[d]].name, name, strlen(name)) == 0;
		n += has ? w->row[i].n_samples : 0;
	}
	return n;
}

/* Forked by a process that was there before, no exec, and gone when it is looked at. */
Test(kernel_stacks, of_a_process_that_has_ended)
{
	uint64_t before_ns = clock_mono_ns();
	pid_t pid = load_fork(spin_body, NULL);
	const struct stack_window *w;
	struct resolved names;

	load_end_ns(pid);
	cr_expect_eq(n_samples(window_of(pid, before_ns)), 0, "all of it is later");
	w = window_of(pid, clock_mono_ns());
	/* 300 ms at 499 Hz are 150: a host that runs others takes some away. */
	cr_assert_geq(n_samples(w), 20);
	cr_assert_leq(n_samples(w), 300);
	stacks_stop(stacks);
	cr_assert_eq(symbols_resolve(stacks_table(stacks), &names), 0);
	cr_expect_geq(2 * n_named(w, &names, "spin_in_here"), n_samples(w), "half at least");
	resolved_free(&names);
}

static void exec_body(void *arg)
{
	(void)arg;
	execl("/bin/sh", "sh", "-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done", NULL);
}

/* Another file and another name from the exec on. */
Test(kernel_stacks, of_a_program_that_was_executed)
{
	pid_t pid = load_fork(exec_body, NULL);
	const struct stack_window *w;
	struct resolved names;

	load_end_ns(pid);
	w = window_of(pid, clock_mono_ns());
	cr_assert_gt(n_samples(w), 0);
	stacks_stop(stacks);
	cr_assert_eq(symbols_resolve(stacks_table(stacks), &names), 0);
	cr_expect_geq(2 * n_named(w, &names, "sh"), n_samples(w));
	resolved_free(&names);
}

static void write_body(void *arg)
{
	char block[65536] = { 0 };
	int fd = *(int *)arg;

	for (uint64_t until = clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) + 300 * JT_NS_PER_MS;
	     clock_read_ns(CLOCK_PROCESS_CPUTIME_ID) < until;)
		if (pwrite(fd, block, sizeof(block), 0) < 0)
			_exit(1);
}

Test(kernel_stacks, of_the_kernel)
{
	FILE *f = tmpfile();
	int fd = f ? fileno(f) : -1;
	const struct stack_window *w;
	struct resolved names;
	uint64_t n_kernel = 0;
	pid_t pid;

	cr_assert_geq(fd, 0);
	pid = load_fork(write_body, &fd);
	load_end_ns(pid);
	w = window_of(pid, clock_mono_ns());
	stacks_stop(stacks);
	cr_assert_eq(symbols_resolve(stacks_table(stacks), &names), 0);
	for (size_t i = 0; i < names.n; i++)
		n_kernel += names.frame[i].kind == STACK_KERNEL &&
			    strcmp(names.frame[i].name, "[unknown] [kernel]") != 0;
	cr_expect_gt(n_samples(w), 0);
	cr_expect_gt(n_kernel, 0, "kernel frames have names");
	resolved_free(&names);
	fclose(f);
}
