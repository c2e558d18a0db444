/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* connection.c - daemons that are absent, slow, rude or gone: does the program go on, and know? */
#include "client/connection.h"

#include <errno.h>
#include <sys/wait.h>

#include "unit/client/fake.h"

#define OK_SPAN "{\"id\":%d,\"ok\":{\"span\":3,\"begin_real_us\":1}}\n"
#define RESULT                                                                             \
	"{\"id\":%d,\"ok\":{\"span\":3,\"cpu_ns\":5,\"energy_uj\":{\"value\":2,\"low\":1," \
	"\"high\":"                                                                        \
	"3},\"ended_by\":\"client\"}}\n"

/* Every call of a client without a daemon says so, and touches nothing. */
static void expect_monitor_only(struct jt_client *c)
{
	struct jt_daemon_status status = { .pid = 77 };
	struct jt_host_totals totals = { .wall_ns = 77 };
	struct jt_result result = { .span = 77 };
	uint64_t span = 77;

	cr_expect_eq(jt_span_begin(c, NULL, &span), -ENOTCONN);
	cr_expect_eq(jt_epoch_begin(c, 0, 1, &span), -ENOTCONN);
	cr_expect_eq(jt_span_read(c, span, &result), -ENOTCONN);
	cr_expect_eq(jt_span_end_async(c, span), -ENOTCONN);
	cr_expect_eq(jt_span_end(c, span, &result), -ENOTCONN);
	cr_expect_eq(jt_totals(c, &totals), -ENOTCONN);
	cr_expect_eq(jt_status(c, &status), -ENOTCONN);
	cr_expect(span == 77 && result.span == 77 && totals.wall_ns == 77 && status.pid == 77);
}

static void expect_error(struct jt_client *c, const char *says)
{
	char text[256];

	jt_client_error(c, text, sizeof(text));
	cr_expect(strstr(text, says), "'%s' does not say '%s'", text, says);
}

Test(connection, nobody_there)
{
	const struct jt_client_options o = { .path = "/nonexistent/control.sock" };
	struct jt_client *c = NULL;

	cr_assert_eq(jt_client_open(&o, &c), -ENOTCONN);
	expect_error(c, "/nonexistent/control.sock: No such file");
	expect_monitor_only(c);
	cr_expect_eq(jt_span_wait(c, 1, 0, NULL), -ENOENT);
	jt_client_close(c);
	jt_client_close(NULL);
	expect_monitor_only(NULL);
}

Test(connection, a_path_that_is_no_sockets)
{
	struct jt_client_options o = { .path = "/dev/null" };
	struct jt_client *c = NULL;
	char path[200];

	cr_expect_eq(jt_client_open(&o, &c), -ENOTCONN);
	expect_error(c, "Connection refused");
	jt_client_close(c);
	memset(path, '/', sizeof(path));
	path[sizeof(path) - 1] = '\0';
	o.path = path;
	cr_expect_eq(jt_client_open(&o, &c), -ENOTCONN);
	expect_error(c, "too long");
	jt_client_close(c);
}

Test(connection, the_environment_names_one)
{
	struct jt_client *c = NULL;

	setenv(JT_CLIENT_SOCKET_ENV, "/nonexistent/other", 1);
	cr_expect_eq(jt_client_open(NULL, &c), -ENOTCONN);
	expect_error(c, "/nonexistent/other");
	jt_client_close(c);
	/* A daemon may be there: who would be asked is enough. */
	setenv(JT_CLIENT_SOCKET_ENV, "", 1);
	cr_assert_eq(client_new(NULL, &c), 0);
	cr_expect_str_eq(c->path, JT_CLIENT_SOCKET);
	jt_client_close(c);
}

static bool answers_all(int fd, int id, const char *op, const char *line)
{
	(void)line;
	if (!strcmp(op, "span_begin"))
		fake_answer(fd, OK_SPAN, id);
	else if (!strcmp(op, "totals"))
		fake_answer(fd, "{\"id\":%d,\"ok\":{\"wall_ns\":9}}\n", id);
	else if (!strcmp(op, "status"))
		fake_answer(fd, "{\"id\":%d,\"ok\":{\"pid\":9}}\n", id);
	else
		fake_answer(fd, RESULT, id);
	return true;
}

