/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* irq.c - see irq.h. */
#include "daemon/irq.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/units.h"

/* Fields of the line "cpu" of /proc/stat, from 0 (proc(5)). */
#define STEAL_FIELD 7

struct irq {
	int fd;		   /* of /proc/stat */
	uint64_t tick_ns;  /* its unit */
	uint64_t steal_ns; /* as of the last window */
	/* Interrupts so far less what rows have had; below 0, steal that was excluded earlier. */
	int64_t due_ns;
};

DEFINE_CLEANUP(struct irq *, irq_free)

void irq_free(struct irq *i)
{
	if (!i)
		return;
	cleanup_close(&i->fd);
	free(i);
}

static int read_steal(const struct irq *i, uint64_t *ret_ns)
{
	char text[256], *at = text, *end;
	/* The first line alone. */
	ssize_t n = pread(i->fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (strncmp(at, "cpu ", strlen("cpu ")) != 0)
		return -EBADMSG;
	at += strlen("cpu ");
	for (int field = 0; field < STEAL_FIELD; field++) {
		strtoull(at, &end, 10);
		if (end == at)
			return -EBADMSG;
		at = end;
	}
	*ret_ns = strtoull(at, &end, 10) * i->tick_ns;
	return end == at ? -EBADMSG : 0;
}

int irq_new(const char *root, struct irq **ret)
{
	CLEANUP(irq_free_ptr) struct irq *i = calloc(1, sizeof(*i));
	char path[FS_PATH_LEN];
	long ticks = sysconf(_SC_CLK_TCK);
	int err;

	if (!i)
		return -ENOMEM;
	i->tick_ns = JT_NS_PER_S / (uint64_t)(ticks > 0 ? ticks : 100);
	snprintf(path, sizeof(path), "%s/proc/stat", root ? root : "");
	i->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (i->fd < 0)
		return -errno;
	err = read_steal(i, &i->steal_ns);
	if (err)
		return err;
	*ret = TAKE_PTR(i);
	return 0;
}

bool irq_row(struct irq *i, const struct usage *u, struct usage_row *ret)
{
	uint64_t steal_ns = i->steal_ns, excluded_ns = u->books.excluded_ns;
	uint64_t have_ns, left_ns;

	/* Unreadable once: the next reading has it. */
	if (!read_steal(i, &steal_ns) && steal_ns > i->steal_ns)
		i->due_ns -= (int64_t)(steal_ns - i->steal_ns);
	i->steal_ns = steal_ns;
	i->due_ns += (int64_t)excluded_ns;
	if (i->due_ns <= 0 || excluded_ns == 0)
		return false;
	have_ns = (uint64_t)i->due_ns < excluded_ns ? (uint64_t)i->due_ns : excluded_ns;
	i->due_ns -= (int64_t)have_ns;

	*ret = (struct usage_row){ .flags = USAGE_ROW_IRQ, .comm = "irq", .total_ns = have_ns };
	left_ns = have_ns;
	for (unsigned int p = 0; p < u->n_packages; p++) {
		ret->cpu_ns[p] =
			(uint64_t)((jt_product)have_ns * u->package[p].excluded_ns / excluded_ns);
		if (ret->cpu_ns[p] > left_ns)
			ret->cpu_ns[p] = left_ns;
		left_ns -= ret->cpu_ns[p];
	}
	/* Rounding. */
	ret->cpu_ns[0] += left_ns;
	return have_ns > 0;
}
