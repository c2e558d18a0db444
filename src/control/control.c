/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* control.c - see control.h: who is connected, and whose turn it is. */
#include "control/control.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/login.h"
#include "control/control_parts.h"
#include "control/socket.h"

/* A turn: at most so many connections, lines of one, and lines in all; some 10 ms. */
#define TURN_CLIENTS	  32
#define TURN_CLIENT_LINES 200
#define TURN_LINES	  400
/* Descriptors that are not clients': maps, links, counters, the ledger's. */
#define SPARE_FILES 1024

void control_now(struct spans_moment *ret)
{
	*ret = (struct spans_moment){ .mono_ns = clock_mono_ns(),
				      .boot_ns = clock_read_ns(CLOCK_BOOTTIME),
				      .real_us = clock_real_us() };
}

static void drop_client(struct client *c)
{
	struct control *control = c->control;

	client_subscriptions_free(c);
	client_spans_free(c);
	client_free_buffers(c);
	close(c->fd);
	if (c->previous)
		c->previous->next = c->next;
	else
		control->client = c->next;
	if (c->next)
		c->next->previous = c->previous;
	control->n_clients--;
	free(c);
}

DEFINE_CLEANUP(struct control *, control_free)

void control_free(struct control *c)
{
	if (!c)
		return;
	if (c->pipeline)
		pipeline_tell_records(c->pipeline, NULL, NULL);
	while (c->client) {
		client_subscriptions_stop(c->client);
		client_flush(c->client);
		drop_client(c->client);
	}
	if (c->listen_fd >= 0)
		control_socket_remove(c->o.path, c->listen_fd);
	cleanup_close(&c->listen_fd);
	cleanup_close(&c->epoll_fd);
	shown_free(&c->shown);
	spans_free(c->spans);
	spans_free(c->spans_of_all);
	slow_free(c->slow);
	free(c->sums);
	free(c);
}

/* As many descriptors as it needs beside those that are open, if it may have them. */
static void raise_limit(size_t n_clients)
{
	struct rlimit limit;
	rlim_t wanted = (rlim_t)n_clients + SPARE_FILES;

	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur >= wanted)
		return;
	limit.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

int control_new(const struct control_options *o, struct control **ret, struct why *why)
{
	CLEANUP(control_free_ptr) struct control *c = calloc(1, sizeof(*c));
	struct epoll_event accepts = { .events = EPOLLIN };
	int err;

	if (!c)
		return why_set(why, -ENOMEM, "control: out of memory");
	c->o = *o;
	c->listen_fd = c->epoll_fd = -1;
	c->started_real_us = clock_real_us();
	c->started_mono_ns = clock_mono_ns();
	raise_limit(o->max_clients);
	c->sums = calloc(1, sizeof(*c->sums));
	err = c->sums ? spans_new(o->root, family_clock, &c->spans) : -ENOMEM;
	if (!err && o->interval_ns < CONTROL_LEAST_NS) {
		err = spans_new(o->root, family_clock, &c->spans_of_all);
		if (!err)
			err = slow_new(&c->slow);
	}
	if (err)
		return why_set(why, err, "control: %s", strerror(-err));
	c->listen_fd = control_socket_open(o, why);
	if (c->listen_fd < 0)
		return c->listen_fd;
	c->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	if (c->epoll_fd < 0 || epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, c->listen_fd, &accepts))
		return why_set(why, -errno, "control: epoll: %s", strerror(errno));
	*ret = TAKE_PTR(c);
	return 0;
}

int control_fd(const struct control *c)
{
	return c->epoll_fd;
}

/* What epoll is to tell of it. */
static void watch(struct client *c)
{
	struct epoll_event e = { .data.ptr = c };

	if (!c->is_at_end && !c->is_closing && !c->is_resting)
		e.events |= EPOLLIN;
	if (client_n_waiting(c))
		e.events |= EPOLLOUT;
	if (e.events != c->events && epoll_ctl(c->control->epoll_fd, EPOLL_CTL_MOD, c->fd, &e))
		c->is_broken = true;
	c->events = e.events;
}

void control_settle(struct client *c)
{
	client_flush(c);
	if (c->is_at_end && !c->has_lines)
		client_spans_forsake(c);
	if (!client_n_waiting(c) &&
	    (c->is_closing || (c->is_at_end && !c->has_lines && !client_is_waiting(c))))
		c->is_broken = true;
	if (!c->is_broken)
		watch(c);
	if (c->is_broken)
		drop_client(c);
}

