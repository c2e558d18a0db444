/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* feed.c - see feed.h. */
#include "daemon/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "base/log.h"
#include "daemon/child.h"
#include "jouletrail/units.h"

#define PROGRAM	      "jouletrail-feed"
#define RESTART_NS    (60 * JT_NS_PER_S)
#define KEY_LEN	      1100
#define MAX_ARGUMENTS 12
#define STATUS_USAGE  2 /* of the feed's process */

struct feed {
	struct child *child;
	uint64_t ended_mono_ns;
	char *name;
	char key[KEY_LEN];
};

DEFINE_CLEANUP(struct feed *, feed_free)

void feed_free(struct feed *f)
{
	if (!f)
		return;
	child_free(f->child);
	free(f->name);
	explicit_bzero(f->key, sizeof(f->key));
	free(f);
}

/* The directory of the cache is the feed's own; one that is somebody else's is not taken. */
static int make_directory(const char *cache, const struct program *is, struct why *why)
{
	char dir[FS_PATH_LEN];
	struct stat st;
	char *slash;

	snprintf(dir, sizeof(dir), "%s", cache);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	for (char *p = dir + 1; (p = strchr(p, '/')); p++) {
		*p = '\0';
		mkdir(dir, 0755);
		*p = '/';
	}
	if (mkdir(dir, 0755) < 0 && errno != EEXIST)
		return why_set(why, -errno, "cache %s: %s", dir, strerror(errno));
	if (geteuid() != 0)
		return 0;
	if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || (st.st_uid != 0 && st.st_uid != is->uid))
		return why_set(why, -EPERM, "cache %s: not a directory of root or of %s", dir,
			       PROGRAM);
	if (lchown(dir, is->uid, is->gid) < 0)
		return why_set(why, -errno, "cache %s: %s", dir, strerror(errno));
	return 0;
}

static int read_key(const char *path, char ret[KEY_LEN], struct why *why)
{
	size_t len;
	int err = fs_read_text_at(AT_FDCWD, path, ret, KEY_LEN, &len);

	if (err)
		return why_set(why, err, "key %s: %s", path, strerror(-err));
	if (strpbrk(ret, "\r\n"))
		return why_set(why, -EINVAL, "key %s: more than one line", path);
	return 0;
}

static int make_child(struct feed *f, const struct feed_options *o, bool once, struct why *why)
{
	char *argv[MAX_ARGUMENTS] = { (char *)PROGRAM,	    (char *)"--feed",	 (char *)o->name,
				      (char *)"--location", (char *)o->location, (char *)"--cache",
				      (char *)o->cache };
	const struct child_options co = { .program = PROGRAM, .argv = argv, .spawner = o->spawner };
	size_t n = 7;

	if (o->url) {
		argv[n++] = (char *)"--url";
		argv[n++] = (char *)o->url;
	}
	if (once) {
		argv[n++] = (char *)"--once";
		argv[n++] = (char *)"--if-due";
	}
	return child_new(&co, &f->child, why);
}

static int start(struct feed *f, struct why *why)
{
	size_t len = strlen(f->key);
	int pipe_fd[2], err;
	bool has_key;

	if (pipe2(pipe_fd, O_CLOEXEC) < 0)
		return why_set(why, -errno, "feed %s: %s", f->name, strerror(errno));
	/* A pipe takes a page at once. */
	has_key = write(pipe_fd[1], f->key, len) == (ssize_t)len && write(pipe_fd[1], "\n", 1) == 1;
	close(pipe_fd[1]);
	err = has_key ? child_start(f->child, pipe_fd[0], -1, why)
		      : why_set(why, -EIO, "feed %s: its key cannot be handed over", f->name);
	close(pipe_fd[0]);
	return err;
}

static int start_new(const struct feed_options *o, bool once, struct feed **ret, struct why *why)
{
	CLEANUP(feed_free_ptr) struct feed *f = calloc(1, sizeof(*f));
	int err;

	if (!f)
		return -ENOMEM;
	f->name = strdup(o->name);
	if (!f->name)
		return -ENOMEM;
	err = make_child(f, o, once, why);
	if (!err && o->key_file)
		err = read_key(o->key_file, f->key, why);
	if (!err)
		err = make_directory(o->cache, child_program(f->child), why);
	if (!err)
		err = start(f, why);
	if (err)
		return err;
	*ret = TAKE_PTR(f);
	return 0;
}

int feed_new(const struct feed_options *o, struct feed **ret, struct why *why)
{
	return start_new(o, false, ret, why);
}

int feed_ask(const struct feed_options *o, struct why *why)
{
	CLEANUP(feed_free_ptr) struct feed *f = NULL;
	int err = start_new(o, true, &f, why);
	int status;

	if (err)
		return err;
	status = child_wait(f->child);
	if (status < 0)
		return why_set(why, status, "feed %s: %s", f->name, strerror(-status));
	if (!WIFEXITED(status) || WEXITSTATUS(status) > STATUS_USAGE)
		return why_set(why, -EIO, "the process of feed %s failed", f->name);
	return WEXITSTATUS(status) < STATUS_USAGE
		       ? 0
		       : why_set(why, -EINVAL, "feed %s was asked nothing", f->name);
}

void feed_look(struct feed *f, uint64_t now_mono_ns)
{
	struct why why = { "" };
	char how[32];

	if (!f)
		return;
	if (child_has_ended(f->child, how, sizeof(how))) {
		f->ended_mono_ns = now_mono_ns;
		log_warning("the process of feed %s ended (%s); it is started again in a minute",
			    f->name, how);
	}
	if (!child_is_running(f->child) && now_mono_ns >= f->ended_mono_ns + RESTART_NS &&
	    start(f, &why)) {
		f->ended_mono_ns = now_mono_ns;
		log_warning("%s", why.text);
	}
}
