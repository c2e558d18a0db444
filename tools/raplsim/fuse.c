/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuse.c - see fuse.h. One thread: a request, or a poll of the processes, at a time. */
#define FUSE_USE_VERSION 35

#include "raplsim/fuse.h"

#include <errno.h>
#include <fuse3/fuse.h>
#include <fuse3/fuse_lowlevel.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

/* An open file: its text is made when it is read from the start, as sysfs does. */
struct handle {
	size_t node;
	struct buf text;
	struct handle *next;
};

/* All that are open: an unmount may end the session before it says that they were closed. */
static struct handle *handles;

static void handle_free(struct handle *h)
{
	struct handle **at = &handles;

	while (*at != h)
		at = &(*at)->next;
	*at = h->next;
	buf_free(&h->text);
	free(h);
}

static struct sim *sim_now(void)
{
	struct sim *s = fuse_get_context()->private_data;

	model_advance(&s->model, clock_mono_ns());
	faults_advance(&s->faults, &s->model);
	return s;
}

static bool is_there(const struct sim *s, const struct tree_node *node)
{
	return node->domain < 0 ||
	       faults_now(&s->faults, &s->model, (size_t)node->domain) != FAULT_VANISH;
}

static const struct tree_node *find(const struct sim *s, const char *path)
{
	const struct tree_node *node = tree_find(&s->tree, path);

	return node && is_there(s, node) ? node : NULL;
}

static void *sim_init(struct fuse_conn_info *conn, struct fuse_config *config)
{
	(void)conn;
	/* Nothing may be remembered: zones vanish and come back. */
	config->entry_timeout = config->attr_timeout = config->negative_timeout = 0;
	config->direct_io = 1;
	return fuse_get_context()->private_data;
}

static mode_t mode_of(const struct tree_node *node)
{
	switch (node->kind) {
	case TREE_DIRECTORY:
		return S_IFDIR | 0755;
	case TREE_LINK:
		return S_IFLNK | 0777;
	case TREE_COUNTER:
		return S_IFREG | 0400;
	case TREE_FAULTS:
		return S_IFREG | 0644;
	default:
		return S_IFREG | 0444;
	}
}

static int sim_getattr(const char *path, struct stat *st, struct fuse_file_info *fi)
{
	const struct tree_node *node = find(sim_now(), path);

	(void)fi;
	if (!node)
		return -ENOENT;
	*st = (struct stat){ .st_mode = mode_of(node), .st_nlink = 1, .st_size = 4096 };
	if (node->kind == TREE_LINK)
		st->st_size = (off_t)strlen(node->text);
	return 0;
}

static int sim_readlink(const char *path, char *ret, size_t size)
{
	const struct tree_node *node = find(sim_now(), path);

	if (!node)
		return -ENOENT;
	snprintf(ret, size, "%s", node->text);
	return 0;
}

static int sim_readdir(const char *path, void *to, fuse_fill_dir_t fill, off_t offset,
		       struct fuse_file_info *fi, enum fuse_readdir_flags flags)
{
	const struct sim *s = sim_now();

	(void)offset, (void)fi, (void)flags;
	if (!find(s, path))
		return -ENOENT;
	fill(to, ".", NULL, 0, 0);
	fill(to, "..", NULL, 0, 0);
	for (size_t i = 0; i < s->tree.n; i++) {
		const char *name = tree_name_in(&s->tree.node[i], path);

		if (name && is_there(s, &s->tree.node[i]))
			fill(to, name, NULL, 0, 0);
	}
	return 0;
}

static int sim_open(const char *path, struct fuse_file_info *fi)
{
	const struct sim *s = sim_now();
	const struct tree_node *node = find(s, path);
	struct handle *h;

	if (!node)
		return -ENOENT;
	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->node = (size_t)(node - s->tree.node);
	h->next = handles;
	handles = h;
	fi->fh = (uint64_t)(uintptr_t)h;
	fi->direct_io = 1;
	return 0;
}

static int sim_release(const char *path, struct fuse_file_info *fi)
{
	struct handle *h = (struct handle *)(uintptr_t)fi->fh;

	(void)path;
	handle_free(h);
	return 0;
}

static int put_counter(struct sim *s, size_t domain, struct buf *out)
{
	enum fault_kind fault = faults_now(&s->faults, &s->model, domain);

	truth_note(&s->truth, &s->model, domain, fault);
	switch (fault) {
	case FAULT_EIO:
		return -EIO;
	case FAULT_EACCES:
		return -EACCES;
	case FAULT_ENODATA:
		return -ENODATA;
	case FAULT_VANISH:
		return -ENODEV;
	case FAULT_RUBBISH:
		buf_puts(out, faults_rubbish(&s->faults));
		return 0;
	case FAULT_FREEZE:
		buf_printf(out, "%" PRIu64 "\n", s->faults.frozen_uj[domain]);
		return 0;
	default:
		buf_printf(out, "%" PRIu64 "\n", model_counter_uj(&s->model.domain[domain]));
		return 0;
	}
}

/* Power between the model's last two moments; hwmon's figure for what it is worth. */
static void put_power(const struct sim *s, size_t domain, struct buf *out)
{
	const struct model_domain *d = &s->model.domain[domain];
	uint64_t ns = s->model.now_ns - s->model.before_ns;

	buf_printf(out, "%" PRIu64 "\n",
		   ns ? (uint64_t)((d->drawn_pj - d->before_pj) * 1000 / (model_pj)ns) : 0);
}

