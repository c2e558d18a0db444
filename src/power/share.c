/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* share.c - see share.h. */
#include "power/share.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "jouletrail/guest.h"
#include "jouletrail/units.h"

/* JT_MAX_PACKAGES packages of the most that domains.c takes one to draw. */
#define MOST_UW (8000 * JT_UW_PER_W)

/* A host that misses so many updates, and this long, has stopped telling. */
#define STALE_UPDATES  10
#define STALE_LEAST_NS (10 * JT_NS_PER_S)

/* No host's window is longer than an hour. */
#define MOST_UPDATE_NS (3600 * JT_NS_PER_S)

/* Sides that cannot be told are as wide as a factor of a million. */
#define MOST_PPM (JT_PPM_PER_1 * JT_PPM_PER_1)

/* "KEY NUMBER" on a line of its own. */
static int number(const char *text, const char *key, uint64_t *ret)
{
	size_t len = strlen(key);

	for (const char *line = text; line; line = strchr(line, '\n')) {
		char value[24];
		size_t n;

		line += *line == '\n';
		if (strncmp(line, key, len) != 0 || line[len] != ' ')
			continue;
		n = strcspn(line + len + 1, "\n");
		if (n >= sizeof(value))
			return -EBADMSG;
		snprintf(value, sizeof(value), "%.*s", (int)n, line + len + 1);
		return fs_parse_u64(value, ret) ? -EBADMSG : 0;
	}
	return -EBADMSG;
}

static int quality_of(const char *text, enum energy_quality *ret)
{
	for (int q = ENERGY_MISSING; q <= ENERGY_MEASURED; q++) {
		char line[48];

		snprintf(line, sizeof(line), "\nquality %s\n",
			 energy_quality_name((enum energy_quality)q));
		if (strstr(text, line)) {
			*ret = (enum energy_quality)q;
			return 0;
		}
	}
	return -EBADMSG;
}

int share_parse(const char *text, struct share *ret)
{
	struct share s = { 0 };
	uint64_t version, low_ppm, high_ppm;

	if (number(text, "version", &version))
		return -EBADMSG;
	if (version != JT_GUEST_VERSION)
		return -EPROTO;
	if (number(text, "update_ns", &s.update_ns) || s.update_ns > MOST_UPDATE_NS ||
	    quality_of(text, &s.quality) || number(text, "low_ppm", &low_ppm) ||
	    number(text, "high_ppm", &high_ppm) || high_ppm > MOST_PPM ||
	    number(text, "n_gaps", &s.n_gaps) || number(text, "n_updates", &s.n_updates))
		return -EBADMSG;
	if (quant_sides_from((double)low_ppm, (double)JT_PPM_PER_1, (double)high_ppm, &s.sides))
		return -EBADMSG;
	*ret = s;
	return 0;
}

int share_read(const char *counter, struct share *ret)
{
	const char *slash = strrchr(counter, '/');
	char file[FS_PATH_LEN], text[JT_GUEST_SHARE_LEN + 1];
	size_t len;
	int err;

	snprintf(file, sizeof(file), "%.*s/" JT_GUEST_SHARE, slash ? (int)(slash - counter) : 0,
		 counter);
	err = fs_read_text_at(AT_FDCWD, file, text, sizeof(text) - 1, &len);
	if (err)
		return err;
	/* The reader takes the last newline away; each line has one. */
	text[len] = '\n';
	text[len + 1] = '\0';
	return strlen(text) == len + 1 ? share_parse(text, ret) : -EBADMSG;
}

struct counter_limits share_limits(const struct share *s, uint64_t range_uj)
{
	uint64_t stale_ns = STALE_UPDATES * s->update_ns;

	return (struct counter_limits){
		.range_uj = range_uj,
		.max_power_uw = MOST_UW,
		.slack_ns = 2 * s->update_ns + COUNTER_SLACK_NS,
		.stale_ns = stale_ns > STALE_LEAST_NS ? stale_ns : STALE_LEAST_NS,
	};
}

void share_describe(const struct share *s, struct energy_domain *d)
{
	static const char text[] = ", of this guest by its host";
	size_t len = strlen(d->source);

	/* Whatever sockets the guest sees: the host knows one machine. */
	d->package = -1;
	d->quality = s->quality;
	d->systematic = s->sides;
	snprintf(d->factor, sizeof(d->factor), "host_share");
	d->resolution_uj = 1;
	snprintf(d->source + len, sizeof(d->source) - len, "%s", text);
}
