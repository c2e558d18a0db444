/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spawner_parts.h - what a spawner and its owner say to each other. */
#ifndef DAEMON_SPAWNER_PARTS_H
#define DAEMON_SPAWNER_PARTS_H

#include "daemon/spawner.h"

enum spawner_op { SPAWNER_ADD = 1, SPAWNER_SEAL, SPAWNER_START, SPAWNER_END };

/* To it; START brings one descriptor, its standard input, or two, the other its output. */
struct spawner_ask {
	uint32_t op;
	uint32_t number;
	uint64_t serial; /* of the start */
};

/* What follows an ADD in the same message. */
struct spawner_told {
	struct program program;
	uint32_t len;
	char text[SPAWNER_TEXT_LEN]; /* the arguments, each with its NUL */
};

/* From it: that start has ended. */
struct spawner_ended {
	uint32_t number;
	int32_t status;
	uint64_t serial;
};

/* The process: reads fd until it is closed at the other end. Returns the exit status. */
int spawner_serve(int fd);

#endif /* DAEMON_SPAWNER_PARTS_H */
