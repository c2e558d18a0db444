/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* list.c - see list.h. */
#include "view/list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "view/tree.h"

#define MAX_FOLDED 4096

/* What a line is sorted by; index is of a row, in a tree of a node. */
struct line {
	uint32_t index;
	uint64_t value;
};

struct list {
	const struct rows *rows;
	bool is_tree;
	struct list_choice choice; /* of the last list_make(); folded is not used */
	size_t n;
	size_t n_unfiltered;
	size_t room;
	struct line *line; /* [n] */
	uint32_t *index;   /* rows of a tree; then its nodes in their order */
	struct tree tree;
	bool *folded; /* [n] of a tree's lines */
};

DEFINE_CLEANUP(struct list *, list_free)

int list_new(struct list **ret)
{
	struct list *l = calloc(1, sizeof(*l));

	if (!l)
		return -ENOMEM;
	*ret = l;
	return 0;
}

void list_free(struct list *l)
{
	if (!l)
		return;
	tree_free(&l->tree);
	free(l->line);
	free(l->index);
	free(l->folded);
	free(l);
}

static int list_reserve(struct list *l, size_t n)
{
	struct line *line;
	uint32_t *index;
	bool *folded;

	if (n <= l->room)
		return 0;
	n += n / 2;
	line = realloc(l->line, n * sizeof(*line));
	if (line)
		l->line = line;
	index = realloc(l->index, n * sizeof(*index));
	if (index)
		l->index = index;
	folded = realloc(l->folded, n * sizeof(*folded));
	if (folded)
		l->folded = folded;
	if (!line || !index || !folded)
		return -ENOMEM;
	l->room = n;
	return 0;
}

bool list_has_tree(enum record_kind by)
{
	return record_kind_is_task(by) || by == RECORD_CGROUP || by == RECORD_SLICE;
}

static bool is_since_start(enum list_sort sort)
{
	return sort == LIST_BY_ENERGY || sort == LIST_BY_CO2E;
}

static bool is_listed(const struct rows *r, const struct row *row, enum list_sort sort)
{
	return is_since_start(sort) || row->seen + ROWS_HISTORY > r->n_windows;
}

static bool is_match(const char *name, size_t len, const char *filter)
{
	char part[512];

	if (!filter[0])
		return true;
	if (!name)
		return false;
	len = len < sizeof(part) - 1 ? len : sizeof(part) - 1;
	memcpy(part, name, len);
	part[len] = '\0';
	return strcasestr(part, filter) != NULL;
}

static uint64_t sort_value(enum list_sort sort, const struct rows_figures *f, uint32_t tgid)
{
	switch (sort) {
	case LIST_BY_POWER:
		return f->energy_uj;
	case LIST_BY_ENERGY:
		return f->total_uj;
	case LIST_BY_CO2E:
		return f->total_ug;
	case LIST_BY_CPU:
		return f->cpu_ns;
	case LIST_BY_PID:
		return tgid;
	default:
		return 0;
	}
}

/* Names and ids begin at the smallest, figures at the largest. */
static bool is_ascending(enum list_sort sort)
{
	return sort == LIST_BY_NAME || sort == LIST_BY_PID;
}

static const struct tree_node *line_node(const struct list *l, const struct line *line)
{
	return l->is_tree ? &l->tree.node[line->index] : NULL;
}

static int compare_names(const struct list *l, const struct line *left, const struct line *right)
{
	const struct tree_node *x = line_node(l, left), *y = line_node(l, right);
	const char *a = x ? x->name : l->rows->row[left->index].name;
	const char *b = y ? y->name : l->rows->row[right->index].name;
	size_t len_a = x ? x->name_len : a ? strlen(a) : 0;
	size_t len_b = y ? y->name_len : b ? strlen(b) : 0;
	int order;

	if (!a || !b)
		return (a == NULL) - (b == NULL);
	order = memcmp(a, b, len_a < len_b ? len_a : len_b);
	return order ? order : (len_a > len_b) - (len_a < len_b);
}

