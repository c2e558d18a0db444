/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* site.c - see site.h; the tables are pue.tsv and embodied.tsv, sorted by name, case ignored. */
#include "carbon/site.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct site_pue pues[] = {
#include "carbon/pue.inc"
};

static const struct site_embodied hosts[] = {
#include "carbon/embodied.inc"
};

#define LENGTH(a) (sizeof(a) / sizeof((a)[0]))

static int compare_site(const void *key, const void *element)
{
	return strcasecmp(key, ((const struct site_pue *)element)->site);
}

static int compare_host(const void *key, const void *element)
{
	return strcasecmp(key, ((const struct site_embodied *)element)->host);
}

int site_pue_lookup(const char *site, struct site_pue *ret)
{
	const struct site_pue *row =
		bsearch(site, pues, LENGTH(pues), sizeof(pues[0]), compare_site);
	const char *colon = strchr(site, ':');
	char provider[16];

	if (!row && colon && (size_t)(colon - site) < sizeof(provider)) {
		memcpy(provider, site, (size_t)(colon - site));
		provider[colon - site] = '\0';
		row = bsearch(provider, pues, LENGTH(pues), sizeof(pues[0]), compare_site);
	}
	if (!row)
		return -ENOENT;
	*ret = *row;
	return 0;
}

int site_embodied_lookup(const char *host, struct site_embodied *ret)
{
	const struct site_embodied *row =
		bsearch(host, hosts, LENGTH(hosts), sizeof(hosts[0]), compare_host);

	if (!row)
		return -ENOENT;
	*ret = *row;
	return 0;
}
