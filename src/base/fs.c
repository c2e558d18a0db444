/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fs.c - see fs.h. */
#include "base/fs.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

int fs_path(const char *root, const char *path, char *ret, size_t size)
{
	int n = snprintf(ret, size, "%s/%s", root ? root : "", path);

	return n < 0 || (size_t)n >= size ? -ENAMETOOLONG : 0;
}

int fs_pread_text(int fd, char *ret, size_t size, size_t *ret_len)
{
	size_t len = 0;

	while (len < size - 1) {
		ssize_t n = pread(fd, ret + len, size - 1 - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	while (len > 0 && isspace((unsigned char)ret[len - 1]))
		len--;
	ret[len] = '\0';
	if (ret_len)
		*ret_len = len;
	return 0;
}

int fs_read_text_at(int dirfd, const char *path, char *ret, size_t size, size_t *ret_len)
{
	CLEANUP(cleanup_close) int fd = openat(dirfd, path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -errno;
	return fs_pread_text(fd, ret, size, ret_len);
}

int fs_read_text(const char *root, const char *path, char *ret, size_t size, size_t *ret_len)
{
	char full[FS_PATH_LEN];
	int err = fs_path(root, path, full, sizeof(full));

	return err ? err : fs_read_text_at(AT_FDCWD, full, ret, size, ret_len);
}

int fs_parse_u64(const char *text, uint64_t *ret)
{
	unsigned long long v;
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	if (!isdigit((unsigned char)*text))
		return -EINVAL;
	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno == ERANGE)
		return -ERANGE;
	while (isspace((unsigned char)*end))
		end++;
	if (*end)
		return -EINVAL;
	*ret = v;
	return 0;
}

int fs_read_u64(const char *root, const char *path, uint64_t *ret)
{
	char text[64];
	size_t len;
	int err = fs_read_text(root, path, text, sizeof(text), &len);

	if (err)
		return err;
	/* A NUL inside would hide what follows it. */
	return strlen(text) == len ? fs_parse_u64(text, ret) : -EINVAL;
}

int fs_parse_cpulist(const char *text, void (*f)(unsigned int cpu, void *arg), void *arg)
{
	const char *p = text;

	while (*p) {
		unsigned long first, last;
		char *end;

		if (!isdigit((unsigned char)*p))
			return -EINVAL;
		first = last = strtoul(p, &end, 10);
		if (*end == '-') {
			p = end + 1;
			if (!isdigit((unsigned char)*p))
				return -EINVAL;
			last = strtoul(p, &end, 10);
		}
		if (last < first || last > 65535)
			return -EINVAL;
		for (; first <= last; first++)
			f((unsigned int)first, arg);
		if (*end && *end != ',')
			return -EINVAL;
		p = *end ? end + 1 : end;
	}
	return 0;
}
