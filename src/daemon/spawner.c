/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* spawner.c - see spawner.h: the owner's side. */
#include "daemon/spawner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/spawner_parts.h"
#include "jouletrail/units.h"

/* For it to end: what it started may hang in a file system that does not let go. */
#define END_TRIES   200
#define END_STEP_NS (5 * JT_NS_PER_MS)

struct spawner {
	pid_t pid;
	int fd;
	bool sealed;
	size_t n;
	struct {
		uint64_t serial; /* of the last start; 0 = none */
		bool ended;
		int status;
	} program[SPAWNER_MAX_PROGRAMS];
};

DEFINE_CLEANUP(struct spawner *, spawner_free)

/* In the child: nothing of ours but standard error and its end of the pair. */
static _Noreturn void run_child(int fd)
{
	int null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	prctl(PR_SET_NAME, "jouletrail-spwn");
	if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 || dup2(null_fd, STDOUT_FILENO) < 0 ||
	    dup3(fd, STDERR_FILENO + 1, O_CLOEXEC) < 0)
		_exit(1);
	close_range(STDERR_FILENO + 2, ~0U, 0);
	_exit(spawner_serve(STDERR_FILENO + 1));
}

int spawner_new(struct spawner **ret, struct why *why)
{
	CLEANUP(spawner_free_ptr) struct spawner *s = calloc(1, sizeof(*s));
	int fd[2];

	if (!s)
		return -ENOMEM;
	s->fd = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return why_set(why, -errno, "spawner: %s", strerror(errno));
	s->fd = fd[0];
	s->pid = fork();
	if (s->pid == 0) {
		/* A number that run_child() does not need itself. */
		int high = fcntl(fd[1], F_DUPFD_CLOEXEC, STDERR_FILENO + 2);

		run_child(high);
	}
	close(fd[1]);
	if (s->pid < 0)
		return why_set(why, -errno, "spawner: %s", strerror(errno));
	*ret = TAKE_PTR(s);
	return 0;
}

static int say(struct spawner *s, const struct msghdr *m)
{
	while (sendmsg(s->fd, m, MSG_NOSIGNAL) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

static int say_ask(struct spawner *s, struct spawner_ask ask)
{
	struct iovec v = { &ask, sizeof(ask) };

	return say(s, &(struct msghdr){ .msg_iov = &v, .msg_iovlen = 1 });
}

int spawner_add(struct spawner *s, const struct program *p, char *const argv[])
{
	CLEANUP(cleanup_free) struct spawner_told *told = calloc(1, sizeof(*told));
	struct spawner_ask ask = { .op = SPAWNER_ADD, .number = (uint32_t)s->n };
	struct iovec v[] = { { &ask, sizeof(ask) }, { told, sizeof(*told) } };
	int err;

	if (!told)
		return -ENOMEM;
	if (s->sealed)
		return -EPERM;
	if (s->n == SPAWNER_MAX_PROGRAMS)
		return -E2BIG;
	told->program = *p;
	for (size_t i = 0; argv[i]; i++) {
		size_t len = strlen(argv[i]) + 1;

		if (len > sizeof(told->text) - told->len)
			return -E2BIG;
		memcpy(told->text + told->len, argv[i], len);
		told->len += (uint32_t)len;
	}
	err = say(s, &(struct msghdr){ .msg_iov = v, .msg_iovlen = 2 });
	return err ? err : (int)s->n++;
}

int spawner_seal(struct spawner *s)
{
	s->sealed = true;
	return say_ask(s, (struct spawner_ask){ .op = SPAWNER_SEAL });
}

int spawner_start(struct spawner *s, int number, int stdin_fd, int stdout_fd)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(2 * sizeof(int))];
	} control = { .head = { .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
	const int fd[2] = { stdin_fd, stdout_fd };
	size_t size = (stdout_fd < 0 ? 1 : 2) * sizeof(int);
	struct spawner_ask ask = { .op = SPAWNER_START, .number = (uint32_t)number };
	struct iovec v = { &ask, sizeof(ask) };
	struct msghdr m = { .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = control.bytes,
			    .msg_controllen = CMSG_SPACE(size) };

	control.head.cmsg_len = CMSG_LEN(size);
	memcpy(CMSG_DATA(&control.head), fd, size);
	ask.serial = ++s->program[number].serial;
	s->program[number].ended = false;
	return say(s, &m);
}

void spawner_end(struct spawner *s, int number)
{
	say_ask(s, (struct spawner_ask){ .op = SPAWNER_END, .number = (uint32_t)number });
}

static void hear(struct spawner *s)
{
	struct spawner_ended e;
	ssize_t n;

	while ((n = recv(s->fd, &e, sizeof(e), MSG_DONTWAIT)) == sizeof(e)) {
		if (e.number >= s->n || e.serial != s->program[e.number].serial)
			continue;
		s->program[e.number].ended = true;
		s->program[e.number].status = e.status;
	}
	/* It is gone, and all that it started with it. */
	for (size_t i = 0; n == 0 && i < s->n; i++) {
		s->program[i].status = s->program[i].ended ? s->program[i].status : SIGTERM;
		s->program[i].ended = true;
	}
}

bool spawner_has_ended(struct spawner *s, int number, int *ret_status)
{
	hear(s);
	if (!s->program[number].ended)
		return false;
	*ret_status = s->program[number].status;
	return true;
}

void spawner_free(struct spawner *s)
{
	const struct timespec step = { .tv_nsec = END_STEP_NS };

	if (!s)
		return;
	cleanup_close(&s->fd);
	for (int i = 0; s->pid > 0 && i < END_TRIES; i++) {
		if (waitpid(s->pid, NULL, WNOHANG) != 0)
			break;
		nanosleep(&step, NULL);
	}
	free(s);
}
