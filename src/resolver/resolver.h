/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * resolver.h - what the machine's files say of a container or pod: one table, runtime -> where ->
 * how it is read. No socket of a runtime is asked, nothing is run, nothing is written.
 */
#ifndef RESOLVER_RESOLVER_H
#define RESOLVER_RESOLVER_H

#include "types/lookup.h"

/*
 * Looks in the places where the question's runtime keeps its state, below the directory root_fd,
 * then where kubelet does. Every field may be a stranger's choice.
 *
 * labels  names of labels that are told of, comma-separated; "" = none
 * ret     number is the question's; is_found 0 where nothing is known
 */
void resolver_answer(int root_fd, const char *labels, const struct lookup_question *q,
		     struct lookup_answer *ret);

#endif /* RESOLVER_RESOLVER_H */
