/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* screen.h - the terminal as a whole screen: cells out, keys in, and left as it was found. */
#ifndef CLI_SCREEN_H
#define CLI_SCREEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/why.h"
#include "view/canvas.h"

struct screen;

/*
 * Whether standard input and output are a terminal that can be one; else -ENOTTY (no terminal) or
 * -ENOTSUP, with why.
 */
int screen_possible(struct why *why);

/* Blocks what screen_fd_signals() tells of; for good, and before there are threads. */
void screen_block_signals(void);

/*
 * Takes the terminal. However the program ends from here on, by screen_close() or by a fault, it
 * is given back: a fault's signal goes on to whom it went before. There is one at a time.
 * Returns 0 (*ret for screen_close()) or -errno with why.
 */
int screen_open(struct screen **ret, struct why *why);
void screen_close(struct screen *s);

/* Readable: keys, for screen_key(); signals, for screen_signals(). Its own. */
int screen_fd_keys(const struct screen *s);
int screen_fd_signals(const struct screen *s);

/* The next key as view_key() takes it. 0; -EAGAIN: none is left; -EIO: the terminal is gone. */
int screen_key(struct screen *s, uint32_t *ret);

/* All is put anew, whatever stands there: somebody else wrote to the terminal. */
void screen_renew(struct screen *s);

/* Another size, Ctrl-Z (returns when we are in the foreground again): draw anew after it. */
void screen_signals(struct screen *s);

/* A blank canvas of the terminal's size, for screen_show(). NULL: no memory. Its own. */
struct canvas *screen_canvas(struct screen *s);
void screen_show(struct screen *s);

#endif /* CLI_SCREEN_H */
