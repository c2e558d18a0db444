/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* run_control.c - what of `run` a daemon can do for it. */
#include "cli/run_control.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

Test(run_control, what_a_daemon_can)
{
	struct pipeline_settings s = PIPELINE_SETTINGS_DEFAULT;
	struct why why = { "" };

	cr_expect_eq(run_control_check(&s, RECORD_PROCESS, &why), 0);
	cr_expect_eq(run_control_check(&s, RECORD_THREAD, &why), 0);
	s.power = "gpu";
	s.irq = true;
	cr_expect_eq(run_control_check(&s, RECORD_PROCESS, &why), 0, "a warning");
	cr_expect_str_eq(why.text, "");
}

Test(run_control, what_it_cannot)
{
	struct pipeline_settings s = PIPELINE_SETTINGS_DEFAULT;
	struct why why = { "" };

	cr_expect_eq(run_control_check(&s, RECORD_CGROUP, &why), -EINVAL);
	cr_expect(strstr(why.text, "--by"), "%s", why.text);
	s.ledger_dir = "-";
	cr_expect_eq(run_control_check(&s, RECORD_PROCESS, &why), -EINVAL);
	cr_expect(strstr(why.text, "--ledger"), "%s", why.text);
}

Test(run_control, nobody_there)
{
	struct run_control *r = NULL;
	struct why why = { "" };

	cr_expect_eq(run_control_new("/nonexistent/control.sock", &r, &why), -ENOTCONN);
	cr_expect_null(r);
	cr_expect(strstr(why.text, "/nonexistent/control.sock"), "%s", why.text);
}
