/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* api_batch.h - the array of objects that a POST brings: a stranger's JSON, within bounds. */
#ifndef CLI_API_BATCH_H
#define CLI_API_BATCH_H

#include "base/cleanup.h"
#include "base/json_read.h"
#include "cli/api.h"

/* One element of a batch; index for what is said of it. */
struct api_element {
	const json_t *object;
	size_t index;
};

/*
 * The body's array of 1 to API_MAX_BATCH objects; the caller's, for json_decref(). False: a problem
 * is in r.
 */
bool api_batch(const struct api_request *q, json_t **ret, struct api_reply *r);

/* Its "location"; NULL: a problem is in r. Lives as long as the batch. */
const char *api_element_location(const struct api_element *e, struct api_reply *r);

/* A time; one that is not required and absent or null leaves ret. False: a problem is in r. */
bool api_element_time(const struct api_element *e, const char *name, bool required, int64_t *ret_s,
		      struct api_reply *r);

/* A positive count of minutes; likewise, never required. */
bool api_element_minutes(const struct api_element *e, const char *name, uint64_t *ret,
			 struct api_reply *r);

#endif /* CLI_API_BATCH_H */
