/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* list.c - is everybody listed once, in order, below whom he belongs? */
#include "view/list.h"

#include <criterion/criterion.h>
#include <string.h>

#include "base/buf.h"
#include "made_up.h"

struct fixture {
	struct made_up *made;
	struct rows *rows;
	struct list *list;
	struct list_choice choice;
};

static struct fixture fixture_new(enum record_kind by)
{
	struct fixture f = { .made = made_up_new(512) };

	cr_assert_eq(rows_new(1000, &f.rows), 0);
	cr_assert_eq(list_new(&f.list), 0);
	f.made->tick.by = by;
	return f;
}

static void fixture_free(struct fixture *f)
{
	rows_free(f->rows);
	list_free(f->list);
	made_up_free(f->made);
	free(f->choice.folded);
}

static void window(struct fixture *f)
{
	made_up_close(f->made, 500000, 0);
	cr_assert_eq(rows_add(f->rows, &f->made->tick), 0);
	f->made->tick.n_samples = 0;
}

/* "make  .cc1  .cc1+": a dot for each step into the tree, + where it is folded. */
static const char *listed(struct fixture *f)
{
	static struct buf text;

	buf_reset(&text);
	buf_puts(&text, "");
	cr_assert_eq(list_make(f->list, f->rows, &f->choice), 0);
	for (size_t i = 0; i < list_length(f->list); i++) {
		struct list_item item;

		list_get(f->list, i, &item);
		cr_assert_eq(list_find(f->list, item.id), i);
		buf_puts(&text, i ? " " : "");
		for (unsigned int d = 0; d < item.depth; d++)
			buf_putc(&text, '.');
		buf_append(&text, item.name, item.name_len);
		buf_puts(&text, item.is_folded ? "+" : "");
	}
	return text.data;
}

static void fold(struct fixture *f, const char *name, bool folded)
{
	struct list_item item;

	for (size_t i = 0; i < list_length(f->list); i++) {
		list_get(f->list, i, &item);
		if (item.name_len == strlen(name) && !memcmp(item.name, name, item.name_len))
			list_fold(&f->choice, item.id, folded);
	}
}

static uint64_t sum_of_lines(struct fixture *f)
{
	struct list_item item;
	uint64_t sum = 0;

	for (size_t i = 0; i < list_length(f->list); i++) {
		list_get(f->list, i, &item);
		sum += item.figures.energy_uj;
	}
	return sum;
}

Test(list, sorted_by_every_column_and_back)
{
	struct fixture f = fixture_new(RECORD_PROCESS);

	made_up_process(f.made, 30, "b", 1000);
	made_up_process(f.made, 10, "a", 900000);
	window(&f);
	made_up_process(f.made, 20, "c", 2000)->cpu_ns = 1;
	made_up_process(f.made, 30, "b", 3000);
	window(&f);
	cr_expect_str_eq(listed(&f), "b c a", "now");
	f.choice.sort = LIST_BY_ENERGY;
	cr_expect_str_eq(listed(&f), "a b c");
	f.choice.sort = LIST_BY_CO2E;
	cr_expect_str_eq(listed(&f), "a b c");
	f.choice.sort = LIST_BY_CPU;
	cr_expect_str_eq(listed(&f), "b c a");
	f.choice.sort = LIST_BY_NAME;
	cr_expect_str_eq(listed(&f), "a b c");
	f.choice.sort = LIST_BY_PID;
	cr_expect_str_eq(listed(&f), "a c b");
	f.choice.reversed = true;
	cr_expect_str_eq(listed(&f), "b c a");
	fixture_free(&f);
}

Test(list, who_had_nothing_for_a_minute_is_listed_by_what_he_had)
{
	struct fixture f = fixture_new(RECORD_PROCESS);

	made_up_process(f.made, 10, "a", 900000);
	for (int i = 0; i < ROWS_HISTORY; i++)
		window(&f);
	cr_expect_str_eq(listed(&f), "a");
	window(&f);
	cr_expect_str_eq(listed(&f), "");
	f.choice.sort = LIST_BY_ENERGY;
	cr_expect_str_eq(listed(&f), "a");
	fixture_free(&f);
}

Test(list, a_filter_is_a_part_of_the_name)
{
	struct fixture f = fixture_new(RECORD_PROCESS);

	made_up_process(f.made, 10, "Postgres", 3);
	made_up_process(f.made, 20, "nginx", 2);
	made_up_process(f.made, 30, "x", 1)->name = NULL;
	window(&f);
	strcpy(f.choice.filter, "gre");
	cr_expect_str_eq(listed(&f), "Postgres");
	strcpy(f.choice.filter, "NG");
	cr_expect_str_eq(listed(&f), "nginx");
	strcpy(f.choice.filter, "\xff");
	cr_expect_str_eq(listed(&f), "");
	fixture_free(&f);
}

static void process_of(struct fixture *f, uint32_t tgid, const char *name, uint64_t energy_uj,
		       const char *ancestors)
{
	made_up_process(f->made, tgid, name, energy_uj)->labels.ancestors = ancestors;
}

