/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* keys.c - what each key of the full screen does. */
#include <string.h>

#include "view/view_parts.h"

static void choose_line(struct view *v, size_t line)
{
	size_t n = list_length(v->list);
	struct list_item item;

	if (!n)
		return;
	v->cursor = line < n ? line : n - 1;
	v->has_cursor = true;
	list_get(v->list, v->cursor, &item);
	v->cursor_id = item.id;
}

/* By so many lines; the first time the cursor shows itself where it is. */
static void move_by(struct view *v, bool down, size_t lines)
{
	if (!v->has_cursor && lines == 1)
		choose_line(v, v->cursor);
	else if (down)
		choose_line(v, v->cursor + lines);
	else
		choose_line(v, v->cursor > lines ? v->cursor - lines : 0);
}

/* Up to the first line: from there on the list is looked at from the top again. */
static void go_home(struct view *v)
{
	v->has_cursor = false;
	v->cursor = v->top = 0;
}

static bool move(struct view *v, uint32_t key)
{
	size_t page = v->page > 1 ? v->page - 1 : 1;

	switch (key) {
	case VIEW_KEY_UP:
	case VIEW_KEY_DOWN:
		move_by(v, key == VIEW_KEY_DOWN, 1);
		return true;
	case VIEW_KEY_PAGE_UP:
	case VIEW_KEY_PAGE_DOWN:
		move_by(v, key == VIEW_KEY_PAGE_DOWN, page);
		return true;
	case VIEW_KEY_HOME:
		go_home(v);
		return true;
	case VIEW_KEY_END:
		choose_line(v, SIZE_MAX);
		return true;
	default:
		return false;
	}
}

/* A branch folds; what is no open branch gives the cursor to what it is below. */
static void fold(struct view *v)
{
	struct list_item item, up;
	size_t line = v->cursor;

	if (line >= list_length(v->list))
		return;
	list_get(v->list, line, &item);
	if (item.is_branch && !item.is_folded) {
		choose_line(v, line);
		list_fold(&v->choice, item.id, true);
		v->is_stale = true;
		return;
	}
	while (line--) {
		list_get(v->list, line, &up);
		if (up.depth < item.depth) {
			choose_line(v, line);
			return;
		}
	}
}

static void unfold(struct view *v)
{
	struct list_item item;

	if (v->cursor >= list_length(v->list))
		return;
	list_get(v->list, v->cursor, &item);
	choose_line(v, v->cursor);
	list_fold(&v->choice, item.id, false);
	v->is_stale = true;
}

/* Ids of processes are nobody's in a list of groups. */
static void sort_next(struct view *v, bool back)
{
	unsigned int step = back ? LIST_N_SORTS - 1 : 1;

	do
		v->choice.sort = (v->choice.sort + step) % LIST_N_SORTS;
	while (v->choice.sort == LIST_BY_PID && !record_kind_is_task(v->by));
	v->is_stale = true;
}

static void toggle_since_start(struct view *v)
{
	v->since_start = !v->since_start;
	if (v->choice.sort == LIST_BY_POWER || v->choice.sort == LIST_BY_ENERGY)
		v->choice.sort = v->since_start ? LIST_BY_ENERGY : LIST_BY_POWER;
	v->is_stale = true;
}

static void toggle_tree(struct view *v)
{
	if (!list_has_tree(v->by)) {
		view_say(v, "there is no tree of these: processes, threads, cgroups and slices "
			    "have one (b)");
		return;
	}
	v->choice.tree = !v->choice.tree;
	v->is_stale = true;
}

static void toggle_pause(struct view *v)
{
	if (v->frozen) {
		rows_free(v->frozen);
		v->frozen = NULL;
	} else if (rows_clone(v->rows, &v->frozen)) {
		view_say(v, "no memory for a screen that stands");
	}
	v->is_stale = true;
}

static void open_pane(struct view *v, enum view_pane pane)
{
	v->pane = pane;
	v->pane_top = pane == VIEW_GROUPINGS ? v->by : 0;
}

