/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * pipeline.h - what the control socket asks of a pipeline, without one: for the fuzz target and the
 * bench. Included once per program, whose linker then takes nothing of the real one.
 */
#ifndef TESTS_STUBS_PIPELINE_H
#define TESTS_STUBS_PIPELINE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control/control.h"
#include "daemon/capture_lines.h"
#include "daemon/pipeline.h"
#include "unit/machine.h"

static struct identity *stub_identity;

struct identity *pipeline_identity(struct pipeline *p)
{
	(void)p;
	return stub_identity;
}

void pipeline_intensity(struct pipeline *p, int64_t from_real_us, int64_t to_real_us,
			struct intensity *ret)
{
	(void)p;
	(void)from_real_us;
	(void)to_real_us;
	*ret = machine_france();
}

const char *pipeline_intensity_trouble(const struct pipeline *p)
{
	(void)p;
	return "";
}

void pipeline_capture_head(const struct pipeline *p, struct capture_head *ret)
{
	(void)p;
	*ret = (struct capture_head){ .version = CAPTURE_VERSION, .corun_percent = 60 };
}

void pipeline_tell_records(struct pipeline *p, ledger_told_fn *f, void *arg)
{
	(void)p;
	(void)f;
	(void)arg;
}

bool pipeline_ledger_failed(const struct pipeline *p)
{
	(void)p;
	return false;
}

uint64_t pipeline_n_ledger_records(const struct pipeline *p)
{
	(void)p;
	return 0;
}

const char *pipeline_power_choice(const struct pipeline *p)
{
	(void)p;
	return "a meter";
}

static void stub_die(const char *what)
{
	perror(what);
	exit(1);
}

static void stub_clean(void)
{
	char path[64];

	snprintf(path, sizeof(path), "/tmp/jouletrail-stub-%d.sock", getpid());
	unlink(path);
}

/* A control socket of its own, and who watches its windows. */
static inline struct control *stub_control(struct pipeline_watcher *ret_watcher)
{
	static char path[64];
	struct control_options o = { .path = path,
				     .mode = 0600,
				     .max_clients = 1024,
				     .by = "process",
				     .ledger_dir = "/l",
				     .interval_ns = JT_NS_PER_S,
				     .tick_ns = JT_NS_PER_S };
	struct identity_options io = { .by = RECORD_PROCESS };
	struct control *c;
	struct why why;

	snprintf(path, sizeof(path), "/tmp/jouletrail-stub-%d.sock", getpid());
	if (control_new(&o, &c, &why) || identity_new(&io, &stub_identity))
		stub_die(why.text);
	control_attach(c, NULL);
	atexit(stub_clean);
	*ret_watcher = control_watcher(c);
	return c;
}

/* Connects to it. */
static inline int stub_connect(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(to.sun_path, sizeof(to.sun_path), "/tmp/jouletrail-stub-%d.sock", getpid());
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof(to)))
		stub_die("connect");
	return fd;
}

#endif /* TESTS_STUBS_PIPELINE_H */
