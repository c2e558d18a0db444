/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* target.c - whom a request names, and whether that client may. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fs.h"
#include "control/control_parts.h"

/* Every uid of the process is that one: it cannot have been made by another's rights. */
static bool is_of(const struct control *c, uint32_t tgid, uid_t uid)
{
	unsigned int id[4];
	char path[32], text[4096];
	const char *line;

	snprintf(path, sizeof(path), "proc/%u/status", tgid);
	if (fs_read_text(c->o.root, path, text, sizeof(text), NULL))
		return false;
	line = strstr(text, "\nUid:");
	return line && sscanf(line, "\nUid: %u %u %u %u", &id[0], &id[1], &id[2], &id[3]) == 4 &&
	       id[0] == uid && id[1] == uid && id[2] == uid && id[3] == uid;
}

static bool read_process(const struct request *r, const json_t *pid, const json_t *children,
			 struct spans_target *ret)
{
	const struct client *c = r->client;

	if (!json_is_integer(pid) || json_integer_value(pid) < 1 ||
	    json_integer_value(pid) > INT32_MAX || (children && !json_is_boolean(children))) {
		request_fail(r, "bad_request",
			     "'target' is {\"pid\":N}, with or without \"children\":true|false, or "
			     "{\"cgroup\":\"/path\"}");
		return false;
	}
	ret->kind = children && !json_is_true(children) ? SPANS_ALONE : SPANS_TREE;
	ret->tgid = (uint32_t)json_integer_value(pid);
	if (family_clock(ret->tgid) == FAMILY_GONE) {
		request_fail(r, "not_found", "there is no such process");
		return false;
	}
	if (!c->privileged && !is_of(c->control, ret->tgid, c->uid)) {
		request_fail(r, "forbidden", "it is not yours alone");
		return false;
	}
	return true;
}

static bool read_cgroup(const struct request *r, const json_t *path, struct spans_target *ret)
{
	CLEANUP(cleanup_close) int fd = -1;
	struct stat st;

	ret->kind = SPANS_CGROUP;
	ret->path = json_string_value(path);
	if (!ret->path || json_string_length(path) >= SPANS_MAX_PATH) {
		request_fail(r, "bad_request", "'cgroup' is a path of at most 1023 bytes");
		return false;
	}
	fd = identity_open_path(pipeline_identity(r->client->control->pipeline), ret->path,
				&ret->v1);
	if (fd == -EINVAL) {
		request_fail(r, "bad_request", "'cgroup' is a path from the hierarchy's root");
		return false;
	}
	if (fd < 0 || fstat(fd, &st)) {
		request_fail(r, "not_found", "there is no such cgroup");
		return false;
	}
	if (!r->client->privileged && st.st_uid != r->client->uid) {
		request_fail(r, "forbidden", "it is not yours");
		return false;
	}
	return true;
}

bool target_read(const struct request *r, struct spans_target *ret)
{
	const json_t *target = json_object_get(r->body, "target");
	const json_t *cgroup = json_object_get(target, "cgroup");

	*ret = (struct spans_target){ .kind = SPANS_TREE, .tgid = (uint32_t)r->client->pid };
	if (!target && r->client->pid > 0)
		return true; /* its own */
	if (!target) {
		request_fail(r, "not_found", "your process is in no PID namespace of mine");
		return false;
	}
	return cgroup ? read_cgroup(r, cgroup, ret)
		      : read_process(r, json_object_get(target, "pid"),
				     json_object_get(target, "children"), ret);
}
