/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_attach.c - `jouletrail run -p PID` and `--cgroup PATH`: what runs already, from now on. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/log.h"
#include "cli/run.h"
#include "daemon/loop.h"
#include "identity/mounts.h"

struct attached {
	const struct run_options *o;
	struct pipeline *pipeline;
	struct loop *loop;
	char dir[FS_PATH_LEN];	/* of the cgroup */
	char path[FS_PATH_LEN]; /* as outputs call it */
	char name[96];		/* of the process */
};

/* dir is that mount's, or below it: returns what is behind, or NULL. */
static const char *behind(const char *dir, const char *point)
{
	size_t len = strlen(point);

	if (strncmp(dir, point, len) != 0 || (dir[len] && dir[len] != '/'))
		return NULL;
	return dir + len;
}

static bool is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int found(const struct mounts_entry *e, const char *dir, const char *rest,
		 char ret_dir[FS_PATH_LEN], char ret_path[FS_PATH_LEN])
{
	int n = snprintf(ret_dir, FS_PATH_LEN, "%s", dir);
	int m = snprintf(ret_path, FS_PATH_LEN, "%s%s", e->prefix,
			 e->prefix[0] || rest[0] ? rest : "/");

	return n >= FS_PATH_LEN || m >= FS_PATH_LEN ? -ENAMETOOLONG : 0;
}

int run_find_cgroup(const char *name, const char *root, char ret_dir[FS_PATH_LEN],
		    char ret_path[FS_PATH_LEN], struct why *why)
{
	struct mounts mounts;
	char dir[PATH_MAX], real[PATH_MAX];
	int err = mounts_find(root, &mounts);

	if (err)
		return why_set(why, err, "--cgroup: the mount table: %s", strerror(-err));
	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < MOUNTS_N_HIERARCHIES; i++) {
			const struct mounts_entry *e = &mounts.entry[i];
			const char *rest;

			if (!e->point[0])
				continue;
			/* The directory itself, or the name that outputs have for it. */
			snprintf(dir, sizeof(dir), "%s%s%s", pass ? e->point : "",
				 name[0] == '/' || !pass ? "" : "/", name);
			if (!is_dir(dir) || !realpath(dir, real))
				continue;
			rest = behind(real, e->point);
			if (rest)
				return found(e, real, rest, ret_dir, ret_path);
		}
	}
	return why_set(why, -ENOENT,
		       "--cgroup %s: no such cgroup: give its directory below "
		       "/sys/fs/cgroup, or the path that `jouletrail top --by cgroup` "
		       "shows",
		       name);
}

/* "4711 (python3)" */
static void name_process(struct attached *a)
{
	char path[64], comm[32] = "";

	snprintf(path, sizeof(path), "proc/%" PRIu64 "/comm", a->o->pid);
	fs_read_text(NULL, path, comm, sizeof(comm), NULL);
	snprintf(a->name, sizeof(a->name), "%" PRIu64 "%s%s%s", a->o->pid, comm[0] ? " (" : "",
		 comm, comm[0] ? ")" : "");
}

/* Nobody of it is there any more. */
static bool is_gone(const struct attached *a)
{
	if (a->o->cgroup)
		return !is_dir(a->dir);
	return !pipeline_n_lineage_alive(a->pipeline);
}

static int attached_measure(struct attached *a)
{
	uint64_t end_mono_ns = a->o->duration_ns ? clock_mono_ns() + a->o->duration_ns : 0;
	enum loop_event event;
	bool over = false;
	int err;

	while (!over) {
		err = loop_wait(a->loop, &event);
		if (err)
			return err;
		if (event == LOOP_POLL)
			pipeline_poll(a->pipeline);
		over = event == LOOP_STOP || (end_mono_ns && clock_mono_ns() >= end_mono_ns);
		if (event == LOOP_WINDOW || over) {
			over = over || is_gone(a);
			err = pipeline_step(a->pipeline, over);
			if (err)
				return err;
		}
	}
	return 0;
}

static int attached_open(struct attached *a, const struct pipeline_options *po, struct why *why)
{
	int err = pipeline_new(po, &a->pipeline, why);

	if (err)
		return err;
	if (a->o->pid && !pipeline_n_lineage_tasks(a->pipeline))
		return why_set(why, -ESRCH, "--pid %" PRIu64 ": there is no such process",
			       a->o->pid);
	return loop_new(a->o->pipeline.interval_ns, pipeline_poll_interval_ns(a->pipeline),
			&a->loop);
}

int run_attach(const struct run_options *o, struct pipeline_options *po, struct run_watch *watch)
{
	struct attached a = { .o = o };
	struct run_outcome outcome = { .subject = o->cgroup ? "cgroup" : "process",
				       .is_cgroup = o->cgroup };
	uint64_t begin_mono_ns;
	struct why why = { "" };
	int err = 0;

	if (o->cgroup) {
		err = run_find_cgroup(o->cgroup, o->pipeline.root, a.dir, a.path, &why);
		watch->cgroup = a.path;
	} else {
		name_process(&a);
		po->lineage_tgid = (pid_t)o->pid;
	}
	outcome.attached = o->cgroup ? a.path : a.name;
	loop_block_signals();
	if (!err)
		err = attached_open(&a, po, &why);
	begin_mono_ns = clock_mono_ns();
	if (err)
		log_error("%s", why.text[0] ? why.text : strerror(-err));
	if (!err) {
		err = attached_measure(&a);
		if (err)
			log_error("measuring stopped: %s", strerror(-err));
	}
	run_watch_clear(watch);
	outcome.wall_ns = clock_mono_ns() - begin_mono_ns;
	if (!err)
		err = run_report(o, a.pipeline, &outcome);
	if (a.pipeline && pipeline_ledger_failed(a.pipeline))
		err = -EIO;
	if (pipeline_free(a.pipeline))
		err = -EIO;
	loop_free(a.loop);
	return err ? EXIT_FAILED : EXIT_DONE;
}
