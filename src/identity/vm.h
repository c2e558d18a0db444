/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * vm.h - which processes are virtual machines, by what they execute; what their command lines call
 * them; and which kernel threads work for one. Pure.
 */
#ifndef IDENTITY_VM_H
#define IDENTITY_VM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "identity/place.h"

/* What a command line says. "" = nothing. */
struct vm_name {
	char name[PLACE_ID_LEN]; /* longer ones are cut */
	char uuid[40];
};

/*
 * Whether the file is a program that runs a virtual machine: QEMU, under the names that it is
 * installed by. exe: a path or its last part, " (deleted)" behind it or not. User-mode emulators
 * (qemu-x86_64) are none.
 */
bool vm_is_monitor(const char *exe);

/*
 * args[0 … len): the program's arguments, each ended by a NUL, the last perhaps cut. Of a name
 * given twice the last one holds, as it does for QEMU.
 */
void vm_parse_arguments(const char *args, size_t len, struct vm_name *ret);

/*
 * The thread that a kernel thread works for, by its comm ("vhost-4711"); 0 = none that it tells.
 * Since Linux 6.4 vhost's workers are threads of the process itself.
 */
uint32_t vm_worker_of(const char *comm);

#endif /* IDENTITY_VM_H */
