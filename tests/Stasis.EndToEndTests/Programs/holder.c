// holder KIND: holds what a checkpoint can't hold, or holds only with an option; prints "ready".
#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/if_alg.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <linux/vm_sockets.h>
#include <mqueue.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int need(int result, const char *what)
{
    if (result < 0)
        err(77, "%s", what); // 77: this kernel has no such thing
    return result;
}

static void ready(void)
{
    puts("ready");
    fflush(stdout);
}

static void io_uring(void)
{
    struct io_uring_params params = {0};
    need(syscall(SYS_io_uring_setup, 4, &params), "io_uring_setup");
}

static void perf_event(void)
{
    struct perf_event_attr attr = {.type = PERF_TYPE_SOFTWARE, .size = sizeof attr, .config = PERF_COUNT_SW_CPU_CLOCK, .exclude_kernel = 1};
    need(syscall(SYS_perf_event_open, &attr, 0, -1, -1, 0), "perf_event_open");
}

static void userfault(void) { need(syscall(SYS_userfaultfd, 1 /* UFFD_USER_MODE_ONLY */), "userfaultfd"); }

static void bpf(void)
{
    struct bpf_insn code[] = {{.code = BPF_ALU64 | BPF_MOV | BPF_K}, {.code = BPF_JMP | BPF_EXIT}};
    union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_SOCKET_FILTER};
    attr.insns = (unsigned long)code;
    attr.insn_cnt = 2;
    attr.license = (unsigned long)"GPL";
    need(syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof attr), "bpf");
}

static void seccomp_listener(void)
{
    struct sock_filter allow = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {1, &allow};
    need(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
    need(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program), "seccomp");
}

static void queue(int closes)
{
    mqd_t queue = mq_open("/held", O_RDWR | O_CREAT, 0600, NULL);
    need(queue, "mq_open");
    if (closes)
        mq_close(queue);
}

static void secret(void)
{
    int file = need(syscall(447 /* memfd_secret */, 0), "memfd_secret");
    need(ftruncate(file, 4096), "ftruncate");
}

static void lock(void)
{
    int file = need(open("/tmp/locked", O_RDWR | O_CREAT, 0600), "open");
    need(flock(file, LOCK_EX), "flock");
}

static void deleted(int links)
{
    int file = need(open("/tmp/first", O_RDWR | O_CREAT, 0600), "open");
    need(write(file, "content", 7), "write");
    if (links > 1)
        need(link("/tmp/first", "/tmp/second"), "link");
    need(unlink("/tmp/first"), "unlink");
}

static void connection(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int server = need(socket(AF_INET, SOCK_STREAM, 0), "socket"), client = need(socket(AF_INET, SOCK_STREAM, 0), "socket");
    need(bind(server, (void *)&address, length), "bind");
    need(listen(server, 1), "listen");
    need(getsockname(server, (void *)&address, &length), "getsockname");
    need(connect(client, (void *)&address, length), "connect");
    need(accept(server, NULL, NULL), "accept");
}

static void traced(void)
{
    pid_t child = fork();
    if (child == 0)
    {
        pause();
        _exit(0);
    }
    need(ptrace(PTRACE_SEIZE, child, 0, 0), "ptrace");
}

static void stopped(void)
{
    if (fork() == 0)
    {
        raise(SIGSTOP);
        _exit(0);
    }
    need(waitpid(-1, NULL, WUNTRACED), "waitpid");
}

static void nested(int flag)
{
    int ends[2];
    char byte;
    need(pipe(ends), "pipe");
    if (fork() == 0)
    {
        need(unshare(flag), "unshare");
        if (flag == CLONE_NEWPID && fork() > 0)
            pause();
        write(ends[1], "", 1);
        pause();
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) != 1)
        exit(77);
}

static void *announce(void *unused)
{
    usleep(200000); // until the main thread has ended
    ready();
    pause();
    return unused;
}

static void no_main_thread(void)
{
    pthread_t thread;
    if (fork() == 0)
    {
        pthread_create(&thread, NULL, announce, NULL);
        pthread_exit(NULL);
    }
    pause();
}

