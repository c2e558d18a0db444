/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* account.c - see account.h. */
#include "base/account.h"

#include <pwd.h>
#include <stddef.h>

bool account_find(const char *name, struct account *ret)
{
	struct passwd user, *found = NULL;
	char text[4096];

	*ret = (struct account){ ACCOUNT_NOBODY, ACCOUNT_NOBODY, true };
	if (getpwnam_r(name, &user, text, sizeof(text), &found) || !found)
		return false;
	*ret = (struct account){ found->pw_uid, found->pw_gid, false };
	return true;
}
