/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* stacks.c - see stacks.h. */
#include "stacks/stacks.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "stacks/files.h"
#include "stacks/index.h"
#include "stacks/records.h"
#include "stacks/rings.h"
#include "stacks/spaces.h"

/* A perf map to look for: of a process that ran code of no file. */
struct jit_process {
	uint32_t tgid;
	uint32_t source;
};

struct stacks {
	char *root;
	struct files files;
	struct rings *rings;
	struct record_queue queue;
	struct spaces *spaces;
	struct stacks_table *table;
	uint32_t kernel;   /* source */
	uint32_t unmapped; /* frame: an address where nothing is mapped */
	struct jit_process *jit;
	size_t n_jit, jit_capacity;
	struct stack_row *row;
	size_t row_capacity;
	struct stack_window window;
	stacks_wanted_fn *wanted; /* during stacks_read() */
	const void *wanted_arg;
};

DEFINE_CLEANUP(struct stacks *, stacks_free)

void stacks_free(struct stacks *s)
{
	if (!s)
		return;
	rings_free(s->rings);
	queue_free(&s->queue);
	spaces_free(s->spaces);
	table_free(s->table);
	free(s->jit);
	free(s->row);
	free(s->root);
	free(s);
}

int stacks_new(const struct stacks_options *o, struct stacks **ret, struct why *why)
{
	CLEANUP(stacks_free_ptr) struct stacks *s = calloc(1, sizeof(*s));
	struct source_key kernel = { .kind = SOURCE_KERNEL, .text = "[kernel]" };
	int err;

	if (!s)
		return -ENOMEM;
	s->root = strdup(o->root ? o->root : "");
	s->files.root = s->root;
	err = s->root ? table_new(&s->table) : -ENOMEM;
	if (!err)
		err = spaces_new(s->root, s->table, &s->spaces);
	if (!err)
		err = table_source(s->table, &kernel, &s->kernel);
	if (!err)
		err = table_text(s->table, STACK_USER, "[unknown]", &s->unmapped);
	if (!err)
		err = rings_new(o->frequency_hz, &s->rings, why);
	if (err)
		return err;
	*ret = TAKE_PTR(s);
	return 0;
}

static void stacks_queue(const struct perf_event_header *h, void *arg)
{
	queue_add(arg, h);
}

void stacks_poll(struct stacks *s)
{
	rings_drain(s->rings, stacks_queue, &s->queue);
}

uint64_t stacks_poll_interval_ns(const struct stacks *s)
{
	return rings_poll_interval_ns(s->rings);
}

/* The source of a process's code without a file; its perf map is opened as soon as it is there. */
static int stacks_jit(struct stacks *s, const struct space *sp, uint32_t *ret)
{
	struct source_key k = { .kind = SOURCE_JIT, .text = "", .inode = sp->serial };
	size_t before = table_n_sources(s->table);
	int err = table_source(s->table, &k, ret);

	if (err || table_n_sources(s->table) == before)
		return err;
	if (index_grow(&s->jit, &s->jit_capacity, s->n_jit, sizeof(*s->jit)))
		return -ENOMEM;
	s->jit[s->n_jit++] = (struct jit_process){ sp->tgid, *ret };
	return 0;
}

static void stacks_open_perf_maps(struct stacks *s)
{
	for (size_t i = 0; i < s->n_jit; i++)
		files_open_perf_map(&s->files, table_get_source(s->table, s->jit[i].source),
				    s->jit[i].tgid);
}

static int stacks_user_frame(struct stacks *s, const struct space *sp, uint64_t address,
			     uint32_t *ret)
{
	const struct space_map *m = space_at(sp, address);
	struct stack_place place = { .at = address };
	int err;

	if (!m) {
		*ret = s->unmapped;
		return 0;
	}
	if (m->source == SPACES_NO_FILE) {
		err = stacks_jit(s, sp, &place.source);
	} else {
		place = (struct stack_place){ m->source, address - m->begin + m->offset };
		files_open_mapped(&s->files, table_get_source(s->table, m->source), sp->tgid, m);
		err = 0;
	}
	return err ? err : table_frame(s->table, place, ret);
}

