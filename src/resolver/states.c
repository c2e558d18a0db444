/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* states.c - see states.h. */
#include "resolver/states.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/json_read.h"

/* Podman's file of a machine with thousands of containers; an OCI bundle has hundreds of values. */
static const struct json_limits limits = { .max_bytes = 8U << 20,
					   .max_depth = 16,
					   .max_values = 1U << 18 };

/* As much of it as there is room for, in whole characters. */
static void put(char *ret, size_t size, const char *value)
{
	size_t len = value ? strlen(value) : 0;

	if (!len)
		return;
	if (len >= size) {
		len = size - 1;
		while (len && ((unsigned char)value[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(ret, value, len);
	ret[len] = '\0';
}

#define PUT(field, value) put(field, sizeof(field), value)

static const char *text_of(json_t *object, const char *member)
{
	return json_string_value(json_object_get(object, member));
}

static bool is_allowed(const char *allowed, const char *name)
{
	size_t len = strlen(name);

	while (*allowed) {
		size_t n = strcspn(allowed, ",");

		if (n == len && !memcmp(allowed, name, len))
			return len > 0;
		allowed += n + (allowed[n] == ',');
	}
	return false;
}

/* Appends with escapes; false when it does not fit. */
static bool put_escaped(char *to, size_t *at, size_t size, const char *text)
{
	for (; *text; text++) {
		bool escape = *text == ',' || *text == '=' || *text == '\\';

		if (*at + escape + 1 >= size)
			return false;
		if (escape)
			to[(*at)++] = '\\';
		to[(*at)++] = *text;
	}
	return true;
}

void states_put_label(const char *allowed, const char *name, const char *value,
		      char ret[LOOKUP_LABELS_LEN])
{
	size_t before = strlen(ret), at = before;
	bool fits = is_allowed(allowed, name);

	if (fits && before) {
		fits = at + 1 < LOOKUP_LABELS_LEN;
		ret[at] = ',';
		at += fits;
	}
	fits = fits && put_escaped(ret, &at, LOOKUP_LABELS_LEN, name) && at + 1 < LOOKUP_LABELS_LEN;
	if (fits)
		ret[at++] = '=';
	fits = fits && put_escaped(ret, &at, LOOKUP_LABELS_LEN, value);
	ret[fits ? at : before] = '\0';
}

/* In the order of the allowed ones, so that the same labels are the same text. */
static void put_labels(json_t *labels, const char *allowed, struct lookup_answer *ret)
{
	char name[LOOKUP_NAME_LEN];

	while (*allowed) {
		size_t n = strcspn(allowed, ",");

		if (n < sizeof(name)) {
			const char *value;

			memcpy(name, allowed, n);
			name[n] = '\0';
			value = text_of(labels, name);
			if (value)
				states_put_label(name, name, value, ret->labels);
		}
		allowed += n + (allowed[n] == ',');
	}
}

/* Kubelet's own labels of a container, whoever the runtime is. */
static void put_kubernetes(json_t *labels, struct lookup_answer *ret)
{
	const char *name = text_of(labels, "io.kubernetes.container.name");

	if (name)
		PUT(ret->name, name);
	PUT(ret->namespace, text_of(labels, "io.kubernetes.pod.namespace"));
	PUT(ret->pod_name, text_of(labels, "io.kubernetes.pod.name"));
}

int states_read_docker(const char *text, size_t len, const char *labels, struct lookup_answer *ret)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;
	json_t *config, *all;
	const char *name;
	int err = json_read_document(text, len, &limits, &root, NULL);

	if (err)
		return err;
	config = json_object_get(root, "Config");
	all = json_object_get(config, "Labels");
	name = text_of(root, "Name");
	PUT(ret->name, name && *name == '/' ? name + 1 : name);
	PUT(ret->image, text_of(config, "Image"));
	put_kubernetes(all, ret);
	put_labels(all, labels, ret);
	return 0;
}

/* CRI-O has a container's labels as JSON in an annotation. */
static void put_crio_labels(const char *text, const char *labels, struct lookup_answer *ret)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;

	if (text && !json_read_document(text, strlen(text), &limits, &root, NULL))
		put_labels(root, labels, ret);
}

int states_read_bundle(const char *text, size_t len, const char *labels, struct lookup_answer *ret)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;
	const char *type, *name;
	json_t *notes;
	int err = json_read_document(text, len, &limits, &root, NULL);

	if (err)
		return err;
	notes = json_object_get(root, "annotations");
	type = text_of(notes, "io.kubernetes.cri.container-type");
	if (!type)
		type = text_of(notes, "io.kubernetes.cri-o.ContainerType");
	name = text_of(notes, "nerdctl/name");
	if (!type && !name)
		return -ENOENT;
	PUT(ret->name, name);
	PUT(ret->name, text_of(notes, "io.kubernetes.cri.container-name"));
	PUT(ret->image, text_of(notes, "io.kubernetes.cri.image-name"));
	put_kubernetes(notes, ret);
	PUT(ret->namespace, text_of(notes, "io.kubernetes.cri.sandbox-namespace"));
	PUT(ret->pod_name, text_of(notes, "io.kubernetes.cri.sandbox-name"));
	PUT(ret->image, text_of(notes, "io.kubernetes.cri-o.ImageName"));
	/* What holds the pod's namespaces: kubelet's own name for it. */
	if (type && !strcmp(type, "sandbox"))
		PUT(ret->name, "POD");
	put_labels(notes, labels, ret);
	put_crio_labels(text_of(notes, "io.kubernetes.cri-o.Labels"), labels, ret);
	return 0;
}

/* What the owner of the storage says of a container, as JSON in a string. */
static void put_storage_metadata(const char *text, struct lookup_answer *ret)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;

	if (!text || json_read_document(text, strlen(text), &limits, &root, NULL))
		return;
	PUT(ret->name, text_of(root, "name"));
	PUT(ret->image, text_of(root, "image-name"));
}

