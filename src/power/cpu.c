/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* cpu.c - see cpu.h. */
#include "power/cpu.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fs.h"

static const struct model_row rows[] = {
#include "power/cpus.inc"
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

/* The value behind "key<blanks>: " if line begins so, else NULL. */
static const char *cpuinfo_value(const char *line, const char *key)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) != 0)
		return NULL;
	line += len;
	line += strspn(line, " \t");
	if (*line != ':')
		return NULL;
	line++;
	return line + strspn(line, " \t");
}

static void cpuinfo_number(const char *line, const char *key, unsigned int *ret)
{
	const char *v = cpuinfo_value(line, key);

	if (v)
		*ret = (unsigned int)strtoul(v, NULL, 10);
}

static void cpuinfo_line(struct cpu *c, uint64_t *packages, char *line)
{
	const char *v;
	unsigned int package = 0;

	line[strcspn(line, "\n")] = '\0';
	v = cpuinfo_value(line, "model name");
	if (v && !c->name[0])
		snprintf(c->name, sizeof(c->name), "%s", v);
	v = cpuinfo_value(line, "vendor_id");
	if (v) {
		c->is_intel = strcmp(v, "GenuineIntel") == 0;
		c->is_amd = strcmp(v, "AuthenticAMD") == 0;
	}
	v = cpuinfo_value(line, "flags");
	if (v && strstr(v, " hypervisor"))
		c->is_guest = true;
	cpuinfo_number(line, "cpu family", &c->family);
	cpuinfo_number(line, "model", &c->model);
	cpuinfo_number(line, "stepping", &c->stepping);
	cpuinfo_number(line, "siblings", &c->n_siblings);
	if (cpuinfo_value(line, "physical id")) {
		cpuinfo_number(line, "physical id", &package);
		*packages |= package < 64 ? UINT64_C(1) << package : 0;
	}
}

int cpu_read(const char *root, struct cpu *ret)
{
	CLEANUP(fclose_ptr) FILE *f = NULL;
	CLEANUP(cleanup_free) char *line = NULL;
	uint64_t packages = 0; /* a bit for each physical id: they need not be dense */
	struct cpu c = { .n_packages = 1 };
	char path[FS_PATH_LEN];
	size_t size = 0;
	int err = fs_path(root, "proc/cpuinfo", path, sizeof(path));

	if (err)
		return err;
	f = fopen(path, "re");
	if (!f)
		return -errno;
	while (getline(&line, &size, f) >= 0)
		cpuinfo_line(&c, &packages, line);
	if (packages)
		c.n_packages = (unsigned int)__builtin_popcountll(packages);
	*ret = c;
	return 0;
}

/* Words that makers sprinkle over names without telling models apart. */
static bool is_filler(const char *word)
{
	size_t digits = strspn(word, "0123456789");

	return strcmp(word, "cpu") == 0 || strcmp(word, "processor") == 0 ||
	       strcmp(word, "r") == 0 || strcmp(word, "tm") == 0 ||
	       (digits > 0 && strcmp(word + digits, "core") == 0);
}

void cpu_name_key(const char *name, char *ret, size_t size)
{
	char text[CPU_NAME_LEN], *word, *rest = text;
	size_t n = 0, len = 0;

	for (; *name && *name != '@' && n < sizeof(text) - 1; name++) {
		/* "8-Core" is one word. */
		if (*name == '-' && strncasecmp(name, "-core", 5) == 0)
			continue;
		text[n++] = isalnum((unsigned char)*name) || *name == '+'
				    ? (char)tolower((unsigned char)*name)
				    : ' ';
	}
	text[n] = '\0';
	ret[0] = '\0';
	while ((word = strsep(&rest, " "))) {
		if (strcmp(word, "with") == 0)
			break;
		if (*word && !is_filler(word) && len + strlen(word) + 2 < size)
			len += (size_t)snprintf(ret + len, size - len, "%s%s", len ? " " : "",
						word);
	}
}

/* CPUID families and models of the microarchitectures that the table has, as Linux names them in
 * arch/x86/include/asm/intel-family.h and arch/x86/kernel/cpu/amd.c. */
static const char *uarch_intel(const struct cpu *c)
{
	if (c->family != 6)
		return NULL;
	switch (c->model) {
	case 26:
	case 30:
	case 37:
	case 44:
	case 46:
	case 47:
		return "Intel Nehalem/Westmere (Xeon 55xx/56xx)";
	case 42:
	case 45:
		return "Intel Sandy Bridge";
	case 58:
	case 62:
		return "Intel Ivy Bridge";
	case 60:
	case 63:
		return "Intel Haswell";
	case 71:
	case 79:
	case 86:
		return "Intel Broadwell";
	case 85:
		return c->stepping >= 5 ? "Intel Cascade Lake" : "Intel Skylake";
	case 106:
	case 108:
		return "Intel Ice Lake";
	case 143:
		return "Intel Sapphire Rapids";
	case 158:
		return "Intel Coffee Lake";
	case 167:
		return "Intel Rocket Lake (Xeon E-23xx)";
	case 173:
	case 174:
		return "Intel Granite Rapids";
	case 175:
		return "Intel Sierra Forest";
	case 207:
		return "Intel Emerald Rapids";
	default:
		return NULL;
	}
}

static const char *uarch_amd(const struct cpu *c)
{
	switch (c->family) {
	case 0x17:
		return c->model < 0x10			     ? "AMD EPYC 1st gen (Naples)"
		       : c->model >= 0x30 && c->model < 0x40 ? "AMD EPYC 2nd gen (Rome)"
							     : NULL;
	case 0x19:
		return c->model < 0x10 ? "AMD EPYC 3rd gen (Milan)"
		       : c->model < 0x20 || c->model >= 0xa0
			       ? "AMD EPYC 4th gen (Genoa/Bergamo/Siena)"
			       : NULL;
	case 0x1a:
		return c->model < 0x20 ? "AMD EPYC 5th gen (Turin)" : NULL;
	default:
		return NULL;
	}
}

static const struct model_row *row_find(enum model_kind kind, const char *name)
{
	for (size_t i = 0; i < N_ROWS; i++)
		if (rows[i].kind == kind && strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

/* The row of the CPU's own model, if there is one that can be used. */
static const struct model_row *row_find_named(const struct cpu *c)
{
	const struct model_row *row;
	char key[CPU_NAME_LEN];

	cpu_name_key(c->name, key, sizeof(key));
	if (!key[0])
		return NULL;
	row = row_find(MODEL_SERVER, key);
	if (row)
		return row;
	row = row_find(MODEL_TDP, key);
	return row && (row->n_threads || (c->n_siblings && !c->is_guest)) ? row : NULL;
}

struct model_row cpu_find(const struct cpu *c)
{
	const char *uarch = c->is_intel ? uarch_intel(c) : c->is_amd ? uarch_amd(c) : NULL;
	const struct model_row *found = row_find_named(c);
	struct model_row row;

	/* Client parts share family and model with servers; the table's figures are of servers. */
	if (!found && uarch && (strcasestr(c->name, "xeon") || strcasestr(c->name, "epyc")))
		found = row_find(MODEL_UARCH, uarch);
	if (!found && strcasestr(c->name, "graviton"))
		found = row_find(MODEL_UARCH, "AWS Graviton3");
	if (!found)
		found = row_find(MODEL_GENERIC, "GENERIC server (2017+ uarchs)");
	row = *found;
	if (row.kind == MODEL_TDP && row.n_threads == 0)
		row.n_threads = c->n_siblings;
	return row;
}