/* The same in a tree as without one, for who has a row. */
static uint64_t node_id(const struct tree_node *node)
{
	return node->row ? node->row->id : node->id;
}

/* In the end by who they are, so that equals keep their places. */
static int compare_lines(const void *left, const void *right, void *arg)
{
	const struct list *l = arg;
	const struct line *a = left, *b = right;
	const struct tree_node *x = line_node(l, a), *y = line_node(l, b);
	const struct row *row = l->rows->row;
	bool ascending = is_ascending(l->choice.sort) != l->choice.reversed;
	int order = (a->value > b->value) - (a->value < b->value);
	uint64_t total_a, total_b;

	if (!order && l->choice.sort == LIST_BY_NAME)
		order = compare_names(l, a, b);
	if (order)
		return ascending ? order : -order;
	total_a = x ? x->sum.total_uj : row[a->index].figures.total_uj;
	total_b = y ? y->sum.total_uj : row[b->index].figures.total_uj;
	if (total_a != total_b)
		return total_a > total_b ? -1 : 1;
	total_a = x ? node_id(x) : row[a->index].id;
	total_b = y ? node_id(y) : row[b->index].id;
	return (total_a > total_b) - (total_a < total_b);
}

static int make_flat(struct list *l)
{
	const struct rows *r = l->rows;

	for (size_t i = 0; i < r->n; i++) {
		const struct row *row = &r->row[i];
		struct rows_figures f;

		if (!is_listed(r, row, l->choice.sort))
			continue;
		l->n_unfiltered++;
		if (!is_match(row->name, row->name ? strlen(row->name) : 0, l->choice.filter))
			continue;
		f = rows_now(r, row);
		l->line[l->n++] =
			(struct line){ (uint32_t)i, sort_value(l->choice.sort, &f, row->tgid) };
	}
	qsort_r(l->line, l->n, sizeof(*l->line), compare_lines, l);
	return 0;
}

/* From the leaves up: what is below each, and whether any of it is to be shown. */
static void sum_up(struct tree *t, const char *filter)
{
	for (size_t i = 0; i < t->n_order; i++) {
		struct tree_node *node = &t->node[t->order[i]];

		node->sum = node->own;
		node->shown = is_match(node->name, node->name_len, filter);
	}
	for (size_t i = t->n_order; i--;) {
		struct tree_node *node = &t->node[t->order[i]];

		if (node->parent == TREE_NONE)
			continue;
		rows_figures_add(&t->node[node->parent].sum, &node->sum);
		t->node[node->parent].shown |= node->shown;
	}
}

static void sort_nodes(struct list *l)
{
	struct tree *t = &l->tree;

	for (size_t i = 0; i < t->n; i++)
		l->line[i] = (struct line){ (uint32_t)i, sort_value(l->choice.sort, &t->node[i].sum,
								    t->node[i].tgid) };
	qsort_r(l->line, t->n, sizeof(*l->line), compare_lines, l);
	for (size_t i = 0; i < t->n; i++)
		l->index[i] = l->line[i].index;
}

/* Lines of the tree, as it is folded. */
static void unfold(struct list *l, const struct list_choice *choice)
{
	const struct tree *t = &l->tree;
	unsigned int below = UINT32_MAX; /* of what is folded */

	for (size_t i = 0; i < t->n_order; i++) {
		const struct tree_node *node = &t->node[t->order[i]];
		bool folded;

		if (node->depth > below || !node->shown)
			continue;
		folded = node->first != TREE_NONE && !choice->filter[0] &&
			 list_is_folded(choice, node_id(node));
		below = folded ? node->depth : UINT32_MAX;
		l->folded[l->n] = folded;
		l->line[l->n++].index = t->order[i];
	}
}

