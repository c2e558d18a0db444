/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * share.h - in a guest: what its host says, beside the counter, of the energy that it gives the
 * guest for its own. The files are described in jouletrail/guest.h.
 */
#ifndef POWER_SHARE_H
#define POWER_SHARE_H

#include "power/counter.h"
#include "types/energy.h"

struct share {
	uint64_t update_ns;
	enum energy_quality quality;
	struct quant_sides sides;
	uint64_t n_gaps;
	uint64_t n_updates;
};

/*
 * counter: path of the zone's energy_uj. Returns 0; -ENOENT: the zone is no share but a real one;
 * -EPROTO: of a version that is not known; -EBADMSG; -errno.
 */
int share_read(const char *counter, struct share *ret);

/* The text of the file into *ret. Returns 0, -EPROTO or -EBADMSG. */
int share_parse(const char *text, struct share *ret);

/* What a counter of shares can do: it moves with its host's windows, and may be of many sockets. */
struct counter_limits share_limits(const struct share *s, uint64_t range_uj);

/* The zone's domain is all of the guest, as good as the host says. */
void share_describe(const struct share *s, struct energy_domain *d);

#endif /* POWER_SHARE_H */
