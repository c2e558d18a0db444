/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spaces.c - see spaces.h. */
#include "stacks/spaces.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "stacks/index.h"

#define N_BUCKETS     4096 /* a power of two */
#define MAX_ANCESTORS 8	   /* that are looked for in /proc */

struct spaces {
	char *root;
	struct stacks_table *table;
	uint64_t n_serials;
	struct space *bucket[N_BUCKETS];
};

int spaces_new(const char *root, struct stacks_table *table, struct spaces **ret)
{
	struct spaces *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	s->table = table;
	s->root = strdup(root ? root : "");
	if (!s->root) {
		free(s);
		return -ENOMEM;
	}
	*ret = s;
	return 0;
}

static void space_free(struct space *sp)
{
	free(sp->map);
	free(sp);
}

void spaces_free(struct spaces *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < N_BUCKETS; i++)
		while (s->bucket[i]) {
			struct space *sp = s->bucket[i];

			s->bucket[i] = sp->next;
			space_free(sp);
		}
	free(s->root);
	free(s);
}

/* Where the pointer to it is, or would be. */
static struct space **spaces_slot(struct spaces *s, uint32_t tgid)
{
	struct space **at = &s->bucket[tgid & (N_BUCKETS - 1)];

	while (*at && (*at)->tgid != tgid)
		at = &(*at)->next;
	return at;
}

/* The space of that process, empty, not known, and with a new serial; NULL without memory. */
static struct space *spaces_renew(struct spaces *s, uint32_t tgid)
{
	struct space **at = spaces_slot(s, tgid);

	if (!*at) {
		*at = calloc(1, sizeof(**at));
		if (!*at)
			return NULL;
		(*at)->tgid = tgid;
	}
	(*at)->serial = ++s->n_serials;
	(*at)->known = false;
	(*at)->n_maps = 0;
	return *at;
}

static void space_name(struct space *sp, const char *comm)
{
	snprintf(sp->comm, sizeof(sp->comm), "%s", comm);
}

static int space_copy(struct space *sp, const struct space *from)
{
	struct space_map *map = malloc((from->n_maps + 1) * sizeof(*map));

	if (!map)
		return -ENOMEM;
	if (from->n_maps)
		memcpy(map, from->map, from->n_maps * sizeof(*map));
	free(sp->map);
	sp->map = map;
	sp->n_maps = from->n_maps;
	sp->capacity = from->n_maps + 1;
	return 0;
}

int spaces_fork(struct spaces *s, uint32_t tgid, uint32_t parent_tgid)
{
	const struct space *parent = *spaces_slot(s, parent_tgid);
	struct space *sp;

	spaces_exit(s, tgid);
	sp = spaces_renew(s, tgid);
	if (!sp)
		return -ENOMEM;
	sp->parent_tgid = parent_tgid;
	if (!parent)
		return 0;
	space_name(sp, parent->comm);
	sp->known = parent->known;
	return sp->known ? space_copy(sp, parent) : 0;
}

int spaces_exec(struct spaces *s, uint32_t tgid, const char *comm)
{
	struct space *sp = spaces_renew(s, tgid);

	if (!sp)
		return -ENOMEM;
	space_name(sp, comm);
	sp->known = true;
	return 0;
}

void spaces_rename(struct spaces *s, uint32_t tgid, const char *comm)
{
	struct space *sp = *spaces_slot(s, tgid);

	if (sp)
		space_name(sp, comm);
}

void spaces_exit(struct spaces *s, uint32_t tgid)
{
	struct space **at = spaces_slot(s, tgid), *gone = *at;

	if (!gone)
		return;
	*at = gone->next;
	space_free(gone);
}