/* Addresses come leaf first, each kind behind its mark; frames are to be root first. */
static int stacks_frames(struct stacks *s, const struct space *sp, const struct record *r,
			 uint32_t *frame, size_t *ret_n)
{
	size_t n = 0, at = STACK_MAX_FRAMES;
	bool kernel = false;
	int err = 0;

	for (size_t i = 0; i < r->n && at > 1 && !err; i++) {
		uint64_t address = r->address[i];

		if (address >= PERF_CONTEXT_MAX) {
			kernel = address == PERF_CONTEXT_KERNEL;
			n = 0;
			continue;
		}
		/* All but the first are where the call returns to: the call is before. */
		if (n++ && address)
			address--;
		at--;
		if (kernel)
			err = table_frame(s->table, (struct stack_place){ s->kernel, address },
					  &frame[at]);
		else
			err = stacks_user_frame(s, sp, address, &frame[at]);
		/* What follows a frame pointer that is none says nothing, however long. */
		if (!err && at + 1 < STACK_MAX_FRAMES && frame[at] == s->unmapped &&
		    frame[at + 1] == s->unmapped)
			at++;
	}
	if (!err)
		err = table_text(s->table, STACK_PROCESS, sp->comm, &frame[--at]);
	*ret_n = STACK_MAX_FRAMES - at;
	memmove(frame, frame + at, *ret_n * sizeof(*frame));
	return err;
}

static int stacks_sample(struct stacks *s, const struct record *r)
{
	uint32_t frame[STACK_MAX_FRAMES];
	struct stack_row row = { .tgid = r->tgid, .pid = r->pid, .n_samples = 1 };
	struct space *sp;
	size_t n;
	int err;

	if (!s->wanted(r->tgid, r->pid, s->wanted_arg))
		return 0;
	err = spaces_find(s->spaces, r->tgid, r->pid, &sp);
	if (!err)
		err = stacks_frames(s, sp, r, frame, &n);
	if (!err)
		err = table_stack(s->table, frame, n, &row.stack);
	if (!err)
		err = index_grow(&s->row, &s->row_capacity, s->window.n_rows, sizeof(*s->row));
	if (err)
		return err;
	row.order = table_order(s->table, row.stack);
	s->row[s->window.n_rows++] = row;
	return 0;
}

static int stacks_record(const struct record *r, void *arg)
{
	struct stacks *s = arg;

	switch (r->type) {
	case RECORD_SAMPLE:
		return stacks_sample(s, r);
	case RECORD_FORK:
		return spaces_fork(s->spaces, r->tgid, r->parent_tgid);
	case RECORD_EXEC:
		return spaces_exec(s->spaces, r->tgid, r->text);
	case RECORD_RENAME:
		spaces_rename(s->spaces, r->tgid, r->text);
		return 0;
	case RECORD_EXIT:
		spaces_exit(s->spaces, r->tgid);
		return 0;
	case RECORD_MAP:
		return spaces_map(s->spaces, r->tgid, r->map, &r->key);
	default:
		return 0;
	}
}

static int compare_rows(const void *pa, const void *pb)
{
	const struct stack_row *a = pa, *b = pb;

	if (a->tgid != b->tgid)
		return a->tgid < b->tgid ? -1 : 1;
	if (a->pid != b->pid)
		return a->pid < b->pid ? -1 : 1;
	if (a->order != b->order)
		return a->order < b->order ? -1 : 1;
	return a->stack < b->stack ? -1 : a->stack > b->stack;
}

/* Sorted, and the same stack of the same thread once. */
static void stacks_merge(struct stacks *s)
{
	size_t n = 0;

	if (s->window.n_rows)
		qsort(s->row, s->window.n_rows, sizeof(*s->row), compare_rows);
	for (size_t i = 0; i < s->window.n_rows; i++)
		if (n && compare_rows(&s->row[n - 1], &s->row[i]) == 0)
			s->row[n - 1].n_samples += s->row[i].n_samples;
		else
			s->row[n++] = s->row[i];
	s->window.n_rows = n;
	s->window.row = s->row;
}

int stacks_read(struct stacks *s, uint64_t end_mono_ns, stacks_wanted_fn *wanted, const void *arg,
		const struct stack_window **ret)
{
	int err;

	s->window.n_rows = 0;
	s->wanted = wanted;
	s->wanted_arg = arg;
	stacks_poll(s);
	err = queue_take(&s->queue, end_mono_ns, stacks_record, s);
	if (err)
		return err;
	stacks_open_perf_maps(s);
	stacks_merge(s);
	*ret = &s->window;
	return 0;
}

struct stacks_table *stacks_table(struct stacks *s)
{
	return s->table;
}

uint64_t stacks_n_lost(const struct stacks *s)
{
	return s->queue.n_lost;
}

void stacks_stop(struct stacks *s)
{
	rings_free(s->rings);
	s->rings = NULL;
	stacks_open_perf_maps(s);
	files_open_kallsyms(&s->files, table_get_source(s->table, s->kernel));
}
