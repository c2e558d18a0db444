/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* filter.c - see filter.h. */
#include "daemon/filter.h"

#include <errno.h>
#include <linux/bpf.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"

#define ALLOW(name) SCMP_SYS(name)

/* Always left. What a kernel or an architecture does not have libseccomp leaves out. */
static const int allowed[] = {
	/* what is open */
	ALLOW(read), ALLOW(pread64), ALLOW(readv), ALLOW(preadv), ALLOW(write), ALLOW(pwrite64),
	ALLOW(writev), ALLOW(pwritev), ALLOW(lseek), ALLOW(_llseek), ALLOW(close),
	ALLOW(close_range), ALLOW(dup), ALLOW(dup2), ALLOW(dup3), ALLOW(fcntl), ALLOW(fcntl64),
	ALLOW(flock), ALLOW(fsync), ALLOW(fdatasync), ALLOW(ftruncate), ALLOW(ftruncate64),
	ALLOW(fallocate), ALLOW(copy_file_range), ALLOW(sendfile),
	/* files, as far as the user may */
	ALLOW(open), ALLOW(openat), ALLOW(openat2), ALLOW(open_by_handle_at), ALLOW(stat),
	ALLOW(lstat), ALLOW(fstat), ALLOW(newfstatat), ALLOW(fstatat64), ALLOW(statx),
	ALLOW(statfs), ALLOW(fstatfs), ALLOW(access), ALLOW(faccessat), ALLOW(faccessat2),
	ALLOW(readlink), ALLOW(readlinkat), ALLOW(getdents64), ALLOW(getcwd), ALLOW(mkdirat),
	ALLOW(unlink), ALLOW(unlinkat), ALLOW(rename), ALLOW(renameat), ALLOW(renameat2),
	ALLOW(linkat), ALLOW(fchmod), ALLOW(fchown), ALLOW(fsetxattr), ALLOW(fgetxattr),
	ALLOW(utimensat), ALLOW(umask),
	/* memory; that can be executed: below */
	ALLOW(brk), ALLOW(munmap), ALLOW(mremap), ALLOW(madvise), ALLOW(mincore),
	/* threads, their turn and their signals */
	ALLOW(futex), ALLOW(futex_waitv), ALLOW(set_robust_list), ALLOW(get_robust_list),
	ALLOW(rseq), ALLOW(set_tid_address), ALLOW(membarrier), ALLOW(sched_yield),
	ALLOW(sched_getaffinity), ALLOW(sched_setaffinity), ALLOW(sched_getscheduler),
	ALLOW(sched_setscheduler), ALLOW(sched_getparam), ALLOW(sched_setparam), ALLOW(getcpu),
	ALLOW(gettid), ALLOW(getpid), ALLOW(getppid), ALLOW(exit), ALLOW(exit_group),
	ALLOW(rt_sigaction), ALLOW(rt_sigprocmask), ALLOW(rt_sigreturn), ALLOW(rt_sigtimedwait),
	ALLOW(sigaltstack), ALLOW(restart_syscall), ALLOW(tgkill), ALLOW(wait4), ALLOW(waitid),
	/* waiting, and the time */
	ALLOW(poll), ALLOW(ppoll), ALLOW(select), ALLOW(pselect6), ALLOW(epoll_create1),
	ALLOW(epoll_ctl), ALLOW(epoll_wait), ALLOW(epoll_pwait), ALLOW(eventfd2),
	ALLOW(timerfd_create), ALLOW(timerfd_settime), ALLOW(timerfd_gettime), ALLOW(signalfd4),
	ALLOW(pipe2), ALLOW(nanosleep), ALLOW(clock_nanosleep), ALLOW(clock_gettime),
	ALLOW(clock_getres), ALLOW(gettimeofday), ALLOW(time), ALLOW(times),
	/* sockets that are there */
	ALLOW(accept4), ALLOW(recvfrom), ALLOW(recvmsg), ALLOW(recvmmsg), ALLOW(sendto),
	ALLOW(sendmsg), ALLOW(sendmmsg), ALLOW(shutdown), ALLOW(getsockopt), ALLOW(setsockopt),
	ALLOW(getsockname), ALLOW(getpeername),
	/* who and where one is */
	ALLOW(getuid), ALLOW(geteuid), ALLOW(getgid), ALLOW(getegid), ALLOW(getresuid),
	ALLOW(getresgid), ALLOW(getgroups), ALLOW(capget), ALLOW(uname), ALLOW(sysinfo),
	ALLOW(getrusage), ALLOW(getrandom), ALLOW(getrlimit), ALLOW(capset)
};

