/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* sink.c - see sink.h: the table. */
#include "push/sink.h"

#include <errno.h>
#include <string.h>

/* Longest address. */
#define ADDRESS_LEN 400

/* A scheme that another one begins with comes later. */
static const struct sink_kind *const kinds[] = {
	&sink_pushgateway_http, &sink_pushgateway_https, &sink_riemann,
	&sink_emf_tcp,		&sink_emf_udp,		 &sink_emf_file,
};

#define N_KINDS (sizeof(kinds) / sizeof(kinds[0]))

const struct sink_kind *sink_find(const char *address, const char **ret_rest, struct why *why)
{
	if (strlen(address) > ADDRESS_LEN) {
		why_set(why, -EINVAL, "'%.40s…': longer than %d bytes", address, ADDRESS_LEN);
		return NULL;
	}
	for (size_t i = 0; i < N_KINDS; i++) {
		size_t len = strlen(kinds[i]->scheme);

		if (strncmp(address, kinds[i]->scheme, len) != 0)
			continue;
		*ret_rest = address + len;
		return kinds[i]->check(*ret_rest, why) ? NULL : kinds[i];
	}
	why_set(why, -EINVAL,
		"'%.100s' begins with none of pushgateway+http://, pushgateway+https://, "
		"riemann://, emf+tcp://, emf+udp:// and emf:",
		address);
	return NULL;
}
