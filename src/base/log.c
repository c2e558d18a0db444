/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* log.c - see log.h. */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fnv.h"

#define WINDOW_NS UINT64_C(60000000000) /* a minute */

/* Lines that were said of late; of two that share a place the earlier one is forgotten. */
static struct said {
	uint64_t hash;
	uint64_t since_mono_ns;
	unsigned int n;
} said[64];

/* Whether the line may be said now; how many like it were held back before. */
static bool may_say(const char *text, unsigned int *ret_n_held)
{
	uint64_t hash = fnv_add(FNV_BEGIN, text, strlen(text)), now = clock_mono_ns();
	struct said *s = &said[hash % (sizeof(said) / sizeof(said[0]))];

	*ret_n_held = 0;
	if (s->hash != hash || now - s->since_mono_ns >= WINDOW_NS) {
		if (s->hash == hash && s->n > LOG_BURST)
			*ret_n_held = s->n - LOG_BURST;
		*s = (struct said){ .hash = hash, .since_mono_ns = now };
	}
	return ++s->n <= LOG_BURST;
}

/* JOURNAL_STREAM is device and inode of what the journal reads: systemd.exec(5). */
static bool journal_reads(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

/* One write per line, so that lines of several processes do not mix. */
static void log_line(int priority, const char *level, const char *fmt, va_list ap)
{
	char text[1024], prefix[8] = "", held[48] = "";
	unsigned int n_held;

	vsnprintf(text, sizeof(text), fmt, ap);
	if (!may_say(text, &n_held))
		return;
	if (journal_reads())
		snprintf(prefix, sizeof(prefix), "<%d>", priority);
	if (n_held)
		snprintf(held, sizeof(held), " (%u more of this were held back)", n_held);
	fprintf(stderr, "%sjouletrail: %s%s%s\n", prefix, level, text, held);
}

#define DEFINE_LOG(name, priority, level)           \
	void name(const char *fmt, ...)             \
	{                                           \
		va_list ap;                         \
		va_start(ap, fmt);                  \
		log_line(priority, level, fmt, ap); \
		va_end(ap);                         \
	}

DEFINE_LOG(log_error, 3, "error: ")
DEFINE_LOG(log_warning, 4, "warning: ")
DEFINE_LOG(log_info, 6, "")
