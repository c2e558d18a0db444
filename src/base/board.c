/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* board.c - see board.h. */
#include "base/board.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

#define PAGE	  4096
#define MAX_TRIES 100 /* a reader is overtaken only if two texts come while it copies one */

/* At the begin of the memory; the halves follow from PAGE on. Text n is in half n % 2. */
struct board_head {
	_Atomic uint64_t number; /* of the text that is shown; 0 = none yet */
	struct {
		_Atomic uint64_t number; /* of the text that is in it; 0 = being written */
		_Atomic uint64_t len;
	} half[2];
};

static_assert(sizeof(struct board_head) <= PAGE, "the head has a page of its own");

struct board {
	int fd; /* -1 = a reader's */
	size_t half_size;
	uint64_t number; /* the writer's own count: it reads nothing there */
	struct board_head *head;
};

DEFINE_CLEANUP(struct board *, board_free)

static size_t board_bytes(const struct board *b)
{
	return PAGE + 2 * b->half_size;
}

static char *board_half(const struct board *b, uint64_t number)
{
	return (char *)b->head + PAGE + (number % 2) * b->half_size;
}

void board_free(struct board *b)
{
	if (!b)
		return;
	if (b->head)
		munmap(b->head, board_bytes(b));
	cleanup_close(&b->fd);
	free(b);
}

static int board_map(struct board *b, int fd, int how)
{
	void *at = mmap(NULL, board_bytes(b), how, MAP_SHARED, fd, 0);

	if (at == MAP_FAILED)
		return -errno;
	b->head = at;
	return 0;
}

int board_new(size_t size, struct board **ret)
{
	CLEANUP(board_free_ptr) struct board *b = calloc(1, sizeof(*b));
	int err;

	if (!b)
		return -ENOMEM;
	b->half_size = (size + PAGE - 1) / PAGE * PAGE;
	b->fd = memfd_create("jouletrail-board", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* Its mode: whoever has a reader's descriptor cannot open it anew to write. */
	if (b->fd < 0 || fchmod(b->fd, 0600) || ftruncate(b->fd, (off_t)board_bytes(b)) ||
	    fcntl(b->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL))
		return -errno;
	err = board_map(b, b->fd, PROT_READ | PROT_WRITE);
	if (err)
		return err;
	*ret = TAKE_PTR(b);
	return 0;
}

int board_open_reader(const struct board *b)
{
	char path[40];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", b->fd);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

int board_put(struct board *b, const char *text, size_t len)
{
	uint64_t number = b->number + 1;

	if (len > b->half_size)
		return -EFBIG;
	atomic_store_explicit(&b->head->half[number % 2].number, 0, memory_order_relaxed);
	/* Who sees a byte of the new text sees that the half is no longer the old one's. */
	atomic_thread_fence(memory_order_release);
	memcpy(board_half(b, number), text, len);
	atomic_store_explicit(&b->head->half[number % 2].len, len, memory_order_relaxed);
	atomic_store_explicit(&b->head->half[number % 2].number, number, memory_order_release);
	atomic_store_explicit(&b->head->number, number, memory_order_release);
	b->number = number;
	return 0;
}

int board_attach(int fd, struct board **ret)
{
	CLEANUP(board_free_ptr) struct board *b = calloc(1, sizeof(*b));
	struct stat st;
	int err;

	if (!b)
		return -ENOMEM;
	b->fd = -1;
	if (fstat(fd, &st))
		return -errno;
	/* One that can shrink would end its reader. */
	if (!S_ISREG(st.st_mode) || !(fcntl(fd, F_GET_SEALS) & F_SEAL_SHRINK) ||
	    st.st_size < PAGE || (st.st_size - PAGE) % (2 * PAGE) != 0)
		return -EINVAL;
	b->half_size = (size_t)(st.st_size - PAGE) / 2;
	err = board_map(b, fd, PROT_READ);
	if (err)
		return err;
	*ret = TAKE_PTR(b);
	return 0;
}

/* Text `number`, or false: it has been written over meanwhile. */
static bool board_copy(const struct board *b, uint64_t number, struct buf *out)
{
	const struct board_head *head = b->head;
	size_t from = out->len;
	uint64_t len;

	if (atomic_load_explicit(&head->half[number % 2].number, memory_order_acquire) != number)
		return false;
	len = atomic_load_explicit(&head->half[number % 2].len, memory_order_relaxed);
	if (len > b->half_size)
		return false;
	buf_append(out, board_half(b, number), len);
	atomic_thread_fence(memory_order_acquire);
	if (atomic_load_explicit(&head->half[number % 2].number, memory_order_relaxed) == number)
		return true;
	if (!out->err)
		out->len = from;
	return false;
}

int board_read(const struct board *b, uint64_t *seen, struct buf *out)
{
	for (int i = 0; i < MAX_TRIES; i++) {
		uint64_t number = atomic_load_explicit(&b->head->number, memory_order_acquire);

		if (number == *seen)
			return 0;
		if (!board_copy(b, number, out))
			continue;
		if (out->err)
			return out->err;
		*seen = number;
		return 1;
	}
	return -EAGAIN;
}
