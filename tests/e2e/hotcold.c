/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * hotcold.c - a program with known functions: hot() has three times the work of cold().
 *
 *   hotcold work SECONDS      of CPU time, once a line or the end of standard input was read
 *   hotcold jit SECONDS       in code without a file, named by /tmp/perf-PID.map
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define WORK 200000

static volatile uint64_t sink;

static __attribute__((noinline)) void hot(void)
{
	for (int i = 0; i < 3 * WORK; i++)
		sink += 3;
}

static __attribute__((noinline)) void cold(void)
{
	for (int i = 0; i < WORK; i++)
		sink += 7;
}

static int is_over(double seconds)
{
	return (double)clock() >= seconds * CLOCKS_PER_SEC;
}

static __attribute__((noinline)) void work(double seconds)
{
	while (!is_over(seconds)) {
		hot();
		cold();
	}
}

/* To be copied: it must not depend on where it lies. */
static __attribute__((noinline)) uint64_t copied(uint64_t n)
{
	volatile uint64_t sum = 0;

	while (n--)
		sum += n;
	return sum;
}

static int jit(double seconds)
{
	uint64_t (*code)(uint64_t);
	char path[64];
	FILE *f;
	void *at = aligned_alloc(4096, 4096);

	if (!at || mprotect(at, 4096, PROT_READ | PROT_WRITE | PROT_EXEC))
		return 1;
	memcpy(at, (const void *)(uintptr_t)copied, 512);
	__builtin___clear_cache((char *)at, (char *)at + 512);
	snprintf(path, sizeof(path), "/tmp/perf-%d.map", (int)getpid());
	f = fopen(path, "w");
	if (!f)
		return 1;
	fprintf(f, "%llx 200 LJit;::<made>&\n", (unsigned long long)(uintptr_t)at);
	fclose(f);
	memcpy(&code, &at, sizeof(code));
	while (!is_over(seconds))
		code(WORK);
	/* The map stays for who looks at the end. */
	return 0;
}

int main(int argc, char **argv)
{
	char line[16];

	if (argc != 3)
		return 2;
	prctl(PR_SET_NAME, "<hot>&;cold");
	if (strcmp(argv[1], "jit") == 0)
		return jit(atof(argv[2]));
	if (!fgets(line, sizeof(line), stdin) && ferror(stdin))
		return 1;
	work(atof(argv[2]));
	return 0;
}
