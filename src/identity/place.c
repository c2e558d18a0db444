/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* place.c - see place.h: the table, and systemd's rules for units and slices. */
#include "identity/place.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* What an id looks like between the prefix and the suffix of its pattern. */
enum place_form {
	FORM_HEX64,  /* of containers and of Podman's pods */
	FORM_POD,    /* a UID with dashes or underscores, or the hash of a static pod's file */
	FORM_NAME,   /* any, in which systemd's escapes are undone */
	FORM_NUMBER, /* "1-NAME" with a number that counts starts: libvirt's; NAME is the id */
	FORM_ABOVE,  /* the unit above has the name; a fixed directory below it is the container */
};

/*
 * A directory's name is prefix + id + suffix, below a directory `parent` (NULL = any; "" = at the
 * hierarchy's root; "*.slice" = any slice). The first that matches holds.
 */
struct place_pattern {
	const char *runtime;
	enum place_what what;
	enum place_form form;
	const char *parent;
	const char *prefix;
	const char *suffix;
	const char *mark; /* put behind the id: not the container itself but who minds it */
};

/*
 * Sources: the runtimes' own code (runc, moby, containerd, cri-o, libpod, lxc, systemd, libvirt,
 * kubelet's cgroup manager) and the paths that they make in tests.
 */
