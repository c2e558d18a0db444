/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spaces.h - the executable mappings of processes: what lies at an address of one of them. */
#ifndef STACKS_SPACES_H
#define STACKS_SPACES_H

#include <stdbool.h>
#include <stdint.h>

#include "stacks/table.h"

#define SPACES_MAX_MAPS 65536 /* of one process; later ones are not known */
#define SPACES_COMM_LEN 16

struct space_map {
	uint64_t begin;
	uint64_t end;
	uint64_t offset; /* in the file, of begin */
	uint32_t source; /* SPACES_NO_FILE = no file: code made at run time */
};

#define SPACES_NO_FILE UINT32_MAX

struct space {
	struct space *next;
	uint32_t tgid;
	uint32_t parent_tgid; /* who forked it; 0 = not seen */
	bool known;	      /* else its mappings are to be looked for when it is asked for */
	uint64_t serial;      /* of this program in this process: no two are alike */
	char comm[SPACES_COMM_LEN];
	size_t n_maps;
	size_t capacity;
	struct space_map *map; /* sorted, without overlap */
};

struct spaces;

/* root: proc/ below it; NULL = "/". table is used while the spaces live. Returns 0 or -ENOMEM. */
int spaces_new(const char *root, struct stacks_table *table, struct spaces **ret);
void spaces_free(struct spaces *s);

/*
 * What the kernel tells, in order of time. Of a process that was there before nothing is known but
 * what /proc says when it is asked for: it is left out until then. Return 0 or -ENOMEM.
 */
int spaces_fork(struct spaces *s, uint32_t tgid, uint32_t parent_tgid);
int spaces_exec(struct spaces *s, uint32_t tgid, const char *comm);
void spaces_rename(struct spaces *s, uint32_t tgid, const char *comm);
void spaces_exit(struct spaces *s, uint32_t tgid);

/* m.source is not used: k says what is mapped (text "" or no path: no file). */
int spaces_map(struct spaces *s, uint32_t tgid, struct space_map m, const struct source_key *k);

/*
 * The space of a process; pid is a thread of it that lives, or lived. One that is not known is read
 * from /proc; of one that is gone there too it is its parent's, as far as that is to be had, else
 * empty. Returns 0 or -ENOMEM.
 */
int spaces_find(struct spaces *s, uint32_t tgid, uint32_t pid, struct space **ret);

/* What lies there; NULL = nothing that is executable, as far as known. */
const struct space_map *space_at(const struct space *s, uint64_t address);

/* One line of /proc/PID/maps; path points into line. Returns whether it is executable and sound. */
bool spaces_parse_line(char *line, struct space_map *ret, struct source_key *ret_key);

#endif /* STACKS_SPACES_H */