static void put_faults(const struct sim *s, struct buf *out)
{
	for (size_t i = 0; i < s->faults.n; i++) {
		const struct fault *f = &s->faults.fault[i];

		buf_printf(out, "%s:%s@%.3f+%.3f\n",
			   f->domain < 0 ? "all" : s->model.domain[f->domain].label,
			   faults_kind_name(f->kind), (double)f->from_ns / 1e9,
			   (double)(f->to_ns - f->from_ns) / 1e9);
	}
}

static int make_text(struct sim *s, const struct tree_node *node, struct buf *out)
{
	switch (node->kind) {
	case TREE_COUNTER:
		return put_counter(s, (size_t)node->domain, out);
	case TREE_POWER:
		put_power(s, (size_t)node->domain, out);
		break;
	case TREE_TRUTH:
		truth_put_json(&s->truth, &s->model, out);
		break;
	case TREE_READINGS:
		truth_put_readings(&s->truth, &s->model, out);
		break;
	case TREE_FAULTS:
		put_faults(s, out);
		break;
	default:
		buf_puts(out, node->text);
	}
	return out->err;
}

static int sim_read(const char *path, char *to, size_t size, off_t offset,
		    struct fuse_file_info *fi)
{
	struct handle *h = (struct handle *)(uintptr_t)fi->fh;
	int err;

	(void)path;
	if (offset == 0) {
		struct sim *s = sim_now();

		buf_reset(&h->text);
		err = make_text(s, &s->tree.node[h->node], &h->text);
		if (err)
			return err;
	}
	if ((size_t)offset >= h->text.len)
		return 0;
	if (size > h->text.len - (size_t)offset)
		size = h->text.len - (size_t)offset;
	memcpy(to, h->text.data + offset, size);
	return (int)size;
}

static int sim_write(const char *path, const char *text, size_t size, off_t offset,
		     struct fuse_file_info *fi)
{
	struct sim *s = sim_now();
	char line[128];

	(void)fi, (void)offset;
	if (tree_find(&s->tree, path)->kind != TREE_FAULTS || size >= sizeof(line))
		return -EINVAL;
	memcpy(line, text, size);
	line[size] = '\0';
	if (faults_add(&s->faults, &s->model, line, s->model.now_ns - s->model.began_ns, NULL))
		return -EINVAL;
	faults_advance(&s->faults, &s->model);
	return (int)size;
}

static int sim_truncate(const char *path, off_t size, struct fuse_file_info *fi)
{
	(void)path, (void)size, (void)fi;
	return 0;
}

static const struct fuse_operations operations = {
	.init = sim_init,
	.getattr = sim_getattr,
	.readlink = sim_readlink,
	.readdir = sim_readdir,
	.open = sim_open,
	.release = sim_release,
	.read = sim_read,
	.write = sim_write,
	.truncate = sim_truncate,
};

/* Requests as they come; without any, the processes once per poll_ns. Returns 0 or -errno. */
static int serve(struct sim *s, struct fuse_session *session)
{
	struct pollfd request = { .fd = fuse_session_fd(session), .events = POLLIN };
	int timeout_ms = s->poll_ns ? (int)(s->poll_ns / 1000000) : -1;
	struct fuse_buf buf = { 0 };
	int n = 1;

	while (!fuse_session_exited(session) && n > 0) {
		if (poll(&request, 1, timeout_ms) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (s->poll_ns && clock_mono_ns() - s->model.now_ns >= s->poll_ns)
			model_advance(&s->model, clock_mono_ns());
		if (!(request.revents & (POLLIN | POLLERR | POLLHUP)))
			continue;
		n = fuse_session_receive_buf(session, &buf);
		if (n == -EINTR)
			n = 1;
		else if (n > 0)
			fuse_session_process_buf(session, &buf);
	}
	free(buf.mem);
	return n < 0 ? n : 0;
}

int fuse_serve(struct sim *s, const char *mount_point, struct why *why)
{
	struct fuse_args args = FUSE_ARGS_INIT(0, NULL);
	struct fuse_session *session;
	struct fuse *fuse = NULL;
	int err;

	if (!fuse_opt_add_arg(&args, "raplsim") && !fuse_opt_add_arg(&args, "-o") &&
	    !fuse_opt_add_arg(&args, "default_permissions,allow_other,fsname=raplsim"))
		fuse = fuse_new(&args, &operations, sizeof(operations), s);
	fuse_opt_free_args(&args);
	if (!fuse)
		return why_set(why, -ENOMEM, "fuse: cannot begin");
	session = fuse_get_session(fuse);
	if (fuse_mount(fuse, mount_point) || fuse_set_signal_handlers(session)) {
		fuse_destroy(fuse);
		return why_set(why, -EIO,
			       "cannot mount at %s: needs root, /dev/fuse and fusermount3 (fuse3)",
			       mount_point);
	}
	err = serve(s, session);
	fuse_remove_signal_handlers(session);
	fuse_unmount(fuse);
	fuse_destroy(fuse);
	while (handles)
		handle_free(handles);
	return err ? why_set(why, err, "fuse: %s", strerror(-err)) : 0;
}