static const struct place_pattern patterns[] = {
	/* Kubernetes: cgroupfs, systemd, and below another slice where kubelet has its own root */
	{ "kubernetes", PLACE_POD, FORM_POD, NULL, "pod", "", NULL },
	{ "kubernetes", PLACE_POD, FORM_POD, NULL, "kubepods-pod", ".slice", NULL },
	{ "kubernetes", PLACE_POD, FORM_POD, NULL, "kubepods-burstable-pod", ".slice", NULL },
	{ "kubernetes", PLACE_POD, FORM_POD, NULL, "kubepods-besteffort-pod", ".slice", NULL },
	{ "kubernetes", PLACE_POD, FORM_POD, NULL, "kubelet-kubepods-pod", ".slice", NULL },
	{ "kubernetes", PLACE_POD, FORM_POD, NULL, "kubelet-kubepods-burstable-pod", ".slice",
	  NULL },
	{ "kubernetes", PLACE_POD, FORM_POD, NULL, "kubelet-kubepods-besteffort-pod", ".slice",
	  NULL },
	{ "containerd", PLACE_CONTAINER, FORM_HEX64, NULL, "cri-containerd-", ".scope", NULL },
	{ "cri-o", PLACE_CONTAINER, FORM_HEX64, NULL, "crio-conmon-", ".scope", "/conmon" },
	{ "cri-o", PLACE_CONTAINER, FORM_HEX64, NULL, "crio-conmon-", "", "/conmon" },
	{ "cri-o", PLACE_CONTAINER, FORM_HEX64, NULL, "crio-", ".scope", NULL },
	{ "cri-o", PLACE_CONTAINER, FORM_HEX64, NULL, "crio-", "", NULL },
	/* Podman: root and rootless, systemd and cgroupfs, pods, and a unit's own subtree */
	{ "podman", PLACE_POD, FORM_HEX64, "*.slice", "machine-libpod_pod_", ".slice", NULL },
	{ "podman", PLACE_POD, FORM_HEX64, "*.slice", "user-libpod_pod_", ".slice", NULL },
	{ "podman", PLACE_POD, FORM_HEX64, "libpod_parent", "", "", NULL },
	{ "podman", PLACE_CONTAINER, FORM_HEX64, NULL, "libpod-conmon-", ".scope", "/conmon" },
	{ "podman", PLACE_CONTAINER, FORM_HEX64, NULL, "libpod-conmon-", "", "/conmon" },
	{ "podman", PLACE_CONTAINER, FORM_HEX64, NULL, "libpod-payload-", "", NULL },
	{ "podman", PLACE_CONTAINER, FORM_HEX64, NULL, "libpod-", ".scope", NULL },
	{ "podman", PLACE_CONTAINER, FORM_HEX64, NULL, "libpod-", "", NULL },
	/* Docker: systemd driver (root and rootless), then cgroupfs */
	{ "docker", PLACE_CONTAINER, FORM_HEX64, NULL, "docker-", ".scope", NULL },
	{ "docker", PLACE_CONTAINER, FORM_HEX64, "docker", "", "", NULL },
	/* containerd on its own: nerdctl with systemd, then NAMESPACE/NAME */
	{ "containerd", PLACE_CONTAINER, FORM_HEX64, NULL, "nerdctl-", ".scope", NULL },
	{ "containerd", PLACE_CONTAINER, FORM_NAME, "/default", "", "", NULL },
	{ "containerd", PLACE_CONTAINER, FORM_NAME, "/k8s.io", "", "", NULL },
	{ "containerd", PLACE_CONTAINER, FORM_NAME, "/moby", "", "", NULL },
	/* bare OCI runtimes with a systemd scope */
	{ "runc", PLACE_CONTAINER, FORM_NAME, "*.slice", "runc-", ".scope", NULL },
	{ "crun", PLACE_CONTAINER, FORM_NAME, "*.slice", "crun-", ".scope", NULL },
	/* LXC: 4 and later, 3, before, and Proxmox */
	{ "lxc", PLACE_CONTAINER, FORM_NAME, NULL, "lxc.payload.", "", NULL },
	{ "lxc", PLACE_CONTAINER, FORM_NAME, NULL, "lxc.monitor.", "", "/monitor" },
	{ "lxc", PLACE_CONTAINER, FORM_NAME, "/lxc.payload", "", "", NULL },
	{ "lxc", PLACE_CONTAINER, FORM_NAME, "/lxc.monitor", "", "", "/monitor" },
	{ "lxc", PLACE_CONTAINER, FORM_NAME, "/lxc", "", "", NULL },
	/* virtual machines: libvirt with systemd, libvirt without, Proxmox */
	{ "libvirt", PLACE_VM, FORM_NUMBER, "machine.slice", "machine-qemu\\x2d", ".scope", NULL },
	{ "libvirt", PLACE_VM, FORM_NUMBER, "/machine", "qemu-", ".libvirt-qemu", NULL },
	{ "libvirt", PLACE_VM, FORM_NAME, "/machine", "", ".libvirt-qemu", NULL },
	{ "proxmox", PLACE_VM, FORM_NAME, "qemu.slice", "", ".scope", NULL },
	{ "libvirt-lxc", PLACE_CONTAINER, FORM_NUMBER, "machine.slice", "machine-lxc\\x2d",
	  ".scope", NULL },
	/* systemd-nspawn, and whatever else registers with machined */
	{ "nspawn", PLACE_CONTAINER, FORM_NAME, NULL, "systemd-nspawn@", ".service", NULL },
	{ "nspawn", PLACE_CONTAINER, FORM_ABOVE, "*.service", "payload", "", NULL },
	{ "nspawn", PLACE_CONTAINER, FORM_ABOVE, "*.scope", "payload", "", NULL },
	{ "nspawn", PLACE_CONTAINER, FORM_ABOVE, "", "payload", "", NULL },
	{ "nspawn", PLACE_CONTAINER, FORM_NAME, "machine.slice", "machine-", ".scope", NULL },
	{ "nspawn", PLACE_CONTAINER, FORM_NAME, "machine.slice", "", ".scope", NULL },
	/* anybody's: Docker and CRI below a parent of their owner's choice, ECS */
	{ "oci", PLACE_CONTAINER, FORM_HEX64, NULL, "", "", NULL },
};

#define N_PATTERNS (sizeof(patterns) / sizeof(patterns[0]))

/* A directory of the path: name[0 … len), which ends `end` bytes into it. */
struct place_part {
	const char *name;
	size_t len;
	size_t end;
};

static bool part_is(const struct place_part *p, const char *text)
{
	return p->len == strlen(text) && !memcmp(p->name, text, p->len);
}

static bool part_begins(const struct place_part *p, const char *text)
{
	return p->len >= strlen(text) && !memcmp(p->name, text, strlen(text));
}

/* With something before it. */
static bool part_ends(const struct place_part *p, const char *text)
{
	size_t len = strlen(text);

	return p->len > len && !memcmp(p->name + p->len - len, text, len);
}