static int make_tree(struct list *l, const struct list_choice *choice)
{
	const struct rows *r = l->rows;
	struct tree *t = &l->tree;
	size_t n = 0;
	int err;

	for (size_t i = 0; i < r->n; i++)
		if (is_listed(r, &r->row[i], choice->sort))
			l->index[n++] = (uint32_t)i;
	err = record_kind_is_task(r->host.by) ? tree_of_processes(t, r, l->index, n)
					      : tree_of_cgroups(t, r, l->index, n);
	if (!err)
		err = list_reserve(l, t->n + 1);
	if (err)
		return err;
	for (size_t i = 0; i < t->n; i++)
		l->index[i] = (uint32_t)i;
	tree_link(t, l->index);
	tree_walk(t);
	tree_shorten(t);
	tree_link(t, l->index);
	tree_walk(t);
	sum_up(t, choice->filter);
	sort_nodes(l);
	tree_link(t, l->index);
	tree_walk(t);
	unfold(l, choice);
	return 0;
}

int list_make(struct list *l, const struct rows *r, const struct list_choice *choice)
{
	int err = list_reserve(l, r->n + 1);

	l->rows = r;
	l->choice = *choice;
	l->n = l->n_unfiltered = 0;
	l->is_tree = choice->tree && list_has_tree(r->host.by);
	if (!err)
		err = l->is_tree ? make_tree(l, choice) : make_flat(l);
	if (err)
		l->n = 0;
	return err;
}

size_t list_length(const struct list *l)
{
	return l->n;
}

size_t list_unfiltered(const struct list *l)
{
	return l->n_unfiltered;
}

/* A cgroup below another one is called by the rest of its path. */
static void name_below(const struct list *l, const struct tree_node *node, struct list_item *ret)
{
	const struct tree_node *parent;

	if (node->parent == TREE_NONE || record_kind_is_task(l->rows->host.by))
		return;
	parent = &l->tree.node[node->parent];
	if (node->name_len > parent->name_len + 1) {
		ret->name = node->name + parent->name_len + 1;
		ret->name_len = node->name_len - parent->name_len - 1;
	}
}

void list_get(const struct list *l, size_t i, struct list_item *ret)
{
	const struct tree_node *node;
	const struct row *row;

	if (!l->is_tree) {
		row = &l->rows->row[l->line[i].index];
		*ret = (struct list_item){ .id = row->id,
					   .row = row,
					   .name = row->name,
					   .name_len = row->name ? strlen(row->name) : 0,
					   .tgid = row->tgid,
					   .figures = rows_now(l->rows, row) };
		return;
	}
	node = &l->tree.node[l->line[i].index];
	*ret = (struct list_item){ .id = node_id(node),
				   .row = node->row,
				   .name = node->name,
				   .name_len = node->name_len,
				   .tgid = node->tgid,
				   .depth = node->depth,
				   .is_branch = node->first != TREE_NONE,
				   .is_folded = l->folded[i],
				   .figures = l->folded[i] ? node->sum : node->own };
	name_below(l, node, ret);
}

size_t list_find(const struct list *l, uint64_t id)
{
	size_t i = 0;

	while (i < l->n && (l->is_tree ? node_id(&l->tree.node[l->line[i].index])
				       : l->rows->row[l->line[i].index].id) != id)
		i++;
	return i;
}

bool list_is_folded(const struct list_choice *c, uint64_t id)
{
	for (size_t i = 0; i < c->n_folded; i++)
		if (c->folded[i] == id)
			return true;
	return false;
}

void list_fold(struct list_choice *c, uint64_t id, bool folded)
{
	uint64_t *more;

	for (size_t i = 0; i < c->n_folded; i++) {
		if (c->folded[i] != id)
			continue;
		if (!folded)
			c->folded[i] = c->folded[--c->n_folded];
		return;
	}
	if (!folded || c->n_folded == MAX_FOLDED)
		return;
	more = realloc(c->folded, (c->n_folded + 1) * sizeof(*more));
	if (!more)
		return;
	c->folded = more;
	c->folded[c->n_folded++] = id;
}
