/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * users.h - uid -> user name, by etc/passwd alone: what asks the network for names has no place in
 * a process that traces.
 */
#ifndef IDENTITY_USERS_H
#define IDENTITY_USERS_H

#include <stdint.h>

struct users;

/* root: etc/passwd below it; NULL = "/". Returns 0 or -ENOMEM. */
int users_new(const char *root, struct users **ret);
void users_free(struct users *u);

/* Reads the file again if it is another one than before. Without it nobody has a name. */
void users_refresh(struct users *u);

/* NULL = not known. Valid until the next users_refresh(). */
const char *users_name(const struct users *u, uint32_t uid);
/* The same of a uid as text. */
const char *users_name_of(const struct users *u, const char *uid);

#endif /* IDENTITY_USERS_H */
