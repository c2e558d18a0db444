/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* site.h - what a data centre adds to a machine's energy, and what it took to build the machine. */
#ifndef CARBON_SITE_H
#define CARBON_SITE_H

#include "types/site.h"

/* Case does not matter; a region that is not known is its provider's. Returns 0 or -ENOENT. */
int site_pue_lookup(const char *site, struct site_pue *ret);
int site_embodied_lookup(const char *host, struct site_embodied *ret);

#endif /* CARBON_SITE_H */
