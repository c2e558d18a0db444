/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* log.c - see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static log_sink_fn *log_sink;
static void *log_sink_arg;

void log_to(log_sink_fn *sink, void *arg)
{
	log_sink = sink;
	log_sink_arg = arg;
}

/* One write per line, so that lines of several processes do not mix. */
static void log_line(const char *level, const char *fmt, va_list ap)
{
	char text[1024], line[1100];

	vsnprintf(text, sizeof(text), fmt, ap);
	snprintf(line, sizeof(line), "jouletrail: %s%s", level, text);
	if (log_sink)
		log_sink(line, log_sink_arg);
	else
		fprintf(stderr, "%s\n", line);
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
