/* Writes a file of so many MiB, deletes it, and checks again and again what it holds; the end is a hole of a GiB. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static unsigned char block[1 << 20];

int main(int argc, char **argv) {
    int size = argc > 1 ? atoi(argv[1]) : 3, file = open("/tmp/deleted", O_RDWR | O_CREAT, 0600);
    for (int i = 0; i < size; i++) {
        block[0] = (unsigned char)i;
        block[sizeof block - 1] = (unsigned char)(i * 7);
        if (write(file, block, sizeof block) != sizeof block)
            return 1;
    }
    if (ftruncate(file, ((off_t)size << 20) + (1 << 30)) || unlink("/tmp/deleted"))
        return 2;
    for (unsigned n = 1;; n++) {
        for (int i = 0; i < size; i++)
            if (pread(file, block, sizeof block, (off_t)i << 20) != sizeof block || block[0] != (unsigned char)i ||
                block[sizeof block - 1] != (unsigned char)(i * 7))
                return 3;
        printf("%u\n", n);
        fflush(stdout);
        usleep(50000);
    }
}
