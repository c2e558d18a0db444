/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* client.c - see client.h. */
#include "control/client.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "control/answer.h"

/* Serves whole lines of the text. Returns how many bytes it has served. */
static size_t serve_lines(struct client *c, const char *text, size_t len, client_line_fn *f,
			  size_t *n_lines)
{
	size_t done = 0;

	while (done < len && !c->is_closing && !c->is_broken) {
		const char *end = memchr(text + done, '\n', len - done);

		c->has_lines = end != NULL;
		if (!end || *n_lines == 0)
			break;
		--*n_lines;
		c->has_lines = false;
		f(c, text + done, (size_t)(end - text) - done);
		done = (size_t)(end - text) + 1;
	}
	return done;
}

/* What has come, after what is left of before, into text. Returns how much there is. */
static size_t take(struct client *c, char text[CLIENT_MAX_LINE])
{
	size_t len = c->in.len;
	ssize_t n = 0;

	memcpy(text, c->in.data ? c->in.data : "", len);
	if (len < CLIENT_MAX_LINE && !c->is_at_end) {
		n = recv(c->fd, text + len, CLIENT_MAX_LINE - len, MSG_DONTWAIT);
		if (n == 0)
			c->is_at_end = true;
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			c->is_broken = true;
	}
	return len + (n > 0 ? (size_t)n : 0);
}

void client_read(struct client *c, client_line_fn *f, size_t *n_lines)
{
	char text[CLIENT_MAX_LINE];
	size_t len = take(c, text), done;

	if (c->is_broken)
		return;
	c->has_lines = false;
	done = serve_lines(c, text, len, f, n_lines);
	buf_reset(&c->in);
	if (done == 0 && len == CLIENT_MAX_LINE && !c->has_lines) {
		answer_error(c, 0, "too_long", "a line of more than 16 KiB");
		c->is_closing = true;
	}
	if (c->is_closing || c->is_broken)
		c->has_lines = false;
	else if (done < len)
		buf_append(&c->in, text + done, len - done);
	else
		buf_free(&c->in); /* idle connections cost next to nothing */
	if (c->in.err)
		c->is_broken = true;
}

void client_put(struct client *c, const char *text, size_t len)
{
	if (c->is_broken)
		return;
	if (client_n_waiting(c) + len > c->max_waiting)
		client_flush(c);
	if (client_n_waiting(c) + len > c->max_waiting) {
		c->is_broken = true;
		return;
	}
	buf_append(&c->out, text, len);
	c->is_broken |= c->out.err != 0;
}

/* What was sent makes room. */
static void forget_sent(struct client *c)
{
	if (c->n_sent == c->out.len) {
		buf_free(&c->out);
		c->n_sent = 0;
	} else if (c->n_sent > c->out.len / 2) {
		memmove(c->out.data, c->out.data + c->n_sent, c->out.len - c->n_sent);
		c->out.len -= c->n_sent;
		c->n_sent = 0;
	}
}

void client_flush(struct client *c)
{
	while (!c->is_broken && client_n_waiting(c)) {
		ssize_t n = send(c->fd, c->out.data + c->n_sent, client_n_waiting(c),
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			c->is_broken |= errno != EAGAIN;
			break;
		}
		c->n_sent += (size_t)n;
	}
	forget_sent(c);
}

void client_free_buffers(struct client *c)
{
	buf_free(&c->in);
	buf_free(&c->out);
}
