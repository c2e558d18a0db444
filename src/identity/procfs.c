/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* procfs.c - see procfs.h. */
#include "identity/procfs.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/names.h"
#include "jouletrail/units.h"

/* USER_HZ, in which proc(5) counts on every architecture that is built for. */
#define TICK_NS (10 * JT_NS_PER_MS)

int procfs_parse_stat(const char *text, struct procfs_process *ret)
{
	/* A comm may have parentheses and blanks: the last one ends it. */
	const char *open = strchr(text, '('), *close = strrchr(text, ')');
	unsigned long long start_ticks;
	unsigned int parent;
	size_t len;

	if (!open || !close || close < open ||
	    sscanf(close + 1,
		   " %*c %u %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d "
		   "%llu",
		   &parent, &start_ticks) != 2 ||
	    start_ticks > UINT64_MAX / TICK_NS)
		return -EBADMSG;
	len = (size_t)(close - open - 1);
	if (len > JT_COMM_LEN - 1)
		len = JT_COMM_LEN - 1;
	memcpy(ret->comm, open + 1, len);
	ret->comm[len] = '\0';
	ret->parent_tgid = parent;
	ret->start_boottime_ns = start_ticks * TICK_NS;
	return 0;
}

bool procfs_is_started_at(const struct procfs_process *p, uint64_t start_boottime_ns)
{
	uint64_t begin_ns = start_boottime_ns / TICK_NS * TICK_NS;

	return p->start_boottime_ns == begin_ns;
}

/* The last of "NSpid:\t4711\t12\t1", if there are several. */
static uint32_t read_ns_pid(int dir_fd)
{
	char text[8192], *line, *last;
	uint64_t pid;

	if (fs_read_text_at(dir_fd, "status", text, sizeof(text), NULL))
		return 0;
	line = strstr(text, "\nNSpid:\t");
	if (!line)
		return 0;
	line += strlen("\nNSpid:\t");
	line[strcspn(line, "\n")] = '\0';
	last = strrchr(line, '\t');
	return last && !fs_parse_u64(last + 1, &pid) && pid <= UINT32_MAX ? (uint32_t)pid : 0;
}

/* The n-th number, from 0, of "Gid:\t1\t2\t3\t4", named by key "\nGid:". */
static int read_status(const char *root, uint32_t id, const char *key, int n, uint32_t *ret)
{
	char name[32], text[8192];
	const char *line;
	char *end;
	int err;

	snprintf(name, sizeof(name), "proc/%" PRIu32 "/status", id);
	err = fs_read_text(root, name, text, sizeof(text), NULL);
	if (err)
		return err;
	line = strstr(text, key);
	if (!line)
		return -EBADMSG;
	line += strlen(key);
	for (;; n--) {
		unsigned long v = strtoul(line, &end, 10);

		if (end == line || v > UINT32_MAX)
			return -EBADMSG;
		if (n == 0) {
			*ret = (uint32_t)v;
			return 0;
		}
		line = end;
	}
}

int procfs_read_tgid(const char *root, uint32_t tid, uint32_t *ret)
{
	return read_status(root, tid, "\nTgid:", 0, ret);
}

int procfs_read_gid(const char *root, uint32_t tgid, uint32_t *ret)
{
	/* real, effective, saved, of the file system */
	return read_status(root, tgid, "\nGid:", 1, ret);
}

static char *read_exe(int dir_fd)
{
	char path[PATH_MAX];
	ssize_t len = readlinkat(dir_fd, "exe", path, sizeof(path));

	return len > 0 ? strndup(path, (size_t)len) : NULL;
}

static void read_cmdline(int dir_fd, struct procfs_process *p)
{
	CLEANUP(cleanup_close) int fd = openat(dir_fd, "cmdline", O_RDONLY | O_CLOEXEC);
	char text[JT_CMDLINE_LEN];
	ssize_t len = fd < 0 ? -1 : read(fd, text, sizeof(text));

	if (len <= 0)
		return;
	p->cmdline = malloc((size_t)len);
	if (!p->cmdline)
		return;
	memcpy(p->cmdline, text, (size_t)len);
	p->cmdline_len = (size_t)len;
}

int procfs_read(const char *root, uint32_t tgid, bool cmdline, struct procfs_process *ret)
{
	char name[32], path[FS_PATH_LEN], text[1024];
	struct procfs_process p = { .comm = "" };
	CLEANUP(cleanup_close) int dir_fd = -1;
	int err;

	snprintf(name, sizeof(name), "proc/%" PRIu32, tgid);
	err = fs_path(root, name, path, sizeof(path));
	if (err)
		return err;
	/* One directory for all: its files are of one process. */
	dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return -errno;
	err = fs_read_text_at(dir_fd, "stat", text, sizeof(text), NULL);
	if (!err)
		err = procfs_parse_stat(text, &p);
	if (err)
		return err;
	p.exe = read_exe(dir_fd);
	p.ns_pid = read_ns_pid(dir_fd);
	if (cmdline)
		read_cmdline(dir_fd, &p);
	*ret = p;
	return 0;
}

void procfs_release(struct procfs_process *p)
{
	free(p->exe);
	free(p->cmdline);
}
