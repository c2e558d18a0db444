/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* guarded.h - bytes right before a page that must not be read: who reads beyond them dies. */
#ifndef TESTS_UNIT_LEDGER_GUARDED_H
#define TESTS_UNIT_LEDGER_GUARDED_H

#include <criterion/criterion.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARDED_MAX 4096

/* The end of GUARDED_MAX bytes that may be written; static, made at the first call. */
static inline char *guarded_end(void)
{
	static char *from;
	long page = sysconf(_SC_PAGESIZE);
	size_t len = (GUARDED_MAX + (size_t)page - 1) / (size_t)page * (size_t)page;

	if (!from) {
		from = mmap(NULL, len + (size_t)page, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		cr_assert(from != MAP_FAILED);
		cr_assert(mprotect(from + len, (size_t)page, PROT_NONE) == 0);
	}
	return from + len;
}

/* A copy of data that ends there. */
static inline char *guarded(const void *data, size_t len)
{
	cr_assert(len <= GUARDED_MAX);
	return memcpy(guarded_end() - len, data, len);
}

#endif /* TESTS_UNIT_LEDGER_GUARDED_H */
