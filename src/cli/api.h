/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * api.h - the Carbon Aware SDK's end points: from a request to its answer, without a socket.
 *
 *	api_answer(&data, &request, &reply);	what is asked for, or a problem (RFC 9457)
 *
 * Nothing here keeps state between requests, and nothing here knows HTTP beyond names, status and
 * bytes: api_http.c carries them. Every answer is bounded: see the limits below.
 */
#ifndef CLI_API_H
#define CLI_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "intensity/series.h"

#define API_MAX_PARAMS	   64	      /* names with a value in one query */
#define API_MAX_BODY	   (1U << 20) /* bytes of a POST */
#define API_MAX_BATCH	   512	      /* elements of a POST's array */
#define API_MAX_WINDOWS	   10000      /* elements of all forecastData of one answer */
#define API_MAX_MINUTES	   527040     /* a window: a year */
#define API_PROBLEM_TYPE   "application/problem+json"
#define API_JSON_TYPE	   "application/json; charset=utf-8"
#define API_GENERATED_NONE INT64_MIN

/* Points of a series per stored minimum: a search for the best looks at few of them. */
#define API_BLOCK 256

/* One series of a place. The caller owns what it points to. */
struct api_series {
	const struct series *series; /* finished; its location is the place's name */
	bool is_forecast;
	int64_t generated_s; /* API_GENERATED_NONE: not known */
	uint32_t *block_min; /* api_index() */
};

struct api_data {
	size_t n;
	struct api_series *series;
};

struct api_param {
	const char *name;
	const char *value; /* decoded; "" where none was given */
};

struct api_request {
	const char *method; /* "GET", "POST" */
	const char *path;   /* without the query */
	size_t n_params;
	struct api_param param[API_MAX_PARAMS];
	const char *body;
	size_t body_len;
	int64_t now_s;
};

/* A stretch of a series whose points are written when they are wanted. */
struct api_stretch {
	const struct api_series *of;
	size_t at; /* index of the next point */
	size_t end;
};

/* Bytes of one point, whose location may take 6 bytes per byte when escaped. */
#define API_MAX_PIECE (6 * SERIES_LOCATION_LEN + 160)

/* A JSON array of points, made in pieces: a year of them needs no memory. */
struct api_stream {
	size_t n;
	size_t now; /* stretch being written */
	bool begun;
	bool ended;
	size_t piece_at; /* of piece: what was handed out */
	size_t piece_len;
	char piece[API_MAX_PIECE];
	bool only_best; /* leave out what is above best_mg_per_kwh */
	uint32_t best_mg_per_kwh;
	struct api_stretch stretch[API_MAX_PARAMS];
};

struct api_reply {
	unsigned int status;
	const char *type;
	struct buf body;
	struct api_stream *stream; /* body is empty then; the caller's, for free() */
};

/* Fills the minima of every series. Returns 0 or -ENOMEM. */
int api_index(struct api_data *d);
void api_index_free(struct api_data *d);

/* reply is zero-initialised; its body's err says whether there was memory for it. */
void api_answer(const struct api_data *d, const struct api_request *q, struct api_reply *reply);

/* Up to size bytes more of a stream; 0: it is at its end. */
size_t api_stream_next(struct api_stream *s, char *ret, size_t size);

/* Replaces whatever the reply holds; field = what is wrong (NULL: the request as a whole). */
void api_problem(struct api_reply *r, unsigned int status, const char *field, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

/* jouletrail-api's main(): serves until SIGINT or SIGTERM. Returns the exit code. */
int api_serve_main(int argc, char **argv);

#endif /* CLI_API_H */
