/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* why.h - the one line that goes with an error: what failed, where, and what to do about it. */
#ifndef BASE_WHY_H
#define BASE_WHY_H

/*
 * Filled by functions that can say more than -errno; the caller owns it and prints it, once.
 * text is one line without "jouletrail:" and without a newline.
 */
struct why {
	char text[480];
};

/* Formats into w (NULL is allowed: nothing is stored) and returns err unchanged. */
int why_set(struct why *w, int err, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

#endif /* BASE_WHY_H */
