/* Counts, a line each 20 ms. */
#include <stdio.h>
#include <unistd.h>

int main(void) {
    for (unsigned i = 1;; i++) {
        printf("%u\n", i);
        fflush(stdout);
        usleep(20000);
    }
}
