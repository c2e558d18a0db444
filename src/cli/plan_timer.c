/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* plan_timer.c - a plan as a line of a crontab, and as a systemd timer with its service. */
#include <string.h>
#include <time.h>

#include "cli/plan.h"
#include "intensity/stamp.h"

/* For a shell, in single quotes where it has to be; cron takes \ off a % before it looks. */
static void put_shell_word(struct buf *out, const char *word)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
				    "_@+=:,./-";
	bool quote = !*word || word[strspn(word, plain)];

	if (quote)
		buf_putc(out, '\'');
	for (; *word; word++) {
		if (*word == '\'')
			buf_puts(out, "'\\''");
		else if (*word == '%')
			buf_puts(out, "\\%");
		else
			buf_putc(out, *word);
	}
	if (quote)
		buf_putc(out, '\'');
}

void plan_write_cron(const struct plan *p, char *const *argv, struct buf *out)
{
	const struct plan_zone *best = &p->zone[p->best];
	time_t start = (time_t)best->best.start_s;
	char text[32], zone[64];
	struct tm tm;

	/* Cron knows minutes: the next whole one. */
	start += (60 - start % 60) % 60;
	localtime_r(&start, &tm);
	strftime(zone, sizeof(zone), "%Z", &tm);
	buf_printf(out, "# %s, %s; times are this machine's (%s). Once: remove it afterwards.\n",
		   best->name, stamp_write((int64_t)start, text, sizeof(text)), zone);
	/* Without the year's test it would run every year. */
	buf_printf(out, "%d %d %d %d * [ \"$(date +\\%%Y)\" = %d ] &&", tm.tm_min, tm.tm_hour,
		   tm.tm_mday, tm.tm_mon + 1, tm.tm_year + 1900);
	for (; *argv; argv++) {
		buf_putc(out, ' ');
		put_shell_word(out, *argv);
	}
	buf_putc(out, '\n');
}

/* For ExecStart=: quoted, with systemd's specifiers and variables taken out. */
static void put_unit_word(struct buf *out, const char *word)
{
	buf_putc(out, '"');
	for (; *word; word++) {
		unsigned char c = (unsigned char)*word;

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '%' || c == '$')
			buf_printf(out, "%c%c", c, c);
		else if (c < 0x20 || c == 0x7f)
			buf_printf(out, "\\x%02x", c);
		else
			buf_putc(out, (char)c);
	}
	buf_putc(out, '"');
}

void plan_write_systemd(const struct plan *p, char *const *argv, struct buf *out)
{
	const struct plan_zone *best = &p->zone[p->best];
	time_t start = (time_t)best->best.start_s;
	char text[32];
	struct tm tm;

	gmtime_r(&start, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S UTC", &tm);
	buf_printf(out,
		   "# planned.timer: %s\n[Unit]\nDescription=When electricity is cleanest\n\n"
		   "[Timer]\nOnCalendar=%s\nAccuracySec=1s\nPersistent=false\n\n"
		   "[Install]\nWantedBy=timers.target\n\n",
		   best->name, text);
	buf_puts(out, "# planned.service\n[Service]\nType=oneshot\nExecStart=");
	for (int i = 0; argv[i]; i++) {
		if (i)
			buf_putc(out, ' ');
		put_unit_word(out, argv[i]);
	}
	buf_putc(out, '\n');
}
