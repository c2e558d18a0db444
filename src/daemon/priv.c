/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* priv.c - see priv.h. */
#include "daemon/priv.h"

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <unistd.h>

#include "base/caps.h"
#include "base/log.h"
#include "daemon/filter.h"

#define BPF (1ULL << CAP_BPF)

int priv_begin(const char *user, struct account *ret, struct why *why)
{
	bool found = account_find(user ? user : ACCOUNT_SERVICE, ret);

	if (user && (!found || ret->uid == 0))
		return why_set(why, -EINVAL, "--user %s: %s", user,
			       found ? "that is root: the daemon gives it up" : "no such user");
	if (geteuid() != 0)
		*ret = (struct account){ geteuid(), getegid(), false };
	caps_bound(0);
	return 0;
}

/* Whether it works with nothing effective. */
static bool works_without(bool (*works)(void *arg), void *arg)
{
	bool ok = caps_use(0) == 0 && works(arg);

	caps_use(BPF);
	return ok;
}

int priv_drop(const struct account *to, bool (*works)(void *arg), void *arg, struct why *why)
{
	uint64_t keep = caps_permitted() & BPF;
	int err = caps_become(to->uid, to->gid, keep);

	if (!err && works_without(works, arg))
		keep = 0;
	if (!err)
		err = caps_keep(keep);
	if (err)
		return why_set(why, err, "cannot give up privileges: %s", strerror(-err));
	if (keep)
		log_warning("this kernel asks for CAP_BPF where its own programs are asked what "
			    "they count (before 5.19, with unprivileged_bpf_disabled): it is kept");
	if (to->is_nobody)
		log_info("there is no user %s: the daemon goes on as user %u", ACCOUNT_SERVICE,
			 (unsigned int)to->uid);
	err = filter_daemon();
	return err ? why_set(why, err, "seccomp: %s", strerror(-err)) : 0;
}
