/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* states.c - is what runtimes write understood, and what strangers write survived? */
#include "resolver/states.h"

#include <criterion/criterion.h>
#include <criterion/new/assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define ID "3f1c9a5b7e2d4806a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778"

static struct lookup_answer a;

static int docker(const char *text, const char *labels)
{
	a = (struct lookup_answer){ .number = 0 };
	return states_read_docker(text, strlen(text), labels, &a);
}

static int bundle(const char *text, const char *labels)
{
	a = (struct lookup_answer){ .number = 0 };
	return states_read_bundle(text, strlen(text), labels, &a);
}

static int storage(const char *text, const char *id)
{
	a = (struct lookup_answer){ .number = 0 };
	return states_read_storage(text, strlen(text), id, &a);
}

Test(states, docker)
{
	static const char text[] =
		"{\"StreamConfig\":{},\"State\":{\"Running\":true},\"ID\":\"" ID
		"\",\"Config\":{\"Hostname\":\"3f1c\",\"Image\":\"nginx:1.25\",\"Labels\":"
		"{\"maintainer\":\"x\",\"team\":\"blue\",\"app\":\"a,b=c\\\\\"}},"
		"\"Name\":\"/web\",\"Driver\":\"overlay2\"}";

	cr_assert(eq(int, 0, docker(text, "app,team,none")));
	cr_expect_str_eq(a.name, "web");
	cr_expect_str_eq(a.image, "nginx:1.25");
	cr_expect_str_eq(a.labels, "app=a\\,b\\=c\\\\,team=blue");
	cr_expect_str_eq(a.namespace, "");
	cr_assert(eq(int, 0, docker(text, "")));
	cr_expect_str_eq(a.labels, "", "none that is not asked for");
}

Test(states, kubelet_tells_docker_by_labels)
{
	cr_assert(eq(
		int, 0,
		docker("{\"Name\":\"/k8s_nginx_web-0_prod_1_0\",\"Config\":{\"Image\":\"sha256:1\","
		       "\"Labels\":{\"io.kubernetes.container.name\":\"nginx\","
		       "\"io.kubernetes.pod.name\":\"web-0\","
		       "\"io.kubernetes.pod.namespace\":\"prod\"}}}",
		       "")));
	cr_expect_str_eq(a.name, "nginx");
	cr_expect_str_eq(a.pod_name, "web-0");
	cr_expect_str_eq(a.namespace, "prod");
}

Test(states, bundles)
{
	cr_assert(eq(int, 0,
		     bundle("{\"ociVersion\":\"1.0.2\",\"annotations\":{"
			    "\"io.kubernetes.cri.container-name\":\"nginx\","
			    "\"io.kubernetes.cri.container-type\":\"container\","
			    "\"io.kubernetes.cri.image-name\":\"docker.io/library/nginx:1.25\","
			    "\"io.kubernetes.cri.sandbox-name\":\"web-0\","
			    "\"io.kubernetes.cri.sandbox-namespace\":\"prod\"}}",
			    "")));
	cr_expect_str_eq(a.name, "nginx");
	cr_expect_str_eq(a.image, "docker.io/library/nginx:1.25");
	cr_expect_str_eq(a.pod_name, "web-0");
	cr_expect_str_eq(a.namespace, "prod");
	cr_assert(eq(int, 0,
		     bundle("{\"annotations\":{\"io.kubernetes.cri.container-type\":\"sandbox\","
			    "\"io.kubernetes.cri.sandbox-name\":\"web-0\"}}",
			    "")));
	cr_expect_str_eq(a.name, "POD");
	cr_assert(eq(int, 0,
		     bundle("{\"annotations\":{\"io.kubernetes.cri-o.ContainerType\":\"container\","
			    "\"io.kubernetes.container.name\":\"db\","
			    "\"io.kubernetes.pod.name\":\"db-1\","
			    "\"io.kubernetes.pod.namespace\":\"prod\","
			    "\"io.kubernetes.cri-o.ImageName\":\"quay.io/db:9\","
			    "\"io.kubernetes.cri-o.Labels\":\"{\\\"app\\\":\\\"db\\\"}\"}}",
			    "app")));
	cr_expect_str_eq(a.name, "db");
	cr_expect_str_eq(a.image, "quay.io/db:9");
	cr_expect_str_eq(a.labels, "app=db");
	cr_assert(eq(int, 0, bundle("{\"annotations\":{\"nerdctl/name\":\"web\"}}", "")));
	cr_expect_str_eq(a.name, "web");
	cr_expect(eq(int, -ENOENT, bundle("{\"annotations\":{\"other\":\"web\"}}", "")));
	cr_expect(eq(int, -ENOENT, bundle("{}", "")), "as ctr run writes it");
}

Test(states, storage_of_many)
{
	static const char text[] =
		"[{\"id\":\"1\",\"names\":[\"other\"]},{\"id\":\"" ID
		"\",\"names\":[\"web\"],\"image\":\"d3\",\"metadata\":"
		"\"{\\\"image-name\\\":\\\"localhost/img:latest\\\",\\\"name\\\":\\\"x\\\"}\"}]";

	cr_assert(eq(int, 0, storage(text, ID)));
	cr_expect_str_eq(a.name, "web");
	cr_expect_str_eq(a.image, "localhost/img:latest");
	cr_expect(eq(int, -ENOENT, storage(text, "2")));
	cr_expect(eq(int, -ENOENT, storage("[]", ID)));
	cr_expect(eq(int, -ENOENT, storage("{}", ID)));
}

