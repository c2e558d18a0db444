/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* symbols.c - see symbols.h. */
#include "stacks/symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/account.h"
#include "base/caps.h"
#include "base/cleanup.h"
#include "stacks/answers.h"

#define MAX_CPU_S   120
#define MAX_S	    600 /* a file may be on a file system that does not answer */
#define MAX_MEMORY  (8ULL << 30)
#define NO_MORE_FDS 65536

/* Gives up all that reading a symbol table does not need. Returns whether it did. */
static bool give_up(void)
{
	struct rlimit cpu = { MAX_CPU_S, MAX_CPU_S }, memory = { MAX_MEMORY, MAX_MEMORY };
	struct rlimit none = { 0, 0 };

	clearenv();
	alarm(MAX_S);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__ /* which reserves terabytes */
	setrlimit(RLIMIT_AS, &memory);
#else
	(void)memory;
#endif
	/* No network, where the kernel can do that. */
	if (geteuid() == 0)
		(void)!unshare(CLONE_NEWNET);
	return !caps_become(ACCOUNT_NOBODY, ACCOUNT_NOBODY, 0);
}

/* Every descriptor but out and the sources'; the table has none twice. */
static void close_others(struct stacks_table *t, int out)
{
	CLEANUP(cleanup_free) char *keep = calloc(1, NO_MORE_FDS);
	unsigned int begin = 0;

	if (!keep)
		_exit(1);
	for (uint32_t i = 0; i < table_n_sources(t); i++) {
		int fd = table_get_source(t, i)->fd;

		if (fd >= 0 && fd < NO_MORE_FDS)
			keep[fd] = 1;
	}
	keep[out] = 1;
	for (unsigned int fd = 0; fd < NO_MORE_FDS; fd++) {
		if (!keep[fd])
			continue;
		if (fd > begin)
			close_range(begin, fd - 1, 0);
		begin = fd + 1;
	}
	close_range(begin, ~0U, 0);
}

static _Noreturn void child_run(struct stacks_table *t, const uint32_t *frame, size_t n, int fd,
				pid_t parent)
{
	sigset_t none;
	FILE *out;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	close_others(t, fd);
	if (!give_up() || prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
		_exit(1);
	out = fdopen(fd, "w");
	if (!out)
		_exit(1);
	answers_write(t, frame, n, out);
	_exit(ferror(out) ? 1 : 0);
}

/* One answer, if it is of the frame that is next. */
static bool take_answer(FILE *in, uint32_t frame, struct resolved *r)
{
	struct answer a;
	char *name;

	if (fread(&a, sizeof(a), 1, in) != 1 || a.frame != frame || a.len == 0 ||
	    a.len >= STACK_NAME_LEN || a.kind >= STACK_N_KINDS)
		return false;
	name = calloc(1, a.len + 1U);
	if (!name || fread(name, 1, a.len, in) != a.len || strlen(name) == 0) {
		free(name);
		return false;
	}
	r->frame[frame].name = name;
	r->frame[frame].kind = a.kind;
	r->n_unknown += !a.known;
	return true;
}

/* One child for the n frames. Returns how many it answered for, or -errno. */
static ssize_t ask_child(struct stacks_table *t, const uint32_t *frame, size_t n,
			 struct resolved *r)
{
	pid_t pid, parent = getpid();
	size_t done = 0;
	int fds[2];
	FILE *in;

	if (pipe2(fds, O_CLOEXEC))
		return -errno;
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		child_run(t, frame, n, fds[1], parent);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return -EAGAIN;
	}
	in = fdopen(fds[0], "r");
	while (in && done < n && take_answer(in, frame[done], r))
		done++;
	if (in)
		fclose(in);
	else
		close(fds[0]);
	/* What it says beyond that nobody wants; it may be caught in a loop. */
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return (ssize_t)done;
}

static int name_unknown(struct stacks_table *t, uint32_t frame, struct resolved *r)
{
	static const enum stack_kind kinds[] = {
		[SOURCE_KERNEL] = STACK_KERNEL, [SOURCE_ELF] = STACK_USER, [SOURCE_JIT] = STACK_JIT
	};
	struct stack_place p = table_place(t, frame);
	const struct source *s = table_get_source(t, p.source);
	char name[STACK_NAME_LEN];

	answers_unknown(s, p.at, name, sizeof(name));
	r->frame[frame] = (struct stack_frame){ strdup(name), kinds[s->key.kind] };
	r->n_unknown++;
	return r->frame[frame].name ? 0 : -ENOMEM;
}

/* A child that ends before its time died of the source that is next: the next child goes on. */
static int ask(struct stacks_table *t, const uint32_t *frame, size_t n, struct resolved *r)
{
	size_t done = 0;
	int err = 0;

	while (done < n && !err) {
		ssize_t more = ask_child(t, frame + done, n - done, r);
		uint32_t source;

		if (more < 0)
			return (int)more;
		done += (size_t)more;
		if (done == n)
			break;
		source = table_place(t, frame[done]).source;
		r->n_failed_sources++;
		for (; !err && done < n && table_place(t, frame[done]).source == source; done++)
			err = name_unknown(t, frame[done], r);
	}
	return err;
}

/* For qsort(), which has no argument of its own. */
struct asked {
	uint32_t source;
	uint32_t frame;
};

static int compare_asked(const void *pa, const void *pb)
{
	const struct asked *a = pa, *b = pb;

	if (a->source != b->source)
		return a->source < b->source ? -1 : 1;
	return a->frame < b->frame ? -1 : a->frame > b->frame;
}

/* The frames that are code, by source; the others have their names at once. */
static int sort_frames(struct stacks_table *t, struct resolved *r, uint32_t *frame, size_t *ret_n)
{
	CLEANUP(cleanup_free) struct asked *asked = calloc(r->n + 1, sizeof(*asked));
	size_t n = 0;

	if (!asked)
		return -ENOMEM;
	for (uint32_t i = 0; i < r->n; i++) {
		struct stack_place p = table_place(t, i);
		const struct source *s = table_get_source(t, p.source);

		if (s->key.kind != SOURCE_TEXT) {
			asked[n++] = (struct asked){ p.source, i };
			continue;
		}
		r->frame[i] = (struct stack_frame){ strdup(s->key.text), (enum stack_kind)p.at };
		if (!r->frame[i].name)
			return -ENOMEM;
	}
	qsort(asked, n, sizeof(*asked), compare_asked);
	for (size_t i = 0; i < n; i++)
		frame[i] = asked[i].frame;
	*ret_n = n;
	return 0;
}

int symbols_resolve(struct stacks_table *t, struct resolved *ret)
{
	size_t n_frames = table_n_frames(t), n = 0;
	CLEANUP(cleanup_free) uint32_t *frame = calloc(n_frames + 1, sizeof(*frame));
	struct resolved r = { .n = n_frames };
	int err;

	r.frame = calloc(n_frames + 1, sizeof(*r.frame));
	err = r.frame && frame ? sort_frames(t, &r, frame, &n) : -ENOMEM;
	if (!err)
		err = ask(t, frame, n, &r);
	if (err) {
		resolved_free(&r);
		return err;
	}
	*ret = r;
	return 0;
}

void resolved_free(struct resolved *r)
{
	for (size_t i = 0; r->frame && i < r->n; i++)
		free((char *)r->frame[i].name);
	free(r->frame);
	*r = (struct resolved){ 0 };
}
