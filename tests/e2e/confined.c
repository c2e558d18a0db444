/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * confined.c - gives up what the daemon gives up, then tries what must fail: for service.sh. A line
 * per attempt: "ok NAME", or "bad NAME" with what happened.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/priv.h"

/* result: of the call, with errno. */
static void must_fail(const char *name, long result)
{
	int err = errno;

	if (result < 0 && (err == EPERM || err == EACCES))
		printf("ok %s fails\n", name);
	else
		printf("bad %s: %s\n", name, result < 0 ? strerror(err) : "worked");
	fflush(stdout);
}

static void must_work(const char *name, long result)
{
	if (result >= 0)
		printf("ok %s works\n", name);
	else
		printf("bad %s: %s\n", name, strerror(errno));
	fflush(stdout);
}

static bool works(void *arg)
{
	(void)arg;
	return true;
}

static long try_bpf(int command)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 4, .max_entries = 1
	};

	return syscall(SYS_bpf, command, &attr, sizeof(attr));
}

static void *try_in_thread(void *arg)
{
	must_fail("a socket, in a thread of before", socket(AF_INET, SOCK_STREAM, 0));
	return arg;
}

static void *wait_then_try(void *arg)
{
	pthread_barrier_wait(arg);
	return try_in_thread(NULL);
}

static void try_files(const char *outside)
{
	must_fail("reading /etc/shadow", open("/etc/shadow", O_RDONLY));
	must_fail("writing /etc/passwd", open("/etc/passwd", O_WRONLY));
	must_fail("removing what is not ours", unlink(outside));
	must_fail("a file in /etc", open("/etc/jouletrail-test", O_WRONLY | O_CREAT, 0600));
	must_fail("giving a file away", chown(outside, 65534, 65534));
	must_fail("mount", mount("none", "/mnt", "tmpfs", 0, NULL));
	must_fail("chroot", chroot("/"));
	must_fail("init's memory", open("/proc/1/mem", O_RDONLY));
	must_work("reading /proc/stat", open("/proc/stat", O_RDONLY));
}

static void try_processes(void)
{
	char *argv[] = { (char *)"true", NULL }, *envp[] = { NULL };

	must_fail("execve", execve("/bin/true", argv, envp));
	must_fail("fork", fork());
	must_fail("ptrace", ptrace(PTRACE_TRACEME, 0, NULL, NULL));
	must_fail("a user namespace", unshare(CLONE_NEWUSER));
	must_fail("a signal to init", syscall(SYS_kill, 1, 0));
	must_fail("root again", syscall(SYS_setresuid, 0, 0, 0));
	must_fail("a real-time priority",
		  sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 1 }));
	must_fail("memory that can be executed",
		  syscall(SYS_mmap, NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
			  -1, 0));
}

static void try_kernel(void)
{
	must_fail("an IPv4 socket", socket(AF_INET, SOCK_STREAM, 0));
	must_fail("a netlink socket", socket(AF_NETLINK, SOCK_RAW, 0));
	must_fail("a Unix socket", socket(AF_UNIX, SOCK_STREAM, 0));
	must_fail("bpf: a map", try_bpf(BPF_MAP_CREATE));
	must_fail("bpf: a program", try_bpf(BPF_PROG_LOAD));
	must_fail("bpf: a map by its number", try_bpf(BPF_MAP_GET_FD_BY_ID));
	must_fail("typing into a terminal", ioctl(0, TIOCSTI, "x"));
	must_fail("the same, with bits above", syscall(SYS_ioctl, 0, TIOCSTI | 1UL << 32, "x"));
	must_fail("perf", syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0));
	must_fail("io_uring", syscall(SYS_io_uring_setup, 1, NULL));
	must_fail("the clock", syscall(SYS_settimeofday, NULL, NULL));
	must_fail("a key ring", syscall(SYS_keyctl, 0, 0, 0, 0, 0));
	must_fail("userfaultfd", syscall(SYS_userfaultfd, 0));
}

int main(int argc, char **argv)
{
	struct account to;
	struct why why = { "" };
	pthread_barrier_t barrier;
	pthread_t before, after;

	if (argc != 2)
		return 2;
	pthread_barrier_init(&barrier, NULL, 2);
	if (pthread_create(&before, NULL, wait_then_try, &barrier) || priv_begin(NULL, &to, &why) ||
	    priv_drop(&to, works, NULL, &why)) {
		fprintf(stderr, "%s\n", why.text);
		return 1;
	}
	pthread_barrier_wait(&barrier);
	pthread_join(before, NULL);
	must_work("a thread", -pthread_create(&after, NULL, try_in_thread, NULL));
	pthread_join(after, NULL);
	try_files(argv[1]);
	try_processes();
	try_kernel();
	return 0;
}
