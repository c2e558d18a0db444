/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* moment.c - see moment.h. */
#include "cli/moment.h"

#include <errno.h>
#include <string.h>

#include "cli/options.h"
#include "intensity/stamp.h"
#include "jouletrail/units.h"

int moment_parse_shift(const char *text, int64_t *ret_s)
{
	bool back = *text == '-';
	uint64_t ns;

	if (options_parse_duration(text + (back || *text == '+'), &ns) || ns % JT_NS_PER_S)
		return -EINVAL;
	*ret_s = (int64_t)(ns / JT_NS_PER_S);
	if (back)
		*ret_s = -*ret_s;
	return 0;
}

int moment_parse(const char *text, int64_t now_s, int64_t *ret_s)
{
	bool assumed_utc;
	int64_t shift_s;

	if (*text != '-' && !moment_parse_shift(text, &shift_s)) {
		*ret_s = now_s + shift_s;
		return 0;
	}
	return stamp_read_time(text, strlen(text), ret_s, &assumed_utc);
}
