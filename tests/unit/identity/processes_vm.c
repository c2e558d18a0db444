/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* processes_vm.c - which process is a virtual machine, and which works for one? */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/processes.h"
#include "jouletrail/units.h"
#include "unit/identity/told.h"

DEFINE_CLEANUP(struct processes *, processes_free)

#define TICK_NS (10 * JT_NS_PER_MS)

static void execute(struct processes *p, uint32_t tgid, uint64_t start)
{
	HEAR(p, JT_NAME_EXEC, tgid, start, "/usr/bin/qemu-system-x86_64");
	HEAR(p, JT_NAME_CMDLINE, tgid, start, "qemu-system-x86_64\0-name\0guest=web\0");
}

static void expect_vm(const struct process *vm, uint32_t tgid, const char *name)
{
	cr_assert(vm != NULL && vm->vm != NULL);
	cr_expect(eq(u32, vm->tgid, tgid));
	cr_expect_str_eq(vm->vm->name, name);
}

/* Told by the kernel side alone: it may be gone by now. */
Test(processes_vm, one_that_is_gone_has_its_name)
{
	CLEANUP(processes_free_ptr) struct processes *p = NULL;

	cr_assert(eq(int, 0, processes_new("/nonexistent", false, false, &p)));
	processes_begin(p);
	see(p, 20, 200, 1, "qemu-system-x86");
	execute(p, 20, 200);
	expect_vm(processes_vm(p, 20, 200, 0), 20, "web");
	/* Its command line was not asked for, and is not kept. */
	cr_expect(eq(ptr, processes_get(p, 20, 200)->cmdline, NULL));
	/* Of one whose arguments were not told it is known what it is. */
	see(p, 21, 210, 1, "kvm");
	HEAR(p, JT_NAME_EXEC, 21, 210, "/usr/bin/kvm");
	expect_vm(processes_vm(p, 21, 210, 0), 21, "");
	/* And of one that it executes as another program. */
	HEAR(p, JT_NAME_EXEC, 20, 200, "/bin/sh");
	cr_expect(eq(ptr, (void *)processes_vm(p, 20, 200, 0), NULL));
	see(p, 22, 220, 1, "sh");
	cr_expect(eq(ptr, (void *)processes_vm(p, 22, 220, 0), NULL));
}

/* -daemonize: the parent that called exec ends, its fork is the machine. */
Test(processes_vm, a_fork_is_its_parents)
{
	CLEANUP(processes_free_ptr) struct processes *p = NULL;

	cr_assert(eq(int, 0, processes_new("/nonexistent", false, false, &p)));
	processes_begin(p);
	see(p, 20, 200, 1, "qemu-system-x86");
	execute(p, 20, 200);
	cr_assert(processes_vm(p, 20, 200, 0) != NULL);
	see(p, 30, 300, 20, "qemu-system-x86");
	expect_vm(processes_vm(p, 30, 300, 0), 20, "web");
	/* What it starts is not. */
	see(p, 31, 310, 20, "qemu-system-x86");
	HEAR(p, JT_NAME_EXEC, 31, 310, "/etc/qemu-ifup");
	cr_expect(eq(ptr, (void *)processes_vm(p, 31, 310, 0), NULL));
}

struct proc {
	char root[64];
};

static void put(const struct proc *d, const char *text, size_t len, const char *fmt, ...)
{
	char path[128], full[256];
	va_list ap;
	FILE *f;

	va_start(ap, fmt);
	vsnprintf(path, sizeof(path), fmt, ap);
	va_end(ap);
	snprintf(full, sizeof(full), "%s/proc/%s", d->root, path);
	*strrchr(full, '/') = '\0';
	mkdir(full, 0755);
	full[strlen(full)] = '/';
	f = fopen(full, "w");
	cr_assert(f != NULL, "%s", full);
	cr_assert(eq(sz, len, fwrite(text, 1, len, f)));
	fclose(f);
}

/* proc/TGID of a process that runs exe, started at tick. */
static void put_process(const struct proc *d, uint32_t tgid, const char *exe, const char *args,
			size_t len)
{
	char text[256], full[256];

	snprintf(text, sizeof(text), "%u (x) S 1 1 1 0 -1 0 1 2 3 4 5 6 7 8 20 0 1 0 %u 99\n", tgid,
		 tgid);
	put(d, text, strlen(text), "%u/stat", tgid);
	snprintf(text, sizeof(text), "Name:\tx\nTgid:\t%u\nPid:\t%u\nGid:\t0\t64055\t0\t0\n", tgid,
		 tgid);
	put(d, text, strlen(text), "%u/status", tgid);
	put(d, args, len, "%u/cmdline", tgid);
	snprintf(full, sizeof(full), "%s/proc/%u/exe", d->root, tgid);
	cr_assert(eq(int, 0, symlink(exe, full)));
}

static void setup_proc(struct proc *d)
{
	char full[128];

	strcpy(d->root, "/tmp/jouletrail-unit-XXXXXX");
	cr_assert(mkdtemp(d->root) != NULL);
	snprintf(full, sizeof(full), "%s/proc", d->root);
	cr_assert(eq(int, 0, mkdir(full, 0755)));
}

static void remove_proc(const struct proc *d)
{
	char cmd[128];

	snprintf(cmd, sizeof(cmd), "rm -rf %s", d->root);
	cr_expect(eq(int, 0, system(cmd)));
}

/* A machine that ran before anybody listened: libvirt's, whose vhost is of a thread of it. */
Test(processes_vm, proc_knows_who_lives)
{
	CLEANUP(processes_free_ptr) struct processes *p = NULL;
	static const char args[] = "/usr/bin/qemu-system-x86_64\0-name\0guest=db,debug-threads=on";
	static const char thread[] = "Name:\tCPU 0/KVM\nTgid:\t50\nPid:\t51\n";
	struct proc d;
	uint32_t gid = 0;

	setup_proc(&d);
	put_process(&d, 50, "/usr/bin/qemu-system-x86_64 (deleted)", args, sizeof(args));
	put_process(&d, 60, "/usr/bin/bash", "bash", 5);
	/* a thread of 50 that set vhost up */
	put(&d, thread, sizeof(thread) - 1, "51/status");
	cr_assert(eq(int, 0, processes_new(d.root, false, false, &p)));
	processes_begin(p);

	see(p, 70, 700, 2, "vhost-51");
	see(p, 71, 710, 2, "vhost-99");
	see(p, 50, 50 * TICK_NS + 5, 1, "CPU 0/KVM");
	see(p, 60, 60 * TICK_NS + 5, 1, "bash");
	/* The worker comes first: whom it works for is looked at with it. */
	expect_vm(processes_vm(p, 70, 700, JT_CELL_KTHREAD), 50, "db");
	expect_vm(processes_vm(p, 50, 50 * TICK_NS + 5, 0), 50, "db");
	cr_expect(eq(ptr, (void *)processes_vm(p, 71, 710, JT_CELL_KTHREAD), NULL));
	cr_expect(eq(ptr, (void *)processes_vm(p, 60, 60 * TICK_NS + 5, 0), NULL));

	cr_expect(processes_is_alive(p, 50, 50 * TICK_NS + 5));
	cr_expect(not(processes_is_alive(p, 50, 51 * TICK_NS + 5)));
	cr_expect(not(processes_is_alive(p, 80, 80)));
	cr_expect(eq(int, 0, processes_gid(p, 50, &gid)));
	cr_expect(eq(u32, gid, 64055));
	cr_expect(ne(int, 0, processes_gid(p, 80, &gid)));
	remove_proc(&d);
}
