/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * config.h - what a machine says once, in /etc/jouletrail.conf: the options of the daemon by their
 * names, "interval = 1s", a line each; # begins a remark; of a name given twice the last one holds.
 * A flag is yes or no.
 *
 * Other commands take from it what is said of the machine and not of the daemon: zone, kind,
 * intensity, intensity-location, intensity-key, intensity-cache, pue, water and calibration.
 */
#ifndef CLI_CONFIG_H
#define CLI_CONFIG_H

#include "base/why.h"
#include "cli/options.h"

#define CONFIG_PATH "/etc/jouletrail.conf"

/* Lines of a file, and how long one is. */
#define CONFIG_MAX_LINES 1000
#define CONFIG_LINE_LEN	 4352

struct config;

/* Whose options the names of a file are, in this program: the daemon's. For good. */
void config_know(const struct options_spec *all);

/* JOULETRAIL_CONFIG of the environment, else CONFIG_PATH. */
const char *config_path(void);

/*
 * Reads config_path(); no file is an empty one, unless the environment names it.
 * Returns 0 (*ret for config_free()); -EINVAL, -E2BIG with why, file and line; or the file's
 * -errno.
 */
int config_read(struct config **ret, struct why *why);
/* Only when no option points into it any more; NULL is fine. */
void config_free(struct config *c);

/*
 * Sets the options that spec has and c names: all of them where spec is the daemon's, else those of
 * the machine. Strings point into c. Returns 0 or -EINVAL with why, file and line.
 */
int config_fill(const struct config *c, const struct options_spec *spec, void *into,
		struct why *why);

/* Both, before a command line is looked at; where spec is not configured, nothing. For good. */
int config_apply(const struct options_spec *spec, void *into, struct why *why);

#endif /* CLI_CONFIG_H */
