/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * elf.h - names of code in an ELF file: its symbol table, that of its debug file on this machine,
 * its dynamic symbols. For a process without privileges: who wrote the file may be hostile.
 */
#ifndef STACKS_ELF_H
#define STACKS_ELF_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stacks/table.h"

struct elf_names;

/*
 * fd: of the file, to read; a copy of it is made. k: whose build id the file must have, where the
 * kernel gave one. Returns 0 (*ret for elf_names_free()); -ESTALE for another build id; -EBADMSG
 * for what is no ELF file that libdw understands; -ENOMEM.
 */
int elf_names_new(int fd, const struct source_key *k, struct elf_names **ret);
void elf_names_free(struct elf_names *e);

/*
 * What lies at the offset of the file, as its symbol table writes it, or NULL. ret_address is its
 * virtual address in the file, as addr2line takes it; the offset itself where no segment has it.
 */
const char *elf_names_find(struct elf_names *e, uint64_t offset, uint64_t *ret_address);

#endif /* STACKS_ELF_H */