static void peer(void)
{
    struct sockaddr_un address = {AF_UNIX, "/outside/socket"};
    int client = need(socket(AF_UNIX, SOCK_STREAM, 0), "socket");
    need(connect(client, (void *)&address, sizeof address), "connect");
}

static void watch(void) { need(inotify_add_watch(need(inotify_init(), "inotify_init"), "/bin", IN_CREATE), "inotify_add_watch"); }

static void device(const char *path) { need(open(path, O_RDWR), path); }

static void mounted(void)
{
    mkdir("/mounted", 0700);
    need(mount("none", "/mounted", "ramfs", 0, NULL), "mount");
}

static void overmounted(void)
{
    mkdir("/mounted", 0700);
    need(mount("none", "/mounted", "tmpfs", 0, NULL), "mount");
    need(open("/mounted/file", O_RDWR | O_CREAT, 0600), "open");
    need(mount("none", "/mounted", "tmpfs", 0, NULL), "mount");
}

static void rooted(void)
{
    if (fork() == 0)
    {
        need(chroot("/tmp"), "chroot");
        pause();
    }
}

static void pidfd(pid_t pid) { need(syscall(SYS_pidfd_open, pid, 0), "pidfd_open"); }

static void segment(void)
{
    int id = need(shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600), "shmget");
    void *memory = shmat(id, NULL, 0);
    need(memory == (void *)-1 ? -1 : 0, "shmat");
    memset(memory, 1, 4096);
    need(shmctl(id, IPC_RMID, NULL), "shmctl");
}

int main(int count, char **arguments)
{
    const char *kind = count > 1 ? arguments[1] : "";
#define IS(name) (strcmp(kind, name) == 0)
    if (IS("io-uring")) io_uring();
    else if (IS("perf-event")) perf_event();
    else if (IS("userfaultfd")) userfault();
    else if (IS("bpf")) bpf();
    else if (IS("seccomp-notify")) seccomp_listener();
    else if (IS("queue")) queue(0);
    else if (IS("closed-queue")) queue(1);
    else if (IS("secret")) secret();
    else if (IS("lock")) lock();
    else if (IS("deleted")) deleted(1);
    else if (IS("linked")) deleted(2);
    else if (IS("connection")) connection();
    else if (IS("traced")) traced();
    else if (IS("stopped")) stopped();
    else if (IS("pid-namespace")) nested(CLONE_NEWPID);
    else if (IS("user-namespace")) nested(CLONE_NEWUSER);
    else if (IS("ipc-namespace")) nested(CLONE_NEWIPC);
    else if (IS("mount-namespace")) nested(CLONE_NEWNS);
    else if (IS("network-namespace")) nested(CLONE_NEWNET);
    else if (IS("no-main-thread")) no_main_thread();
    else if (IS("peer")) peer();
    else if (IS("watch")) watch();
    else if (IS("device")) device(arguments[2]);
    else if (IS("mount")) mounted();
    else if (IS("overmounted")) overmounted();
    else if (IS("chroot")) rooted();
    else if (IS("pidfd")) pidfd(getpid());
    else if (IS("segment")) segment();
    else if (IS("sctp")) need(socket(AF_INET, SOCK_STREAM, IPPROTO_SCTP), "socket");
    else if (IS("mptcp")) need(socket(AF_INET, SOCK_STREAM, 262), "socket");
    else if (IS("vsock")) need(socket(AF_VSOCK, SOCK_STREAM, 0), "socket");
    else if (IS("alg")) need(socket(AF_ALG, SOCK_SEQPACKET, 0), "socket");
    else if (IS("raw")) need(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), "socket");
    else if (IS("ping")) need(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP), "socket");
    else if (IS("packet")) need(socket(AF_PACKET, SOCK_RAW, 0), "socket");
    else if (IS("netlink")) need(socket(AF_NETLINK, SOCK_RAW, 0), "socket");
    else if (!IS("nothing")) errx(64, "%s: no such kind", kind);
    if (!IS("no-main-thread"))
        ready();
    for (;;)
        pause();
}
