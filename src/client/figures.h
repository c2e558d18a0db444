/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* figures.h - the daemon's answers as the structs of jouletrail/client.h. */
#ifndef CLIENT_FIGURES_H
#define CLIENT_FIGURES_H

#include "client/answer.h"
#include "jouletrail/client.h"

/*
 * What the op's "ok" holds. A member that is missing or null leaves its figure unknown (has_… 0),
 * its count 0, its text ""; one of another type is -EPROTO, and *ret is untouched then.
 */
int figures_result(struct answer_value ok, struct jt_result *ret);
int figures_totals(struct answer_value ok, struct jt_host_totals *ret);
int figures_status(struct answer_value ok, struct jt_daemon_status *ret);

#endif /* CLIENT_FIGURES_H */