static void ask_grouping(struct view *v)
{
	if (v->can_regroup)
		open_pane(v, VIEW_GROUPINGS);
	else
		view_say(v, "a ledger and a capture have one grouping: end, and start with --by");
}

static size_t utf8_put(char *to, uint32_t ch)
{
	if (ch < 0x80) {
		to[0] = (char)ch;
		return 1;
	}
	if (ch < 0x800) {
		to[0] = (char)(0xc0 | ch >> 6);
		to[1] = (char)(0x80 | (ch & 0x3f));
		return 2;
	}
	if (ch < 0x10000) {
		to[0] = (char)(0xe0 | ch >> 12);
		to[1] = (char)(0x80 | (ch >> 6 & 0x3f));
		to[2] = (char)(0x80 | (ch & 0x3f));
		return 3;
	}
	to[0] = (char)(0xf0 | ch >> 18);
	to[1] = (char)(0x80 | (ch >> 12 & 0x3f));
	to[2] = (char)(0x80 | (ch >> 6 & 0x3f));
	to[3] = (char)(0x80 | (ch & 0x3f));
	return 4;
}

/* The list follows every letter. */
static enum view_action type_key(struct view *v, uint32_t key)
{
	char *filter = v->choice.filter;
	size_t len = strlen(filter);

	if (key == VIEW_KEY_ENTER || key == VIEW_KEY_UP || key == VIEW_KEY_DOWN) {
		v->is_typing = false;
		return VIEW_REDRAW;
	}
	if (key == VIEW_KEY_ESCAPE) {
		v->is_typing = false;
		len = 0;
	} else if (key == VIEW_KEY_BACKSPACE) {
		while (len && ((unsigned char)filter[--len] & 0xc0) == 0x80)
			;
	} else if (key >= 0x20 && key < 0x110000 && (key < 0x7f || key >= 0xa0) &&
		   len + 4 < sizeof(v->choice.filter)) {
		len += utf8_put(filter + len, key);
	}
	filter[len] = '\0';
	v->is_stale = true;
	go_home(v);
	return VIEW_REDRAW;
}

static enum view_action row_key(struct view *v, uint32_t key)
{
	switch (key) {
	case 'q':
		return VIEW_QUIT;
	case 's':
	case '>':
	case '<':
		sort_next(v, key == '<');
		break;
	case 'r':
		v->choice.reversed = !v->choice.reversed;
		v->is_stale = true;
		break;
	case 'e':
		toggle_since_start(v);
		break;
	case 't':
		toggle_tree(v);
		break;
	case 'p':
	case ' ':
		toggle_pause(v);
		break;
	case '/':
		v->is_typing = true;
		break;
	case VIEW_KEY_ESCAPE:
		v->choice.filter[0] = '\0';
		go_home(v);
		v->is_stale = true;
		break;
	case 'b':
		ask_grouping(v);
		break;
	case 'h':
	case '?':
		open_pane(v, VIEW_HELP);
		break;
	case VIEW_KEY_ENTER:
		choose_line(v, v->cursor);
		open_pane(v, VIEW_DETAILS);
		break;
	case VIEW_KEY_LEFT:
		fold(v);
		break;
	case VIEW_KEY_RIGHT:
		unfold(v);
		break;
	default:
		return move(v, key) ? VIEW_REDRAW : VIEW_NOTHING;
	}
	return VIEW_REDRAW;
}

enum view_action view_key(struct view *v, uint32_t key)
{
	bool said = v->message[0] != '\0';
	enum view_action action;

	v->message[0] = '\0';
	if (key == '\r')
		key = VIEW_KEY_ENTER;
	if (key == '\b')
		key = VIEW_KEY_BACKSPACE;
	if (view_refresh(v))
		return VIEW_REDRAW;
	if (v->is_typing)
		action = type_key(v, key);
	else if (v->pane != VIEW_ROWS)
		action = view_pane_key(v, key);
	else
		action = row_key(v, key);
	return action == VIEW_NOTHING && said ? VIEW_REDRAW : action;
}
