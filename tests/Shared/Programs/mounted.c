// Files of every kind in a volume, a tmpfs, the root file system and /proc: open, mapped, deleted, locked and watched. Prints "ready".
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fanotify.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MUST(call) do { if ((long)(call) < 0) { printf("%s: %s\n", #call, strerror(errno)); fflush(stdout); _exit(1); } } while (0)

static int make(const char *path, const char *text) {
  int fd = open(path, O_RDWR | O_CREAT | O_APPEND, 0640);
  MUST(fd);
  MUST(write(fd, text, strlen(text)));
  return fd;
}

static void fill(const char *folder) {
  MUST(chdir(folder));
  make("file", "some text");
  make("deleted", "deleted text");
  MUST(unlink("deleted"));
  MUST(ftruncate(make("holes", "text"), 1 << 20));
  MUST(unlink("holes"));
  close(make("linked", "other name"));
  int mapped = make("mapped", "mapped text");
  MUST(ftruncate(mapped, 8192));
  char *memory = mmap(0, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0);
  memory[0] = 'M';
  MUST(mkdir("folder", 0750));
  MUST(open("folder", O_RDONLY | O_DIRECTORY));
  MUST(mkdir("gone", 0700));
  MUST(open("gone", O_RDONLY | O_DIRECTORY));
  MUST(rmdir("gone"));
  MUST(symlink("file", "symlink"));
  MUST(open("symlink", O_PATH | O_NOFOLLOW));
  MUST(mkfifo("fifo", 0600));
  int fifo = open("fifo", O_RDWR);
  MUST(write(fifo, "in it", 5));
}

static void locks(void) {
  int held = make("/vol/locked", "locked"), flocked = make("/vol/flocked", "locked"), opened = make("/vol/opened", "locked");
  struct flock whole = { .l_type = F_WRLCK, .l_start = 1, .l_len = 3 };
  MUST(fcntl(held, F_SETLK, &whole));
  MUST(flock(flocked, LOCK_SH));
  MUST(fcntl(opened, F_OFD_SETLK, &whole));
  close(make("/vol/leased", "leased"));
  int leased = open("/vol/leased", O_RDONLY);
  MUST(leased);
  MUST(fcntl(leased, F_SETLEASE, F_RDLCK));
}

static void kernel(void) {
  MUST(open("/proc/self/stat", O_RDONLY));
  MUST(open("/proc/meminfo", O_RDONLY));
  MUST(open("/proc/self/mem", O_RDONLY));
  MUST(open("/sys/kernel/mm", O_RDONLY | O_DIRECTORY));
  MUST(open("/dev/null", O_RDWR));
  int watch = inotify_init1(IN_NONBLOCK);
  MUST(inotify_add_watch(watch, "/scratch/folder", IN_CREATE | IN_DELETE));
  int marks = fanotify_init(FAN_CLASS_NOTIF | FAN_NONBLOCK, O_RDONLY);
  MUST(marks);
  MUST(fanotify_mark(marks, FAN_MARK_ADD, FAN_OPEN, AT_FDCWD, "/scratch/folder"));
  MUST(fanotify_mark(marks, FAN_MARK_ADD | FAN_MARK_MOUNT, FAN_CLOSE_WRITE, AT_FDCWD, "/scratch"));
}

static void in_another_root(void) {
  MUST(mkdir("/tmp/root", 0755));
  MUST(chroot("/tmp/root"));
  MUST(chdir("/"));
  for (;;) pause();
}

int main(void) {
  fill("/vol");
  fill("/scratch");
  fill("/tmp");
  locks();
  if (fork() == 0) in_another_root();
  kernel(); // not before: only the process itself may have its memory open
  char path[64];
  int dead = fork();
  if (dead == 0) for (;;) pause();
  snprintf(path, sizeof path, "/proc/%d", dead);
  MUST(open(path, O_RDONLY | O_DIRECTORY));
  kill(dead, SIGKILL);
  waitpid(dead, 0, 0);
  if (access("/var", W_OK) == 0) MUST(chdir("/var"));
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
