/* Reserves a TiB of addresses, uses a little of it and 80 MiB besides, and checks again and again what is there. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

enum { USED = 80 << 20, PAGE = 4096 };

int main(void) {
    char *reserved = mmap(0, 1UL << 40, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *memory = malloc(USED);
    char *middle = reserved + (1UL << 39);
    if (reserved == MAP_FAILED || !memory || mprotect(middle, PAGE, PROT_READ | PROT_WRITE))
        return 1;
    *middle = 7;
    for (int i = 0; i < USED; i += PAGE)
        memory[i] = (char)(i / PAGE);
    for (unsigned n = 1;; n++) {
        for (int i = 0; i < USED; i += PAGE)
            if (memory[i] != (char)(i / PAGE))
                return 2;
        if (*middle != 7)
            return 3;
        printf("%u\n", n);
        fflush(stdout);
        usleep(50000);
    }
}
