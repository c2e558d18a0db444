/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * priv.h - what a daemon keeps of root's power once everything is open: nothing. docs/security.md.
 *
 *	priv_begin()	first: what nothing here needs can not be had any more
 *	priv_drop()	everything is open: another user, no capability, a filter of system calls
 */
#ifndef DAEMON_PRIV_H
#define DAEMON_PRIV_H

#include <stdbool.h>

#include "base/account.h"
#include "base/why.h"

/*
 * user  by name; NULL = ACCOUNT_SERVICE, and nobody, said by priv_drop(), where there is none
 *
 * Nothing that is executed from here on has a capability: fork what starts programs before.
 * Returns 0 (*ret is whom priv_drop() becomes: who runs this, where that is not root) or -EINVAL
 * with why for a user that was named and is none, or is root.
 */
int priv_begin(const char *user, struct account *ret, struct why *why);

/*
 * works  whether the kernel side can be asked without CAP_BPF; called without it. Before 5.19 it
 *        can not where unprivileged_bpf_disabled is set: CAP_BPF alone is kept then, and it is said
 *
 * For the whole process; its urgent thread is to be started later. Returns 0 or -errno with why.
 */
int priv_drop(const struct account *to, bool (*works)(void *arg), void *arg, struct why *why);

#endif /* DAEMON_PRIV_H */
