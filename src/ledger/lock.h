/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* lock.h - one writer per ledger; readers may ask who it is without getting in its way. */
#ifndef LEDGER_LOCK_H
#define LEDGER_LOCK_H

#include <stdbool.h>

/*
 * Takes dir/lock, which then holds this process's id. The lock goes with the descriptor.
 * Returns it; -EBUSY with the holder's id in *ret_pid (0 = not known); or -errno.
 */
int lock_take(int dir, int *ret_pid);

/* Does a process hold dir/lock now? Takes nothing itself. */
bool lock_is_held(int dir);

#endif /* LEDGER_LOCK_H */
