/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* daemon_config.h - the daemon's options: shown, and read anew while it measures. */
#ifndef CLI_DAEMON_CONFIG_H
#define CLI_DAEMON_CONFIG_H

#include <stdbool.h>

#include "cli/config.h"
#include "cli/options.h"
#include "export/export.h"

/* Prints what would hold, as lines of a configuration or as JSON. Returns the exit code. */
int daemon_config_show(const struct options_spec *spec, const void *options,
		       enum export_format format);

/*
 * Fills *into, which has the defaults, from the file as it is now and the command line, which is
 * looked at, not reordered. Strings point into *ret and argv.
 * Returns 0 (*ret for config_free()) or -errno with why.
 */
int daemon_config_again(const struct options_spec *spec, char *const argv[], void *into,
			struct config **ret, struct why *why);

/* Logs which options are others in fresh than in now; returns whether any of the grid's is. */
bool daemon_config_compare(const struct options_spec *spec, const void *now, const void *fresh);

#endif /* CLI_DAEMON_CONFIG_H */
