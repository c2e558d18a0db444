/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fs.h - small files read below a root directory, so that every source can be a fixture. */
#ifndef BASE_FS_H
#define BASE_FS_H

#include <stddef.h>
#include <stdint.h>

#define FS_PATH_LEN 4096

/*
 * root/path into ret (size bytes); root NULL or "" is "/". path is relative ("sys/class/powercap").
 * Returns 0 or -ENAMETOOLONG.
 */
int fs_path(const char *root, const char *path, char *ret, size_t size);

/*
 * Whole file (at most size - 1 bytes; the rest is cut) into ret, NUL-terminated, without trailing
 * white space. ret_len (may be NULL) is the length after trimming. Returns 0 or -errno.
 */
int fs_read_text(const char *root, const char *path, char *ret, size_t size, size_t *ret_len);
int fs_read_text_at(int dirfd, const char *path, char *ret, size_t size, size_t *ret_len);

/* pread from offset 0 of an open counter file. Same result rules as fs_read_text(). */
int fs_pread_text(int fd, char *ret, size_t size, size_t *ret_len);

/*
 * A decimal integer and nothing else (leading and trailing blanks allowed).
 * Returns 0; -EINVAL (empty, sign, non-digit); -ERANGE (2^64 or more); or the file's -errno.
 */
int fs_parse_u64(const char *text, uint64_t *ret);
int fs_read_u64(const char *root, const char *path, uint64_t *ret);

/* A Linux CPU list ("0-3,8,10-11"): calls f(cpu, arg) for each. Returns 0 or -EINVAL. */
int fs_parse_cpulist(const char *text, void (*f)(unsigned int cpu, void *arg), void *arg);

#endif /* BASE_FS_H */
