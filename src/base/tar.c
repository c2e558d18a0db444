/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tar.c - see tar.h. */
#include "base/tar.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#define BLOCK 512

/* The ustar header: POSIX.1-2017, pax, "ustar Interchange Format". Numbers are octal digits. */
struct tar_header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[6];
	char version[2];
	char user[32];
	char group[32];
	char device[16];
	char prefix[155];
	char rest[12];
};

static_assert(sizeof(struct tar_header) == BLOCK, "a header is a block");

static void tar_zeros(struct buf *out, size_t n)
{
	static const char zeros[BLOCK];

	buf_append(out, zeros, n);
}

/* The sum of the header's bytes, its own field taken as blanks. */
static void tar_checksum(struct tar_header *h)
{
	const unsigned char *byte = (const unsigned char *)h;
	unsigned int sum = 0;

	memset(h->checksum, ' ', sizeof(h->checksum));
	for (size_t i = 0; i < sizeof(*h); i++)
		sum += byte[i];
	snprintf(h->checksum, sizeof(h->checksum), "%06o", sum & 0777777);
}

int tar_add(struct buf *out, const char *name, const struct buf *data, int64_t mtime_s)
{
	struct tar_header h = { .type = '0', .magic = "ustar", .version = { '0', '0' } };

	if (strlen(name) >= sizeof(h.name))
		return -ENAMETOOLONG;
	if (data->err)
		return data->err;
	memcpy(h.name, name, strlen(name));
	snprintf(h.mode, sizeof(h.mode), "%07o", 0644);
	snprintf(h.uid, sizeof(h.uid), "%07o", 0);
	snprintf(h.gid, sizeof(h.gid), "%07o", 0);
	snprintf(h.size, sizeof(h.size), "%011llo", (unsigned long long)data->len & 077777777777);
	snprintf(h.mtime, sizeof(h.mtime), "%011llo", (unsigned long long)mtime_s & 077777777777);
	tar_checksum(&h);
	buf_append(out, &h, sizeof(h));
	if (data->len)
		buf_append(out, data->data, data->len);
	tar_zeros(out, (BLOCK - data->len % BLOCK) % BLOCK);
	return out->err;
}

void tar_end(struct buf *out)
{
	tar_zeros(out, BLOCK);
	tar_zeros(out, BLOCK);
}

int tar_gzip(const struct buf *plain, struct buf *out)
{
	z_stream z = { .next_in = (Bytef *)plain->data, .avail_in = (uInt)plain->len };
	unsigned char piece[16384];
	int status = Z_OK;

	if (plain->err)
		return plain->err;
	/* 16: with gzip's head and sum. */
	if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY))
		return -ENOMEM;
	while (status != Z_STREAM_END) {
		z.next_out = piece;
		z.avail_out = sizeof(piece);
		status = deflate(&z, Z_FINISH);
		buf_append(out, piece, sizeof(piece) - z.avail_out);
	}
	deflateEnd(&z);
	return out->err;
}
