/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* parts.h - what the outputs of export/ have in common, and the report with them. */
#ifndef EXPORT_PARTS_H
#define EXPORT_PARTS_H

#include "base/json.h"
#include "export/export.h"

/*
 * Name of a consumer as machines join on it: "PID:START" (START is start_boottime_ns) for a
 * process, "PID:START:TID" for a thread, the cgroup id, "v1:ID" in the v1 cpu hierarchy,
 * "reserved:ID" for what a cgroup pays while no process of it ran, "irq", "overflow"; of a group
 * its own id, which is bytes, or "(none)" and its like. buf holds 48 bytes.
 */
#define PARTS_ID_LEN 48
const char *parts_consumer_id(const struct sample *s, char buf[PARTS_ID_LEN]);

/* Members of the report objects, name and value; each in RFC 8785 order within itself. */
/* No member where there are none. */
void parts_json_branches(struct json_writer *w, const struct tick *t);
void parts_json_command(struct json_writer *w, char *const *command);
void parts_json_ratio(struct json_writer *w, const char *name, const struct export_ratio *r);
/* no_zone: see export_remedy(). */
void parts_json_budget(struct json_writer *w, const struct record_budget *list, size_t n,
		       bool no_zone);
void parts_json_conservation(struct json_writer *w, const struct tick *t);
void parts_json_consumers(struct json_writer *w, const struct tick *t);
void parts_json_domains(struct json_writer *w, const struct tick *t);
void parts_json_gaps(struct json_writer *w, const struct tick *t);
void parts_json_host(struct json_writer *w, const struct tick *t);
void parts_json_intensity(struct json_writer *w, const char *name, const struct intensity *i);
void parts_json_lost(struct json_writer *w, const struct tick *t);
void parts_json_method(struct json_writer *w, const struct tick *t);
void parts_json_window(struct json_writer *w, const struct tick *t);
/* "site", an object of what follows with its figures; null where these are not known. */
void parts_json_site(struct json_writer *w, const struct export_site *s);
void parts_json_pue(struct json_writer *w, const struct site_pue *p);
void parts_json_sci(struct json_writer *w, const struct export_site *s);
void parts_json_water(struct json_writer *w, const struct export_site *s);
/* {high,low,value}, or null where known is false. */
void parts_json_interval(struct json_writer *w, const char *name, bool known,
			 const struct quant_interval_u64 *v);

/* Lines of the human screens: see human.c. */
/* "    FIGURE                  what it is" */
void parts_human_figure(struct buf *out, const struct buf *figure, const char *what);
const char *parts_human_quality(const struct tick *t);
/* What a reader must know before the figures of a run are used. */
void parts_human_notes(struct buf *out, const struct export_run *r);
/* "473", "44.2": g/kWh of a table that has about three digits. */
void parts_human_g_per_kwh(struct buf *out, uint64_t mg);
void parts_human_intensity(struct buf *out, const struct tick *t);
void parts_human_method(struct buf *out, const struct tick *t);
void parts_human_conservation(struct buf *out, const struct tick *t);
void parts_human_gaps(struct buf *out, const struct tick *t);
void parts_human_lost(struct buf *out, const struct tick *t);
/* Cgroups with all below them, the largest first. */
void parts_human_branches(struct buf *out, const struct tick *t);
/* What a consumer is called on a screen, escaped, at most max columns. */
void parts_human_name(struct buf *out, const struct sample *s, size_t max);

#endif /* EXPORT_PARTS_H */
