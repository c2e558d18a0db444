/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parse.c - the words that name an export format. */
#include <errno.h>
#include <string.h>

#include "export/export.h"

int export_parse_format(const char *word, enum export_format *ret)
{
	static const char *const words[] = {
		[EXPORT_HUMAN] = "human", [EXPORT_JSON] = "json", [EXPORT_CSV] = "csv"
	};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!strcmp(word, words[i])) {
			*ret = (enum export_format)i;
			return 0;
		}
	}
	return -EINVAL;
}
