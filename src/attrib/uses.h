/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* uses.h - who drew a domain by its meter's own word: the processes on a GPU. */
#ifndef ATTRIB_USES_H
#define ATTRIB_USES_H

#include <stddef.h>

#include "types/energy.h"
#include "types/usage.h"

/*
 * Rows of the processes that e->use names for the domain, with weights for attrib_split(). A
 * process's share is divided over its rows by their CPU time, equally if they have none; one that
 * has no row in u is left out. The weight after the last row's is nobody's.
 *
 * active  [n_rows of u]      indices of the rows, each once per use
 * weight  [n_rows of u + 1]  the rows' weights and nobody's; they sum to more than 0
 *
 * Returns how many rows there are.
 */
size_t attrib_uses(const struct usage *u, const struct energy *e, size_t domain, size_t *active,
		   uint64_t *weight);

#endif /* ATTRIB_USES_H */