static bool is_hex(const char *s, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (!isdigit((unsigned char)s[i]) && (s[i] < 'a' || s[i] > 'f'))
			return false;
	return true;
}

/* 8-4-4-4-12, with one sort of separator: systemd's slices cannot have dashes in a name. */
static bool is_uid(const char *s, size_t len)
{
	static const size_t group[] = { 8, 4, 4, 4, 12 };
	size_t at = 0;

	if (len != 36)
		return false;
	for (size_t i = 0; i < sizeof(group) / sizeof(group[0]); i++) {
		if (i && s[at] != s[8])
			return false;
		at += i > 0;
		if (!is_hex(s + at, group[i]))
			return false;
		at += group[i];
	}
	return s[8] == '-' || s[8] == '_';
}

static int hex_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Undoes systemd's \xNN (unit_name_unescape()); an escaped NUL stays as it is. */
static void put_unescaped(const char *s, size_t len, char ret[PLACE_ID_LEN])
{
	size_t n = 0;

	for (size_t i = 0; i < len && n < PLACE_ID_LEN - 1; i++) {
		int value = 0;

		if (s[i] == '\\' && i + 3 < len && s[i + 1] == 'x' && hex_digit(s[i + 2]) >= 0 &&
		    hex_digit(s[i + 3]) >= 0)
			value = hex_digit(s[i + 2]) * 16 + hex_digit(s[i + 3]);
		ret[n++] = value ? (char)value : s[i];
		i += value ? 3 : 0;
	}
	ret[n] = '\0';
}

static void put_plain(const char *s, size_t len, char ret[PLACE_ID_LEN])
{
	snprintf(ret, PLACE_ID_LEN, "%.*s", (int)len, s);
}

static void put_pod(const char *s, size_t len, char ret[PLACE_ID_LEN])
{
	put_plain(s, len, ret);
	for (char *c = ret; *c; c++)
		if (*c == '_')
			*c = '-';
}

/* "1-NAME", its dash perhaps escaped. False where there is no number, or nothing behind it. */
static bool put_numbered(const char *s, size_t len, char ret[PLACE_ID_LEN])
{
	char whole[PLACE_ID_LEN];
	size_t digits;

	put_unescaped(s, len, whole);
	digits = strspn(whole, "0123456789");
	if (!digits || whole[digits] != '-' || !whole[digits + 1])
		return false;
	put_plain(whole + digits + 1, strlen(whole + digits + 1), ret);
	return true;
}

static bool take_id(enum place_form form, const char *s, size_t len, char ret[PLACE_ID_LEN])
{
	switch (form) {
	case FORM_HEX64:
		if (len != 64 || !is_hex(s, len))
			return false;
		put_plain(s, len, ret);
		return true;
	case FORM_POD:
		if (!is_uid(s, len) && !(len == 32 && is_hex(s, len)))
			return false;
		put_pod(s, len, ret);
		return true;
	case FORM_NUMBER:
		return put_numbered(s, len, ret);
	case FORM_NAME:
		put_unescaped(s, len, ret);
		return len > 0;
	case FORM_ABOVE:
		break;
	}
	return false;
}

/* "web" of web.service; at the root there is nothing to go by but the directory itself. */
static void take_above(const struct place_part *part, const struct place_part *up,
		       char ret[PLACE_ID_LEN])
{
	const char *dot = up->len ? memrchr(up->name, '.', up->len) : NULL;

	if (dot && dot > up->name)
		put_unescaped(up->name, (size_t)(dot - up->name), ret);
	else
		put_plain(part->name, part->len, ret);
}

/* up: the directory above; of the hierarchy's root it has no length. */
static bool parent_fits(const char *want, const struct place_part *up)
{
	if (!want)
		return true;
	if (!want[0])
		return up->len == 0;
	if (want[0] == '*')
		return part_ends(up, want + 1);
	if (want[0] == '/')
		return part_is(up, want + 1) && up->end == up->len + 1;
	return part_is(up, want);
}

