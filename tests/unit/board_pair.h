/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* board_pair.h - a board and its reader, as two processes have them. */
#ifndef TESTS_UNIT_BOARD_PAIR_H
#define TESTS_UNIT_BOARD_PAIR_H

#include <criterion/criterion.h>
#include <unistd.h>

#include "base/board.h"
#include "base/buf.h"
#include "base/cleanup.h"

struct board_pair {
	struct board *board;
	struct board *reader;
};

static inline struct board_pair board_pair_new(void)
{
	struct board_pair p;
	int fd;

	cr_assert_eq(board_new(65536, &p.board), 0);
	fd = board_open_reader(p.board);
	cr_assert_geq(fd, 0);
	cr_assert_eq(board_attach(fd, &p.reader), 0);
	close(fd);
	return p;
}

static inline void board_pair_free(const struct board_pair *p)
{
	board_free(p->reader);
	board_free(p->board);
}

#endif /* TESTS_UNIT_BOARD_PAIR_H */
