/* Two processes take turns by two named POSIX semaphores, of which one has lost its name; a file without a name has got one. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int main(void) {
    char link[64];
    struct stat named, opened;
    sem_t *kept = sem_open("/kept", O_CREAT | O_EXCL, 0600, 0), *gone = sem_open("/gone", O_CREAT | O_EXCL, 0600, 0);
    if (kept == SEM_FAILED || gone == SEM_FAILED || sem_unlink("/gone"))
        return 1;
    pid_t child = fork();
    while (child == 0) {
        if (sem_wait(kept) || sem_post(gone))
            return 2;
    }
    int file = open("/tmp", O_TMPFILE | O_RDWR, 0600);
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    if (file < 0 || linkat(AT_FDCWD, link, AT_FDCWD, "/tmp/named", AT_SYMLINK_FOLLOW))
        return 3;
    for (unsigned n = 1;; n++) {
        if (sem_post(kept) || sem_wait(gone) || fstat(file, &opened) || stat("/tmp/named", &named) || named.st_ino != opened.st_ino) {
            puts("BROKEN");
            return 4;
        }
        printf("%u\n", n);
        fflush(stdout);
        usleep(50000);
    }
}
