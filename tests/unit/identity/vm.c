/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* vm.c - are virtual machines known by what runs them, and named as their command lines say? */
#include "identity/vm.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <stdlib.h>
#include <string.h>

#include "unit/random.h"

Test(vm, programs)
{
	static const char *const are[] = {
		"/usr/bin/qemu-system-x86_64",
		"/usr/bin/qemu-system-aarch64 (deleted)",
		"/usr/libexec/qemu-kvm",
		"/usr/bin/kvm",
		"kvm",
		"/nix/store/0a1b-qemu-8.1/bin/qemu-system-riscv64",
		"/snap/qemu/1/bin/qemu-system-x86_64-spice",
	};
	static const char *const are_not[] = {
		"",
		"/",
		"/usr/bin/qemu-x86_64-static",
		"/usr/bin/qemu-img",
		"/usr/bin/qemu-system-",
		"kvmtool",
		"/usr/bin/kvm-ok",
		"/kvm/bash",
		" (deleted)",
		"/usr/bin/qemu-system",
	};

	for (size_t i = 0; i < sizeof(are) / sizeof(are[0]); i++)
		cr_expect(vm_is_monitor(are[i]), "%s", are[i]);
	for (size_t i = 0; i < sizeof(are_not) / sizeof(are_not[0]); i++)
		cr_expect(not(vm_is_monitor(are_not[i])), "%s", are_not[i]);
}

struct given {
	const char *args;
	size_t len;
	const char *name;
	const char *uuid;
};

#define ARGS(text, ...)                           \
	{                                         \
		(text), sizeof(text), __VA_ARGS__ \
	}

/* As libvirt, Proxmox and people start it. */
static const struct given given[] = {
	ARGS("/usr/bin/qemu-system-x86_64\0-name\0guest=debian12,debug-threads=on\0-S\0-object\0"
	     "{\"qom-type\":\"secret\",\"id\":\"masterKey0\"}\0-machine\0pc-q35-7.2,usb=off\0"
	     "-uuid\0"
	     "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9",
	     "debian12", "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"),
	ARGS("/usr/bin/kvm\0-id\0"
	     "100\0-name\0web.example.org,debug-threads=on\0-no-shutdown",
	     "web.example.org", ""),
	ARGS("qemu-system-x86_64\0--name\0dev\0-m\0"
	     "1G",
	     "dev", ""),
	ARGS("qemu-system-x86_64\0-name\0debug-threads=on,guest=a,,b\0", "a,b", ""),
	ARGS("qemu-system-x86_64\0-name\0a,,b,process=x", "a,b", ""),
	ARGS("qemu-system-x86_64\0-name\0one\0-name\0guest=two", "two", ""),
	ARGS("qemu-system-x86_64\0-name\0one\0-name\0debug-threads=on", "one", ""),
	ARGS("qemu-system-x86_64\0-name\0debug-threads=on", "", ""),
	ARGS("qemu-system-x86_64\0-name\0guest=", "", ""),
	ARGS("qemu-system-x86_64\0-name\0", "", ""),
	ARGS("qemu-system-x86_64\0-m\0"
	     "1G",
	     "", ""),
	ARGS("qemu-system-x86_64\0-name\0../\"\n\xff", "../\"\n\xff", ""),
	ARGS("qemu-system-x86_64\0-name\0,,,", ",", ""),
	{ "qemu\0-name\0guest=cut off here", 15, "", "" },
	{ "", 0, "", "" },
};

Test(vm, command_lines)
{
	for (size_t i = 0; i < sizeof(given) / sizeof(given[0]); i++) {
		struct vm_name name;

		vm_parse_arguments(given[i].args, given[i].len, &name);
		cr_expect_str_eq(name.name, given[i].name, "%zu: %s", i, name.name);
		cr_expect_str_eq(name.uuid, given[i].uuid, "%zu: %s", i, name.uuid);
	}
}

Test(vm, a_name_longer_than_a_folders_is_cut)
{
	char args[1024] = "qemu\0-name\0guest=";
	struct vm_name name;

	memset(args + 17, 'x', 500);
	vm_parse_arguments(args, 518, &name);
	cr_expect(eq(sz, strlen(name.name), PLACE_ID_LEN - 1));
}

/* Whatever bytes: within the room, ended, and no byte behind len is read (ASan). */
Test(vm, property_any_bytes)
{
	static const char bytes[] = "-name\0guest=,,a=\xff\0-uuid\0";
	struct random_source r = { .seed = 8 };

	for (int i = 0; i < 20000; i++) {
		size_t len = random_below(&r, 64);
		char *args = malloc(len ? len : 1);
		struct vm_name name;

		cr_assert(args != NULL);
		for (size_t k = 0; k < len; k++)
			args[k] = bytes[random_below(&r, sizeof(bytes))];
		vm_parse_arguments(args, len, &name);
		cr_assert(lt(sz, strlen(name.name), sizeof(name.name)));
		cr_assert(lt(sz, strlen(name.uuid), sizeof(name.uuid)));
		free(args);
	}
}

Test(vm, kernel_threads)
{
	static const struct {
		const char *comm;
		uint32_t tid;
	} threads[] = {
		{ "vhost-4711", 4711 },
		{ "kvm-pit/812", 812 },
		{ "vhost-", 0 },
		{ "vhost-0", 0 },
		{ "vhost--1", 0 },
		{ "vhost-12x", 0 },
		{ "vhost- 12", 0 },
		{ "kworker/0:1", 0 },
		{ "kvm-nx-lpage-re", 0 },
		{ "vhost-2147483648", 0 },
		{ "", 0 },
	};

	for (size_t i = 0; i < sizeof(threads) / sizeof(threads[0]); i++)
		cr_expect(eq(u32, vm_worker_of(threads[i].comm), threads[i].tid), "%s",
			  threads[i].comm);
}
