/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-control.c - what a client says to the control socket: every line that comes back is one. */
#include <assert.h>
#include <jansson.h>
#include <stdint.h>

#include "attrib/attrib.h"
#include "base/clock.h"
#include "stubs/pipeline.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Far beyond what any answer takes. */
#define MAX_TURNS 2000

static struct control *control;
static struct pipeline_watcher watcher;
static struct attrib *attrib;
static struct machine machine;
static struct intensity france;

static void begin(void)
{
	if (control)
		return;
	control = stub_control(&watcher);
	france = machine_france();
	assert(!attrib_new(MACHINE_MAX_ROWS, &(struct method)METHOD_DEFAULT, &attrib));
}

/* A window up to now, in which this process ran. */
static void window(void)
{
	struct course_window w = { &machine.usage, &machine.energy, NULL, &france };
	uint64_t now_ns = clock_mono_ns();

	machine_init(&machine, 1);
	machine.usage.window.begin_mono_ns = now_ns - 1000000;
	machine.usage.window.end_mono_ns = now_ns;
	machine_row(&machine, (uint32_t)getpid(), 0, 500000);
	machine_row(&machine, 1, 0, 500000);
	machine_domain(&machine, 0, 1000000, 1000);
	machine_books(&machine);
	assert(!attrib_run(attrib, &machine.usage, &machine.energy, &w.shares));
	watcher.read(watcher.arg);
	watcher.window(&w, stub_identity, watcher.arg);
}

static void check_line(const char *line, size_t len)
{
	json_error_t error;
	json_t *v = json_loadb(line, len, JSON_REJECT_DUPLICATES, &error);

	assert(v && json_is_object(v));
	assert(json_object_get(v, "event") ||
	       (json_object_get(v, "id") &&
		(json_object_get(v, "ok") != NULL) != (json_object_get(v, "error") != NULL)));
	json_decref(v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf got = { 0 };
	char part[65536];
	ssize_t n = -1;
	int fd, turn;

	if (size > 100000)
		return 0;
	begin();
	fd = stub_connect();
	assert(send(fd, data, size, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)size);
	shutdown(fd, SHUT_WR);
	for (turn = 0; turn < MAX_TURNS && n; turn++) {
		while (control_serve(control))
			;
		n = recv(fd, part, sizeof(part), MSG_DONTWAIT);
		if (n > 0)
			buf_append(&got, part, (size_t)n);
		else if (n < 0 && turn > 3 && turn < 8)
			window();
		/* A subscriber is told for ever. */
		if (turn > 20)
			break;
	}
	close(fd);
	control_serve(control);
	for (size_t at = 0; at < got.len;) {
		const char *end = memchr(got.data + at, '\n', got.len - at);

		if (!end)
			break;
		check_line(got.data + at, (size_t)(end - got.data) - at);
		at = (size_t)(end - got.data) + 1;
	}
	buf_free(&got);
	return 0;
}
