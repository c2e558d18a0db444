/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* guest.c - see guest.h. */
#include "export/guest.h"

#include <ctype.h>
#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "jouletrail/guest.h"

#define NEW_FILE ".new"

struct guest_dir {
	int fd;
	size_t n_folders;
	char path[FS_PATH_LEN];
};

struct guest_tree {
	int zone_fd;
	uint64_t energy_uj;
	uint64_t n_gaps;
	uint64_t n_updates;
};

DEFINE_CLEANUP(struct guest_dir *, guest_dir_free)
DEFINE_CLEANUP(struct guest_tree *, guest_tree_free)

void guest_dir_free(struct guest_dir *d)
{
	if (!d)
		return;
	cleanup_close(&d->fd);
	free(d);
}

void guest_tree_free(struct guest_tree *t)
{
	if (!t)
		return;
	cleanup_close(&t->zone_fd);
	free(t);
}

static size_t count_folders(int dir_fd)
{
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	CLEANUP(closedir_ptr) DIR *d = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *ent;
	size_t n = 0;

	while (d && (ent = readdir(d)))
		n += ent->d_name[0] != '.';
	return n;
}

int guest_dir_open(const char *path, uid_t owner, struct guest_dir **ret, struct why *why)
{
	CLEANUP(guest_dir_free_ptr) struct guest_dir *d = calloc(1, sizeof(*d));
	struct stat st;

	if (!d)
		return why_set(why, -ENOMEM, "%s: out of memory", path);
	d->fd = -1;
	snprintf(d->path, sizeof(d->path), "%s", path);
	if (mkdir(path, 0755) && errno != EEXIST)
		return why_set(why, -errno, "%s: cannot make the guests' folder: %s", path,
			       strerror(errno));
	d->fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (d->fd < 0 || fstat(d->fd, &st))
		return why_set(why, -errno, "%s: cannot open the guests' folder: %s", path,
			       strerror(errno));
	if ((st.st_uid != 0 && st.st_uid != owner && st.st_uid != geteuid()) ||
	    st.st_mode & (S_IWGRP | S_IWOTH))
		return why_set(why, -EPERM,
			       "%s: others may write there: the guests' folder is to be root's, "
			       "mode 0755",
			       path);
	if (flock(d->fd, LOCK_EX | LOCK_NB))
		return why_set(why, errno == EWOULDBLOCK ? -EBUSY : -errno,
			       "%s: %s: one process at a time tells guests their energy", path,
			       errno == EWOULDBLOCK ? "in use by another process"
						    : strerror(errno));
	d->n_folders = count_folders(d->fd);
	*ret = TAKE_PTR(d);
	return 0;
}

bool guest_dir_has(const struct guest_dir *d, const char *name)
{
	return !faccessat(d->fd, name, F_OK, AT_SYMLINK_NOFOLLOW);
}

int guest_name(const char *id, char ret[GUEST_NAME_LEN])
{
	size_t n = 0;

	if (!*id)
		return -EINVAL;
	for (const unsigned char *c = (const unsigned char *)id; *c; c++) {
		bool plain = (*c < 0x80 && isalnum(*c)) || strchr("_-", *c) || (*c == '.' && n > 0);

		if (n + (plain ? 1 : 3) >= GUEST_NAME_LEN)
			return -ENAMETOOLONG;
		n += (size_t)snprintf(ret + n, GUEST_NAME_LEN - n, plain ? "%c" : "%%%02X", *c);
	}
	return 0;
}

/* Opens the folder below fd, makes it where it is missing. Returns a descriptor or -errno. */
static int enter(int fd, const char *name, mode_t mode, bool *ret_made)
{
	int sub;

	*ret_made = !mkdirat(fd, name, mode);
	if (!*ret_made && errno != EEXIST)
		return -errno;
	sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return sub < 0 ? -errno : sub;
}

