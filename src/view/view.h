/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * view.h - top's full screen apart from any terminal: ticks and keys in, cells of text out.
 *
 * Pure: no I/O, no clock, no locale but for how wide characters are. Nothing of a tick is kept but
 * copies. Columns of figures add up as they are drawn: consumers on the screen, others, not
 * attributed and idle are the host's, in every column that has all of them.
 */
#ifndef VIEW_VIEW_H
#define VIEW_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "types/record.h"
#include "view/canvas.h"

struct view;

/* A key: a Unicode character, or one of these. */
enum view_key {
	VIEW_KEY_ENTER = '\n',
	VIEW_KEY_ESCAPE = 0x1b,
	VIEW_KEY_BACKSPACE = 0x7f,
	VIEW_KEY_UP = 0x200000,
	VIEW_KEY_DOWN,
	VIEW_KEY_LEFT,
	VIEW_KEY_RIGHT,
	VIEW_KEY_PAGE_UP,
	VIEW_KEY_PAGE_DOWN,
	VIEW_KEY_HOME,
	VIEW_KEY_END,
};

/* What the caller is to do after a key. */
enum view_action {
	VIEW_NOTHING = 0,
	VIEW_REDRAW,
	VIEW_REGROUP, /* measure anew by view_grouping(), then view_restart() */
	VIEW_QUIT,
};

/* can_regroup: the grouping may be changed. Returns 0 or -ENOMEM. */
int view_new(enum record_kind by, bool can_regroup, struct view **ret);
void view_free(struct view *v);

/* A tick of one window. Returns 0, or -ENOMEM: some rows are then of the window before. */
int view_tick(struct view *v, const struct tick *t);

enum view_action view_key(struct view *v, uint32_t key);

/* Consumers are of that kind from now on; all since the start begins anew. 0 or -ENOMEM. */
int view_restart(struct view *v, enum record_kind by);
enum record_kind view_grouping(const struct view *v);

/* A line to be shown until the next key; it is harmless already. */
void view_say(struct view *v, const char *line);

/*
 * Details of one consumer: view_wants() is its sample in t while they are open, NULL if nothing is
 * wanted or it has none. view_describe() takes what is known of it, with lines of text that say
 * what its uncertainty is made of.
 */
const struct sample *view_wants(const struct view *v, const struct tick *t);
void view_describe(struct view *v, const struct sample *s, const char *uncertainty);

/* Onto a canvas of the screen's size. Returns 0 or -ENOMEM: then only some of it is there. */
int view_draw(struct view *v, struct canvas *c);

#endif /* VIEW_VIEW_H */
