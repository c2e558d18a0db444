/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* asker.c - see asker.h. */
#include "daemon/asker.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/log.h"
#include "daemon/child.h"
#include "jouletrail/units.h"

#define PROGRAM	      "jouletrail-resolver"
#define RESTART_NS    (60 * JT_NS_PER_S)
#define MAX_PENDING   128
#define MAX_ARGUMENTS 6

struct asker {
	struct child *child;
	struct identity *identity;
	int fd;
	uint64_t ended_mono_ns;
	bool said; /* that it ended */
	/* Asked and not answered; in turn, as the resolver takes them. */
	uint64_t pending[MAX_PENDING];
	size_t n_pending;
	uint64_t since_mono_ns; /* of the last answer, or of the first question after it */
	/* A question that had no room. */
	struct lookup_question held;
	bool is_held;
};

DEFINE_CLEANUP(struct asker *, asker_free)

static int start(struct asker *a, struct why *why)
{
	int fd[2], err;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return why_set(why, -errno, "%s: %s", PROGRAM, strerror(errno));
	err = child_start(a->child, fd[1], -1, why);
	close(fd[1]);
	if (err)
		close(fd[0]);
	else
		a->fd = fd[0];
	return err;
}

static void end(struct asker *a)
{
	cleanup_close(&a->fd);
	a->fd = -1;
	if (a->child)
		child_end(a->child);
}

static int make_child(struct asker *a, const struct asker_options *o, struct why *why)
{
	char *argv[MAX_ARGUMENTS] = { (char *)PROGRAM };
	const struct child_options co = {
		.program = PROGRAM, .reads_all = true, .argv = argv, .spawner = o->spawner
	};
	size_t n = 1;

	if (o->root && *o->root) {
		argv[n++] = (char *)"--root";
		argv[n++] = (char *)o->root;
	}
	if (o->labels && *o->labels) {
		argv[n++] = (char *)"--label";
		argv[n++] = (char *)o->labels;
	}
	return child_new(&co, &a->child, why);
}

int asker_new(const struct asker_options *o, struct asker **ret, struct why *why)
{
	CLEANUP(asker_free_ptr) struct asker *a = calloc(1, sizeof(*a));
	int err;

	if (!a)
		return -ENOMEM;
	a->fd = -1;
	a->identity = o->identity;
	err = make_child(a, o, why);
	if (!err)
		err = start(a, why);
	if (err)
		return err;
	*ret = TAKE_PTR(a);
	return 0;
}

void asker_free(struct asker *a)
{
	if (!a)
		return;
	end(a);
	child_free(a->child);
	free(a);
}

/* What was asked of it has no answer; whoever asks again is told again. */
static void give_up(struct asker *a, const char *what, uint64_t now_mono_ns)
{
	if (!a->said)
		log_warning("%s %s; names that only a runtime knows are not looked up for a minute",
			    PROGRAM, what);
	a->said = true;
	end(a);
	a->ended_mono_ns = now_mono_ns;
	for (size_t i = 0; i < a->n_pending; i++) {
		const struct lookup_answer none = { .number = a->pending[i] };

		identity_answer(a->identity, &none);
	}
	a->n_pending = 0;
}

/* In turn: what is answered is the first that is pending. */
static void take(struct asker *a, struct lookup_answer *answer, uint64_t now_mono_ns)
{
	answer->name[sizeof(answer->name) - 1] = '\0';
	answer->image[sizeof(answer->image) - 1] = '\0';
	answer->namespace[sizeof(answer->namespace) - 1] = '\0';
	answer->pod_name[sizeof(answer->pod_name) - 1] = '\0';
	answer->labels[sizeof(answer->labels) - 1] = '\0';
	identity_answer(a->identity, answer);
	a->n_pending--;
	memmove(a->pending, a->pending + 1, a->n_pending * sizeof(a->pending[0]));
	a->since_mono_ns = now_mono_ns;
	a->said = false;
}

static void receive(struct asker *a, uint64_t now_mono_ns)
{
	struct lookup_answer answer;

	while (a->fd >= 0) {
		ssize_t n = recv(a->fd, &answer, sizeof(answer), MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n != sizeof(answer) || !a->n_pending || answer.number != a->pending[0]) {
			give_up(a, n == sizeof(answer) ? "answers what nobody asked" : "ended",
				now_mono_ns);
			return;
		}
		take(a, &answer, now_mono_ns);
	}
}

static void ask(struct asker *a, uint64_t now_mono_ns)
{
	while (a->fd >= 0 && a->n_pending < MAX_PENDING) {
		if (!a->is_held && !identity_next_question(a->identity, &a->held))
			return;
		a->is_held = true;
		if (send(a->fd, &a->held, sizeof(a->held), MSG_DONTWAIT | MSG_NOSIGNAL) !=
		    sizeof(a->held)) {
			if (errno != EAGAIN && errno != EINTR)
				give_up(a, "ended", now_mono_ns);
			return;
		}
		a->is_held = false;
		if (!a->n_pending)
			a->since_mono_ns = now_mono_ns;
		a->pending[a->n_pending++] = a->held.number;
	}
}

void asker_exchange(struct asker *a, uint64_t now_mono_ns)
{
	struct why why = { "" };

	if (!a)
		return;
	if (a->fd < 0 && now_mono_ns >= a->ended_mono_ns + RESTART_NS && start(a, &why))
		a->ended_mono_ns = now_mono_ns;
	receive(a, now_mono_ns);
	if (a->n_pending && now_mono_ns >= a->since_mono_ns + ASKER_TIMEOUT_NS)
		give_up(a, "does not answer", now_mono_ns);
	ask(a, now_mono_ns);
}

void asker_finish(struct asker *a, uint64_t timeout_ns)
{
	uint64_t now = clock_mono_ns(), until = now + timeout_ns;

	if (!a)
		return;
	asker_exchange(a, now);
	while (a->fd >= 0 && a->n_pending && now < until) {
		struct pollfd p = { .fd = a->fd, .events = POLLIN };

		if (poll(&p, 1, (int)((until - now) / JT_NS_PER_MS) + 1) < 0 && errno != EINTR)
			return;
		now = clock_mono_ns();
		asker_exchange(a, now);
	}
}
