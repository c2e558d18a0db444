/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spawner_serve.c - see spawner.h: the process that starts programs when it is asked to. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/caps.h"
#include "base/cleanup.h"
#include "daemon/spawner_parts.h"
#include "jouletrail/units.h"

#define MAX_ARGUMENTS 16
#define END_TRIES     100
#define END_STEP_NS   (2 * JT_NS_PER_MS)

/* A program that it was told of. */
struct served {
	struct spawner_told told;
	char *argv[MAX_ARGUMENTS + 1];
	pid_t pid; /* 0 = not running */
	uint64_t serial;
};

struct server {
	int fd;
	int signal_fd;
	bool sealed;
	size_t n;
	struct served *program[SPAWNER_MAX_PROGRAMS];
};

/* What a message brought. */
struct brought {
	struct spawner_ask ask;
	struct spawner_told told;
	size_t len;
	int fd[2]; /* -1 = none */
};

static bool is_sound(const struct spawner_told *t)
{
	return t->len > 0 && t->len <= sizeof(t->text) && t->text[t->len - 1] == '\0' &&
	       memchr(t->program.path, '\0', sizeof(t->program.path));
}

static int add(struct server *s, const struct brought *b)
{
	struct served *p;
	size_t n = 0;

	if (s->sealed || s->n == SPAWNER_MAX_PROGRAMS || b->ask.number != s->n ||
	    b->len != sizeof(b->ask) + sizeof(b->told) || !is_sound(&b->told))
		return -EPERM;
	p = calloc(1, sizeof(*p));
	if (!p)
		return -ENOMEM;
	p->told = b->told;
	for (char *at = p->told.text; at < p->told.text + p->told.len; at += strlen(at) + 1) {
		if (n == MAX_ARGUMENTS) {
			free(p);
			return -E2BIG;
		}
		p->argv[n++] = at;
	}
	s->program[s->n++] = p;
	return 0;
}

static int seal(struct server *s)
{
	s->sealed = true;
	if (geteuid() != 0)
		return 0;
	return caps_keep(1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_SETPCAP |
			 1ULL << CAP_KILL | 1ULL << CAP_DAC_READ_SEARCH);
}

static void report(const struct server *s, size_t number, int status)
{
	struct served *p = s->program[number];
	const struct spawner_ended e = { .number = (uint32_t)number,
					 .status = status,
					 .serial = p->serial };

	p->pid = 0;
	(void)!send(s->fd, &e, sizeof(e), MSG_NOSIGNAL | MSG_DONTWAIT);
}

static void start(struct server *s, size_t number, const struct brought *b)
{
	struct served *p = s->program[number];
	pid_t parent = getpid();

	if (p->pid > 0) {
		kill(p->pid, SIGKILL);
		waitpid(p->pid, NULL, 0);
	}
	p->serial = b->ask.serial;
	p->pid = b->fd[0] < 0 ? -1 : fork();
	if (p->pid == 0) {
		if (b->fd[1] >= 0 && dup2(b->fd[1], STDOUT_FILENO) < 0)
			_exit(127);
		program_exec(&p->told.program, parent, b->fd[0], p->argv);
	}
	if (p->pid < 0)
		report(s, number, W_EXITCODE(127, 0));
}

/* One message. Returns whether there will be more. */
static bool take(struct server *s, struct brought *b)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control;
	struct iovec v[] = { { &b->ask, sizeof(b->ask) }, { &b->told, sizeof(b->told) } };
	struct msghdr m = { .msg_iov = v,
			    .msg_iovlen = 2,
			    .msg_control = control.bytes,
			    .msg_controllen = sizeof(control.bytes) };
	ssize_t n = recvmsg(s->fd, &m, MSG_CMSG_CLOEXEC);
	const struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(&m) : NULL;

	b->fd[0] = b->fd[1] = -1;
	if (n <= 0)
		return n < 0 && errno == EINTR;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(b->fd, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0));
	b->len = (size_t)n;
	return b->len >= sizeof(b->ask);
}

/* Who says something else is not to be served. Returns whether it was sound. */
static bool obey(struct server *s, const struct brought *b)
{
	uint32_t number = b->ask.number;

	switch ((enum spawner_op)b->ask.op) {
	case SPAWNER_ADD:
		return add(s, b) == 0;
	case SPAWNER_SEAL:
		return seal(s) == 0;
	case SPAWNER_START:
		if (number < s->n)
			start(s, number, b);
		return number < s->n;
	case SPAWNER_END:
		if (number < s->n && s->program[number]->pid > 0)
			kill(s->program[number]->pid, SIGKILL);
		return number < s->n;
	}
	return false;
}

static void reap(const struct server *s)
{
	struct signalfd_siginfo info;
	int status;

	(void)!read(s->signal_fd, &info, sizeof(info));
	for (size_t i = 0; i < s->n; i++)
		if (s->program[i]->pid > 0 &&
		    waitpid(s->program[i]->pid, &status, WNOHANG) == s->program[i]->pid)
			report(s, i, status);
}

static void end_all(struct server *s)
{
	const struct timespec step = { .tv_nsec = END_STEP_NS };
	bool running = true;

	for (size_t i = 0; i < s->n; i++)
		if (s->program[i]->pid > 0)
			kill(s->program[i]->pid, SIGTERM);
	for (int k = 0; k < END_TRIES && running; k++) {
		running = false;
		for (size_t i = 0; i < s->n; i++) {
			struct served *p = s->program[i];

			if (p->pid > 0 && waitpid(p->pid, NULL, WNOHANG) != 0)
				p->pid = 0;
			running |= p->pid > 0;
		}
		if (running)
			nanosleep(&step, NULL);
	}
	while (s->n)
		free(s->program[--s->n]);
}

static bool serve_once(struct server *s, struct brought *b)
{
	struct pollfd fds[] = { { .fd = s->fd, .events = POLLIN },
				{ .fd = s->signal_fd, .events = POLLIN } };
	bool more;

	if (poll(fds, 2, -1) < 0)
		return errno == EINTR;
	if (fds[1].revents)
		reap(s);
	if (!fds[0].revents)
		return true;
	more = take(s, b) && obey(s, b);
	cleanup_close(&b->fd[0]);
	cleanup_close(&b->fd[1]);
	return more;
}

int spawner_serve(int fd)
{
	CLEANUP(cleanup_free) struct brought *b = calloc(1, sizeof(*b));
	struct server s = { .fd = fd };
	sigset_t set;

	/* It ends when its owner does, not by what a terminal sends to both. */
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	s.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!b || s.signal_fd < 0)
		return 1;
	while (serve_once(&s, b))
		;
	end_all(&s);
	return 0;
}
