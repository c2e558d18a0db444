/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* disk.h - durable file operations below a directory descriptor. */
#ifndef LEDGER_DISK_H
#define LEDGER_DISK_H

#include <stddef.h>
#include <sys/types.h>

/* Makes path and its missing parents and opens it. Returns the descriptor or -errno. */
int disk_open_dir(const char *path, mode_t mode);

/* Makes dir/name unless it exists, syncs dir, and opens it. Returns the descriptor or -errno. */
int disk_make_dir_at(int dir, const char *name, mode_t mode);

/* All of it, after EINTR and short writes too. Returns 0 or -errno; some of it may be written. */
int disk_write(int fd, const void *data, size_t len);

/* Does fd hold data at that offset? Returns 0; -EIO where it holds something else; -errno. */
int disk_compare(int fd, off_t offset, const void *data, size_t len);

/*
 * Replaces dir/name by data, durably: tmp, write, fsync, rename, fsync of dir. A reader sees the
 * old or the new content. Returns 0; -errno with the old content still in place; or -ESTALE when
 * the new content is in place but may not outlive a power failure.
 */
int disk_replace(int dir, const char *name, const void *data, size_t len);

/* A new file dir/name of that mode, durably. Returns 0, -EEXIST (left as it is), -errno. */
int disk_create(int dir, const char *name, mode_t mode, const void *data, size_t len);

/*
 * The whole regular file dir/name, at most size bytes, into ret. Returns 0; -EFBIG beyond size;
 * -EINVAL if it is no regular file; -errno.
 */
int disk_read(int dir, const char *name, void *ret, size_t size, size_t *ret_len);

/* Opens a regular file for reading, never blocking, following no link. Descriptor or -errno. */
int disk_open_file(int dir, const char *name, int flags);

#endif /* LEDGER_DISK_H */
