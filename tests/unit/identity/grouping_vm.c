/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* grouping_vm.c - does each row go to its virtual machine, by its cgroup or its process? */
#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/identity.h"
#include "identity/parts.h"
#include "jouletrail/names.h"

DEFINE_CLEANUP(struct identity *, identity_free)

#define SCOPE "machine.slice/machine-qemu\\x2d1\\x2dweb.scope"

static uint64_t make(const char *root, const char *path)
{
	char full[256];
	struct stat st;

	snprintf(full, sizeof(full), "%s/%s", root, path);
	cr_assert(eq(int, 0, mkdir(full, 0755)), "%s", full);
	cr_assert(eq(int, 0, stat(full, &st)));
	return st.st_ino;
}

struct fixture {
	char root[64];
	struct identity *id;
	uint64_t scope_id; /* of libvirt's machine "web" */
	uint64_t vcpu_id;  /* below it */
	uint64_t other_id; /* of no machine */
	struct usage_row row[8];
	struct usage u;
};

static void setup(struct fixture *f, enum record_kind by)
{
	static const char *const dirs[] = { "proc", "sys", "sys/fs", "sys/fs/cgroup",
					    "sys/fs/cgroup/machine.slice" };
	struct identity_options o = { .by = by, .vms = true };
	char full[128];
	FILE *file;

	memset(f, 0, sizeof(*f));
	strcpy(f->root, "/tmp/jouletrail-unit-XXXXXX");
	cr_assert(mkdtemp(f->root) != NULL);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		make(f->root, dirs[i]);
	snprintf(full, sizeof(full), "%s/sys/fs/cgroup/cgroup.controllers", f->root);
	file = fopen(full, "w");
	cr_assert(file != NULL);
	fclose(file);
	f->scope_id = make(f->root, "sys/fs/cgroup/" SCOPE);
	f->vcpu_id = make(f->root, "sys/fs/cgroup/" SCOPE "/vcpu0");
	f->other_id = make(f->root, "sys/fs/cgroup/user");
	o.root = f->root;
	cr_assert(eq(int, 0, identity_new(&o, &f->id)));
	f->u = (struct usage){ .rows = f->row };
}

static void teardown(struct fixture *f)
{
	char cmd[128];

	identity_free(f->id);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", f->root);
	cr_expect(eq(int, 0, system(cmd)));
}

static void add(struct fixture *f, struct usage_row row, const char *comm)
{
	memcpy(row.comm, comm, strlen(comm));
	row.pid = row.tgid;
	f->row[f->u.n_rows++] = row;
}

/* As the kernel side tells it, which a tree elsewhere has none of. */
static void execute(struct fixture *f, uint32_t tgid, uint64_t start, const char *args, size_t len)
{
	static const char exe[] = "/usr/bin/qemu-system-x86_64";
	struct jt_name n = {
		.id = start, .kind = JT_NAME_EXEC, .tgid = tgid, .len = sizeof(exe) - 1
	};

	processes_hear(f->id->processes, &n, exe);
	n.kind = JT_NAME_CMDLINE;
	n.len = (uint32_t)len;
	processes_hear(f->id->processes, &n, args);
}

#define EXECUTE(f, tgid, start, args) execute(f, tgid, start, args, sizeof(args))

static void expect(struct fixture *f, uint64_t number, const char *want_id, const char *key,
		   bool by_system)
{
	struct identity_vm vm;

	cr_assert(identity_vm_get(f->id, number, &vm));
	cr_expect_str_eq(vm.id, want_id);
	if (key)
		cr_expect_str_eq(vm.key, key);
	cr_expect(eq(int, vm.by_system, by_system));
}

