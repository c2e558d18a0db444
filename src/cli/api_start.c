/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_start.c - `jouletrail api` becomes jouletrail-api: what listens is not in the tracer. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/options.h"
#include "daemon/program.h"

int api_main(int argc, char **argv)
{
	struct program api;
	struct why why = { "" };

	(void)argc;
	if (program_find("jouletrail-api", &api, &why)) {
		log_error("api: %s", why.text);
		return EXIT_FAILED;
	}
	execv(api.path, argv);
	log_error("api: %s: %s", api.path, strerror(errno));
	return EXIT_FAILED;
}
