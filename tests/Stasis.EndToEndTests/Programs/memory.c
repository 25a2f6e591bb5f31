/* 256 MiB that no two pages of are alike. Each step compares and rewrites a sixteenth of them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { PAGES = 256 << 8, WORDS = 4096 / 8, PARTS = 16 };

static uint64_t word(uint64_t page, uint64_t generation, uint64_t i) {
    uint64_t x = page * 0x9E3779B97F4A7C15u ^ (generation + 1) * 0xBF58476D1CE4E5B9u ^ i * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static void fill(uint64_t *memory, uint64_t page, uint64_t generation) {
    for (uint64_t i = 0; i < WORDS; i++)
        memory[page * WORDS + i] = word(page, generation, i);
}

int main(void) {
    uint64_t *memory = aligned_alloc(4096, (size_t)PAGES * 4096);
    if (!memory)
        return 1;
    for (uint64_t page = 0; page < PAGES; page++)
        fill(memory, page, 0);
    for (unsigned step = 1;; step++) {
        uint64_t generation = (step - 1) / PARTS;
        for (uint64_t page = (step - 1) % PARTS; page < PAGES; page += PARTS) {
            for (uint64_t i = 0; i < WORDS; i++)
                if (memory[page * WORDS + i] != word(page, generation, i)) {
                    printf("BROKEN: page %lu in step %u\n", (unsigned long)page, step);
                    return 2;
                }
            fill(memory, page, generation + 1);
        }
        printf("%u\n", step);
        fflush(stdout);
        usleep(20000);
    }
}