int states_read_storage(const char *text, size_t len, const char *id, struct lookup_answer *ret)
{
	CLEANUP(json_decref_ptr) json_t *root = NULL;
	json_t *container;
	size_t i;
	int err;

	/* Of a thousand containers reading takes 5 ms, and seeing that it is none of them 0.05.*/
	if (!memmem(text, len, id, strlen(id)))
		return -ENOENT;
	err = json_read_document(text, len, &limits, &root, NULL);
	if (err)
		return err;
	json_array_foreach(root, i, container)
	{
		const char *own = text_of(container, "id");

		if (!own || strcmp(own, id) != 0)
			continue;
		put_storage_metadata(text_of(container, "metadata"), ret);
		PUT(ret->name,
		    json_string_value(json_array_get(json_object_get(container, "names"), 0)));
		return 0;
	}
	return -ENOENT;
}

/* text[0 … len) */
static void put_part(char *ret, size_t size, const char *text, size_t len)
{
	if (len >= size)
		len = size - 1;
	memcpy(ret, text, len);
	ret[len] = '\0';
}

int states_read_pod_directory(const char *name, const char *uid, struct lookup_answer *ret)
{
	/* Names of Kubernetes have no underscores. */
	const char *pod = strchr(name, '_'), *end = pod ? strchr(pod + 1, '_') : NULL;

	if (!end || !*uid || strcmp(end + 1, uid) != 0)
		return -ENOENT;
	put_part(ret->namespace, sizeof(ret->namespace), name, (size_t)(pod - name));
	put_part(ret->pod_name, sizeof(ret->pod_name), pod + 1, (size_t)(end - pod - 1));
	return 0;
}

int states_read_log_link(const char *name, const char *id, struct lookup_answer *ret)
{
	const char *space = strchr(name, '_'), *own = space ? strchr(space + 1, '_') : NULL;
	size_t len = own ? strlen(own + 1) : 0, id_len = strlen(id);
	const char *end = own ? own + 1 + len : NULL;

	/* "CONTAINER-ID.log" */
	if (!own || !id_len || len < id_len + 6 || strcmp(end - 4, ".log") != 0 ||
	    memcmp(end - 4 - id_len, id, id_len) != 0 || end[-5 - (ptrdiff_t)id_len] != '-')
		return -ENOENT;
	put_part(ret->pod_name, sizeof(ret->pod_name), name, (size_t)(space - name));
	put_part(ret->namespace, sizeof(ret->namespace), space + 1, (size_t)(own - space - 1));
	put_part(ret->name, sizeof(ret->name), own + 1, len - id_len - 5);
	return 0;
}