/* What is of another type than it should be is not there. */
Test(states, other_types)
{
	cr_expect(eq(int, 0, docker("{\"Name\":5,\"Config\":[]}", "app")));
	cr_expect(eq(int, 0, docker("{\"Name\":null,\"Config\":{\"Labels\":\"app\"}}", "app")));
	cr_expect(eq(int, 0, docker("7", "app")));
	cr_expect(eq(int, 0, docker("{\"Config\":{\"Labels\":{\"app\":{}}}}", "app")));
	cr_expect_str_eq(a.name, "");
	cr_expect_str_eq(a.labels, "");
	cr_expect(eq(int, -ENOENT, bundle("[]", "app")));
	cr_expect(eq(int, -ENOENT, storage("[1,null,[],{\"id\":1}]", ID)));
	cr_expect(eq(int, 0, storage("[{\"id\":\"" ID "\",\"names\":7,\"metadata\":\"{\"}]", ID)));
}

Test(states, half_of_a_file_tells_nothing)
{
	static const char text[] = "{\"Name\":\"/web\",\"Config\":{\"Image\":\"nginx\"}}";

	for (size_t len = 0; len + 1 < sizeof(text) - 1; len++) {
		a = (struct lookup_answer){ .number = 0 };
		cr_expect(lt(int, states_read_docker(text, len, "", &a), 0));
		cr_expect_str_eq(a.name, "");
	}
}

/* Names reach the outputs as they are, and those know what to do with them. */
Test(states, hostile_names)
{
	cr_assert(eq(int, 0, docker("{\"Name\":\"/\\u001b[2J\\n\\\",\\\"k\\\":1\"}", "")));
	cr_expect_str_eq(a.name, "\x1b[2J\n\",\"k\":1");
	cr_expect(eq(int, -EBADMSG, docker("{\"Name\":\"/a\\u0000b\"}", "")), "nothing ends in it");
	cr_expect(eq(int, -EBADMSG, docker("{\"Name\":\"/\xff\"}", "")), "no UTF-8, no JSON");
	cr_expect(eq(int, -EBADMSG, docker("{\"Name\":\"/a\",\"Name\":\"/b\"}", "")));
}

/* Cut within its room, at the end of a character. */
Test(states, long_names)
{
	struct buf text = { 0 };

	buf_puts(&text, "{\"Name\":\"/a");
	for (int i = 0; i < 4096; i++)
		buf_puts(&text, "é");
	buf_puts(&text, "\"}");
	cr_assert(eq(int, 0, docker(text.data, "")));
	cr_expect(eq(sz, strlen(a.name), LOOKUP_NAME_LEN - 1));
	cr_expect(eq(u8, (uint8_t)a.name[LOOKUP_NAME_LEN - 2], 0xa9));
	buf_free(&text);
}

Test(states, deep_and_large)
{
	struct buf text = { 0 };

	for (int i = 0; i < 1000000; i++)
		buf_putc(&text, '[');
	cr_expect(eq(int, -E2BIG, docker(text.data, "")));
	buf_reset(&text);
	buf_puts(&text, "[0");
	for (int i = 0; i < 1000000; i++)
		buf_puts(&text, ",0");
	buf_puts(&text, "]");
	cr_expect(eq(int, -E2BIG, docker(text.data, "")));
	buf_free(&text);
}

Test(states, labels_have_bounds)
{
	char labels[LOOKUP_LABELS_LEN] = "", value[LOOKUP_LABELS_LEN];

	memset(value, ',', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	states_put_label("a,b", "b", "1", labels);
	states_put_label("a,b", "a", value, labels);
	cr_expect_str_eq(labels, "b=1", "what does not fit is left out as a whole");
	states_put_label("a,b", "c", "1", labels);
	states_put_label("a,b", "", "1", labels);
	cr_expect_str_eq(labels, "b=1");
	value[LOOKUP_LABELS_LEN / 2 - 7] = '\0';
	states_put_label("a,b", "a", value, labels);
	cr_expect(lt(sz, strlen(labels), LOOKUP_LABELS_LEN));
	states_put_label("a,b", "b", "2", labels);
	cr_expect(lt(sz, strlen(labels), LOOKUP_LABELS_LEN));
}

Test(states, directories_of_kubelet)
{
	static const char uid[] = "8a7e5f3c-1b2d-4e6f-9a8b-7c6d5e4f3a2b";

	a = (struct lookup_answer){ .number = 0 };
	cr_assert(eq(int, 0,
		     states_read_pod_directory("prod_web-0_8a7e5f3c-1b2d-4e6f-9a8b-7c6d5e4f3a2b",
					       uid, &a)));
	cr_expect_str_eq(a.namespace, "prod");
	cr_expect_str_eq(a.pod_name, "web-0");
	cr_expect(eq(int, -ENOENT, states_read_pod_directory("prod_web-0_other", uid, &a)));
	cr_expect(eq(int, -ENOENT, states_read_pod_directory("prod_web-0", uid, &a)));
	cr_expect(eq(int, -ENOENT, states_read_pod_directory("prod_web-0_", "", &a)));
	a = (struct lookup_answer){ .number = 0 };
	cr_assert(eq(int, 0, states_read_log_link("web-0_prod_nginx-" ID ".log", ID, &a)));
	cr_expect_str_eq(a.pod_name, "web-0");
	cr_expect_str_eq(a.namespace, "prod");
	cr_expect_str_eq(a.name, "nginx");
	cr_expect(eq(int, -ENOENT, states_read_log_link("web-0_prod_" ID ".log", ID, &a)));
	cr_expect(eq(int, -ENOENT, states_read_log_link("web-0_prod_x" ID ".log", ID, &a)));
	cr_expect(eq(int, -ENOENT, states_read_log_link("web-0_prod_x-" ID ".gz", ID, &a)));
	cr_expect(eq(int, -ENOENT, states_read_log_link("_", ID, &a)));
	cr_expect(eq(int, -ENOENT, states_read_log_link("__-.log", "", &a)));
}
