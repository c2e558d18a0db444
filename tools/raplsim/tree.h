/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* tree.h - the files, directories and symlinks of the simulated /sys, as the real one lays them. */
#ifndef RAPLSIM_TREE_H
#define RAPLSIM_TREE_H

#include <stdbool.h>
#include <stddef.h>

#include "raplsim/model.h"

#define TREE_PATH_LEN 160
#define TREE_TEXT_LEN 96

enum tree_kind {
	TREE_DIRECTORY = 0,
	TREE_LINK,     /* text: where it points */
	TREE_TEXT,     /* text: what it holds */
	TREE_COUNTER,  /* a domain's energy counter, µJ, 0400 */
	TREE_POWER,    /* the same as power, µW: hwmon's power1_input */
	TREE_TRUTH,    /* truth.json */
	TREE_READINGS, /* readings.tsv */
	TREE_FAULTS,   /* faults: what is planned; a line written to it is one more */
};

struct tree_node {
	char path[TREE_PATH_LEN]; /* "/sys/class/powercap" */
	enum tree_kind kind;
	int domain; /* -1 = none: it never vanishes */
	char text[TREE_TEXT_LEN];
};

struct tree {
	size_t n;
	size_t capacity;
	struct tree_node *node;
};

/* What of the machine is shown besides the zones. */
struct tree_options {
	bool mmio;  /* intel-rapl-mmio: the packages once more, as laptops have */
	bool hwmon; /* packages as an hwmon device with energyN_input and powerN_input */
};

/* Returns 0 or -ENOMEM. */
int tree_build(struct tree *t, const struct model *m, const struct tree_options *o);
void tree_free(struct tree *t);

const struct tree_node *tree_find(const struct tree *t, const char *path);

/* Name within directory dir, or NULL where the node lies elsewhere. */
const char *tree_name_in(const struct tree_node *node, const char *dir);

#endif /* RAPLSIM_TREE_H */
