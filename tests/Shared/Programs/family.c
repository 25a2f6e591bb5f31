// Processes and threads of every kind: sessions, groups, dead, with other groups, signals, timers and priorities. Prints "ready".
#define _GNU_SOURCE
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MUST(call) do { if ((long)(call) < 0) { printf("%s: %s\n", #call, strerror(errno)); fflush(stdout); _exit(1); } } while (0)

static void nothing(int signal) { (void)signal; }

static void wait_forever(void) { for (;;) pause(); }

static void *thread(void *name) {
  sigset_t blocked;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &blocked, 0);
  prctl(PR_SET_NAME, name);
  MUST(setpriority(PRIO_PROCESS, syscall(SYS_gettid), 5));
  stack_t stack = { .ss_sp = malloc(1 << 16), .ss_size = 1 << 16 };
  MUST(sigaltstack(&stack, 0));
  struct sigevent by_thread = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
  by_thread._sigev_un._tid = syscall(SYS_gettid);
  timer_t timer;
  struct itimerspec later = { { 5000, 0 }, { 5000, 0 } };
  MUST(timer_create(CLOCK_MONOTONIC, &by_thread, &timer));
  MUST(timer_settime(timer, 0, &later, 0));
  MUST(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGUSR2));
  wait_forever();
  return 0;
}

static void threads(void) {
  pthread_t first, second;
  pthread_create(&first, 0, thread, "first");
  pthread_create(&second, 0, thread, "second");
  struct sched_param none = { 0 };
  MUST(sched_setscheduler(0, SCHED_BATCH, &none));
  wait_forever();
}

static void settings(void) {
  MUST(prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
  MUST(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
  MUST(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0));
  struct itimerval later = { { 1000, 0 }, { 1000, 0 } };
  for (int which = ITIMER_REAL; which <= ITIMER_PROF; which++) MUST(setitimer(which, &later, 0));
  struct rlimit limit = { 100, 200 };
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  struct sigaction action = { .sa_handler = nothing, .sa_flags = SA_RESTART | SA_ONSTACK };
  sigaction(SIGHUP, &action, 0);
  char *memory = mmap(0, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  memory[0] = 1;
  MUST(madvise(memory, 1 << 16, MADV_DONTFORK));
  int segment = shmget(77, 5000, 0600 | IPC_CREAT);
  strcpy(shmat(segment, 0, 0), "shared");
  umask(027);
  mkdir("/tmp/there", 0700);
  MUST(chdir("/tmp/there"));
  wait_forever();
}

static void other_groups(void) {
  gid_t groups[] = { 5, 6, 7 };
  MUST(setgroups(3, groups));
  MUST(prctl(PR_SET_PDEATHSIG, SIGTERM));
  MUST(prctl(PR_SET_KEEPCAPS, 1));
  MUST(prctl(PR_SET_DUMPABLE, 1));
  wait_forever();
}

int main(void) {
  if (fork() == 0) threads();
  if (fork() == 0) settings();
  if (fork() == 0) other_groups();
  if (fork() == 0) { setsid(); if (fork() == 0) { setpgid(0, 0); wait_forever(); } wait_forever(); }
  if (fork() == 0) _exit(3);
  sleep(1);
  puts("ready");
  fflush(stdout);
  wait_forever();
}