Test(connection, a_span_and_its_result)
{
	struct jt_daemon_status status;
	struct jt_host_totals totals;
	struct jt_result result;
	struct jt_client *c;
	struct fake f;
	uint64_t span = 0;

	fake_begin(&f, answers_all);
	cr_assert_eq(fake_open(&f, 0, &c), 0);
	cr_expect_eq(jt_span_begin(c, NULL, &span), 0);
	cr_expect_eq(span, 3);
	cr_expect_eq(jt_span_read(c, span, &result), 0);
	cr_expect_eq(jt_span_end(c, span, &result), 0);
	cr_expect(result.span == 3 && result.cpu_ns == 5 && result.energy_uj.high == 3);
	cr_expect_eq(jt_totals(c, &totals), 0);
	cr_expect_eq(totals.wall_ns, 9);
	cr_expect_eq(jt_status(c, &status), 0);
	cr_expect_eq(status.pid, 9);
	jt_client_close(c);
	fake_end(&f);
}

static bool repeats_the_line(int fd, int id, const char *op, const char *line)
{
	char text[1024];

	(void)op;
	snprintf(text, sizeof(text), "%.*s", (int)strcspn(line, "\n"), line);
	fake_answer(fd, "{\"id\":%d,\"ok\":{\"span\":3}}\n", id);
	fake_say(fd, "{\"event\":\"was\",\"line\":");
	fake_say(fd, text);
	fake_say(fd, "}\n");
	return true;
}

static void keep_event(struct answer_value event, void *arg)
{
	struct answer_value line = { 0 };

	answer_member(event, "line", &line);
	snprintf(arg, 1024, "%.*s", (int)line.len, line.at);
}

Test(connection, what_a_request_says)
{
	static const struct jt_label labels[] = { { "a", "1" }, { "\"b\"", "x\n" } };
	struct jt_span_options o = {
		.name = "caf\xc3\xa9", .label = labels, .n_labels = 2, .parent = 4, .pid = 12
	};
	char line[1024] = "";
	struct jt_client *c;
	struct fake f;
	uint64_t span;

	fake_begin(&f, repeats_the_line);
	cr_assert_eq(fake_open(&f, 0, &c), 0);
	c->event = keep_event;
	c->event_arg = line;
	cr_assert_eq(jt_span_begin(c, &o, &span), 0);
	while (!line[0] && !client_read_events(c))
		;
	cr_expect_str_eq(
		line, "{\"id\":2,\"op\":\"span_begin\",\"labels\":{\"a\":\"1\",\"\\\"b\\\"\":"
		      "\"x\\n\"},\"name\":\"caf\xc3\xa9\",\"parent\":4,\"target\":{\"pid\":12}}");
	o = (struct jt_span_options){ .cgroup = "/a" };
	line[0] = '\0';
	cr_assert_eq(jt_span_begin(c, &o, &span), 0);
	while (!line[0] && !client_read_events(c))
		;
	cr_expect(strstr(line, "\"target\":{\"cgroup\":\"/a\"}"), "%s", line);
	line[0] = '\0';
	cr_assert_eq(jt_epoch_begin(c, 3, 12, &span), 0);
	while (!line[0] && !client_read_events(c))
		;
	cr_expect(strstr(line, "\"labels\":{\"n\":\"12\"},\"name\":\"epoch\",\"parent\":3"), "%s",
		  line);
	jt_client_close(c);
	fake_end(&f);
}

Test(connection, requests_that_are_none)
{
	struct jt_label label = { "k", "v" };
	struct jt_span_options o = { .name = "\xff" };
	char big[20000];
	struct jt_client *c;
	struct fake f;
	uint64_t span;

	fake_begin(&f, answers_all);
	cr_assert_eq(fake_open(&f, 0, &c), 0);
	cr_expect_eq(jt_span_begin(c, &o, &span), -EINVAL);
	o = (struct jt_span_options){ .pid = 1, .cgroup = "/" };
	cr_expect_eq(jt_span_begin(c, &o, &span), -EINVAL);
	o = (struct jt_span_options){ .pid = -1 };
	cr_expect_eq(jt_span_begin(c, &o, &span), -EINVAL);
	o = (struct jt_span_options){ .n_labels = 1 };
	cr_expect_eq(jt_span_begin(c, &o, &span), -EINVAL);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\0';
	label.value = big;
	o = (struct jt_span_options){ .label = &label, .n_labels = 1 };
	cr_expect_eq(jt_span_begin(c, &o, &span), -EINVAL);
	expect_error(c, "too long");
	cr_expect_eq(jt_span_end(c, 0, NULL), -ENOENT);
	/* None of it has gone out. */
	cr_expect_eq(jt_span_begin(c, NULL, &span), 0);
	jt_client_close(c);
	fake_end(&f);
}

static bool refuses(int fd, int id, const char *op, const char *line)
{
	(void)op;
	(void)line;
	fake_answer(fd,
		    "{\"id\":%d,\"error\":{\"code\":\"forbidden\",\"message\":\"not yours\"}}\n",
		    id);
	return true;
}

