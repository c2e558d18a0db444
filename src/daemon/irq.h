/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* irq.h - interrupts as a consumer of each window, where the kernel takes them out of tasks. */
#ifndef DAEMON_IRQ_H
#define DAEMON_IRQ_H

#include <stdbool.h>

#include "types/usage.h"

struct irq;

/* /proc/stat is read below root; NULL = "/". Returns 0, -ENOMEM, or the file's -errno. */
int irq_new(const char *root, struct irq **ret);
void irq_free(struct irq *i);

/*
 * The row of u's window, USAGE_ROW_IRQ: what the books say was excluded, less what a hypervisor
 * stole, of which /proc/stat tells in steps of a tick; what a window gave too much or too little
 * for that, the next ones make up for. Cycles were counted in the tasks that were interrupted, so
 * that it has none.
 *
 * Returns whether there is one: no interrupts, or a kernel that leaves them in the tasks
 * (CONFIG_IRQ_TIME_ACCOUNTING), are none.
 */
bool irq_row(struct irq *i, const struct usage *u, struct usage_row *ret);

#endif /* DAEMON_IRQ_H */
