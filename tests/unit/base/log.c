/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* log.c - a line that comes again and again is held back, others are not; the journal's prefix. */
#include "base/log.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static FILE *log_to_file(void)
{
	FILE *f = tmpfile();

	cr_assert_not_null(f);
	cr_assert_geq(dup2(fileno(f), STDERR_FILENO), 0);
	return f;
}

static size_t count(FILE *f, const char *line)
{
	char text[256];
	size_t n = 0;

	fflush(stderr);
	rewind(f);
	while (fgets(text, sizeof(text), f))
		n += !strncmp(text, line, strlen(line));
	return n;
}

Test(log, the_same_line_is_held_back)
{
	FILE *f = log_to_file();

	for (int i = 0; i < 1000; i++) {
		log_warning("disk %s", "full");
		if (i < 20)
			log_info("step %d", i);
	}
	cr_expect_eq(count(f, "jouletrail: warning: disk full"), LOG_BURST);
	cr_expect_eq(count(f, "jouletrail: step "), 20);
	fclose(f);
}

Test(log, the_journal_is_told_the_priority)
{
	FILE *f = log_to_file();
	char stream[64];
	struct stat st;

	cr_assert_eq(fstat(STDERR_FILENO, &st), 0);
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino);
	setenv("JOURNAL_STREAM", stream, 1);
	log_error("one");
	log_info("two");
	setenv("JOURNAL_STREAM", "1:1", 1);
	log_info("three");
	cr_expect_eq(count(f, "<3>jouletrail: error: one"), 1);
	cr_expect_eq(count(f, "<6>jouletrail: two"), 1);
	cr_expect_eq(count(f, "jouletrail: three"), 1);
	fclose(f);
}
