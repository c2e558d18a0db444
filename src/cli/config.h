/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* config.h - what a machine says once for all subcommands, in /etc/jouletrail.conf. */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "base/why.h"
#include "cli/options.h"

#define CONFIG_PATH "/etc/jouletrail.conf"

/*
 * Fills the options of spec that the configuration has, before the command line is looked at:
 * lines "zone = FR" of the names zone, intensity, intensity-location, intensity-key,
 * intensity-cache, pue, water and metrics; # begins a remark. JOULETRAIL_CONFIG in the
 * environment names another file. The values stay in memory.
 *
 * Returns 0, also where there is no file; -EINVAL, -E2BIG or the file's -errno with why.
 */
int config_apply(const struct options_spec *spec, void *into, struct why *why);

#endif /* CLI_CONFIG_H */
