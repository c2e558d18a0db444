/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* vm.c - see vm.h: two tables, and QEMU's way of writing options. */
#include "identity/vm.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"

/* By what QEMU is installed: upstream, Red Hat's, Proxmox' and Debian's old wrapper. */
static const struct {
	const char *name;
	bool is_prefix;
} monitors[] = {
	{ "qemu-system-", true },
	{ "qemu-kvm", false },
	{ "kvm", false },
};

/* vhost_worker_create() in drivers/vhost/vhost.c, kvm_create_pit() in arch/x86/kvm/i8254.c. */
static const char *const workers[] = { "vhost-", "kvm-pit/" };

bool vm_is_monitor(const char *exe)
{
	static const char deleted[] = " (deleted)";
	const char *slash = strrchr(exe, '/'), *base = slash ? slash + 1 : exe;
	size_t len = strlen(base), tail = sizeof(deleted) - 1;

	if (len > tail && !strcmp(base + len - tail, deleted))
		len -= tail;
	for (size_t i = 0; i < sizeof(monitors) / sizeof(monitors[0]); i++) {
		size_t n = strlen(monitors[i].name);

		if (monitors[i].is_prefix ? len > n : len == n)
			if (!memcmp(base, monitors[i].name, n))
				return true;
	}
	return false;
}

/* One item of "a,b=c,,d": where it ends; two commas stand for one within a value. */
static size_t item_length(const char *s)
{
	size_t n = 0;

	while (s[n] && (s[n] != ',' || s[n + 1] == ','))
		n += s[n] == ',' ? 2 : 1;
	return n;
}

static void put_value(const char *s, size_t len, char *ret, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < size - 1; i++) {
		ret[n++] = s[i];
		i += s[i] == ',';
	}
	ret[n] = '\0';
}

/* "guest=NAME,debug-threads=on", or the name first without its key. */
static void take_name(const char *s, struct vm_name *ret)
{
	for (bool first = true; *s; first = false) {
		size_t len = item_length(s);
		bool keyed = !strncmp(s, "guest=", 6);
		const char *value = keyed ? s + 6 : s;
		size_t value_len = len - (size_t)(value - s);

		if (value_len && (keyed || (first && !memchr(s, '=', len))))
			put_value(value, value_len, ret->name, sizeof(ret->name));
		s += len;
		s += *s == ',';
	}
}

/* Options are written with one dash or two. */
static bool is_option(const char *arg, const char *name)
{
	return arg[0] == '-' && !strcmp(arg + 1 + (arg[1] == '-'), name);
}

/* The argument at *at, whole; NULL = no more, or it was cut. */
static const char *next_argument(const char *args, size_t len, size_t *at)
{
	const char *arg = args + *at;

	if (*at >= len || !memchr(arg, '\0', len - *at))
		return NULL;
	*at += strlen(arg) + 1;
	return arg;
}

void vm_parse_arguments(const char *args, size_t len, struct vm_name *ret)
{
	size_t at = 0;
	const char *arg, *value;

	*ret = (struct vm_name){ .name = "" };
	while ((arg = next_argument(args, len, &at))) {
		size_t behind = at;

		if (is_option(arg, "name")) {
			value = next_argument(args, len, &behind);
			if (value)
				take_name(value, ret);
		} else if (is_option(arg, "uuid")) {
			value = next_argument(args, len, &behind);
			if (value)
				snprintf(ret->uuid, sizeof(ret->uuid), "%s", value);
		} else {
			continue;
		}
		at = behind;
	}
}

uint32_t vm_worker_of(const char *comm)
{
	for (size_t i = 0; i < sizeof(workers) / sizeof(workers[0]); i++) {
		size_t n = strlen(workers[i]);
		uint64_t tid;

		if (!strncmp(comm, workers[i], n) && comm[n] >= '1' && comm[n] <= '9' &&
		    !fs_parse_u64(comm + n, &tid) && tid <= INT32_MAX)
			return (uint32_t)tid;
	}
	return 0;
}
