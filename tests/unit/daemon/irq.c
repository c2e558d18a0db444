/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* irq.c - is what was excluded given to interrupts, and never what a hypervisor stole? */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/irq.h"
#include "jouletrail/units.h"

static char root[] = "/tmp/jt-irq-XXXXXX";
static struct irq *i;
static struct usage_row row;
static struct usage u;
static uint64_t tick_ns;

static void put(const char *text)
{
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/proc/stat", root);
	f = fopen(path, "we");
	cr_assert(f && fputs(text, f) >= 0 && !fclose(f), "%s", path);
}

static void steal(unsigned int ticks)
{
	char text[128];

	snprintf(text, sizeof(text), "cpu  1 2 3 4 5 6 7 %u 0 0\ncpu0 1 2 3 4 5 6 7 9 0 0\n",
		 ticks);
	put(text);
}

static void setup(void)
{
	char path[64];

	cr_assert(mkdtemp(root) != NULL);
	snprintf(path, sizeof(path), "%s/proc", root);
	cr_assert(!mkdir(path, 0755));
	steal(100);
	tick_ns = JT_NS_PER_S / (uint64_t)sysconf(_SC_CLK_TCK);
	cr_assert_eq(irq_new(root, &i), 0);
	u = (struct usage){ .n_packages = 2, .n_cpus = 4 };
}

static void teardown(void)
{
	char path[64];

	irq_free(i);
	snprintf(path, sizeof(path), "%s/proc/stat", root);
	unlink(path);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	rmdir(root);
}

TestSuite(irq, .init = setup, .fini = teardown);

/* excluded on both packages. */
static bool window(uint64_t first_ns, uint64_t second_ns)
{
	u.package[0].excluded_ns = first_ns;
	u.package[1].excluded_ns = second_ns;
	u.books.excluded_ns = first_ns + second_ns;
	row = (struct usage_row){ 0 };
	return irq_row(i, &u, &row);
}

Test(irq, without_a_hypervisor_it_is_all_of_it)
{
	cr_assert(window(3000, 1000));
	cr_expect_eq(row.total_ns, 4000);
	cr_expect_eq(row.cpu_ns[0], 3000);
	cr_expect_eq(row.cpu_ns[1], 1000);
	cr_expect_eq(row.flags, USAGE_ROW_IRQ);
	cr_expect_str_eq(row.comm, "irq");
	cr_assert_not(window(0, 0), "nothing is no row");
}

Test(irq, what_was_stolen_is_not)
{
	steal(102);
	cr_assert(window(3 * tick_ns, 0));
	cr_expect_eq(row.total_ns, tick_ns);
}

/* The step of /proc/stat comes later than the time that was stolen. */
Test(irq, what_was_given_too_much_is_made_up_for)
{
	uint64_t sum_ns = 0;

	for (unsigned int k = 1; k <= 100; k++) {
		steal(100 + k / 10);
		if (window(tick_ns / 10 + 1000, 0))
			sum_ns += row.total_ns;
	}
	cr_expect(sum_ns >= 100 * 1000 && sum_ns <= 100 * 1000 + tick_ns, "%lu", sum_ns);
}

Test(irq, what_cannot_be_read_is_no_steal)
{
	struct irq *other = NULL;

	put("");
	cr_assert(window(1000, 0));
	put("cpu  1 2 x\n");
	cr_assert(window(1000, 0));
	cr_assert_eq(irq_new(root, &other), -EBADMSG);
	cr_assert_eq(irq_new("/nowhere", &other), -ENOENT);
	cr_assert_null(other);
	irq_free(NULL);
}
