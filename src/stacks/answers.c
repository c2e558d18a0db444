/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* answers.c - see answers.h. */
#include "stacks/answers.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "stacks/elf.h"
#include "stacks/symlist.h"

/* What names the frames of one source; NULLs where nothing does. */
struct namer {
	const struct source *source;
	struct elf_names *elf;
	struct symlist *list;
};

static void namer_open(struct namer *n, const struct source *s)
{
	FILE *f;

	*n = (struct namer){ .source = s };
	if (s->fd < 0)
		return;
	if (s->key.kind == SOURCE_ELF) {
		elf_names_new(s->fd, &s->key, &n->elf);
		return;
	}
	/* The child's last use of the descriptor. */
	f = fdopen(s->fd, "r");
	if (!f)
		return;
	symlist_read(f, s->key.kind == SOURCE_KERNEL ? SYMLIST_KALLSYMS : SYMLIST_PERF_MAP,
		     &n->list);
	fclose(f);
}

static void namer_close(struct namer *n)
{
	elf_names_free(n->elf);
	symlist_free(n->list);
}

static const char *basename_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : path;
}

void answers_unknown(const struct source *s, uint64_t at, char *ret, size_t size)
{
	/* A kernel address would tell where the kernel lies: pictures are passed on. */
	if (s->key.kind == SOURCE_KERNEL)
		snprintf(ret, size, "[unknown] [kernel]");
	else if (s->key.kind == SOURCE_JIT)
		snprintf(ret, size, "[unknown] [anon]");
	else
		snprintf(ret, size, "[unknown] %.200s+0x%" PRIx64, basename_of(s->key.text), at);
}

static void answer_one(struct namer *n, uint32_t frame, uint64_t at, FILE *out)
{
	static const enum stack_kind kinds[] = {
		[SOURCE_KERNEL] = STACK_KERNEL, [SOURCE_ELF] = STACK_USER, [SOURCE_JIT] = STACK_JIT
	};
	struct answer a = { .frame = frame, .kind = (uint8_t)kinds[n->source->key.kind] };
	const char *name = NULL;
	char unknown[STACK_NAME_LEN];

	if (n->elf)
		name = elf_names_find(n->elf, at, &at);
	else if (n->list)
		name = symlist_find(n->list, at);
	a.known = name && name[0];
	if (!a.known) {
		answers_unknown(n->source, at, unknown, sizeof(unknown));
		name = unknown;
	}
	a.len = (uint16_t)strnlen(name, STACK_NAME_LEN - 1);
	fwrite(&a, sizeof(a), 1, out);
	fwrite(name, 1, a.len, out);
}

void answers_write(struct stacks_table *t, const uint32_t *frame, size_t n, FILE *out)
{
	struct namer namer = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct stack_place p = table_place(t, frame[i]);
		const struct source *s = table_get_source(t, p.source);

		if (s != namer.source) {
			/* Before what may not return. */
			fflush(out);
			namer_close(&namer);
			namer_open(&namer, s);
		}
		answer_one(&namer, frame[i], p.at, out);
	}
	fflush(out);
	namer_close(&namer);
}
