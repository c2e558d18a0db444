/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cleanup.h - owning locals: released at the end of their scope unless taken. */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define CLEANUP(f) __attribute__((cleanup(f)))

/* Hands an owned pointer out of its scope: the local becomes NULL. */
#define TAKE_PTR(p)                         \
	(__extension__({                    \
		__typeof__(p) taken_ = (p); \
		(p) = NULL;                 \
		taken_;                     \
	}))

/* Hands an owned descriptor out of its scope: the local becomes -1. */
#define TAKE_FD(fd)                \
	(__extension__({           \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	}))

/* Defines f_ptr(T *p) for CLEANUP(f_ptr) out of f(T). */
#define DEFINE_CLEANUP(type, f)             \
	static inline void f##_ptr(type *p) \
	{                                   \
		if (*p)                     \
			f(*p);              \
	}

/* void * in, so that any pointer's address may be passed. */
static inline void cleanup_free(void *p)
{
	free(*(void **)p);
}

static inline void cleanup_close(const int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

DEFINE_CLEANUP(FILE *, fclose)
DEFINE_CLEANUP(DIR *, closedir)

#endif /* BASE_CLEANUP_H */
