/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* log.c - see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

/* One write per line, so that lines of several processes do not mix. */
static void log_line(const char *level, const char *fmt, va_list ap)
{
	char text[1024];

	vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "jouletrail: %s%s\n", level, text);
}

#define DEFINE_LOG(name, level)           \
	void name(const char *fmt, ...)   \
	{                                 \
		va_list ap;               \
		va_start(ap, fmt);        \
		log_line(level, fmt, ap); \
		va_end(ap);               \
	}

DEFINE_LOG(log_error, "error: ")
DEFINE_LOG(log_warning, "warning: ")
DEFINE_LOG(log_info, "")
