// Fills argv[1] MiB with a pattern, then checks a part of it again and again: prints a number for each check, and ends if a byte is wrong.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static uint64_t pattern(size_t i) { return i * 0x9E3779B97F4A7C15u ^ i >> 7; }

int main(int argc, char **argv) {
  size_t words = (size_t)atoi(argc > 1 ? argv[1] : "16") << 17;
  uint64_t *memory = malloc(words * 8);
  if (!memory) return 2;
  for (size_t i = 0; i < words; i++) memory[i] = pattern(i);
  for (size_t round = 1;; round++) {
    for (size_t i = round % 512; i < words; i += 512)
      if (memory[i] != pattern(i)) {
        printf("wrong at %zu\n", i);
        return 1;
      }
    printf("%zu\n", round);
    fflush(stdout);
    usleep(100000);
  }
}
