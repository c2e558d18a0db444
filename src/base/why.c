/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* why.c - see why.h. */
#include "base/why.h"

#include <stdarg.h>
#include <stdio.h>

int why_set(struct why *w, int err, const char *fmt, ...)
{
	if (w) {
		va_list ap;

		va_start(ap, fmt);
		vsnprintf(w->text, sizeof(w->text), fmt, ap);
		va_end(ap);
	}
	return err;
}