Test(connection, what_the_daemon_refuses)
{
	struct jt_client *c;
	struct fake f;
	uint64_t span;

	fake_begin(&f, refuses);
	cr_assert_eq(fake_open(&f, 0, &c), 0);
	cr_expect_eq(jt_span_begin(c, NULL, &span), -EACCES);
	expect_error(c, "forbidden: not yours");
	cr_expect_eq(jt_span_begin(c, NULL, &span), -EACCES, "the connection goes on");
	jt_client_close(c);
	fake_end(&f);
}

static bool is_full(int fd, int id, const char *op, const char *line)
{
	(void)op, (void)line, (void)id;
	fake_say(fd,
		 "{\"id\":0,\"error\":{\"code\":\"limit\",\"message\":\"1024 connections\"}}\n");
	return false;
}

Test(connection, one_more_than_there_may_be)
{
	struct jt_client *c;
	struct fake f;

	fake_start(&f, true, is_full);
	cr_expect_eq(fake_open(&f, 0, &c), -EDQUOT);
	expect_error(c, "1024 connections");
	expect_monitor_only(c);
	jt_client_close(c);
	fake_end(&f);
}

static bool is_silent(int fd, int id, const char *op, const char *line)
{
	(void)op, (void)line, (void)id, (void)fd;
	return true;
}

Test(connection, one_that_never_answers)
{
	struct jt_client *c;
	struct fake f;
	uint64_t span = 7;

	fake_start(&f, true, is_silent);
	cr_expect_eq(fake_open(&f, 20, &c), -ETIMEDOUT);
	expect_monitor_only(c);
	jt_client_close(c);
	fake_end(&f);

	fake_begin(&f, is_silent);
	cr_assert_eq(fake_open(&f, 20, &c), 0);
	cr_expect_eq(jt_span_begin(c, NULL, &span), -ETIMEDOUT);
	expect_error(c, "no answer in 20 ms");
	cr_expect_eq(jt_span_end_async(c, 3), 0);
	cr_expect_eq(jt_span_wait(c, 3, 0, NULL), -EAGAIN);
	cr_expect_eq(jt_span_wait(c, 3, 5, NULL), -EAGAIN, "it may be waited for again");
	cr_expect_eq(jt_span_wait(c, 4, 5, NULL), -ENOENT);
	jt_client_close(c);
	fake_end(&f);
}

static bool goes_away(int fd, int id, const char *op, const char *line)
{
	(void)op, (void)line, (void)id;
	fake_say(fd, "{\"id\":2,\"ok\":{\"sp");
	return false;
}

Test(connection, one_that_closes_midway)
{
	struct jt_client *c;
	struct fake f;
	uint64_t span;

	fake_begin(&f, goes_away);
	cr_assert_eq(fake_open(&f, 0, &c), 0);
	cr_expect_eq(jt_span_begin(c, NULL, &span), -ENOTCONN);
	expect_error(c, "closed the connection");
	expect_monitor_only(c);
	jt_client_close(c);
	fake_end(&f);
}

static const char *garbage;

static bool says_garbage(int fd, int id, const char *op, const char *line)
{
	(void)op, (void)line;
	if (strstr(garbage, "%d"))
		fake_answer(fd, garbage, id);
	else
		fake_say(fd, garbage);
	return true;
}

Test(connection, answers_that_are_none)
{
	static const char *const says[] = {
		"\n",
		"hello\n",
		"[]\n",
		"{\"ok\":{}}\n",
		"{\"id\":\"2\",\"ok\":{}}\n",
		"{\"id\":%d}\n",
		"{\"id\":%d,\"ok\":null}\n",
		"{\"id\":%d,\"ok\":{\"span\":0}}\n",
		"{\"id\":%d,\"ok\":{}}\n",
		"{\"id\":%d,\"ok\":[]}\n",
		"{\"id\":%d,\"error\":7}\n",
		"{\"id\":%d,\"error\":{\"code\":\"new\"}}\n",
		"{\"id\":%d,\"ok\":{\"span\":\"3\"}}\n",
		"\xff\xfe\n",
	};

	for (size_t i = 0; i < sizeof(says) / sizeof(*says); i++) {
		struct jt_client *c;
		struct fake f;
		uint64_t span = 7;

		garbage = says[i];
		fake_begin(&f, says_garbage);
		cr_assert_eq(fake_open(&f, 0, &c), 0);
		cr_expect_eq(jt_span_begin(c, NULL, &span), -EPROTO, "%s", garbage);
		cr_expect_eq(span, 7);
		jt_client_close(c);
		fake_end(&f);
	}
}

