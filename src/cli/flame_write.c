/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame_write.c - see flame.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cli/flame.h"
#include "cli/output.h"
#include "export/export.h"
#include "export/number.h"
#include "stacks/symbols.h"

/* The profile's stacks with names: frames is one array for all of them. */
static int flame_stacks(const struct profile *p, struct stacks_table *t,
			const struct resolved *names, struct stack **ret,
			struct stack_frame **ret_frames)
{
	size_t n, n_frames = 0, at = 0, len;
	const struct profile_stack *of = profile_stacks(p, &n);
	struct stack_frame *frames;
	struct stack *stacks;

	for (uint32_t i = 0; i < n; i++) {
		table_frames(t, i, &len);
		n_frames += len;
	}
	stacks = calloc(n + 1, sizeof(*stacks));
	frames = calloc(n_frames + 1, sizeof(*frames));
	*ret = stacks;
	*ret_frames = frames;
	if (!stacks || !frames)
		return -ENOMEM;
	for (uint32_t i = 0; i < n; i++) {
		const uint32_t *frame = table_frames(t, i, &len);

		stacks[i] = (struct stack){ .frame = frames + at,
					    .n_frames = len,
					    .energy_uj = of[i].energy_uj,
					    .n_samples = of[i].n_samples };
		for (size_t d = 0; d < len; d++)
			frames[at++] = names->frame[frame[d]];
	}
	return 0;
}

/* "out.svg: 3.5 J [1.6, 9.8] (modelled) in 350 samples; 120 mJ without one" */
static void flame_tell(const struct export_flame *x, const struct resolved *names, const char *file)
{
	struct buf line = { 0 };

	buf_printf(&line, "%s: ", file);
	export_human_energy(&line, &x->energy);
	buf_printf(&line, " (%s) in %" PRIu64 " sample%s", energy_quality_name(x->total->quality),
		   x->n_samples, x->n_samples == 1 ? "" : "s");
	if (x->unsampled_uj) {
		buf_puts(&line, "; ");
		number_put_plain(&line, x->unsampled_uj, "J");
		buf_puts(&line, " of processes that had none");
	}
	if (names->n_unknown)
		buf_printf(&line, "; %zu of %zu frames have no name", names->n_unknown, names->n);
	if (!line.err)
		log_info("%s", line.data);
	if (x->n_lost)
		log_warning("%" PRIu64 " records lost: names may be missing, and samples; a lower "
			    "-F loses fewer",
			    x->n_lost);
	if (names->n_failed_sources)
		log_warning("the symbols of %zu files could not be read: their frames have no name",
			    names->n_failed_sources);
	buf_free(&line);
}

static int flame_named(struct export_flame *x, enum flame_format f, const struct profile *p,
		       struct stacks *s, const struct resolved *names, struct buf *text)
{
	CLEANUP(cleanup_free) struct stack_frame *frames = NULL;
	CLEANUP(cleanup_free) struct stack *stacks = NULL;
	int err = flame_stacks(p, stacks_table(s), names, &stacks, &frames);

	if (err)
		return err;
	profile_stacks(p, &x->n_stacks);
	x->stack = stacks;
	x->n_samples = profile_n_samples(p);
	x->n_lost = stacks_n_lost(s);
	x->unsampled_uj = profile_unsampled_uj(p);
	export_flame(text, f, x);
	return text->err;
}

int flame_write(struct export_flame *x, enum flame_format f, const struct profile *p,
		struct stacks *s, int fd, const char *file)
{
	struct resolved names = { 0 };
	struct buf text = { 0 };
	int err;

	stacks_stop(s);
	err = symbols_resolve(stacks_table(s), &names);
	if (!err)
		err = flame_named(x, f, p, s, &names, &text);
	/* What cannot be cut to length was empty: a pipe, a terminal. */
	if (!err && ftruncate(fd, 0) && errno != EINVAL)
		err = -errno;
	if (!err)
		err = output_write(fd, &text);
	if (err)
		log_error("cannot write the graph to %s: %s", file, strerror(-err));
	else
		flame_tell(x, &names, file);
	resolved_free(&names);
	buf_free(&text);
	return err;
}
