/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* elf.c - see elf.h. */
#include "stacks/elf.h"

#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct elf_names {
	Dwfl *dwfl;
	Dwfl_Module *module;
	Elf *elf;
};

static int find_no_elf(Dwfl_Module *module, void **data, const char *name, Dwarf_Addr base,
		       char **file_name, Elf **elf)
{
	(void)module;
	(void)data;
	(void)name;
	(void)base;
	(void)file_name;
	(void)elf;
	return -1;
}

/* By build id in /usr/lib/debug; never over the network, as the library's standard way may. */
static const Dwfl_Callbacks callbacks = {
	.find_elf = find_no_elf,
	.find_debuginfo = dwfl_build_id_find_debuginfo,
	.section_address = dwfl_offline_section_address,
};

void elf_names_free(struct elf_names *e)
{
	if (!e)
		return;
	if (e->dwfl)
		dwfl_end(e->dwfl);
	free(e);
}

static bool has_build_id(struct elf_names *e, const struct source_key *k)
{
	const unsigned char *id;
	GElf_Addr address;
	int len = dwfl_module_build_id(e->module, &id, &address);

	/* The kernel's record has no more room than SOURCE_ID_LEN. */
	return len > 0 && (size_t)len >= k->id_len && memcmp(id, k->id, k->id_len) == 0;
}

static int elf_names_open(struct elf_names *e, int fd, const struct source_key *k)
{
	int own_fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	GElf_Addr bias;

	if (own_fd < 0)
		return -errno;
	e->dwfl = dwfl_begin(&callbacks);
	if (e->dwfl) {
		dwfl_report_begin(e->dwfl);
		e->module = dwfl_report_elf(e->dwfl, k->text, k->text, own_fd, 0, true);
		dwfl_report_end(e->dwfl, NULL, NULL);
	}
	/* Else it is the library's now. */
	if (!e->module)
		close(own_fd);
	e->elf = e->module ? dwfl_module_getelf(e->module, &bias) : NULL;
	if (!e->elf || bias)
		return -EBADMSG;
	return k->id_len && !has_build_id(e, k) ? -ESTALE : 0;
}

int elf_names_new(int fd, const struct source_key *k, struct elf_names **ret)
{
	struct elf_names *e = calloc(1, sizeof(*e));
	int err = e ? elf_names_open(e, fd, k) : -ENOMEM;

	if (err) {
		elf_names_free(e);
		return err;
	}
	*ret = e;
	return 0;
}

/* What the loader maps from there; the offset itself where nothing is. */
static uint64_t address_of_offset(Elf *elf, uint64_t offset)
{
	size_t n;

	if (elf_getphdrnum(elf, &n))
		return offset;
	for (size_t i = 0; i < n; i++) {
		GElf_Phdr p;

		if (gelf_getphdr(elf, (int)i, &p) && p.p_type == PT_LOAD && offset >= p.p_offset &&
		    offset - p.p_offset < p.p_filesz)
			return offset - p.p_offset + p.p_vaddr;
	}
	return offset;
}

const char *elf_names_find(struct elf_names *e, uint64_t offset, uint64_t *ret_address)
{
	GElf_Off within;
	GElf_Sym symbol;

	*ret_address = address_of_offset(e->elf, offset);
	return dwfl_module_addrinfo(e->module, *ret_address, &within, &symbol, NULL, NULL, NULL);
}
