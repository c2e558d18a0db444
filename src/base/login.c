/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* login.c - see login.h. */
#include "base/login.h"

#include <pwd.h>
#include <stddef.h>

bool login_find(const char *name, struct login *ret)
{
	struct passwd user, *found = NULL;
	char text[4096];

	*ret = (struct login){ LOGIN_NOBODY, LOGIN_NOBODY, true };
	if (getpwnam_r(name, &user, text, sizeof(text), &found) || !found)
		return false;
	*ret = (struct login){ found->pw_uid, found->pw_gid, false };
	return true;
}
