/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* login.h - the user that a process becomes once it need not be root. */
#ifndef BASE_LOGIN_H
#define BASE_LOGIN_H

#include <stdbool.h>
#include <sys/types.h>

/* The service's own user, of tools/dist/jouletrail.sysusers. */
#define LOGIN_SERVICE "jouletrail"

/* Where there is no such user: nobody's numbers. */
#define LOGIN_NOBODY 65534

struct login {
	uid_t uid;
	gid_t gid;
	bool is_nobody; /* there is no user of the name that was asked for */
};

/* The user of that name and its group; else nobody. Returns whether there is one of that name. */
bool login_find(const char *name, struct login *ret);

#endif /* BASE_LOGIN_H */
