// Fills argv[1] MiB, each page half with noise and half with zeros, so that it compresses to one half. Then prints a number every 5 ms, and
// touches another page each time: what it prints shows that it runs, and the gaps between its lines for how long it didn't.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { page = 4096 };

int main(int argc, char **argv) {
  size_t pages = (size_t)atoi(argc > 1 ? argv[1] : "16") << 8;
  char *memory = calloc(pages, page);
  if (!memory) return 2;
  uint64_t noise = 88172645463325252u;
  for (size_t i = 0; i < pages; i++) {
    uint64_t *words = (uint64_t *)(memory + i * page);
    for (size_t j = 0; j < page / 16; j++) {
      noise ^= noise << 13, noise ^= noise >> 7, noise ^= noise << 17;
      words[j] = noise;
    }
  }
  for (size_t round = 1;; round++) {
    volatile char touched = memory[round * 7919 % pages * page];
    (void)touched;
    printf("%zu\n", round);
    fflush(stdout);
    usleep(5000);
  }
}
