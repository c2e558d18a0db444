/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* estimate.h - the parts of `jouletrail estimate`: settings, one figure, a table, output. */
#ifndef CLI_ESTIMATE_H
#define CLI_ESTIMATE_H

#include "base/buf.h"
#include "carbon/estimate.h"
#include "cli/site_options.h"
#include "daemon/grid.h"
#include "export/export.h"
#include "intensity/source.h"

struct estimate_settings {
	enum export_format format;
	const char *energy;
	const char *energy_low;
	const char *energy_high;
	const char *power;
	uint64_t duration_ns;
	const char *from;
	const char *to;
	const char *zone;
	struct grid_options grid;
	struct site_options site;
	const char *csv;
};

/* One figure, ready to be written. */
struct estimate_figure {
	struct estimate_input in;
	struct export_site site; /* its figures are the estimate; in.embodied points into it */
	bool has_marginal;
	struct intensity marginal; /* of the zone, where the table has one */
	struct estimate out_marginal;
	int64_t from_us;
	int64_t to_us;
	bool has_time; /* else it is of now */
};

/* Options to figure; the source gives the intensity. Returns 0, or -EINVAL with why. */
int estimate_figure_of(const struct estimate_settings *s, struct intensity_source *source,
		       struct estimate_figure *ret, struct why *why);

/* A table of energies, a figure for each row. Returns an exit code. */
int estimate_table(const struct estimate_settings *s);

void estimate_write(const struct estimate_figure *f, enum export_format format, struct buf *out);

#endif /* CLI_ESTIMATE_H */
