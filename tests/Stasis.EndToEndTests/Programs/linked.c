/* Counts in a file that it has open and mapped under a name that it has deleted. The file has another one, PATH.other. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

int main(int argc, char **argv) {
    char other[4096];
    const char *path = argc > 1 ? argv[1] : "/tmp/linked";
    int file = open(path, O_RDWR | O_CREAT | O_EXCL, 0640);
    snprintf(other, sizeof other, "%s.other", path);
    if (file < 0 || ftruncate(file, 4096) || link(path, other) || unlink(path))
        return 1;
    volatile unsigned *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mapped == MAP_FAILED)
        return 2;
    for (unsigned n = 1;; n++) {
        struct stat open_one, other_one;
        unsigned last = 0;
        if (fstat(file, &open_one) || stat(other, &other_one) || open_one.st_ino != other_one.st_ino || !access(path, F_OK) || pread(file, &last, sizeof last, 0) != sizeof last || last != n - 1 || *mapped != last) {
            printf("BROKEN: %u, file %u, mapped %u, %s\n", n, last, *mapped, access(path, F_OK) ? "deleted" : "there");
            return 3;
        }
        *mapped = n;
        printf("%u\n", n);
        fflush(stdout);
        usleep(50000);
    }
}
