/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* doctor_service.c - doctor's checks of what the daemon keeps: user, keys, ledger, socket. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cli/doctor.h"

#define SERVICE_USER   "jouletrail"
#define SERVICE_SOCKET "/run/jouletrail/control.sock"
/* Days of a busy host: docs/bench.md, ledger.day_of_100_containers. */
#define LEAST_FREE (UINT64_C(512) << 20)

static void check_user(struct doctor *d)
{
	char text[4096];
	struct passwd user, *found = NULL;
	struct doctor_check *c;

	if (getpwnam_r(SERVICE_USER, &user, text, sizeof(text), &found))
		found = NULL;
	c = doctor_add(d, "service", "user", found != NULL);
	doctor_say(c,
		   found ? "%s, for what needs no privileges"
			 : "no user %s: what needs no privileges runs as nobody, and the control "
			   "socket is root's alone",
		   SERVICE_USER);
	doctor_mend(c, "useradd --system --user-group --no-create-home --home-dir / --shell "
		       "/usr/sbin/nologin " SERVICE_USER);
}

/* Who may read keys may sign in this machine's name. */
static void check_keys(struct doctor *d)
{
	struct doctor_check *c;
	struct stat st;
	int err = stat(d->key_dir, &st) ? errno : 0;
	bool good = !err && S_ISDIR(st.st_mode) && !(st.st_mode & 077);

	c = doctor_add(d, "service", "keys", good || err == ENOENT);
	if (err == ENOENT)
		doctor_say(c, "none yet: the first ledger makes them");
	else if (err)
		doctor_say(c, "cannot be looked at: %s", strerror(err));
	else if (good)
		doctor_say(c, "only their owner's");
	else
		doctor_say(c, "mode %04o: others may read what signs the ledger",
			   st.st_mode & 07777);
	if (err)
		doctor_mend(c, "run as root: sudo jouletrail …");
	else
		doctor_mend(c, "chmod -R go= %.180s; then new keys, for these may be known",
			    d->key_dir);
}

static void check_ledger_mode(struct doctor *d, const struct stat *st)
{
	bool own = geteuid() == 0 || geteuid() == st->st_uid;
	struct doctor_check *c = doctor_add(d, "ledger", "directory", !(st->st_mode & 022) && own);

	if (c && c->ok)
		doctor_say(c, "mode %04o", st->st_mode & 07777);
	else if (!own)
		doctor_say(c, "it is another user's: nothing can be written");
	else
		doctor_say(c, "mode %04o: others may write to it", st->st_mode & 07777);
	if (own)
		doctor_mend(c, "chmod go-w %.200s", d->ledger);
	else
		doctor_mend(c, "run as root, or as user %u", st->st_uid);
}

static void check_ledger(struct doctor *d)
{
	struct statvfs fs;
	struct doctor_check *c;
	struct stat st;

	if (!d->ledger)
		return;
	if (stat(d->ledger, &st) || !S_ISDIR(st.st_mode)) {
		c = doctor_add(d, "ledger", "directory", false);
		doctor_say(c, "there is none");
		doctor_mend(c, "install -d -m 750 %.200s", d->ledger);
		return;
	}
	check_ledger_mode(d, &st);
	if (statvfs(d->ledger, &fs))
		return;
	c = doctor_add(d, "ledger", "room", (uint64_t)fs.f_bavail * fs.f_frsize >= LEAST_FREE);
	doctor_say(c, "%" PRIu64 " MiB are free%s", ((uint64_t)fs.f_bavail * fs.f_frsize) >> 20,
		   fs.f_flag & ST_RDONLY ? ", but nothing may be written there" : "");
	if (c && fs.f_flag & ST_RDONLY)
		c->ok = false;
	doctor_mend(c, fs.f_flag & ST_RDONLY ? "mount -o remount,rw its file system"
					     : "daemon --retain 30d: older days become sums");
}

/* Is a daemon there, and does it answer? */
static void check_socket(struct doctor *d)
{
	static const struct sockaddr_un at = { .sun_family = AF_UNIX, .sun_path = SERVICE_SOCKET };
	CLEANUP(cleanup_close) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int err = connect(fd, (const struct sockaddr *)&at, sizeof(at)) ? errno : 0;
	struct doctor_check *c = doctor_add(d, "service", "daemon", !err);

	if (!err) {
		doctor_say(c, "answers at " SERVICE_SOCKET);
	} else if (err == ENOENT) {
		doctor_say(c, "none is running, as far as its socket tells; `run` needs none");
		doctor_mend(c, "systemctl enable --now jouletrail");
	} else if (err == EACCES || err == EPERM) {
		doctor_say(c, "there is one, but its socket is not for us");
		doctor_mend(c, "adduser YOU " SERVICE_USER " (the group), and log in again");
	} else {
		doctor_say(c, "does not answer: %s", strerror(err));
		doctor_mend(c, "systemctl restart jouletrail; journalctl -u jouletrail says why");
	}
}

void doctor_check_service(struct doctor *d)
{
	check_user(d);
	check_keys(d);
	check_socket(d);
	check_ledger(d);
}
