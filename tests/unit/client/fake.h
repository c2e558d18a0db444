/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fake.h - a daemon of a few lines: what it says to each request is the test's. */
#ifndef UNIT_CLIENT_FAKE_H
#define UNIT_CLIENT_FAKE_H

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "jouletrail/client.h"

#define FAKE_VERSION                                                                           \
	"{\"id\":%d,\"ok\":{\"protocol\":1,\"version\":\"0\",\"privileged\":false,\"interval_" \
	"ns\":1000000000}}\n"

/*
 * One request: its number, its op, its whole line. What is written to fd is the answer; false
 * closes the connection.
 */
typedef bool fake_fn(int fd, int id, const char *op, const char *line);

struct fake {
	char dir[32];
	char path[64];
	int fd;
	bool is_rude; /* the first request, for the version, is the test's to answer too */
	fake_fn *answer;
	pthread_t thread;
};

static inline void fake_say(int fd, const char *text)
{
	size_t len = strlen(text), done = 0;

	while (done < len) {
		ssize_t n = send(fd, text + done, len - done, MSG_NOSIGNAL);

		if (n <= 0)
			return;
		done += (size_t)n;
	}
}

/* One answer: a format with the id in it. */
static inline void fake_answer(int fd, const char *format, int id)
{
	char text[2048];
	const char *at = strstr(format, "%d");

	cr_assert(at && strlen(format) < sizeof(text) - 16);
	snprintf(text, sizeof(text), "%.*s%d%s", (int)(at - format), format, id, at + 2);
	fake_say(fd, text);
}

static inline bool fake_one(struct fake *f, int fd, const char *line)
{
	const char *id = strstr(line, "\"id\":"), *op = strstr(line, "\"op\":\"");
	char word[32] = "";

	cr_assert(id && op, "%s", line);
	sscanf(op + 6, "%31[a-z_]", word);
	if (!strcmp(word, "version") && !f->is_rude) {
		fake_answer(fd, FAKE_VERSION, (int)strtol(id + 5, NULL, 10));
		return true;
	}
	return f->answer(fd, (int)strtol(id + 5, NULL, 10), word, line);
}

static inline void *fake_run(void *arg)
{
	struct fake *f = arg;
	char *line = NULL;
	size_t size = 0;
	int fd = accept(f->fd, NULL, NULL);
	FILE *in = fd < 0 ? NULL : fdopen(fd, "r");

	while (in && getline(&line, &size, in) > 0 && fake_one(f, fd, line))
		;
	if (in)
		fclose(in);
	free(line);
	return NULL;
}

static inline void fake_start(struct fake *f, bool is_rude, fake_fn *answer)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };

	*f = (struct fake){ .dir = "/tmp/jt-client-XXXXXX", .is_rude = is_rude, .answer = answer };
	cr_assert(mkdtemp(f->dir));
	snprintf(f->path, sizeof(f->path), "%s/sock", f->dir);
	snprintf(at.sun_path, sizeof(at.sun_path), "%s", f->path);
	f->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	cr_assert_eq(bind(f->fd, (struct sockaddr *)&at, sizeof(at)), 0);
	cr_assert_eq(listen(f->fd, 4), 0);
	cr_assert_eq(pthread_create(&f->thread, NULL, fake_run, f), 0);
}

static inline void fake_begin(struct fake *f, fake_fn *answer)
{
	fake_start(f, false, answer);
}

/* Once the client has closed. */
static inline void fake_end(struct fake *f)
{
	pthread_join(f->thread, NULL);
	close(f->fd);
	unlink(f->path);
	rmdir(f->dir);
}

static inline int fake_open(const struct fake *f, uint32_t timeout_ms, struct jt_client **ret)
{
	const struct jt_client_options o = { .path = f->path, .timeout_ms = timeout_ms };

	return jt_client_open(&o, ret);
}

#endif /* UNIT_CLIENT_FAKE_H */