static bool never_ends(int fd, int id, const char *op, const char *line)
{
	static char piece[65536];

	(void)op, (void)line, (void)id;
	memset(piece, 'x', sizeof(piece) - 1);
	for (int i = 0; i < 64; i++)
		fake_say(fd, piece);
	return false;
}

Test(connection, an_answer_without_an_end)
{
	struct jt_client *c;
	struct fake f;
	uint64_t span;

	fake_begin(&f, never_ends);
	cr_assert_eq(fake_open(&f, 0, &c), 0);
	cr_expect_eq(jt_span_begin(c, NULL, &span), -EPROTO);
	expect_error(c, "without an end");
	cr_expect_leq(c->in.len, 2 * CLIENT_MAX_ANSWER);
	jt_client_close(c);
	fake_end(&f);
}

static bool speaks_2(int fd, int id, const char *op, const char *line)
{
	(void)op, (void)line;
	fake_answer(fd, "{\"id\":%d,\"ok\":{\"protocol\":2}}\n", id);
	return true;
}

Test(connection, another_protocol)
{
	struct jt_client *c;
	struct fake f;

	fake_start(&f, true, speaks_2);
	cr_expect_eq(fake_open(&f, 0, &c), -EPROTO);
	expect_error(c, "another protocol");
	expect_monitor_only(c);
	jt_client_close(c);
	fake_end(&f);
}

/* ---- threads ---- */

static int held_id;

/* An end is answered when the next span begins: it overtakes. */
static bool holds_ends(int fd, int id, const char *op, const char *line)
{
	(void)line;
	if (!strcmp(op, "span_end")) {
		held_id = id;
	} else if (!strcmp(op, "span_begin")) {
		fake_answer(fd, OK_SPAN, id);
		if (held_id)
			fake_answer(fd, RESULT, held_id);
	}
	return true;
}

static void *wait_for_end(void *arg)
{
	struct jt_result result;
	int err = jt_span_wait(arg, 3, 60000, &result);

	return err || result.cpu_ns != 5 ? arg : NULL;
}

Test(connection, one_that_waits_does_not_hold_up_others)
{
	struct jt_client *c;
	pthread_t waits;
	struct fake f;
	uint64_t span;
	void *failed;

	held_id = 0;
	fake_begin(&f, holds_ends);
	cr_assert_eq(fake_open(&f, 0, &c), 0);
	cr_expect_eq(jt_span_begin(c, NULL, &span), 0);
	cr_assert_eq(jt_span_end_async(c, span), 0);
	cr_assert_eq(pthread_create(&waits, NULL, wait_for_end, c), 0);
	/* Whether it is waiting by now or not: this is answered, and lets it go. */
	cr_expect_eq(jt_span_begin(c, NULL, &span), 0);
	pthread_join(waits, &failed);
	cr_expect_null(failed);
	cr_expect_eq(jt_span_wait(c, 3, 0, NULL), -ENOENT, "its result was taken");
	jt_client_close(c);
	fake_end(&f);
}

static void *begin_and_end(void *arg)
{
	struct jt_host_totals totals;
	uint64_t span;

	for (int i = 0; i < 200; i++)
		if (jt_span_begin(arg, NULL, &span) || span != 3 || jt_totals(arg, &totals) ||
		    totals.wall_ns != 9)
			return arg;
	return NULL;
}

Test(connection, many_threads_at_once)
{
	pthread_t thread[8];
	struct jt_client *c;
	struct fake f;
	void *failed;

	fake_begin(&f, answers_all);
	cr_assert_eq(fake_open(&f, 60000, &c), 0);
	for (int i = 0; i < 8; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, begin_and_end, c), 0);
	for (int i = 0; i < 8; i++) {
		pthread_join(thread[i], &failed);
		cr_expect_null(failed);
	}
	cr_expect_null(c->request, "nothing is left behind");
	jt_client_close(c);
	fake_end(&f);
}

Test(connection, a_child_has_none)
{
	struct jt_client *c;
	struct fake f;
	uint64_t span;
	int status;
	pid_t pid;

	fake_begin(&f, answers_all);
	cr_assert_eq(fake_open(&f, 0, &c), 0);
	pid = fork();
	if (pid == 0) {
		bool ok = jt_span_begin(c, NULL, &span) == -ENOTCONN;

		jt_client_close(c);
		_exit(ok ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	cr_expect_eq(jt_span_begin(c, NULL, &span), 0, "the parent's goes on");
	jt_client_close(c);
	fake_end(&f);
}
