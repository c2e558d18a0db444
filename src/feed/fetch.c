/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* fetch.c - see fetch.h; libcurl does the work. */
#include "feed/fetch.h"

#include <ctype.h>
#include <curl/curl.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/cleanup.h"
#include "intensity/answer.h"

struct fetch {
	CURL *curl;
	size_t max_bytes;
	long timeout_ms;
	bool too_large;
	struct fetch_reply *reply; /* of the request under way */
};

DEFINE_CLEANUP(struct fetch *, fetch_free)

void fetch_free(struct fetch *f)
{
	if (!f)
		return;
	curl_easy_cleanup(f->curl);
	free(f);
}

int fetch_new(size_t max_bytes, long timeout_ms, struct fetch **ret)
{
	CLEANUP(fetch_free_ptr) struct fetch *f = calloc(1, sizeof(*f));

	if (!f || curl_global_init(CURL_GLOBAL_DEFAULT))
		return -ENOMEM;
	f->curl = curl_easy_init();
	if (!f->curl)
		return -ENOMEM;
	f->max_bytes = max_bytes;
	f->timeout_ms = timeout_ms;
	*ret = TAKE_PTR(f);
	return 0;
}

int fetch_check_url(const char *url, struct why *why)
{
	static const char *const own[] = { "http://127.0.0.1", "http://localhost", "http://[::1]" };

	if (!strncasecmp(url, "https://", 8) && url[8])
		return 0;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		size_t n = strlen(own[i]);

		if (!strncasecmp(url, own[i], n) && (!url[n] || url[n] == ':' || url[n] == '/') &&
		    !strchr(url, '@'))
			return 0;
	}
	return why_set(why, -EINVAL, "'%.80s': neither https nor http to this machine", url);
}

static size_t take_body(char *data, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;

	if (n * size > f->max_bytes - f->reply->body.len) {
		f->too_large = true;
		return 0; /* ends the transfer */
	}
	buf_append(&f->reply->body, data, n * size);
	return f->reply->body.err ? 0 : n * size;
}

/* The value of a header line of that name, or NULL. */
static const char *header_value(const char *line, const char *name, char *ret, size_t size)
{
	size_t n = strlen(name), len;

	if (strncasecmp(line, name, n) != 0)
		return NULL;
	line += n;
	while (*line == ' ')
		line++;
	len = strcspn(line, "\r\n");
	if (len >= size)
		return NULL;
	memcpy(ret, line, len);
	ret[len] = '\0';
	return ret;
}

/* Retry-After in seconds or as a date. */
static int64_t retry_after(const char *value)
{
	char *end;
	long long s = strtoll(value, &end, 10);

	if (isdigit((unsigned char)*value) && *end == '\0')
		return s;
	s = curl_getdate(value, NULL);
	return s > 0 ? s - (int64_t)time(NULL) : 0;
}

static size_t take_header(char *data, size_t size, size_t n, void *arg)
{
	struct fetch *f = arg;
	char line[256], value[128];

	if (n * size >= sizeof(line))
		return n * size;
	memcpy(line, data, n * size);
	line[n * size] = '\0';
	if (header_value(line, "Retry-After:", value, sizeof(value)))
		f->reply->retry_after_s = retry_after(value);
	if (header_value(line, "Date:", value, sizeof(value))) {
		time_t t = curl_getdate(value, NULL);

		f->reply->date_s = t > 0 ? t : 0;
	}
	return n * size;
}

static int set_options(struct fetch *f, const struct fetch_request *r, struct curl_slist *headers)
{
	CURL *c = f->curl;
	CURLcode code = CURLE_OK;

	curl_easy_reset(c);
	code |= curl_easy_setopt(c, CURLOPT_URL, r->url);
	code |= curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
	code |= curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
	code |= curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	code |= curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, f->timeout_ms);
	code |= curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, f->timeout_ms);
	code |= curl_easy_setopt(c, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)f->max_bytes);
	code |= curl_easy_setopt(c, CURLOPT_USERAGENT, "jouletrail/" JT_VERSION);
	code |= curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, take_body);
	code |= curl_easy_setopt(c, CURLOPT_WRITEDATA, f);
	code |= curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, take_header);
	code |= curl_easy_setopt(c, CURLOPT_HEADERDATA, f);
	code |= curl_easy_setopt(c, CURLOPT_HTTPHEADER, headers);
	if (r->put) {
		code |= curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, "PUT");
		code |= curl_easy_setopt(c, CURLOPT_POSTFIELDS, r->put->data);
		code |= curl_easy_setopt(c, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->put->len);
	}
	if (r->user_password)
		code |= curl_easy_setopt(c, CURLOPT_USERPWD, r->user_password);
	return code == CURLE_OK ? 0 : -EIO;
}

static int transfer_error(const struct fetch *f, CURLcode code, struct why *why)
{
	if (f->too_large || code == CURLE_FILESIZE_EXCEEDED)
		return why_set(why, -EFBIG, "an answer of more than %zu bytes", f->max_bytes);
	if (code == CURLE_OPERATION_TIMEDOUT)
		return why_set(why, -ETIMEDOUT, "no whole answer within %ld ms", f->timeout_ms);
	return why_set(why, -EIO, "%s", curl_easy_strerror(code));
}

static int status_error(const struct fetch_reply *r, struct why *why)
{
	int err = r->status == 429 || r->status >= 500	 ? -EAGAIN
		  : r->status == 401 || r->status == 403 ? -EACCES
							 : -EPROTO;
	char words[120] = "";

	if (r->body.len)
		answer_read_error(r->body.data, r->body.len, words, sizeof(words));
	return why_set(why, err, "HTTP %ld%s%s", r->status, words[0] ? ": " : "", words);
}

int fetch_run(struct fetch *f, const struct fetch_request *r, struct fetch_reply *ret,
	      struct why *why)
{
	struct curl_slist *headers = r->header ? curl_slist_append(NULL, r->header) : NULL;
	CURLcode code;
	int err;

	buf_reset(&ret->body);
	*ret = (struct fetch_reply){ .body = ret->body };
	f->reply = ret;
	f->too_large = false;
	err = set_options(f, r, headers);
	if (err) {
		curl_slist_free_all(headers);
		return why_set(why, err, "libcurl does not know what is asked of it");
	}
	code = curl_easy_perform(f->curl);
	curl_easy_getinfo(f->curl, CURLINFO_RESPONSE_CODE, &ret->status);
	curl_slist_free_all(headers);
	if (code != CURLE_OK)
		return transfer_error(f, code, why);
	if (ret->status == 200 || (r->put && ret->status / 100 == 2))
		return 0;
	return status_error(ret, why);
}
