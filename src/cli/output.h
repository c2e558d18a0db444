/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* output.h - a subcommand's finished text to standard output, with its errors. */
#ifndef CLI_OUTPUT_H
#define CLI_OUTPUT_H

#include "base/buf.h"

/*
 * Writes all of text. A text that could not be built or written is said on standard error; a
 * reader that has gone away (EPIPE) is not.
 *
 * Returns code, or EXIT_FAILED where code is EXIT_DONE and the text did not arrive.
 */
int output_finish(const struct buf *text, int code);

/* Writes all of text to fd. Returns 0, the text's own error, or -errno. */
int output_write(int fd, const struct buf *text);

/* All of text to the file of that name, in the place of what was in it. Returns the same. */
int output_file(const char *path, const struct buf *text);

#endif /* CLI_OUTPUT_H */
