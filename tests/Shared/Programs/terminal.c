// Terminals: the container's own, the controlling one by its other name, and pairs with all kinds of settings. Prints "ready".
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#define MUST(call) do { if ((long)(call) < 0) { printf("%s: %s\n", #call, strerror(errno)); fflush(stdout); _exit(1); } } while (0)

static int pair(const char *text) {
  int terminal = open("/dev/ptmx", O_RDWR | O_NOCTTY);
  MUST(terminal);
  MUST(unlockpt(terminal));
  int other = open(ptsname(terminal), O_RDWR | O_NOCTTY);
  MUST(other);
  MUST(write(terminal, text, strlen(text)));
  struct winsize size = { 30, 100, 1, 2 };
  MUST(ioctl(terminal, TIOCSWINSZ, &size));
  return other;
}

int main(void) {
  MUST(open("/dev/tty", O_RDWR));
  int first = pair("typed\n"), second = pair("more");
  struct termios raw;
  MUST(tcgetattr(second, &raw));
  cfmakeraw(&raw);
  MUST(tcsetattr(second, TCSANOW, &raw));
  int exclusive = 1;
  MUST(ioctl(first, TIOCEXCL, &exclusive));
  if (fork() == 0) {
    setsid();
    MUST(ioctl(second, TIOCSCTTY, 0));
    if (fork() == 0) { MUST(setpgid(0, 0)); for (;;) pause(); }
    for (;;) pause();
  }
  usleep(100000);
  puts("ready");
  fflush(stdout);
  for (;;) pause();
}
