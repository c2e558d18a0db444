/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* serve_subscriptions.c - what a connection is told without asking again. */
#include "control/control_parts.h"

void serve_subscribe(const struct request *r)
{
	request_fail(r, "not_available", "not yet");
}

void serve_unsubscribe(const struct request *r)
{
	request_fail(r, "not_found", "this connection has no such subscription");
}

void client_subscriptions_window(struct client *c, const struct course_window *w,
				 struct identity *id)
{
	(void)c;
	(void)w;
	(void)id;
}

void client_subscriptions_free(struct client *c)
{
	(void)c;
}