Test(grouping_vm, by_cgroup_then_by_process)
{
	struct fixture f;
	uint64_t web, dev;

	setup(&f, RECORD_CGROUP);
	add(&f, (struct usage_row){ .tgid = 10, .start_boottime_ns = 100, .cgroup_id = f.vcpu_id },
	    "CPU 0/KVM");
	add(&f,
	    (struct usage_row){ .tgid = 11,
				.start_boottime_ns = 110,
				.cgroup_id = f.scope_id,
				.flags = JT_CELL_KTHREAD },
	    "vhost-10");
	add(&f, (struct usage_row){ .tgid = 12, .start_boottime_ns = 120, .cgroup_id = f.scope_id },
	    "swtpm");
	add(&f,
	    (struct usage_row){
		    .tgid = 20, .start_boottime_ns = 200, .cgroup_id = f.other_id, .uid = 1000 },
	    "qemu-system-x86");
	add(&f, (struct usage_row){ .tgid = 30, .start_boottime_ns = 300, .cgroup_id = f.other_id },
	    "bash");
	add(&f, (struct usage_row){ .flags = JT_CELL_OVERFLOW }, "");
	EXECUTE(&f, 10, 100, "qemu-system-x86_64\0-name\0guest=web.example.org");
	EXECUTE(&f, 20, 200, "qemu-system-x86_64\0-name\0web");
	cr_assert(eq(int, 0, identity_group(f.id, &f.u)));

	web = identity_vm(f.id, &f.row[0]);
	expect(&f, web, "web", "/" SCOPE, true);
	cr_expect(eq(u64, identity_vm(f.id, &f.row[1]), web));
	cr_expect(eq(u64, identity_vm(f.id, &f.row[2]), web));
	/* One of the same name is another one. */
	dev = identity_vm(f.id, &f.row[3]);
	expect(&f, dev, "web", "20 200", false);
	cr_expect(ne(u64, dev, web));
	cr_expect(eq(u64, identity_vm(f.id, &f.row[4]), 0));
	cr_expect(eq(u64, identity_vm(f.id, &f.row[5]), 0));
	teardown(&f);
}

/* --by vm: what the samples are called. */
Test(grouping_vm, names)
{
	struct fixture f;
	struct tick *t = calloc(1, sizeof(*t));
	struct sample s[5] = { { .kind = RECORD_VM } };

	cr_assert(t != NULL);
	setup(&f, RECORD_VM);
	add(&f, (struct usage_row){ .tgid = 10, .start_boottime_ns = 100, .cgroup_id = f.vcpu_id },
	    "CPU 0/KVM");
	add(&f, (struct usage_row){ .tgid = 20, .start_boottime_ns = 200, .cgroup_id = f.other_id },
	    "qemu-system-x86");
	add(&f, (struct usage_row){ .tgid = 21, .start_boottime_ns = 210, .cgroup_id = f.other_id },
	    "kvm");
	add(&f, (struct usage_row){ .tgid = 30, .start_boottime_ns = 300, .cgroup_id = f.other_id },
	    "bash");
	add(&f,
	    (struct usage_row){ .tgid = 2,
				.start_boottime_ns = 1,
				.cgroup_id = f.other_id,
				.flags = JT_CELL_KTHREAD },
	    "kthreadd");
	EXECUTE(&f, 10, 100, "qemu-system-x86_64\0-name\0guest=web.example.org");
	EXECUTE(&f, 20, 200,
		"qemu-system-x86_64\0-uuid\0"
		"0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
	EXECUTE(&f, 21, 210,
		"kvm\0-m\0"
		"1G");
	cr_assert(eq(int, 0, identity_group(f.id, &f.u)));
	for (size_t i = 0; i < 5; i++)
		s[i] = (struct sample){ .kind = RECORD_VM, .group = f.row[i].group };
	t->sample = s;
	t->n_samples = 5;
	cr_assert(eq(int, 0, identity_run(f.id, t)));

	cr_expect_str_eq(s[0].id, "web");
	cr_expect_str_eq(s[0].name, "web.example.org");
	cr_expect_str_eq(s[0].cgroup, "/" SCOPE);
	cr_expect_str_eq(s[0].labels.runtime, "libvirt");
	cr_expect_str_eq(s[1].id, "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9");
	cr_expect_str_eq(s[1].name, s[1].id);
	cr_expect(eq(ptr, (void *)s[1].cgroup, NULL));
	cr_expect_str_eq(s[1].labels.runtime, "qemu");
	cr_expect_str_eq(s[2].id, "pid-21");
	cr_expect(eq(ptr, (void *)s[3].id, NULL));
	cr_expect_str_eq(s[3].name, "(none)");
	cr_expect_str_eq(s[4].name, "(kernel)");
	teardown(&f);
	free(t);
}