static int enter_zone(int fd, int *ret)
{
	char path[] = JT_GUEST_ZONE, *rest = path, *name;
	CLEANUP(cleanup_close) int at = -1;
	bool made;

	while ((name = strsep(&rest, "/"))) {
		int sub = enter(at < 0 ? fd : at, name, 0755, &made);

		if (sub < 0)
			return sub;
		cleanup_close(&at);
		at = sub;
	}
	*ret = TAKE_FD(at);
	return 0;
}

/* A plain file's text. */
static int read_file(int dir_fd, const char *name, char *ret, size_t size)
{
	CLEANUP(cleanup_close)
	int fd = openat(dir_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st))
		return -errno;
	return S_ISREG(st.st_mode) ? fs_pread_text(fd, ret, size, NULL) : -EINVAL;
}

/* In the place of what is there, at one moment: whoever opens it reads the old or the new one. */
static int replace_file(int dir_fd, const char *name, const char *text)
{
	CLEANUP(cleanup_close) int fd = -1;
	size_t len = strlen(text);
	ssize_t n;

	if (unlinkat(dir_fd, NEW_FILE, 0) && errno != ENOENT)
		return -errno;
	fd = openat(dir_fd, NEW_FILE, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (fd < 0)
		return -errno;
	n = write(fd, text, len);
	if (n < 0)
		return -errno;
	if ((size_t)n != len)
		return -ENOSPC;
	return renameat(dir_fd, NEW_FILE, dir_fd, name) ? -errno : 0;
}

static int keep_file(int dir_fd, const char *name, const char *text)
{
	char old[64];

	if (!read_file(dir_fd, name, old, sizeof(old)) && !strncmp(old, text, strlen(old)) &&
	    strlen(old) + 1 == strlen(text))
		return 0;
	return replace_file(dir_fd, name, text);
}

/* Of a share that is there: a number of it, 0 = none. */
static uint64_t old_number(const char *share, const char *key)
{
	const char *line = strstr(share, key);
	char text[24];
	uint64_t v;

	if (!line)
		return 0;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line + strlen(key), "\n"),
		 line + strlen(key));
	return fs_parse_u64(text, &v) ? 0 : v;
}

/* Where the counter was left, by this process or an earlier one. Since then is a gap. */
static void take_up(struct guest_tree *t)
{
	char text[64], share[JT_GUEST_SHARE_LEN];

	if (read_file(t->zone_fd, "energy_uj", text, sizeof(text)) ||
	    fs_parse_u64(text, &t->energy_uj) || t->energy_uj > JT_GUEST_RANGE_UJ) {
		t->energy_uj = 0;
	}
	if (read_file(t->zone_fd, JT_GUEST_SHARE, share, sizeof(share)))
		return;
	t->n_updates = old_number(share, "\nn_updates ");
	t->n_gaps = old_number(share, "\nn_gaps ") + 1;
}

/* "u::rwx,g::r-x,g:GID:r-x,m::r-x,o::-": what an owner may say who may not give to the group. */
static int let_group_read(int fd, gid_t gid)
{
	const struct {
		struct posix_acl_xattr_header head;
		struct posix_acl_xattr_entry entry[5];
	} list = { .head = { htole32(POSIX_ACL_XATTR_VERSION) },
		   .entry = { { htole16(ACL_USER_OBJ), htole16(07), htole32(ACL_UNDEFINED_ID) },
			      { htole16(ACL_GROUP_OBJ), htole16(05), htole32(ACL_UNDEFINED_ID) },
			      { htole16(ACL_GROUP), htole16(05), htole32(gid) },
			      { htole16(ACL_MASK), htole16(05), htole32(ACL_UNDEFINED_ID) },
			      { htole16(ACL_OTHER), 0, htole32(ACL_UNDEFINED_ID) } } };

	return fsetxattr(fd, XATTR_NAME_POSIX_ACL_ACCESS, &list, sizeof(list), 0) ? -errno : 0;
}

