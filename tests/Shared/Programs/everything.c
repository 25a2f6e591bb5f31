// Holds one of everything that CRIU has an image for, so that a checkpoint of it has all of them. Prints "ready" when it does.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define MUST(call) do { if ((long)(call) < 0) { printf("%s: %s\n", #call, strerror(errno)); fflush(stdout); exit(1); } } while (0)

static void nothing(int signal) { (void)signal; }

static void *wait_forever(void *unused) {
  for (;;) pause();
  return unused;
}

static void sockets(void) {
  struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/tmp/listening" };
  int listening = socket(AF_UNIX, SOCK_STREAM, 0), connected = socket(AF_UNIX, SOCK_STREAM, 0), hidden = socket(AF_UNIX, SOCK_DGRAM, 0), pair[2];
  MUST(bind(listening, (void *)&name, sizeof name));
  MUST(listen(listening, 5));
  MUST(connect(connected, (void *)&name, sizeof name));
  MUST(accept(listening, 0, 0));
  MUST(write(connected, "queued", 6));
  struct sockaddr_un abstract = { .sun_family = AF_UNIX, .sun_path = "\0abstract" };
  MUST(bind(hidden, (void *)&abstract, 11));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  char control[CMSG_SPACE(sizeof(int))];
  struct iovec text = { "x", 1 };
  struct msghdr message = { .msg_iov = &text, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  int passed = open("/etc/passwd", O_RDONLY);
  memcpy(CMSG_DATA(header), &passed, sizeof passed);
  MUST(sendmsg(pair[0], &message, 0));
  close(passed);
  struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(4444), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int stream = socket(AF_INET, SOCK_STREAM, 0), datagram = socket(AF_INET, SOCK_DGRAM, 0), link = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
  MUST(bind(stream, (void *)&address, sizeof address));
  MUST(listen(stream, 3));
  MUST(bind(datagram, (void *)&address, sizeof address));
  struct sockaddr_nl any = { .nl_family = AF_NETLINK };
  MUST(bind(link, (void *)&any, sizeof any));
}

static void events(void) {
  int events = epoll_create1(0), counter = eventfd(3, 0);
  struct epoll_event wanted = { .events = EPOLLIN, .data.u64 = 7 };
  MUST(epoll_ctl(events, EPOLL_CTL_ADD, counter, &wanted));
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGUSR2);
  MUST(signalfd(-1, &signals, 0));
  struct itimerspec every = { { 5000, 0 }, { 5000, 0 } };
  int timer = timerfd_create(CLOCK_MONOTONIC, 0);
  MUST(timerfd_settime(timer, 0, &every, 0));
  MUST(inotify_add_watch(inotify_init(), "/dev", IN_CREATE));
  signal(SIGUSR1, nothing);
  struct itimerval later = { { 1000, 0 }, { 1000, 0 } };
  signal(SIGALRM, nothing);
  MUST(setitimer(ITIMER_REAL, &later, 0));
  timer_t posix;
  struct sigevent by_signal = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
  MUST(timer_create(CLOCK_MONOTONIC, &by_signal, &posix));
  MUST(timer_settime(posix, 0, &every, 0));
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, 0);
  kill(getpid(), SIGUSR1);
}

static void memory(void) {
  int fd = memfd_create("memo", MFD_ALLOW_SEALING);
  MUST(ftruncate(fd, 8192));
  MUST(write(fd, "hey", 3));
  mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  strcpy(mmap(0, 16384, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0), "shared");
  int segment = shmget(IPC_PRIVATE, 5000, 0600 | IPC_CREAT), queue = msgget(4321, 0600 | IPC_CREAT);
  strcpy(shmat(segment, 0, 0), "sysv");
  MUST(shmget(5678, 5000, 0600 | IPC_CREAT));
  MUST(semget(1234, 3, 0600 | IPC_CREAT));
  struct { long type; char text[10]; } message = { 1, "hello" };
  MUST(msgsnd(queue, &message, 6, 0));
  int mapped = open("/tmp/mapped", O_RDWR | O_CREAT, 0600);
  MUST(ftruncate(mapped, 4096));
  *(char *)mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0) = 1;
}

static void files(void) {
  int deleted = open("/tmp/deleted", O_RDWR | O_CREAT, 0600), locked = open("/tmp/locked", O_RDWR | O_CREAT, 0600);
  MUST(write(deleted, "abc", 3));
  unlink("/tmp/deleted");
  MUST(flock(locked, LOCK_EX));
  MUST(mkfifo("/tmp/fifo", 0600));
  int fifo = open("/tmp/fifo", O_RDWR), ends[2];
  MUST(write(fifo, "fifo", 4));
  MUST(pipe(ends));
  MUST(write(ends[1], "pipe", 4));
  int terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
  grantpt(terminal);
  unlockpt(terminal);
  MUST(open(ptsname(terminal), O_RDWR | O_NOCTTY));
  MUST(write(terminal, "typed", 5));
  MUST(open("/etc", O_RDONLY | O_DIRECTORY));
  MUST(open("/proc/self/ns/net", O_RDONLY));
}

int main(void) {
  files();
  sockets();
  events();
  memory();
  if (fork() == 0) { // a process with a filter of its own
    struct sock_filter filter[] = { { 0x20, 0, 0, 0 }, { 0x15, 0, 1, 500 }, { 0x06, 0, 0, 0x50001 }, { 0x06, 0, 0, 0x7fff0000 } };
    struct sock_fprog program = { 4, filter };
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
    wait_forever(0);
  }
  if (fork() == 0) { // threads
    pthread_t thread;
    for (int i = 0; i < 2; i++) pthread_create(&thread, 0, wait_forever, 0);
    wait_forever(0);
  }
  if (fork() == 0) { setsid(); wait_forever(0); } // a session
  if (fork() == 0) _exit(3); // a zombie
  sleep(1);
  puts("ready");
  fflush(stdout);
  wait_forever(0);
}
