/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* caps.c - see caps.h. By the kernel's own calls: libcap would be a library for three of them. */
#include "base/caps.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

struct sets {
	struct __user_cap_header_struct head;
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
};

static int get(struct sets *s)
{
	*s = (struct sets){ .head = { .version = _LINUX_CAPABILITY_VERSION_3 } };
	return syscall(SYS_capget, &s->head, s->data) < 0 ? -errno : 0;
}

uint64_t caps_permitted(void)
{
	struct sets s;

	if (get(&s))
		return 0;
	return s.data[0].permitted | (uint64_t)s.data[1].permitted << 32;
}

void caps_bound(uint64_t keep)
{
	for (int cap = 0; prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0; cap++)
		if (!(keep >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

int caps_keep(uint64_t keep)
{
	struct sets s;
	int err;

	caps_bound(keep);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	err = get(&s);
	if (err)
		return err;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
		s.data[i].permitted &= (uint32_t)(keep >> 32 * i);
		s.data[i].effective = s.data[i].permitted;
		s.data[i].inheritable = 0;
	}
	return syscall(SYS_capset, &s.head, s.data) < 0 ? -errno : 0;
}

int caps_use(uint64_t set)
{
	struct sets s;
	int err = get(&s);

	if (err)
		return err;
	for (int i = 0; i < _LINUX_CAPABILITY_U32S_3; i++)
		s.data[i].effective = s.data[i].permitted & (uint32_t)(set >> 32 * i);
	return syscall(SYS_capset, &s.head, s.data) < 0 ? -errno : 0;
}

int caps_become(uid_t uid, gid_t gid, uint64_t keep)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return -errno;
	if (geteuid() == 0) {
		caps_bound(keep);
		if (prctl(PR_SET_KEEPCAPS, keep != 0, 0, 0, 0) < 0 || setgroups(0, NULL) < 0 ||
		    setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
			return -errno;
		prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
	}
	return caps_keep(keep);
}
