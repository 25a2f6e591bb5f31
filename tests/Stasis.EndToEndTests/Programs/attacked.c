/* What hostile archives are made of: two processes and an open file. It writes wherever an attack may have put a folder of the host, and
 * prints a number each time. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    static const char *const files[] = { "/mnt/written", "/tt/written", "/vol/written", "/dev/mqueue/written", "/dev/shm/written" };
    if (open("/tmp/open", O_RDWR | O_CREAT, 0600) < 0) return 1;
    if (fork() == 0)
        for (;;) pause();
    for (unsigned i = 1;; i++) {
        for (unsigned j = 0; j < sizeof files / sizeof *files; j++) {
            int fd = open(files[j], O_WRONLY | O_CREAT, 0644);
            if (fd >= 0) close(fd);
        }
        printf("%u\n", i);
        fflush(stdout);
        usleep(20000);
    }
}
