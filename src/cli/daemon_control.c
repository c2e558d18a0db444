/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* daemon_control.c - see daemon_control.h. */
#include "cli/daemon_control.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

static unsigned int mode_of(const struct daemon_control *o)
{
	char *end;
	unsigned long mode;

	if (!o->mode)
		return CONTROL_DEFAULT_MODE;
	mode = strtoul(o->mode, &end, 8);
	return o->mode[0] && !*end && mode <= 0777 ? (unsigned int)mode : UINT_MAX;
}

bool daemon_control_check(const struct daemon_control *o)
{
	if (mode_of(o) != UINT_MAX)
		return true;
	log_error("--control-mode: '%.20s' is no mode: 0660 is one", o->mode);
	return false;
}

int daemon_control_open(const struct daemon_control *o, const struct pipeline_options *po,
			uid_t owner, struct control **ret, struct why *why)
{
	const struct control_options co = {
		.path = o->path ? o->path : CONTROL_DEFAULT_PATH,
		.mode = mode_of(o),
		.owner = owner,
		.max_clients = o->n_clients,
		.root = po->root,
		.by = record_kind_name(po->by),
		.ledger_dir = po->ledger_dir,
		.interval_ns = po->interval_ns,
		.tick_ns = po->tick_ns,
	};
	struct why what = { "" };
	int err;

	if (strcmp(co.path, "none") == 0)
		return 0;
	err = control_new(&co, ret, &what);
	if (err && o->path)
		return why_set(why, err, "--control: %s", what.text);
	if (err)
		log_warning("no control socket: %s; --control none says that there is to be none",
			    what.text);
	return 0;
}
