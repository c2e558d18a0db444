/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* json_read.c - see json_read.h. */
#include "base/json_read.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

/* Depth and number of values without building any: brackets and separators outside strings. */
static int check_shape(const char *text, size_t len, const struct json_limits *limits,
		       struct why *why)
{
	size_t depth = 0, n_values = 1;
	bool in_string = false;

	for (size_t i = 0; i < len; i++) {
		char c = text[i];

		if (in_string) {
			if (c == '\\')
				i++;
			else if (c == '"')
				in_string = false;
			continue;
		}
		if (c == '"')
			in_string = true;
		else if (c == '[' || c == '{')
			depth++;
		else if ((c == ']' || c == '}') && depth)
			depth--;
		n_values += c == ',' || c == ':' || c == '[' || c == '{';
		if (depth > limits->max_depth)
			return why_set(why, -E2BIG, "nested deeper than %zu", limits->max_depth);
		if (n_values > limits->max_values)
			return why_set(why, -E2BIG, "more than %zu values", limits->max_values);
	}
	return 0;
}

int json_read_document(const char *text, size_t len, const struct json_limits *limits, json_t **ret,
		       struct why *why)
{
	json_error_t error;
	json_t *root;
	int err;

	if (len > limits->max_bytes)
		return why_set(why, -E2BIG, "%zu bytes, more than %zu", len, limits->max_bytes);
	if (len >= 3 && !memcmp(text, "\xef\xbb\xbf", 3)) {
		text += 3;
		len -= 3;
	}
	err = check_shape(text, len, limits, why);
	if (err)
		return err;
	root = json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!root)
		return why_set(why, -EBADMSG, "no JSON: line %d: %.160s", error.line, error.text);
	*ret = root;
	return 0;
}
