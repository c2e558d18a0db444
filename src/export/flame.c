/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* flame.c - see flame.h: folded lines and JSON. */
#include "export/flame.h"

#include <errno.h>
#include <string.h>

#include "base/json.h"
#include "export/flame_parts.h"
#include "export/parts.h"

static const char *const format_names[] = {
	[FLAME_SVG] = "svg", [FLAME_FOLDED] = "folded", [FLAME_JSON] = "json"
};

int flame_format_parse(const char *word, enum flame_format *ret)
{
	for (size_t i = 0; i < sizeof(format_names) / sizeof(*format_names); i++)
		if (!strcmp(word, format_names[i])) {
			*ret = (enum flame_format)i;
			return 0;
		}
	return -EINVAL;
}

/* A frame must not end where the next one begins, nor a line. */
static void folded_frame(struct buf *out, const struct stack_frame *f)
{
	for (const unsigned char *at = (const unsigned char *)f->name; *at; at++) {
		if (*at == ';')
			buf_putc(out, ':');
		else
			buf_putc(out, *at < 0x20 || *at == 0x7f ? '?' : (char)*at);
	}
	if (f->kind == STACK_KERNEL)
		buf_puts(out, "_[k]");
	else if (f->kind == STACK_JIT)
		buf_puts(out, "_[j]");
}

static void folded(struct buf *out, const struct flame_tree *t)
{
	size_t path[STACK_MAX_FRAMES];

	for (size_t i = 1; i < t->n; i++) {
		size_t depth = flame_tree_path(t, i, path);

		if (!t->node[i].self_uj)
			continue;
		for (size_t d = 0; d < depth; d++) {
			if (d)
				buf_putc(out, ';');
			folded_frame(out, t->node[path[d]].frame);
		}
		buf_putc(out, ' ');
		buf_put_u64(out, t->node[i].self_uj);
		buf_putc(out, '\n');
	}
}

static void json_stack(struct json_writer *w, const struct flame_tree *t, size_t node)
{
	size_t path[STACK_MAX_FRAMES], depth = flame_tree_path(t, node, path);

	json_object_begin(w);
	json_kv_u64(w, "energy_uj", t->node[node].self_uj);
	json_key(w, "frames");
	json_array_begin(w);
	for (size_t d = 0; d < depth; d++) {
		const struct stack_frame *f = t->node[path[d]].frame;

		json_object_begin(w);
		json_kv_str(w, "kind", stack_kind_name(f->kind));
		json_kv_bytes(w, "name", f->name);
		json_object_end(w);
	}
	json_array_end(w);
	json_kv_u64(w, "n_samples", t->node[node].n_self_samples);
	json_object_end(w);
}

static void json_command(struct json_writer *w, char *const *command)
{
	json_key(w, "command");
	if (!command) {
		json_put_null(w);
		return;
	}
	json_array_begin(w);
	for (; *command; command++)
		json_bytes(w, *command, strlen(*command));
	json_array_end(w);
}

static void flame_json(struct buf *out, const struct export_flame *x, const struct flame_tree *t)
{
	struct json_writer w;

	json_begin(&w, out);
	json_object_begin(&w);
	json_command(&w, x->command);
	json_kv_u64(&w, "cpu_ns", x->cpu_ns);
	parts_json_interval(&w, "energy_uj", export_has_energy(x->total), &x->energy);
	json_kv_u64(&w, "frequency_hz", x->frequency_hz);
	json_kv_u64(&w, "n_lost", x->n_lost);
	json_kv_u64(&w, "n_samples", x->n_samples);
	json_kv_u64(&w, "n_windows", x->total->n_windows);
	json_key(&w, "pid");
	if (x->pid)
		json_u64(&w, x->pid);
	else
		json_put_null(&w);
	json_kv_str(&w, "quality", energy_quality_name(x->total->quality));
	json_kv_str(&w, "schema", "jouletrail.flame/1");
	json_kv_u64(&w, "self_cpu_ns", x->total->self_cpu_ns);
	json_key(&w, "stacks");
	json_array_begin(&w);
	for (size_t i = 1; i < t->n; i++)
		if (t->node[i].self_uj || t->node[i].n_self_samples)
			json_stack(&w, t, i);
	json_array_end(&w);
	json_kv_u64(&w, "unsampled_uj", x->unsampled_uj);
	parts_json_window(&w, x->total);
	json_object_end(&w);
	buf_putc(out, '\n');
}

void export_flame(struct buf *out, enum flame_format f, const struct export_flame *x)
{
	struct flame_tree t = { 0 };

	if (flame_tree_build(x->stack, x->n_stacks, &t)) {
		out->err = -ENOMEM;
		return;
	}
	switch (f) {
	case FLAME_SVG:
		flame_svg(out, x, &t);
		break;
	case FLAME_FOLDED:
		folded(out, &t);
		break;
	case FLAME_JSON:
		flame_json(out, x, &t);
		break;
	}
	flame_tree_free(&t);
}
