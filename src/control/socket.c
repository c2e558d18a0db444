/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* socket.c - see socket.h. */
#include "control/socket.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

#define BACKLOG 128
#define GROUP	"jouletrail"

static int address_of(const char *path, struct sockaddr_un *ret, struct why *why)
{
	*ret = (struct sockaddr_un){ .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(ret->sun_path))
		return why_set(why, -ENAMETOOLONG, "%.120s…: longer than a socket's path can be",
			       path);
	snprintf(ret->sun_path, sizeof(ret->sun_path), "%s", path);
	return 0;
}

/* The directory that it lies in, if only that is missing; the owner takes the socket away again. */
static void make_directory(const char *path, uid_t owner)
{
	char dir[sizeof(((struct sockaddr_un *)0)->sun_path)];
	char *slash;

	snprintf(dir, sizeof(dir), "%s", path);
	slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return;
	*slash = '\0';
	if (mkdir(dir, 0755) == 0 && owner && lchown(dir, owner, (gid_t)-1))
		rmdir(dir);
}

/* Takes a socket away that a program left behind. */
static int remove_stale(const struct sockaddr_un *address, struct why *why)
{
	CLEANUP(cleanup_close)
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	const char *path = address->sun_path;
	struct stat st;

	if (fd < 0)
		return why_set(why, -errno, "socket: %s", strerror(errno));
	if (lstat(path, &st))
		return 0;
	if (!S_ISSOCK(st.st_mode))
		return why_set(why, -EADDRINUSE, "%s is there and is no socket", path);
	if (!connect(fd, (const struct sockaddr *)address, sizeof(*address)) ||
	    errno != ECONNREFUSED)
		return why_set(why, -EADDRINUSE, "%s: another program answers there", path);
	return unlink(path) && errno != ENOENT
		       ? why_set(why, -errno, "%s: %s", path, strerror(errno))
		       : 0;
}

static int set_access(const struct control_options *o)
{
	struct group entry, *g = NULL;
	char names[4096];
	bool found = !getgrnam_r(GROUP, &entry, names, sizeof(names), &g) && g;
	uid_t uid = o->owner ? o->owner : (uid_t)-1;

	if (chmod(o->path, o->mode))
		return -errno;
	/* Only root may give it away. */
	return chown(o->path, uid, found ? g->gr_gid : (gid_t)-1) && errno != EPERM ? -errno : 0;
}

int control_socket_open(const struct control_options *o, struct why *why)
{
	const char *path = o->path;
	CLEANUP(cleanup_close) int fd = -1;
	struct sockaddr_un address;
	mode_t mask;
	int err = address_of(path, &address, why);

	if (err)
		return err;
	make_directory(path, o->owner);
	err = remove_stale(&address, why);
	if (err)
		return err;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Nobody connects before it is known who may. */
	mask = umask(0177);
	if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)))
		err = -errno;
	umask(mask);
	if (!err)
		err = set_access(o);
	if (!err && listen(fd, BACKLOG))
		err = -errno;
	if (err)
		return why_set(why, err, "cannot listen at %s: %s", path, strerror(-err));
	return TAKE_FD(fd);
}

void control_socket_remove(const char *path, int fd)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address);

	/* Another daemon may have put its own there since: then that one answers. */
	if (getsockname(fd, (struct sockaddr *)&address, &len))
		return;
	unlink(path);
}
