/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame_parts.h - what draws a flame graph, behind flame.h; for export/ only. */
#ifndef EXPORT_FLAME_PARTS_H
#define EXPORT_FLAME_PARTS_H

#include "export/flame.h"
#include "export/flame_tree.h"

void flame_svg(struct buf *out, const struct export_flame *x, const struct flame_tree *t);

/* Style and script of the picture: for a CDATA section each. */
extern const char flame_style[];
extern const char flame_script[];

#endif /* EXPORT_FLAME_PARTS_H */
