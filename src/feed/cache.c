/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cache.c - see cache.h. */
#include "feed/cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "intensity/series_file.h"

void cache_read(const char *path, int64_t now_s, struct series *ret, int64_t *ret_age_s,
		struct why *why)
{
	struct series_set set = { 0 };
	struct stat st;

	*ret = (struct series){ 0 };
	*ret_age_s = INT64_MAX;
	if (stat(path, &st) < 0)
		return;
	*ret_age_s = now_s - st.st_mtim.tv_sec;
	if (series_load(path, &set, why))
		return;
	/* One series is in it; it is taken over. */
	*ret = set.series[0];
	set.series[0] = (struct series){ 0 };
	series_set_free(&set);
}

static int write_all(int fd, const struct buf *text)
{
	size_t done = 0;

	while (done < text->len) {
		ssize_t n = write(fd, text->data + done, text->len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		if (n > 0)
			done += (size_t)n;
	}
	return 0;
}

int cache_write(const char *path, const struct series *s, struct why *why)
{
	CLEANUP(buf_free) struct buf text = { 0 };
	CLEANUP(cleanup_close) int fd = -1;
	char beside[4096];
	int err;

	series_write_csv(s, &text);
	if (text.err || snprintf(beside, sizeof(beside), "%s.new", path) >= (int)sizeof(beside))
		return why_set(why, -ENOMEM, "cache %s: out of memory, or too long a name", path);
	fd = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
	if (fd < 0)
		return why_set(why, -errno, "cache %s: %s", beside, strerror(errno));
	err = write_all(fd, &text);
	if (!err && rename(beside, path) < 0)
		err = -errno;
	if (err) {
		unlink(beside);
		return why_set(why, err, "cache %s: %s", path, strerror(-err));
	}
	return 0;
}