static int give_to_group(int fd, bool made, gid_t gid)
{
	struct stat st;

	if (gid == (gid_t)-1 || fstat(fd, &st))
		return 0;
	if (!made && (st.st_uid != geteuid() || (st.st_mode & 07777) != GUEST_FOLDER_MODE))
		return 0;
	if (st.st_gid == gid || !fchown(fd, (uid_t)-1, gid))
		return 0;
	return errno == EPERM ? let_group_read(fd, gid) : -errno;
}

static int make_zone(struct guest_tree *t, int folder_fd)
{
	char range[32];
	int err = enter_zone(folder_fd, &t->zone_fd);

	snprintf(range, sizeof(range), "%" PRIu64 "\n", JT_GUEST_RANGE_UJ);
	if (!err)
		err = keep_file(t->zone_fd, "name", "package-0\n");
	if (!err)
		err = keep_file(t->zone_fd, "max_energy_range_uj", range);
	return err;
}

int guest_tree_open(struct guest_dir *d, const char *name, gid_t gid, struct guest_tree **ret,
		    struct why *why)
{
	CLEANUP(guest_tree_free_ptr) struct guest_tree *t = calloc(1, sizeof(*t));
	CLEANUP(cleanup_close) int fd = -1;
	bool made;
	int err;

	if (!t)
		return why_set(why, -ENOMEM, "%s/%s: out of memory", d->path, name);
	t->zone_fd = -1;
	if (d->n_folders >= GUEST_MAX_FOLDERS && !guest_dir_has(d, name))
		return why_set(why, -EDQUOT,
			       "%s: %zu guests have folders: remove those that are not needed",
			       d->path, d->n_folders);
	fd = enter(d->fd, name, GUEST_FOLDER_MODE, &made);
	d->n_folders += made;
	err = fd < 0 ? fd : make_zone(t, fd);
	if (err)
		return why_set(why, err, "%s/%s: %s", d->path, name, strerror(-err));
	take_up(t);
	err = give_to_group(fd, made, gid);
	if (err)
		why_set(why, 0, "%s/%s: cannot be given to group %u: %s", d->path, name,
			(unsigned int)gid, strerror(-err));
	*ret = TAKE_PTR(t);
	return 0;
}

uint64_t guest_count(uint64_t value_uj, uint64_t energy_uj)
{
	uint64_t left_uj = JT_GUEST_RANGE_UJ - value_uj;

	/* One step past the range is 0. 2^64 has two ranges and one step. */
	if (energy_uj <= left_uj)
		return value_uj + energy_uj;
	energy_uj -= left_uj + 1;
	return energy_uj <= JT_GUEST_RANGE_UJ ? energy_uj : energy_uj - JT_GUEST_RANGE_UJ - 1;
}

void guest_tree_add(struct guest_tree *t, uint64_t energy_uj)
{
	t->energy_uj = guest_count(t->energy_uj, energy_uj);
}

void guest_tree_add_gap(struct guest_tree *t)
{
	t->n_gaps++;
}

int guest_tree_write(struct guest_tree *t, const struct guest_quality *q)
{
	char share[JT_GUEST_SHARE_LEN], energy[32];
	int err;

	snprintf(share, sizeof(share),
		 "version %d\nupdate_ns %" PRIu64 "\nquality %s\nlow_ppm %" PRIu64
		 "\nhigh_ppm %" PRIu64 "\nn_gaps %" PRIu64 "\nn_updates %" PRIu64 "\n",
		 JT_GUEST_VERSION, q->update_ns, energy_quality_name(q->quality), q->low_ppm,
		 q->high_ppm, t->n_gaps, t->n_updates + 1);
	snprintf(energy, sizeof(energy), "%" PRIu64 "\n", t->energy_uj);
	err = replace_file(t->zone_fd, JT_GUEST_SHARE, share);
	if (err)
		return err;
	t->n_updates++;
	return replace_file(t->zone_fd, "energy_uj", energy);
}