/* The first mapping that ends behind the address. */
static size_t space_first_behind(const struct space *sp, uint64_t address)
{
	size_t low = 0, high = sp->n_maps;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (sp->map[middle].end <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct space_map *space_at(const struct space *sp, uint64_t address)
{
	size_t i = space_first_behind(sp, address);

	return i < sp->n_maps && sp->map[i].begin <= address ? &sp->map[i] : NULL;
}

/* Puts n mappings in the place of those from `from` to before `to`. */
static int space_replace(struct space *sp, size_t from, size_t to, const struct space_map *map,
			 size_t n)
{
	size_t n_maps = sp->n_maps - (to - from) + n;

	if (n_maps > SPACES_MAX_MAPS)
		return 0;
	while (n_maps > sp->capacity)
		if (index_grow(&sp->map, &sp->capacity, sp->capacity, sizeof(*sp->map)))
			return -ENOMEM;
	memmove(&sp->map[from + n], &sp->map[to], (sp->n_maps - to) * sizeof(*sp->map));
	memcpy(&sp->map[from], map, n * sizeof(*map));
	sp->n_maps = n_maps;
	return 0;
}

/* What lay there before is covered; what sticks out on either side stays. */
static int space_add(struct space *sp, const struct space_map *m)
{
	size_t from = space_first_behind(sp, m->begin), to = from, n = 0;
	struct space_map now[3];

	while (to < sp->n_maps && sp->map[to].begin < m->end)
		to++;
	if (from < to && sp->map[from].begin < m->begin) {
		now[n] = sp->map[from];
		now[n++].end = m->begin;
	}
	now[n++] = *m;
	if (from < to && sp->map[to - 1].end > m->end) {
		now[n] = sp->map[to - 1];
		now[n].offset += m->end - now[n].begin;
		now[n++].begin = m->end;
	}
	return space_replace(sp, from, to, now, n);
}

/* "[vdso]", "//anon", "/memfd:jit (deleted)", "anon_inode:…", "/dev/zero": not files with code. */
static bool is_file(const char *path)
{
	return path[0] == '/' && strncmp(path, "//", 2) != 0 && strncmp(path, "/memfd:", 7) != 0 &&
	       strncmp(path, "/dev/", 5) != 0 && strncmp(path, "/SYSV", 5) != 0;
}

/* The kernel's own code in every process; that of 32-bit programs, which lies low, is another. */
static bool is_vdso(const char *path, uint64_t begin)
{
	return strcmp(path, "[vdso]") == 0 && begin > UINT32_MAX;
}

static int spaces_add(struct spaces *s, struct space *sp, struct space_map m,
		      const struct source_key *k)
{
	struct source_key key = *k;
	int err = 0;

	m.source = SPACES_NO_FILE;
	key.kind = SOURCE_ELF;
	if (is_file(k->text) || is_vdso(k->text, m.begin))
		err = table_source(s->table, &key, &m.source);
	return err ? err : space_add(sp, &m);
}

int spaces_map(struct spaces *s, uint32_t tgid, struct space_map m, const struct source_key *k)
{
	struct space *sp = *spaces_slot(s, tgid);

	return sp && sp->known && m.begin < m.end ? spaces_add(s, sp, m, k) : 0;
}

bool spaces_parse_line(char *line, struct space_map *ret, struct source_key *ret_key)
{
	struct space_map m = { .source = SPACES_NO_FILE };
	struct source_key k = { .kind = SOURCE_ELF };
	char mode[5] = "";
	int end = 0;

	line[strcspn(line, "\n")] = '\0';
	if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %4s %" SCNx64 " %*x:%*x %" SCNu64 "%n", &m.begin,
		   &m.end, mode, &m.offset, &k.inode, &end) != 5 ||
	    !end || mode[2] != 'x' || m.begin >= m.end)
		return false;
	k.text = line + end + strspn(line + end, " ");
	*ret = m;
	*ret_key = k;
	return true;
}

/* root/proc/TGID/task/PID/NAME: a leader that has ended shows no mappings, other threads do. */
static FILE *open_of_task(const struct spaces *s, const struct space *sp, uint32_t pid,
			  const char *name)
{
	char path[FS_PATH_LEN], file[64];

	snprintf(file, sizeof(file), "proc/%" PRIu32 "/task/%" PRIu32 "/%s", sp->tgid, pid, name);
	return fs_path(s->root, file, path, sizeof(path)) ? NULL : fopen(path, "re");
}

static int spaces_read(struct spaces *s, struct space *sp, uint32_t pid)
{
	CLEANUP(fclose_ptr) FILE *maps = open_of_task(s, sp, pid, "maps");
	CLEANUP(cleanup_free) char *line = NULL;
	char file[64], comm[SPACES_COMM_LEN];
	struct source_key k;
	struct space_map m;
	size_t size = 0;
	int err = 0;

	snprintf(file, sizeof(file), "proc/%" PRIu32 "/comm", sp->tgid);
	if (!fs_read_text(s->root, file, comm, sizeof(comm), NULL))
		space_name(sp, comm);
	while (maps && !err && sp->n_maps < SPACES_MAX_MAPS && getline(&line, &size, maps) > 0)
		if (spaces_parse_line(line, &m, &k))
			err = spaces_add(s, sp, m, &k);
	return err;
}

static int spaces_learn(struct spaces *s, struct space *sp, uint32_t pid, unsigned int depth)
{
	struct space *parent = NULL;
	int err = spaces_read(s, sp, pid);

	sp->known = true;
	if (err || sp->n_maps || !sp->parent_tgid)
		return err;
	/* Forked by one that nobody has asked for, no exec since, and gone: as its parent was. */
	parent = *spaces_slot(s, sp->parent_tgid);
	if (!parent) {
		parent = spaces_renew(s, sp->parent_tgid);
		if (!parent)
			return -ENOMEM;
	}
	if (!parent->known && depth < MAX_ANCESTORS)
		err = spaces_learn(s, parent, parent->tgid, depth + 1);
	if (!err)
		err = space_copy(sp, parent);
	if (!sp->comm[0])
		space_name(sp, parent->comm);
	return err;
}

int spaces_find(struct spaces *s, uint32_t tgid, uint32_t pid, struct space **ret)
{
	struct space *sp = *spaces_slot(s, tgid);

	if (!sp)
		sp = spaces_renew(s, tgid);
	if (!sp)
		return -ENOMEM;
	*ret = sp;
	return sp->known ? 0 : spaces_learn(s, sp, pid, 0);
}
