/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* account.h - the user that a process becomes once it need not be root. */
#ifndef BASE_ACCOUNT_H
#define BASE_ACCOUNT_H

#include <stdbool.h>
#include <sys/types.h>

/* The service's own user, of tools/dist/jouletrail.sysusers. */
#define ACCOUNT_SERVICE "jouletrail"

/* Where there is no such user: nobody's numbers. */
#define ACCOUNT_NOBODY 65534

struct account {
	uid_t uid;
	gid_t gid;
	bool is_nobody; /* there is no user of the name that was asked for */
};

/* The user of that name and its group; else nobody. Returns whether there is one of that name. */
bool account_find(const char *name, struct account *ret);

#endif /* BASE_ACCOUNT_H */
