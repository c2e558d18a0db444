/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame.h - stacks with their energy as a picture, as folded lines, as JSON. */
#ifndef EXPORT_FLAME_H
#define EXPORT_FLAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "types/record.h"
#include "types/stack.h"

enum flame_format { FLAME_SVG = 0, FLAME_FOLDED, FLAME_JSON };

/* "svg", "folded", "json". Returns 0 or -EINVAL. */
int flame_format_parse(const char *word, enum flame_format *ret);

/* A profile. Strings and arrays are the caller's. */
struct export_flame {
	char *const *command;	  /* NULL-terminated argument vector; NULL = none */
	uint32_t pid;		  /* of the process attached to; 0 = none */
	const struct tick *total; /* of all windows */
	uint64_t cpu_ns;	  /* of the consumers that it is of, as is the energy */
	struct quant_interval_u64 energy;
	uint64_t unsampled_uj; /* of it, of consumers without a sample in their window */
	unsigned int frequency_hz;
	uint64_t n_samples;
	uint64_t n_lost;
	size_t n_stacks;
	const struct stack *stack; /* in any order; Σ energy_uj is energy.value */
};

/*
 * Appends it to out. Stacks whose frames have the same names and kinds are one.
 *
 * SVG: a self-contained picture; frames narrower than a tenth of a pixel are left out. Folded:
 * "process;frame;frame µJ" a line, sorted; kernel frames end in _[k], those of perf maps in _[j],
 * a ';' in a name becomes ':', a byte that is no text '?'. JSON: schema jouletrail.flame/1.
 * Folded and JSON hold every microjoule.
 */
void export_flame(struct buf *out, enum flame_format f, const struct export_flame *x);

#endif /* EXPORT_FLAME_H */
