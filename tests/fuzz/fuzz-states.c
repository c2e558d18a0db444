/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fuzz-states.c - state files of runtimes by strangers: read or refused, within their room. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/states.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Each field of an answer has its NUL, and one that is not found says nothing half. */
static void check(const struct lookup_answer *a)
{
	assert(memchr(a->name, '\0', sizeof(a->name)));
	assert(memchr(a->image, '\0', sizeof(a->image)));
	assert(memchr(a->namespace, '\0', sizeof(a->namespace)));
	assert(memchr(a->pod_name, '\0', sizeof(a->pod_name)));
	assert(memchr(a->labels, '\0', sizeof(a->labels)));
}

/* A name of a directory, in a text of its own so that reading beyond it is seen. */
static void read_name(const char *text, size_t size)
{
	struct lookup_answer a = { .number = 0 };
	size_t len = size < 255 ? size : 255;
	char *name = calloc(1, len + 1);

	assert(name);
	memcpy(name, text, len);
	states_read_pod_directory(name, "u", &a);
	states_read_log_link(name, "i", &a);
	states_put_label("a,team,", name, name, a.labels);
	states_put_label(name, name, name, a.labels);
	check(&a);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct lookup_answer a = { .number = 0 };

	states_read_docker(text, size, "team,app", &a);
	check(&a);
	a = (struct lookup_answer){ .number = 0 };
	states_read_bundle(text, size, "team,app", &a);
	check(&a);
	a = (struct lookup_answer){ .number = 0 };
	states_read_storage(text, size, "i", &a);
	check(&a);
	read_name(text, size);
	return 0;
}
