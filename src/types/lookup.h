/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * lookup.h - what only a runtime knows of a container or pod: the question and the answer.
 *
 * Both are one packet of fixed size between the tracer and jouletrail-resolver, of the same build:
 * no field needs parsing, and a text that lacks its NUL is none. Bytes as they are found.
 */
#ifndef TYPES_LOOKUP_H
#define TYPES_LOOKUP_H

#include <assert.h>
#include <stdint.h>

#define LOOKUP_ID_LEN	  256 /* as PLACE_ID_LEN */
#define LOOKUP_NAME_LEN	  256
#define LOOKUP_IMAGE_LEN  512
#define LOOKUP_LABELS_LEN 1024

enum lookup_what { LOOKUP_CONTAINER = 0, LOOKUP_POD };

struct lookup_question {
	uint64_t number;  /* the asker's; comes back with the answer */
	uint32_t what;	  /* enum lookup_what */
	uint32_t uid;	  /* whose it is, by the slice that it is in; 0 = the machine's */
	char runtime[24]; /* as the path tells: "podman"; "" = none */
	char id[LOOKUP_ID_LEN];
	char pod[LOOKUP_ID_LEN]; /* of a container; "" = none */
};

/* "" = not known. */
struct lookup_answer {
	uint64_t number;
	uint32_t is_found; /* 0: nothing is known of it, so far */
	uint32_t pad;
	char name[LOOKUP_NAME_LEN]; /* a container's; in a pod the one that its pod calls it by */
	char image[LOOKUP_IMAGE_LEN];
	char namespace[LOOKUP_NAME_LEN]; /* Kubernetes' */
	char pod_name[LOOKUP_NAME_LEN];
	char labels
		[LOOKUP_LABELS_LEN]; /* "app=web,team=blue": commas and the like escaped by "\\" */
};

static_assert(sizeof(struct lookup_question) == 40 + 2 * LOOKUP_ID_LEN, "a packet of fixed layout");
static_assert(sizeof(struct lookup_answer) ==
		      16 + 3 * LOOKUP_NAME_LEN + LOOKUP_IMAGE_LEN + LOOKUP_LABELS_LEN,
	      "a packet of fixed layout");

#endif /* TYPES_LOOKUP_H */
