/* What hostile archives are made of: two processes and an open file. It writes wherever an attack may have put a folder of the host, and
 * prints a number each time. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    static const char *const folders[] = { "/mnt", "/tt", "/vol", "/dev/shm" };
    char path[64];
    int fd;
    if (open("/tmp/open", O_RDWR | O_CREAT, 0600) < 0) return 1;
    if (fork() == 0)
        for (;;) pause();
    for (unsigned i = 1;; i++) {
        for (unsigned j = 0; j < sizeof folders / sizeof *folders; j++) {
            snprintf(path, sizeof path, "%s/written", folders[j]);
            if ((fd = open(path, O_WRONLY | O_CREAT, 0644)) >= 0) close(fd);
        }
        /* CRIU doesn't dump a message queue: this file is there only when the folder is another one. */
        if ((fd = open("/dev/mqueue/file", O_WRONLY | O_TRUNC)) >= 0) close(fd);
        printf("%u\n", i);
        fflush(stdout);
        usleep(20000);
    }
}