Test(list, processes_are_below_their_parents)
{
	struct fixture f = fixture_new(RECORD_PROCESS);

	f.choice.tree = true;
	process_of(&f, 30, "make", 10, "bash(20) sshd(15) systemd(1)");
	process_of(&f, 40, "cc1", 500, "gcc(35) make(30) bash(20) sshd(15) systemd(1)");
	process_of(&f, 41, "cc1", 400, "gcc(36) make(30) bash(20) sshd(15) systemd(1)");
	process_of(&f, 50, "vi", 100, "bash(20) sshd(15) systemd(1)");
	process_of(&f, 60, "nginx", 950, "systemd(1)");
	process_of(&f, 70, "kworker", 1, NULL);
	window(&f);
	/* Who has nothing himself is there if he holds several together: bash, not sshd or gcc. */
	cr_expect_str_eq(listed(&f), "bash .make ..cc1 ..cc1 .vi nginx kworker");
	cr_expect_eq(sum_of_lines(&f), 1961);
	fold(&f, "make", true);
	cr_expect_str_eq(listed(&f), "bash .make+ .vi nginx kworker");
	cr_expect_eq(sum_of_lines(&f), 1961, "folded, it has all below it");
	fold(&f, "bash", true);
	cr_expect_str_eq(listed(&f), "bash+ nginx kworker");
	cr_expect_eq(sum_of_lines(&f), 1961);
	strcpy(f.choice.filter, "vi");
	cr_expect_str_eq(listed(&f), "bash .vi", "what is looked for is not folded away");
	f.choice.filter[0] = '\0';
	fold(&f, "bash", false);
	cr_expect_str_eq(listed(&f), "bash .make+ .vi nginx kworker");
	cr_expect_eq(f.choice.n_folded, 1);
	fixture_free(&f);
}

Test(list, nobody_is_below_himself_whatever_names_say)
{
	static const char *const odd[] = { "b(20) x(99) a(10)",
					   "a(10) x(99) b(20)",
					   "x(99) x(99)",
					   "a(10)",
					   "()(10",
					   "(99999999999) b(20)",
					   "a (30) b(20) ",
					   "(10)",
					   "x(99)b(20)",
					   "",
					   NULL };
	struct random_source r = { .seed = 3 };
	struct fixture f = fixture_new(RECORD_PROCESS);

	f.choice.tree = true;
	for (int round = 0; round < 300; round++) {
		uint64_t sum = 0;

		for (uint32_t i = 1; i < 9; i++) {
			process_of(&f, 10 * i, "a", 100 * i, odd[random_below(&r, 11)]);
			sum += 100 * i;
		}
		window(&f);
		listed(&f);
		cr_assert_eq(sum_of_lines(&f), sum, "round %d", round);
	}
	fixture_free(&f);
}

static void cgroup(struct fixture *f, const char *path, uint64_t energy_uj)
{
	struct sample *s = made_up_process(f->made, 0, path, energy_uj);

	s->kind = RECORD_CGROUP;
	s->cgroup_id = f->made->tick.n_samples;
	s->cgroup = s->name;
}

Test(list, cgroups_are_below_their_paths)
{
	struct fixture f = fixture_new(RECORD_CGROUP);

	f.choice.tree = true;
	cgroup(&f, "/", 5000);
	cgroup(&f, "/system.slice/a.service", 20);
	cgroup(&f, "/system.slice/a.service/inner", 900);
	cgroup(&f, "/system.slice/b.service", 30);
	cgroup(&f, "/lonely/deep/down", 2);
	window(&f);
	cr_expect_str_eq(listed(&f), "/ /system.slice .a.service ..inner .b.service "
				     "/lonely/deep/down");
	fold(&f, "a.service", true);
	cr_expect_str_eq(listed(&f), "/ /system.slice .a.service+ .b.service /lonely/deep/down");
	cr_expect_eq(sum_of_lines(&f), 5952);
	fixture_free(&f);
}

Test(list, threads_are_below_their_process)
{
	struct fixture f = fixture_new(RECORD_THREAD);

	f.choice.tree = true;
	for (uint32_t i = 0; i < 3; i++) {
		struct sample *s = made_up_process(f.made, 10, i ? "worker" : "java", 100 - i);

		s->kind = RECORD_THREAD;
		s->pid = 10 + i;
	}
	window(&f);
	cr_expect_str_eq(listed(&f), "java .java .worker .worker");
	fixture_free(&f);
}

/* Groups have no tree: the choice waits for others that have. */
Test(list, what_has_no_tree_is_a_list)
{
	struct fixture f = fixture_new(RECORD_CONTAINER);
	struct sample *s;

	f.choice.tree = true;
	s = made_up_process(f.made, 0, "web", 100);
	s->kind = RECORD_CONTAINER;
	s->group = 1;
	window(&f);
	cr_expect_str_eq(listed(&f), "web");
	cr_expect(!list_has_tree(RECORD_CONTAINER));
	fixture_free(&f);
}