void control_listen(struct control *c, bool on)
{
	struct epoll_event e = { .events = on ? EPOLLIN : 0 };

	c->is_deaf = epoll_ctl(c->epoll_fd, EPOLL_CTL_MOD, c->listen_fd, &e) || !on;
}

static bool has_room(const struct control *c, uid_t uid)
{
	size_t n = 0;

	if (c->n_clients >= c->o.max_clients)
		return false;
	for (const struct client *other = c->client; uid && other; other = other->next)
		n += other->uid == uid;
	return n < c->o.max_clients / 2 + 1;
}

static void refuse(int fd)
{
	static const char line[] = "{\"id\":0,\"error\":{\"code\":\"limit\",\"message\":"
				   "\"too many connections\"}}\n";

	send(fd, line, sizeof(line) - 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* Root, and whom the daemon is: but for nobody, who may be anybody. */
static bool is_privileged(uid_t uid)
{
	return uid == 0 || (uid == geteuid() && uid != LOGIN_NOBODY);
}

static void add_client(struct control *c, int fd)
{
	struct epoll_event e = { .events = EPOLLIN };
	struct ucred who;
	socklen_t len = sizeof(who);
	struct client *client;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) || !has_room(c, who.uid)) {
		refuse(fd);
		close(fd);
		return;
	}
	client = calloc(1, sizeof(*client));
	e.data.ptr = client;
	if (!client || epoll_ctl(c->epoll_fd, EPOLL_CTL_ADD, fd, &e)) {
		free(client);
		close(fd);
		return;
	}
	*client = (struct client){ .control = c,
				   .next = c->client,
				   .fd = fd,
				   .uid = who.uid,
				   .pid = who.pid,
				   .max_waiting = CLIENT_MAX_WAITING,
				   .privileged = is_privileged(who.uid),
				   .events = e.events };
	if (c->client)
		c->client->previous = client;
	c->client = client;
	c->n_clients++;
}

static void accept_clients(struct control *c)
{
	for (int i = 0; i < TURN_CLIENTS; i++) {
		int fd = accept4(c->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0 && errno != EAGAIN && errno != ECONNABORTED && errno != EINTR)
			control_listen(c, false);
		if (fd < 0)
			return;
		add_client(c, fd);
	}
}

/* How many lines of its user may be served yet in this window. */
static size_t n_lines_left(const struct client *c)
{
	size_t n = 0;

	if (c->privileged)
		return SIZE_MAX;
	for (const struct client *other = c->control->client; other; other = other->next)
		n += other->uid == c->uid ? other->n_served : 0;
	return n < CONTROL_MAX_LINES ? CONTROL_MAX_LINES - n : 0;
}

static void serve_client(struct client *c, uint32_t events, size_t *n_lines)
{
	size_t mine = *n_lines < TURN_CLIENT_LINES ? *n_lines : TURN_CLIENT_LINES;
	size_t may = n_lines_left(c), left;

	mine = mine < may ? mine : may;
	left = mine;
	c->is_resting = may == 0;
	if (events & (EPOLLHUP | EPOLLERR))
		c->is_broken = true; /* nobody reads what it would be told */
	if (!c->is_broken && !c->is_resting && (c->has_lines || events & EPOLLIN))
		client_read(c, request_serve, &left);
	*n_lines -= mine - left;
	c->n_served += mine - left;
	control_settle(c);
}

bool control_has_more(const struct control *c)
{
	for (const struct client *client = c->client; client; client = client->next)
		if (client->has_lines && !client->is_resting)
			return true;
	return false;
}

bool control_serve(struct control *c)
{
	struct epoll_event event[TURN_CLIENTS];
	int n = epoll_wait(c->epoll_fd, event, TURN_CLIENTS, 0);
	size_t n_lines = TURN_LINES;
	bool accepts = false;

	for (int i = 0; i < n; i++) {
		if (event[i].data.ptr)
			serve_client(event[i].data.ptr, event[i].events, &n_lines);
		else
			accepts = true;
	}
	/* Last, so that none of these events is of one that has come since. */
	if (accepts)
		accept_clients(c);
	for (struct client *client = c->client, *next; client; client = next) {
		next = client->next;
		if (client->has_lines && !client->is_resting && n_lines)
			serve_client(client, 0, &n_lines);
	}
	return control_has_more(c);
}

void control_stop(struct control *c)
{
	struct spans_moment now;

	c->is_stopping = true;
	control_now(&now);
	for (struct client *client = c->client; client; client = client->next)
		client_spans_stop(client, &now);
}
