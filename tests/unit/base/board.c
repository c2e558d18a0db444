/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* board.c - does a reader get whole texts, the newest, and nothing but read? */
#include "base/board.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/cleanup.h"

DEFINE_CLEANUP(struct board *, board_free)

static struct board *reader_of(const struct board *b)
{
	struct board *reader;
	int fd = board_open_reader(b);

	cr_assert_geq(fd, 0);
	cr_assert_eq(board_attach(fd, &reader), 0);
	close(fd);
	return reader;
}

Test(board, shows_the_last_text)
{
	CLEANUP(board_free_ptr) struct board *b = NULL, *reader = NULL;
	CLEANUP(buf_free) struct buf text = { 0 };
	uint64_t seen = 0;

	cr_assert_eq(board_new(10000, &b), 0);
	reader = reader_of(b);
	cr_expect_eq(board_read(reader, &seen, &text), 0, "nothing yet");
	cr_assert_eq(board_put(b, "one", 3), 0);
	cr_assert_eq(board_put(b, "two", 3), 0);
	cr_expect_eq(board_read(reader, &seen, &text), 1);
	cr_expect_str_eq(text.data, "two");
	cr_expect_eq(board_read(reader, &seen, &text), 0, "nothing new");
	cr_assert_eq(board_put(b, "", 0), 0);
	buf_reset(&text);
	cr_expect_eq(board_read(reader, &seen, &text), 1);
	cr_expect_eq(text.len, 0);
}

Test(board, what_has_no_room_is_not_shown)
{
	CLEANUP(board_free_ptr) struct board *b = NULL, *reader = NULL;
	CLEANUP(buf_free) struct buf text = { 0 };
	static char large[20000];
	uint64_t seen = 0;

	cr_assert_eq(board_new(10000, &b), 0);
	reader = reader_of(b);
	cr_assert_eq(board_put(b, "small", 5), 0);
	cr_expect_eq(board_put(b, large, sizeof(large)), -EFBIG);
	cr_expect_eq(board_read(reader, &seen, &text), 1);
	cr_expect_str_eq(text.data, "small");
}

Test(board, a_reader_cannot_write)
{
	CLEANUP(board_free_ptr) struct board *b = NULL;
	CLEANUP(cleanup_close) int fd = -1;

	cr_assert_eq(board_new(100, &b), 0);
	fd = board_open_reader(b);
	cr_assert_geq(fd, 0);
	cr_expect_eq(write(fd, "x", 1), -1);
	cr_expect_eq(ftruncate(fd, 0), -1);
	cr_expect_eq(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0), MAP_FAILED);
	if (geteuid() == 0) {
		char path[40];

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		cr_assert_eq(setresuid(65534, 65534, 65534), 0);
		cr_expect_eq(open(path, O_RDWR | O_CLOEXEC), -1, "nor open it anew");
	}
}

Test(board, what_is_no_board_is_refused)
{
	struct board *b = NULL;
	int pipe_fd[2], fd;

	cr_assert_eq(pipe(pipe_fd), 0);
	cr_expect_eq(board_attach(pipe_fd[0], &b), -EINVAL);
	cr_expect_eq(board_attach(-1, &b), -EBADF);
	fd = memfd_create("x", MFD_ALLOW_SEALING);
	cr_assert_eq(ftruncate(fd, 3 * 4096), 0);
	cr_expect_eq(board_attach(fd, &b), -EINVAL, "it could shrink");
	cr_assert_eq(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK), 0);
	cr_assert_eq(ftruncate(fd, 4 * 4096), 0);
	cr_expect_eq(board_attach(fd, &b), -EINVAL, "two halves are not alike");
	cr_expect_null(b);
}

#define TEXT_LEN 50000
#define N_TEXTS	 3000

struct race {
	struct board *board;
	atomic_bool ended;
};

static void *write_on(void *arg)
{
	static char text[TEXT_LEN];
	struct race *r = arg;

	for (int i = 0; i < N_TEXTS; i++) {
		memset(text, 'a' + i % 26, sizeof(text));
		board_put(r->board, text, sizeof(text) - (size_t)i);
	}
	atomic_store(&r->ended, true);
	return NULL;
}

/* However they meet: all of one text, and the last one at the end. */
Test(board, texts_are_whole)
{
	CLEANUP(board_free_ptr) struct board *reader = NULL;
	CLEANUP(buf_free) struct buf text = { 0 };
	struct race r = { NULL };
	pthread_t writer;
	uint64_t seen = 0;
	bool ended;

	cr_assert_eq(board_new(TEXT_LEN, &r.board), 0);
	reader = reader_of(r.board);
	cr_assert_eq(pthread_create(&writer, NULL, write_on, &r), 0);
	do {
		ended = atomic_load(&r.ended);
		buf_reset(&text);
		if (board_read(reader, &seen, &text) != 1)
			continue;
		cr_assert_eq(text.len, TEXT_LEN - (size_t)(seen - 1));
		for (size_t i = 0; i < text.len; i++)
			cr_assert_eq(text.data[i], 'a' + (char)((seen - 1) % 26));
	} while (!ended);
	pthread_join(writer, NULL);
	cr_expect_eq(seen, N_TEXTS);
	board_free(r.board);
}