/* What bpf() is asked with a map's, a program's or a link's descriptor: nothing that makes one. */
static const int bpf_commands[] = { BPF_MAP_LOOKUP_ELEM,  BPF_MAP_UPDATE_ELEM,
				    BPF_MAP_DELETE_ELEM,  BPF_MAP_GET_NEXT_KEY,
				    BPF_MAP_LOOKUP_BATCH, BPF_OBJ_GET_INFO_BY_FD,
				    BPF_ITER_CREATE };

/* Of a terminal and a socket; TIOCSTI, which types into a terminal, is none of them. */
static const unsigned int requests[] = { TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO };

/* 'F' of NVIDIA's driver (nv-ioctl-numbers.h), as bits 8 to 15 of a request. */
#define NVIDIA_TYPE 0x4600
#define TYPE_MASK   0xff00

/* The low half alone is looked at by the kernel: the high one must not make a difference here. */
#define LOW 0xffffffffULL

typedef void *filter;

static void filter_release(filter *f)
{
	if (*f)
		seccomp_release(*f);
}

/* 0 also for what the architecture does not have. */
static int rule(filter f, uint32_t action, int call, unsigned int n, struct scmp_arg_cmp arg)
{
	int err = seccomp_rule_add_array(f, action, call, n, &arg);

	return err == -EDOM || err == -EFAULT ? 0 : err;
}

static int allow(filter f, int call)
{
	return rule(f, SCMP_ACT_ALLOW, call, 0, (struct scmp_arg_cmp){ 0 });
}

static int allow_if(filter f, int call, struct scmp_arg_cmp arg)
{
	return rule(f, SCMP_ACT_ALLOW, call, 1, arg);
}

/* Calls of which a part is left. */
static int allow_parts(filter f)
{
	int err = 0;

	for (size_t i = 0; i < sizeof(bpf_commands) / sizeof((bpf_commands)[0]) && !err; i++)
		err = allow_if(f, SCMP_SYS(bpf),
			       SCMP_A0(SCMP_CMP_MASKED_EQ, LOW, (uint64_t)bpf_commands[i]));
	for (size_t i = 0; i < sizeof(requests) / sizeof((requests)[0]) && !err; i++)
		err = allow_if(f, SCMP_SYS(ioctl), SCMP_A1(SCMP_CMP_MASKED_EQ, LOW, requests[i]));
	if (!err)
		err = allow_if(f, SCMP_SYS(ioctl),
			       SCMP_A1(SCMP_CMP_MASKED_EQ, TYPE_MASK, NVIDIA_TYPE));
	/* No code that was not there. */
	if (!err)
		err = allow_if(f, SCMP_SYS(mmap), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	if (!err)
		err = allow_if(f, SCMP_SYS(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
	/* Threads, by a call whose flags can be seen; nothing in a namespace of its own. */
	if (!err)
		err = allow_if(f, SCMP_SYS(clone),
			       SCMP_A0(SCMP_CMP_MASKED_EQ,
				       CLONE_THREAD | CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWNS |
					       CLONE_NEWPID,
				       CLONE_THREAD));
	if (!err)
		err = rule(f, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0,
			   (struct scmp_arg_cmp){ 0 });
	if (!err)
		err = allow_if(f, SCMP_SYS(prctl), SCMP_A0(SCMP_CMP_MASKED_EQ, LOW, PR_SET_NAME));
	/* Of itself, and only asked. */
	if (!err)
		err = rule(f, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, SCMP_A2(SCMP_CMP_EQ, 0));
	return err;
}

#ifdef __SANITIZE_ADDRESS__
static int load(filter f)
{
	(void)f;
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}
#else
static int load(filter f)
{
	int err = seccomp_attr_set(f, SCMP_FLTATR_CTL_TSYNC, 1);

	return err ? err : seccomp_load(f);
}
#endif

int filter_daemon(void)
{
	CLEANUP(filter_release) filter f = seccomp_init(SCMP_ACT_ERRNO(EPERM));
	int err = f ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(allowed) / sizeof((allowed)[0]) && !err; i++)
		err = allow(f, allowed[i]);
	if (!err)
		err = allow_parts(f);
	return err ? err : load(f);
}

int filter_no_sockets(void)
{
	static const int refused[] = {
		SCMP_SYS(socket),	  SCMP_SYS(connect), SCMP_SYS(bind),
		SCMP_SYS(io_uring_setup), SCMP_SYS(bpf),     SCMP_SYS(ptrace)
	};
	CLEANUP(filter_release) filter f = seccomp_init(SCMP_ACT_ALLOW);
	int err = f ? 0 : -ENOMEM;

	for (size_t i = 0; i < sizeof(refused) / sizeof((refused)[0]) && !err; i++)
		err = rule(f, SCMP_ACT_ERRNO(EPERM), refused[i], 0, (struct scmp_arg_cmp){ 0 });
	return err ? err : load(f);
}
