/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * emf_lines.h - a tick in CloudWatch's embedded metric format: one JSON document a line.
 *
 * Source: "Specification: Embedded metric format", Amazon CloudWatch user guide: at most 100
 * metrics and 1 MiB in a document, 1024 characters of ASCII in a dimension's value. Joules, grams
 * and watts are no units of CloudWatch's: they go as "None", with the unit in the name.
 */
#ifndef PUSH_EMF_LINES_H
#define PUSH_EMF_LINES_H

#include "base/buf.h"
#include "push/sink.h"

/*
 * Each consumer is charged for as three metrics of its own: few have their own, the others are one.
 */
#define EMF_CONSUMERS 20

/*
 * Appends the host's line and one for each row, idle, unattributed and the others. Amounts are of
 * the time since the last delivery, so that CloudWatch's Sum is right. Errors are out's.
 */
void emf_lines_put(const struct sink_tick *t, struct buf *out);

#endif /* PUSH_EMF_LINES_H */
