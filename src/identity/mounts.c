/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* mounts.c - see mounts.h. */
#include "identity/mounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

/* One line of mountinfo, cut at its blanks; super is the last field (options of the superblock). */
struct mounts_line {
	char *root;
	char *point;
	char *type;
	char *super;
};

/* Undoes the kernel's \ooo for blank, tab, newline and backslash, in place. */
static void mounts_unescape(char *s)
{
	char *to = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] >= '0' && s[2] <= '7' &&
		    s[3] >= '0' && s[3] <= '7') {
			*to++ = (char)((s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0'));
			s += 4;
		} else {
			*to++ = *s++;
		}
	}
	*to = '\0';
}

/* "36 35 98:0 /root /point rw,noatime shared:1 - ext4 /dev/root rw": proc(5). Cuts line up. */
static bool mounts_split(char *line, struct mounts_line *ret)
{
	char *field[5], *rest = line, *save;

	for (int i = 0; i < 5; i++) {
		field[i] = strsep(&rest, " ");
		if (!rest)
			return false;
	}
	rest = strstr(rest, " - ");
	if (!rest)
		return false;
	ret->root = field[3];
	ret->point = field[4];
	ret->type = strtok_r(rest + 3, " ", &save);
	strtok_r(NULL, " ", &save);
	ret->super = strtok_r(NULL, " ", &save);
	return ret->type && ret->super;
}

/* Is word one of the comma-separated words of list? */
static bool mounts_has_word(const char *list, const char *word)
{
	size_t len = strlen(word);

	while (*list) {
		size_t n = strcspn(list, ",");

		if (n == len && !strncmp(list, word, len))
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

static void mounts_take(struct mounts_entry *e, struct mounts_line *l)
{
	mounts_unescape(l->root);
	mounts_unescape(l->point);
	if (!strcmp(l->root, "/"))
		l->root[0] = '\0';
	if (e->point[0] && (!e->prefix[0] || l->root[0]))
		return;
	snprintf(e->point, sizeof(e->point), "%s", l->point);
	snprintf(e->prefix, sizeof(e->prefix), "%s", l->root);
}

void mounts_parse(const char *mountinfo, struct mounts *ret)
{
	char line[2 * FS_PATH_LEN];

	*ret = (struct mounts){ 0 };
	for (const char *p = mountinfo; *p;) {
		size_t len = strcspn(p, "\n");
		struct mounts_line l;

		if (len < sizeof(line)) {
			memcpy(line, p, len);
			line[len] = '\0';
			if (mounts_split(line, &l)) {
				if (!strcmp(l.type, "cgroup2"))
					mounts_take(&ret->entry[MOUNTS_V2], &l);
				else if (!strcmp(l.type, "cgroup") &&
					 mounts_has_word(l.super, "cpu"))
					mounts_take(&ret->entry[MOUNTS_V1_CPU], &l);
			}
		}
		p += len + (p[len] == '\n');
	}
}

/* Takes root/path as e's mount point if root/path/file is there. */
static void mounts_try(const char *root, const char *path, const char *file, struct mounts_entry *e)
{
	char full[FS_PATH_LEN], probe[FS_PATH_LEN + 32];

	if (e->point[0] || fs_path(root, path, full, sizeof(full)))
		return;
	snprintf(probe, sizeof(probe), "%s/%s", full, file);
	if (!access(probe, F_OK))
		memcpy(e->point, full, sizeof(full));
}

/* The whole file, whatever its size; the caller's to free. NULL with errno set on failure. */
static char *mounts_read(const char *path)
{
	CLEANUP(fclose_ptr) FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!f)
		return NULL;
	if (getdelim(&text, &size, '\0', f) < 0) {
		free(text);
		errno = EIO;
		return NULL;
	}
	return text;
}

int mounts_find(const char *root, struct mounts *ret)
{
	CLEANUP(cleanup_free) char *text = NULL;

	if (root) {
		*ret = (struct mounts){ 0 };
		mounts_try(root, "sys/fs/cgroup", "cgroup.controllers", &ret->entry[MOUNTS_V2]);
		mounts_try(root, "sys/fs/cgroup/unified", "cgroup.controllers",
			   &ret->entry[MOUNTS_V2]);
		mounts_try(root, "sys/fs/cgroup/cpu", "cgroup.procs", &ret->entry[MOUNTS_V1_CPU]);
		mounts_try(root, "sys/fs/cgroup/cpu,cpuacct", "cgroup.procs",
			   &ret->entry[MOUNTS_V1_CPU]);
		return 0;
	}
	text = mounts_read("/proc/self/mountinfo");
	if (!text)
		return -errno;
	mounts_parse(text, ret);
	return 0;
}
