/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* profile.c - is every microjoule in one stack, whatever the samples and their order? */
#include "daemon/profile.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "unit/random.h"

#define N_CONSUMERS 12
#define N_ROWS	    60
#define N_NAMES	    8

static uint32_t stack_of(struct stacks_table *t, unsigned int name)
{
	uint32_t frame, stack;
	char text[16];

	snprintf(text, sizeof(text), "f%u", name);
	cr_assert_eq(table_text(t, STACK_USER, text, &frame), 0);
	cr_assert_eq(table_stack(t, &frame, 1, &stack), 0);
	return stack;
}

/* A window as stacks/ and carbon/ give it. */
struct scene {
	struct sample sample[N_CONSUMERS];
	struct tick tick;
	struct stack_row row[N_ROWS];
	struct stack_window window;
};

static int compare_rows(const void *pa, const void *pb)
{
	const struct stack_row *a = pa, *b = pb;

	if (a->tgid != b->tgid)
		return a->tgid < b->tgid ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

/* Some consumers without a row, some of the lineage, one that is no task. */
static void make(struct scene *s, struct stacks_table *t, uint64_t seed, enum record_kind by)
{
	struct random_source r = { .seed = seed };

	memset(s, 0, sizeof(*s));
	s->tick.by = by;
	s->tick.sample = s->sample;
	s->tick.n_samples = N_CONSUMERS;
	s->tick.host.idle_uj = random_below(&r, 1000);
	s->tick.host.unattributed_uj = random_below(&r, 3);
	for (size_t i = 0; i < N_CONSUMERS; i++) {
		struct sample *c = &s->sample[(i * 5) % N_CONSUMERS];

		c->tgid = i == 0 ? 0 : 100 + (uint32_t)i / 2;
		c->pid = by == RECORD_THREAD && c->tgid ? 100 + (uint32_t)i : 0;
		c->start_boottime_ns = i;
		c->flags = random_below(&r, 3) ? JT_CELL_LINEAGE : 0;
		c->energy_uj =
			random_below(&r, 2) ? random_below(&r, 1000) : random_any_size(&r) >> 8;
		snprintf(c->comm, sizeof(c->comm), "c%zu", i);
	}
	for (size_t i = 0; i < N_ROWS; i++) {
		uint32_t pid = 100 + (uint32_t)random_below(&r, N_CONSUMERS + 4);
		unsigned int name = (unsigned int)random_below(&r, N_NAMES);

		s->row[s->window.n_rows++] = (struct stack_row){
			.tgid = 100 + (pid - 100) / 2,
			.pid = pid,
			.stack = stack_of(t, name),
			.order = table_order(t, stack_of(t, name)),
			.n_samples = 1 + (uint32_t)random_below(&r, 4),
		};
	}
	qsort(s->row, N_ROWS, sizeof(*s->row), compare_rows);
	s->window.row = s->row;
}

static uint64_t expected_uj(const struct scene *s, bool whole)
{
	uint64_t sum = whole ? s->tick.host.idle_uj + s->tick.host.unattributed_uj : 0;

	for (size_t i = 0; i < N_CONSUMERS; i++)
		if (whole || s->sample[i].flags & JT_CELL_LINEAGE)
			sum += s->sample[i].energy_uj;
	return sum;
}

/* Only the rows that were asked for, as stacks_read() gives them. */
static void filter(struct scene *s, const struct profile *p)
{
	size_t n = 0;

	for (size_t i = 0; i < s->window.n_rows; i++)
		if (profile_wanted(s->row[i].tgid, s->row[i].pid, p))
			s->row[n++] = s->row[i];
	s->window.n_rows = n;
}

static void run(struct scene *s, struct profile *p)
{
	cr_assert_eq(profile_begin(p, &s->tick), 0);
	filter(s, p);
	cr_assert_eq(profile_end(p, &s->tick, &s->window), 0);
}

Test(profile, every_microjoule_is_in_one_stack)
{
	for (uint64_t seed = 0; seed < 400; seed++) {
		bool whole = seed & 1;
		enum record_kind by = seed & 2 ? RECORD_THREAD : RECORD_PROCESS;
		uint64_t want_uj = 0, sum_uj = 0;
		const struct profile_stack *stack;
		struct stacks_table *t;
		struct profile *p;
		struct scene s;
		size_t n;

		cr_assert_eq(table_new(&t), 0);
		cr_assert_eq(profile_new(whole, t, &p), 0);
		for (uint64_t window = 0; window < 3; window++) {
			make(&s, t, seed * 10 + window, by);
			want_uj += expected_uj(&s, whole);
			run(&s, p);
		}
		stack = profile_stacks(p, &n);
		for (size_t i = 0; i < n; i++)
			sum_uj += stack[i].energy_uj;
		cr_assert_eq(sum_uj, want_uj, "seed %d", (int)seed);
		cr_assert_eq(profile_energy_uj(p), want_uj);
		profile_free(p);
		table_free(t);
	}
}

/* Energy of "f0" … "f7" of a table. */
static void by_name(struct stacks_table *t, const struct profile *p, uint64_t *ret)
{
	const struct profile_stack *stack;
	size_t n;

	for (unsigned int name = 0; name < N_NAMES; name++) {
		uint32_t number = stack_of(t, name);

		stack = profile_stacks(p, &n);
		ret[name] = number < n ? stack[number].energy_uj : 0;
	}
}

/* Stacks numbered in any order, as whoever came first made them. */
Test(profile, who_came_first_does_not_matter)
{
	for (uint64_t seed = 0; seed < 100; seed++) {
		uint64_t uj[2][N_NAMES];

		for (unsigned int k = 0; k < 2; k++) {
			struct stacks_table *t;
			struct profile *p;
			struct scene s;

			cr_assert_eq(table_new(&t), 0);
			for (unsigned int name = 0; name < N_NAMES; name++)
				stack_of(t, k ? N_NAMES - 1 - name : name);
			cr_assert_eq(profile_new(false, t, &p), 0);
			make(&s, t, seed, RECORD_PROCESS);
			run(&s, p);
			by_name(t, p, uj[k]);
			profile_free(p);
			table_free(t);
		}
		cr_assert_arr_eq(uj[0], uj[1], sizeof(uj[0]));
	}
}

Test(profile, energy_without_a_sample_has_a_name)
{
	struct sample c = { .tgid = 5, .flags = JT_CELL_LINEAGE, .energy_uj = 77, .comm = "short" };
	struct tick tick = { .by = RECORD_PROCESS, .n_samples = 1, .sample = &c };
	struct stack_window none = { 0 };
	const uint32_t *frame;
	struct stacks_table *t;
	struct profile *p;
	size_t n, len;

	cr_assert_eq(table_new(&t), 0);
	cr_assert_eq(profile_new(false, t, &p), 0);
	cr_assert_eq(profile_begin(p, &tick), 0);
	cr_expect(profile_wanted(5, 9, p));
	cr_expect(!profile_wanted(6, 9, p));
	cr_expect(!profile_wanted(0, 0, p));
	cr_assert_eq(profile_end(p, &tick, &none), 0);
	cr_expect_eq(profile_stacks(p, &n)[0].energy_uj, 77);
	cr_expect_eq(profile_stacks(p, &n)[0].n_samples, 0);
	cr_assert_eq(n, 1);
	frame = table_frames(t, 0, &len);
	cr_assert_eq(len, 2);
	cr_expect_str_eq(table_get_source(t, table_place(t, frame[0]).source)->key.text, "short");
	cr_expect_str_eq(table_get_source(t, table_place(t, frame[1]).source)->key.text,
			 "[no sample]");
	cr_expect_eq(profile_unsampled_uj(p), 77);
	profile_free(p);
	table_free(t);
}

Test(profile, nothing_at_all)
{
	struct tick tick = { .by = RECORD_PROCESS };
	struct stack_window none = { 0 };
	struct stacks_table *t;
	struct profile *p;
	size_t n;

	cr_assert_eq(table_new(&t), 0);
	cr_assert_eq(profile_new(true, t, &p), 0);
	cr_assert_eq(profile_begin(p, &tick), 0);
	cr_assert_eq(profile_end(p, &tick, &none), 0);
	profile_stacks(p, &n);
	cr_expect_eq(n, 0);
	profile_free(p);
	table_free(t);
}
