/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-tile.c - what lies in files: packed segments and hash tiles. */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ledger/member.h"
#include "ledger/tiles.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_member(const uint8_t *data, size_t size)
{
	static struct member_inflater inflater;
	static char plain[MEMBER_MAX_PLAIN];
	struct member_head h;
	size_t len;

	if (size < MEMBER_HEAD_LEN + MEMBER_TAIL_LEN || member_parse(data, &h))
		return;
	if (h.deflated > size - MEMBER_HEAD_LEN - MEMBER_TAIL_LEN)
		return;
	/* The hash keeps a fuzzer from the inflater: let it pass. */
	hash_bytes(-1, data + MEMBER_HEAD_LEN, h.deflated, &h.sha256);
	if (member_inflate(&inflater, &h, data + MEMBER_HEAD_LEN, plain, &len) == 0 &&
	    (len == 0 || len > sizeof(plain) || plain[len - 1] != '\n'))
		abort();
}

/* In a directory of this process's own, in memory where there is one. */
static int tile_dir(void)
{
	static char path[] = "/dev/shm/jt-fuzz-XXXXXX";
	static int fd = -1;

	if (fd < 0 && mkdtemp(path)) {
		fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		mkdirat(fd, "1", 0755);
		mkdirat(fd, "1/000.p", 0755);
	}
	return fd;
}

static void as_tile(const uint8_t *data, size_t size)
{
	static struct tiles t;
	int dir = tile_dir(), fd;
	struct tree tree;
	struct hash h;

	if (dir < 0)
		return;
	fd = openat(dir, "1/000.p/9", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0 || write(fd, data, size) < 0)
		abort();
	close(fd);
	t.dir = dir;
	tiles_load(&t, 7 * TILES_WIDTH, &tree);
	tiles_node(dir, 9, 1, &h);
	unlinkat(dir, "1/000.p/9", 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	as_member(data, size);
	if (size < 10000)
		as_tile(data, size);
	return 0;
}
