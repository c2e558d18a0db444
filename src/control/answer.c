/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* answer.c - see answer.h. */
#include "control/answer.h"

void answer_begin(struct answer *a, struct client *c, int64_t id)
{
	*a = (struct answer){ .client = c };
	json_begin(&a->w, &a->text);
	json_object_begin(&a->w);
	json_kv_i64(&a->w, "id", id);
	json_key(&a->w, "ok");
}

void answer_event(struct answer *a, struct client *c, const char *name)
{
	*a = (struct answer){ .client = c };
	json_begin(&a->w, &a->text);
	json_object_begin(&a->w);
	json_kv_str(&a->w, "event", name);
}

void answer_end(struct answer *a)
{
	json_object_end(&a->w);
	buf_putc(&a->text, '\n');
	if (a->text.err)
		a->client->is_broken = true;
	else
		client_put(a->client, a->text.data, a->text.len);
	buf_free(&a->text);
}

void answer_error(struct client *c, int64_t id, const char *code, const char *message)
{
	struct answer a = { .client = c };

	json_begin(&a.w, &a.text);
	json_object_begin(&a.w);
	json_kv_i64(&a.w, "id", id);
	json_key(&a.w, "error");
	json_object_begin(&a.w);
	json_kv_str(&a.w, "code", code);
	json_kv_str(&a.w, "message", message);
	json_object_end(&a.w);
	answer_end(&a);
}
