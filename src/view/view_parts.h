/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* view_parts.h - what a view is made of, for its own files. */
#ifndef VIEW_VIEW_PARTS_H
#define VIEW_VIEW_PARTS_H

#include "base/buf.h"
#include "view/list.h"
#include "view/view.h"

/* What takes the place of the rows. */
enum view_pane { VIEW_ROWS = 0, VIEW_HELP, VIEW_GROUPINGS, VIEW_DETAILS };

/* What the last tick said of a consumer. */
struct view_details {
	uint64_t id;		/* of the row; 0 = of none */
	struct buf labels;	/* "name\0value\0" … as they are: bytes */
	struct buf uncertainty; /* lines */
	struct quant_interval_u64 co2e;
};

struct view {
	struct rows *rows;   /* measuring goes on */
	struct rows *frozen; /* what is looked at while paused; NULL = rows */
	struct list *list;
	bool is_stale; /* the list is of an older window, or of another choice */
	struct list_choice choice;
	bool since_start; /* share and bar are of the energy since the start, not of the power */
	enum record_kind by;
	enum record_kind wanted_by;
	bool can_regroup;

	bool has_cursor; /* else rows are looked at from the top */
	uint64_t cursor_id;
	size_t cursor;	   /* line of the list */
	size_t top;	   /* first line on the screen */
	unsigned int page; /* lines on the screen when it was drawn last */

	enum view_pane pane;
	size_t pane_top;
	size_t pane_lines; /* when it was drawn last */
	bool is_typing;	   /* the filter */
	char message[256];
	struct view_details details;
};

static inline const struct rows *view_rows(const struct view *v)
{
	return v->frozen ? v->frozen : v->rows;
}

/* Makes the list if it is stale, and finds the cursor's line again. Returns 0 or -ENOMEM. */
int view_refresh(struct view *v);

/* From where to where the parts of a screen are; a part that has no room has no lines. */
struct view_layout {
	unsigned int n_head; /* lines at the top: 0 to 3 */
	bool has_gap;	     /* below them */
	unsigned int title;  /* line of the columns' names; has_title */
	bool has_title;
	unsigned int body;
	unsigned int n_body;
	bool has_rule; /* above the sums */
	unsigned int sums;
	unsigned int n_sums; /* others, not attributed, idle, host; 1: the host alone */
	bool has_foot;	     /* on the last line */
};

struct view_layout view_layout_of(unsigned int n_lines, bool needs_foot);

/* A line of texts from left to right; what is least wanted goes first where room is short. */
#define STRIP_MAX 24
struct strip {
	size_t n;
	struct {
		char text[160];
		enum canvas_role role;
		unsigned int rank; /* 0 = goes last */
		bool joined;	   /* to the one before, without a gap */
		bool at_right;
	} piece[STRIP_MAX];
};

void strip_add(struct strip *s, unsigned int rank, enum canvas_role role, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void strip_join(struct strip *s, unsigned int rank, enum canvas_role role, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Pieces from here on stand at the right end. */
void strip_add_right(struct strip *s, unsigned int rank, enum canvas_role role, const char *fmt,
		     ...) __attribute__((format(printf, 4, 5)));
void strip_put(const struct strip *s, struct canvas *c, struct canvas_span at);

/* The parts. */
void view_draw_head(const struct view *v, struct canvas *c, const struct view_layout *l);
void view_draw_foot(const struct view *v, struct canvas *c);
void view_draw_table(struct view *v, struct canvas *c, const struct view_layout *l);
void view_draw_pane(struct view *v, struct canvas *c, const struct view_layout *l);

/* Name of an item, harmless; "" on want of memory. */
void view_put_name(struct buf *out, const char *name, size_t len);

/* A pane's keys. */
enum view_action view_pane_key(struct view *v, uint32_t key);

#endif /* VIEW_VIEW_PARTS_H */