static bool pattern_fits(const struct place_pattern *p, const struct place_part *part,
			 const struct place_part *up, char ret[PLACE_ID_LEN])
{
	size_t before = strlen(p->prefix), after = strlen(p->suffix);

	if (!part_begins(part, p->prefix) || !parent_fits(p->parent, up))
		return false;
	if (p->form == FORM_ABOVE) {
		take_above(part, up, ret);
		return part_is(part, p->prefix);
	}
	if (part->len <= before + after || (after && !part_ends(part, p->suffix)))
		return false;
	if (!take_id(p->form, part->name + before, part->len - before - after, ret))
		return false;
	if (p->mark)
		snprintf(ret + strlen(ret), PLACE_ID_LEN - strlen(ret), "%s", p->mark);
	return true;
}

static void take_by_pattern(struct place *p, const struct place_part *part,
			    const struct place_part *up)
{
	char id[PLACE_ID_LEN];

	/* What is below a container or a VM is its own. */
	if (p->name[PLACE_CONTAINER].id[0] || p->name[PLACE_VM].id[0])
		return;
	for (size_t i = 0; i < N_PATTERNS; i++) {
		struct place_name *name = &p->name[patterns[i].what];

		if (name->id[0] || !pattern_fits(&patterns[i], part, up, id))
			continue;
		memcpy(name->id, id, sizeof(id));
		name->len = part->end;
		if (patterns[i].what != PLACE_POD)
			p->runtime = patterns[i].runtime;
		return;
	}
}

/* Kubernetes puts pods without a class directly below kubepods. */
static void take_qos(struct place *p, const char *path, size_t len)
{
	bool kube = memmem(path, len, "kubepods", 8) != NULL;

	if (!kube || !p->name[PLACE_POD].id[0])
		return;
	p->qos = memmem(path, len, "burstable", 9)     ? "burstable"
		 : memmem(path, len, "besteffort", 10) ? "besteffort"
						       : "guaranteed";
}

/*
 * systemd's own reading of a path (cg_path_get_unit() and its like): slices come first, the first
 * directory after them is the unit; below user@UID.service the same begins again.
 */
enum place_stage { STAGE_SLICES, STAGE_USER_SLICES, STAGE_BELOW };

static bool is_unit(const struct place_part *p)
{
	static const char *const suffix[] = { ".service", ".scope", ".socket", ".mount", ".swap" };

	for (size_t i = 0; i < sizeof(suffix) / sizeof(suffix[0]); i++)
		if (part_ends(p, suffix[i]))
			return true;
	return false;
}

static void take_plain(struct place_name *name, const struct place_part *part)
{
	/* A name that the kernel could take for a file of its own begins with an underscore. */
	size_t skip = part->len > 1 && part->name[0] == '_';

	put_plain(part->name + skip, part->len - skip, name->id);
	name->len = part->end;
}

static enum place_stage take_systemd(struct place *p, enum place_stage stage,
				     const struct place_part *part)
{
	struct place_name *slice = &p->name[PLACE_SLICE], *session = &p->name[PLACE_SESSION];
	bool first = part->end == part->len + 1;

	if (stage == STAGE_BELOW)
		return stage;
	if (part_ends(part, ".slice")) {
		if (stage == STAGE_SLICES)
			take_plain(slice, part);
		return stage;
	}
	if (!is_unit(part))
		return STAGE_BELOW;
	take_plain(&p->name[PLACE_UNIT], part);
	if (first) {
		put_plain("-.slice", strlen("-.slice"), slice->id);
		slice->len = 0;
	}
	if (part_begins(part, "session-") && part_ends(part, ".scope")) {
		put_plain(part->name + 8, part->len - 8 - 6, session->id);
		session->len = part->end;
	}
	return stage == STAGE_SLICES && part_begins(part, "user@") && part_ends(part, ".service")
		       ? STAGE_USER_SLICES
		       : STAGE_BELOW;
}

void place_parse(const char *path, struct place *ret)
{
	enum place_stage stage = STAGE_SLICES;
	struct place_part part = { .name = path }, up;

	*ret = (struct place){ .runtime = NULL };
	for (size_t at = 0; path[at];) {
		up = part;
		at += path[at] == '/';
		part.name = path + at;
		part.len = strcspn(part.name, "/");
		at += part.len;
		part.end = at;
		if (!part.len)
			continue;
		take_by_pattern(ret, &part, &up);
		stage = take_systemd(ret, stage, &part);
	}
	take_qos(ret, path, ret->name[PLACE_POD].len);
}
