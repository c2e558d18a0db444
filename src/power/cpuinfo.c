/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cpuinfo.c - see cpuinfo.h. */
#include "power/cpuinfo.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"

/* Splits "model name\t: AMD EPYC\n" in place. Returns the value, or NULL if there is none. */
static char *split_line(char *line)
{
	char *colon = strchr(line, ':');
	char *value, *end;

	if (!colon)
		return NULL;
	for (end = colon; end > line && isspace((unsigned char)end[-1]); end--)
		;
	*end = '\0';
	value = colon + 1;
	while (isspace((unsigned char)*value))
		value++;
	for (end = value + strlen(value); end > value && isspace((unsigned char)end[-1]); end--)
		;
	*end = '\0';
	return value;
}

static bool has_word(const char *words, const char *word)
{
	size_t len = strlen(word);

	for (const char *p = strstr(words, word); p; p = strstr(p + len, word))
		if ((p == words || p[-1] == ' ') && (!p[len] || p[len] == ' '))
			return true;
	return false;
}

/* Fields that all CPUs share are taken from the last one. */
static void take_shared(const char *key, const char *value, struct cpuinfo *ret)
{
	unsigned int n = (unsigned int)strtoul(value, NULL, 10);

	if (!strcmp(key, "vendor_id"))
		snprintf(ret->vendor, sizeof(ret->vendor), "%s", value);
	else if (!strcmp(key, "model name"))
		snprintf(ret->name, sizeof(ret->name), "%s", value);
	else if (!strcmp(key, "cpu family"))
		ret->family = n;
	else if (!strcmp(key, "model"))
		ret->model = n;
	else if (!strcmp(key, "stepping"))
		ret->stepping = n;
	else if (!strcmp(key, "flags"))
		ret->guest = has_word(value, "hypervisor");
}

int cpuinfo_read(const char *root, struct cpuinfo *ret)
{
	char path[FS_PATH_LEN];
	CLEANUP(fclose_ptr) FILE *f = NULL;
	CLEANUP(cleanup_free) char *line = NULL;
	struct cpuinfo ci = { .n_packages = 1 };
	size_t size = 0;
	unsigned int placed = 0;
	int err = fs_path(root, "proc/cpuinfo", path, sizeof(path));

	if (err)
		return err;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (getline(&line, &size, f) > 0) {
		char *value = split_line(line);

		if (!value)
			continue;
		if (!strcmp(line, "processor")) {
			ci.n_cpus++;
		} else if (!strcmp(line, "physical id")) {
			unsigned long id = strtoul(value, NULL, 10);

			if (id >= JT_MAX_PACKAGES)
				return -EOVERFLOW;
			ci.cpus_in[id]++;
			placed++;
			if (id >= ci.n_packages)
				ci.n_packages = (unsigned int)id + 1;
		} else {
			take_shared(line, value, &ci);
		}
	}
	if (!ci.n_cpus)
		return -ENODATA;
	/* No physical ids (arm64, some guests): one package. */
	if (placed < ci.n_cpus)
		ci.cpus_in[0] += ci.n_cpus - placed;
	*ret = ci;
	return 0;
}

/* "12th", "3rd" */
static bool is_ordinal(const char *word)
{
	const char *p = word;

	while (isdigit((unsigned char)*p))
		p++;
	return p > word &&
	       (!strcmp(p, "st") || !strcmp(p, "nd") || !strcmp(p, "rd") || !strcmp(p, "th"));
}

static bool is_noise(const char *word)
{
	size_t len = strlen(word);

	return !strcmp(word, "cpu") || !strcmp(word, "processor") || !strcmp(word, "gen") ||
	       (len >= 5 && !strcmp(word + len - 5, "-core")) || is_ordinal(word);
}

/* What follows is clock or graphics: "@ 2.40GHz", "with Radeon Graphics". */
static bool is_end(const char *word)
{
	return !strcmp(word, "@") || !strcmp(word, "with") || !strcmp(word, "w/");
}

static void blank_out(char *text, const char *what)
{
	for (char *p = strstr(text, what); p; p = strstr(p, what))
		memset(p, ' ', strlen(what));
}

void cpuinfo_normalise_name(const char *name, char *ret, size_t size)
{
	static const char *const marks[] = { "(r)", "(tm)", "(c)", "," };
	char text[CPU_NAME_LEN];
	char *save = NULL;
	size_t n = 0, len = 0;

	for (; *name && n < sizeof(text) - 1; name++)
		if ((unsigned char)*name < 0x80)
			text[n++] = (char)tolower((unsigned char)*name);
	text[n] = '\0';
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		blank_out(text, marks[i]);
	*ret = '\0';
	for (char *w = strtok_r(text, " \t", &save); w && !is_end(w);
	     w = strtok_r(NULL, " \t", &save))
		if (!is_noise(w) && len < size)
			len += (size_t)snprintf(ret + len, size - len, "%s%s", len ? " " : "", w);
}
