/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_store.h - the series that the API answers from: files, read anew when they change. */
#ifndef CLI_API_STORE_H
#define CLI_API_STORE_H

#include "base/why.h"
#include "cli/api.h"

/* All files as they were at one time. Counted: whoever holds one may use it. */
struct api_snapshot;
struct api_store;

/*
 * data, forecast  file names with commas between them; NULL = none. What intensity/series_file.h
 *		   reads; a forecast counts as generated when its file was written
 *
 * Returns 0 with everything read; -EINVAL without a file; or series_load()'s, with why.
 */
int api_store_new(const char *data, const char *forecast, struct api_store **ret, struct why *why);
void api_store_free(struct api_store *s);

/*
 * Reads all files again if one has changed. Returns 1 if so; 0: nothing has changed; or an error
 * with why, once for a change, and what was read before stays.
 */
int api_store_refresh(struct api_store *s, struct why *why);

/* The present snapshot, held for the caller: ends with api_snapshot_put(). Any thread. */
struct api_snapshot *api_store_get(struct api_store *s);
void api_snapshot_get(struct api_snapshot *s);
void api_snapshot_put(struct api_snapshot *s);
const struct api_data *api_snapshot_data(const struct api_snapshot *s);

#endif /* CLI_API_STORE_H */
