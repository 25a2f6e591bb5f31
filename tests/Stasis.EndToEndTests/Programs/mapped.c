/*
 * Makes the file argv[1] and two views of it: the parent maps it, opened to be read only, and shares it; a child has it
 * open to be written. The child writes a number each 50 ms and tells the parent, which prints "same N" if its view shows
 * that number or a later one, "BEHIND N" if not. With an argv[2], the child opens the file anew for each number: in between, nobody has
 * it open to be written.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

static void show(const char *path, int told) {
  int file = open(path, O_RDONLY);
  volatile uint64_t *view = mmap(0, 4096, PROT_READ, MAP_SHARED, file, 0);
  if (view == MAP_FAILED) exit(2);
  uint64_t number;
  while (read(told, &number, sizeof number) == sizeof number) {
    printf("%s %lu\n", *view >= number ? "same" : "BEHIND", number);
    fflush(stdout);
  }
  exit(0);
}

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "/mapped";
  int written = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644), pipes[2];
  if (written < 0 || ftruncate(written, 4096) != 0 || pipe(pipes) != 0) return 2;
  if (fork() != 0) {
    close(pipes[1]);
    close(written);
    show(path, pipes[0]);
  }
  if (argc > 2) close(written);
  for (uint64_t number = 1;; number++) {
    if (argc > 2 && (written = open(path, O_WRONLY)) < 0) return 4;
    if (pwrite(written, &number, sizeof number, 0) != sizeof number || write(pipes[1], &number, sizeof number) != sizeof number) return 3;
    if (argc > 2) close(written);
    usleep(50000);
  }
}
