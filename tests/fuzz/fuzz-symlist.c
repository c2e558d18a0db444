/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-symlist.c - what programs write of their own code: perf maps; and their mappings. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "stacks/spaces.h"
#include "stacks/symlist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_list(const uint8_t *data, size_t size, enum symlist_form form)
{
	static const uint64_t address[] = {
		0, 1, 0x1000, 0x1008, UINT64_C(0xffffffff81000010), UINT64_MAX
	};
	FILE *f = fmemopen((void *)data, size, "r");
	struct symlist *l;

	if (!f)
		abort();
	if (symlist_read(f, form, &l))
		abort();
	for (size_t i = 0; i < sizeof(address) / sizeof(*address); i++) {
		const char *name = symlist_find(l, address[i]);

		/* Every name is text of the input. */
		if (name && (!*name || strlen(name) > size))
			abort();
	}
	symlist_free(l);
	fclose(f);
}

static void as_mapping(const uint8_t *data, size_t size)
{
	char *line = malloc(size + 1);
	struct source_key k;
	struct space_map m;

	if (!line)
		abort();
	memcpy(line, data, size);
	line[size] = '\0';
	if (spaces_parse_line(line, &m, &k) && (m.begin >= m.end || k.text > line + size))
		abort();
	free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	as_list(data, size, SYMLIST_PERF_MAP);
	as_list(data, size, SYMLIST_KALLSYMS);
	as_mapping(data, size);
	return 0;
}
