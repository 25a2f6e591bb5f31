/*
 * lazy MIB [REST_MIB]    lazy MIB idle
 *
 * Fills MIB of memory, prints "filled", and doesn't touch them any more until it has been restored (it is another process then, which has begun later). Then it does at once all that
 * changes memory behind the back of who supplies it: forks children that check all they inherit, discards (MADV_DONTNEED), moves (mremap), unmaps and maps anew, and checks what
 * it should find. REST_MIB of the memory are only checked meanwhile, by a thread, and aren't inherited by the children. Prints "whole" if every byte was right, "WRONG ..." if one
 * wasn't. With "idle" it does none of that. Goes on printing a line each 100 ms.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, WORDS = PAGE / 8, BLOCK = 64 * PAGE, CHILDREN = 4 };

static size_t size, rest_size;                            /* of each of the four regions; of the fifth */
static char *kept, *discarded, *moved, *unmapped, *rest;  /* kept and rest are never changed */

static uint64_t pattern(size_t page, size_t word) { return (page * 0x9E3779B97F4A7C15u ^ word * 0xC2B2AE3D27D4EB4Fu) | 1; }

static void wrong(const char *where, size_t page) {
  printf("WRONG %s, page %zu\n", where, page);
  fflush(stdout);
  _exit(1);
}

static char *region(size_t size) {
  char *memory = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) exit(2);
  for (size_t page = 0; page < size / PAGE; page++)
    for (size_t word = 0; word < WORDS; word++) ((uint64_t *)memory)[page * WORDS + word] = pattern(page, word);
  /* A page that the next region doesn't follow: each stays a mapping of its own. */
  mmap(0, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory;
}

static void check(const char *where, const char *memory, size_t first, size_t count) {
  for (size_t page = first; page < first + count; page++)
    for (size_t word = 0; word < WORDS; word++)
      if (((const uint64_t *)memory)[(page - first) * WORDS + word] != pattern(page, word)) wrong(where, page);
}

static void check_zero(const char *where, const char *memory, size_t bytes) {
  for (size_t word = 0; word < bytes / 8; word++)
    if (((const uint64_t *)memory)[word] != 0) wrong(where, word / WORDS);
}

static void *discard(void *unused) {
  for (size_t at = 0; at < size; at += BLOCK) {
    check("before it was discarded", discarded + at, at / PAGE, 1);
    if (madvise(discarded + at, BLOCK, MADV_DONTNEED)) wrong("madvise", at / PAGE);
    check_zero("discarded", discarded + at, BLOCK);
    if (at / BLOCK % 2) memset(discarded + at, 0x55, BLOCK);
  }
  return unused;
}

static void *move(void *unused) {
  char *elsewhere = mmap(0, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (size_t at = 0; at < size; at += BLOCK) {
    /* Twice, the second time into another order; and every other block is looked at on the way. */
    char *there = elsewhere + (size - BLOCK - at);
    if (mremap(moved + at, BLOCK, BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, there) != there) wrong("mremap", at / PAGE);
    if (at / BLOCK % 2) check("moved", there, at / PAGE, BLOCK / PAGE);
  }
  for (size_t at = 0; at < size; at += BLOCK) {
    char *there = elsewhere + (size - BLOCK - at);
    if (mremap(there, BLOCK, BLOCK, MREMAP_MAYMOVE | MREMAP_FIXED, moved + at) != moved + at) wrong("mremap back", at / PAGE);
    check("moved back", moved + at, at / PAGE, BLOCK / PAGE);
  }
  return unused;
}

static void *unmap(void *unused) {
  for (size_t at = 0; at < size; at += BLOCK) {
    if (munmap(unmapped + at, BLOCK)) wrong("munmap", at / PAGE);
    if (mmap(unmapped + at, BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != unmapped + at) wrong("mmap", at / PAGE);
    check_zero("mapped anew", unmapped + at, BLOCK);
  }
  return unused;
}

static void *look(void *unused) {
  check("rest", rest, 0, rest_size / PAGE);
  return unused;
}

/* The last child forks once more. */
static pid_t child(int number) {
  pid_t pid = fork();
  if (pid != 0) return pid;
  pid_t grandchild = number == CHILDREN - 1 ? child(0) : 0;
  if (grandchild < 0) wrong("fork", 0);
  size_t part = size / PAGE / CHILDREN;
  for (int i = 0; i < CHILDREN; i++) {
    size_t first = part * ((i + number) % CHILDREN);
    check("inherited", kept + first * PAGE, first, part);
  }
  int status = 0;
  if (grandchild > 0 && (waitpid(grandchild, &status, 0) != grandchild || status != 0)) wrong("grandchild", 0);
  _exit(0);
}

static void work(void) {
  pid_t children[CHILDREN];
  pthread_t threads[4];
  children[0] = child(0);
  pthread_create(&threads[0], 0, discard, 0);
  pthread_create(&threads[1], 0, move, 0);
  pthread_create(&threads[2], 0, unmap, 0);
  pthread_create(&threads[3], 0, look, 0);
  for (int i = 1; i < CHILDREN; i++) children[i] = child(i);
  check("kept", kept, 0, size / PAGE);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], 0);
  for (size_t at = 0; at < size; at += BLOCK) {
    if (at / BLOCK % 2 == 0) check_zero("discarded before", discarded + at, BLOCK);
    else if (discarded[at] != 0x55 || discarded[at + BLOCK - 1] != 0x55) wrong("written after it was discarded", at / PAGE);
    check_zero("mapped anew before", unmapped + at, BLOCK);
  }
  for (int i = 0; i < CHILDREN; i++) {
    int status;
    if (waitpid(children[i], &status, 0) != children[i] || status != 0) wrong("child", i);
  }
  printf("whole\n");
}

/* When this process began, in clock ticks since the machine was started (proc_pid_stat(5), field 22). A namespace's number wouldn't do: it is given out again. */
static unsigned long long life(void) {
  char text[1024];
  FILE *file = fopen("/proc/self/stat", "r");
  if (!file) exit(2);
  setvbuf(file, 0, _IONBF, 0);
  size_t length = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  text[length] = 0;
  char *field = strrchr(text, ')');
  for (int number = 2; field && number < 22; number++) field = strchr(field + 1, ' ');
  if (!field) exit(2);
  return strtoull(field, 0, 10);
}

int main(int argc, char **argv) {
  int idle = argc > 2 && strcmp(argv[2], "idle") == 0;
  rest_size = argc > 2 && !idle ? (size_t)atoi(argv[2]) << 20 : 0;
  size = (((size_t)atoi(argc > 1 ? argv[1] : "16") << 20) - rest_size) / 4 / BLOCK * BLOCK;
  kept = region(size);
  discarded = region(size);
  moved = region(size);
  unmapped = region(size);
  if (rest_size > 0) {
    rest = region(rest_size);
    if (madvise(rest, rest_size, MADV_DONTFORK)) exit(2);
  }
  unsigned long long first = life();
  printf("filled\n");
  fflush(stdout);
  while (life() == first) usleep(10000);
  printf("restored\n");
  fflush(stdout);
  if (!idle) work();
  for (;;) {
    printf("alive\n");
    fflush(stdout);
    usleep(100000);
  }
}
