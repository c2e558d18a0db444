/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* answer.h - answers and events as lines: docs/protocol.md. */
#ifndef CONTROL_ANSWER_H
#define CONTROL_ANSWER_H

#include "base/json.h"
#include "control/client.h"

/* Answers are made one at a time, in one buffer. */
struct answer {
	struct client *client;
	struct buf text;
	struct json_writer w;
};

/* {"id":ID,"ok": … the caller's value, then answer_end(). */
void answer_begin(struct answer *a, struct client *c, int64_t id);
/* {"event":NAME … the caller's members, then answer_end(). */
void answer_event(struct answer *a, struct client *c, const char *name);
/* Closes the object and sends it. */
void answer_end(struct answer *a);

void answer_error(struct client *c, int64_t id, const char *code, const char *message);

#endif /* CONTROL_ANSWER_H */
