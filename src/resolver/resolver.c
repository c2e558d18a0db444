/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* resolver.c - see resolver.h. */
#include "resolver/resolver.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "resolver/files.h"
#include "resolver/states.h"

/* One question on its way through the table. */
struct looking {
	int root_fd;
	const char *labels;
	const struct lookup_question *question;
	struct lookup_answer *answer;
};

/* The text of a state file. Returns 0 when it tells of the container. */
typedef int look_text_fn(const struct looking *l, const char *text, size_t len);

static int look_docker(const struct looking *l, const char *text, size_t len)
{
	return states_read_docker(text, len, l->labels, l->answer);
}

static int look_bundle(const struct looking *l, const char *text, size_t len)
{
	return states_read_bundle(text, len, l->labels, l->answer);
}

static int look_storage(const struct looking *l, const char *text, size_t len)
{
	return states_read_storage(text, len, l->question->id, l->answer);
}

/*
 * Where: %i is the container's id; %n each of containerd's namespaces; %d each of the storage's
 * drivers; %h the home of the user in whose slice the container is. runtime NULL = whichever it is:
 * a path below a parent of somebody's choice tells no more than an id. The first that tells holds.
 */
static const struct source {
	const char *runtime;
	const char *path;
	look_text_fn *look;
} sources[] = {
	/* CRI-O before Podman: its storage knows less */
	{ "cri-o", "var/lib/containers/storage/%d-containers/%i/userdata/config.json",
	  look_bundle },
	{ NULL, "var/lib/docker/containers/%i/config.v2.json", look_docker },
	{ NULL, "run/containerd/io.containerd.runtime.v2.task/%n/%i/config.json", look_bundle },
	{ NULL, "run/k3s/containerd/io.containerd.runtime.v2.task/%n/%i/config.json", look_bundle },
	{ "podman", "%h/.local/share/containers/storage/%d-containers/containers.json",
	  look_storage },
	{ NULL, "var/lib/containers/storage/%d-containers/containers.json", look_storage },
};

#define N_SOURCES (sizeof(sources) / sizeof(sources[0]))

/* What the placeholders that stand for several can be. */
static const char *const namespaces[] = { "k8s.io", "moby", "default" };
static const char *const drivers[] = { "overlay", "vfs", "btrfs", "zfs", "overlay2", "fuse" };

/* A name of one directory, and none that begins with a dot: ids come from the paths of cgroups. */
static bool is_name(const char *s)
{
	for (const char *c = s; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
			return false;
	return isalnum((unsigned char)s[0]);
}

/* The home directory of a user, by the root's etc/passwd; without its leading slash. */
static bool find_home(int root_fd, uint32_t uid, char *ret, size_t size)
{
	CLEANUP(cleanup_free) char *text = NULL;
	size_t len;
	char *rest;

	if (files_read(root_fd, "etc/passwd", true, &text, &len))
		return false;
	rest = text;
	for (char *line; (line = strsep(&rest, "\n"));) {
		char *field[6] = { NULL };
		uint64_t n;

		for (size_t i = 0; i < 6; i++)
			field[i] = strsep(&line, ":");
		if (!field[5] || fs_parse_u64(field[2], &n) || n != uid || field[5][0] != '/')
			continue;
		return snprintf(ret, size, "%s", field[5] + 1) < (int)size;
	}
	return false;
}

/* What stands for %n or %d in that path; NULL beyond the last. */
static const char *variant_of(const char *path, size_t i)
{
	if (strstr(path, "%n"))
		return i < sizeof(namespaces) / sizeof(namespaces[0]) ? namespaces[i] : NULL;
	if (strstr(path, "%d"))
		return i < sizeof(drivers) / sizeof(drivers[0]) ? drivers[i] : NULL;
	return i == 0 ? "" : NULL;
}

/* The path with its placeholders filled in. False when it does not fit. */
static bool fill_path(const struct looking *l, const char *path, const char *variant,
		      char ret[FS_PATH_LEN])
{
	char home[FS_PATH_LEN];
	size_t at = 0;

	for (; *path && at < FS_PATH_LEN; path++) {
		const char *part = NULL;

		if (path[0] == '%' && path[1] == 'h') {
			if (!find_home(l->root_fd, l->question->uid, home, sizeof(home)))
				return false;
			part = home;
		} else if (path[0] == '%') {
			part = path[1] == 'i' ? l->question->id : variant;
		}
		if (part) {
			at += (size_t)snprintf(ret + at, FS_PATH_LEN - at, "%s", part);
			path++;
		} else {
			ret[at++] = *path;
		}
	}
	if (at >= FS_PATH_LEN)
		return false;
	ret[at] = '\0';
	return true;
}

/* Whether that source is one of the runtime's, and of the container's owner. */
static bool fits(const struct source *s, const struct lookup_question *q)
{
	bool users_own = strstr(s->path, "%h") != NULL;

	if (s->runtime && strcmp(s->runtime, q->runtime) != 0)
		return false;
	/* A user may call a cgroup of his what he likes: it is looked for among his own only. */
	return users_own == (q->uid != 0);
}

static bool look_in(const struct looking *l, const struct source *s)
{
	const char *variant;

	for (size_t i = 0; (variant = variant_of(s->path, i)); i++) {
		CLEANUP(cleanup_free) char *text = NULL;
		char path[FS_PATH_LEN];
		size_t len;

		if (!fill_path(l, s->path, variant, path) ||
		    files_read(l->root_fd, path, !strstr(s->path, "%h"), &text, &len))
			continue;
		if (s->look(l, text, len) == 0)
			return true;
		/* Half of a file may have told something. */
		*l->answer = (struct lookup_answer){ .number = l->question->number };
	}
	return false;
}

/* Fills in what kubelet's directories say; stops at the entry that is meant. */
static bool look_at_pod(const char *name, void *arg)
{
	const struct looking *l = arg;
	bool is_pod = l->question->what == LOOKUP_POD;
	const char *uid = is_pod ? l->question->id : l->question->pod;

	if (states_read_pod_directory(name, uid, l->answer))
		return true;
	l->answer->is_found = 1;
	return false;
}

static bool look_at_log(const char *name, void *arg)
{
	const struct looking *l = arg;

	if (states_read_log_link(name, l->question->id, l->answer))
		return true;
	l->answer->is_found = 1;
	return false;
}

static void look_at_kubelet(struct looking *l)
{
	const struct lookup_question *q = l->question;

	if (q->what == LOOKUP_CONTAINER && !l->answer->is_found)
		files_list(l->root_fd, "var/log/containers", look_at_log, l);
	if (!l->answer->pod_name[0] && (q->what == LOOKUP_POD || q->pod[0]))
		files_list(l->root_fd, "var/log/pods", look_at_pod, l);
}

void resolver_answer(int root_fd, const char *labels, const struct lookup_question *q,
		     struct lookup_answer *ret)
{
	struct looking l = { .root_fd = root_fd, .labels = labels, .question = q, .answer = ret };

	*ret = (struct lookup_answer){ .number = q->number };
	if (!is_name(q->id))
		return;
	for (size_t i = 0; q->what == LOOKUP_CONTAINER && i < N_SOURCES && !ret->is_found; i++)
		ret->is_found = fits(&sources[i], q) && look_in(&l, &sources[i]);
	/* A user's containers are none of kubelet's. */
	if (!q->uid)
		look_at_kubelet(&l);
}
