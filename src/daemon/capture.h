/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* capture.h - writes down what the sources gave, window by window, for a replay. */
#ifndef DAEMON_CAPTURE_H
#define DAEMON_CAPTURE_H

#include "base/why.h"
#include "daemon/capture_lines.h"

struct capture;

/*
 * Makes the file (0600: it names processes and cgroups; never command lines) and writes the head
 * and the intensity that the ledger was opened with.
 * head->has_names false: comms, cgroup paths, the host and the ledger's directory are left out.
 *
 * Returns 0 (*ret is the caller's, for capture_free()) or -errno with why.
 */
int capture_new(const char *path, const struct capture_head *head, const struct intensity *i,
		struct capture **ret, struct why *why);
void capture_free(struct capture *c);

/*
 * What follows sticks at the first error, which each returns: the file is then cut short, and says
 * so by having no end.
 */

/* One window: as the maths got it. The intensity and the domains are written when they change. */
int capture_window(struct capture *c, const struct usage *u, const struct energy *e,
		   const struct intensity *i);

/* The windows so far were closed as tick, named; n_names is filled in. */
int capture_tick(struct capture *c, struct capture_tick t, const struct tick *tick);

/* The end; total (may be NULL) is the named total that was shown. */
int capture_end(struct capture *c, struct capture_end e, const struct tick *total);

#endif /* DAEMON_CAPTURE_H */
