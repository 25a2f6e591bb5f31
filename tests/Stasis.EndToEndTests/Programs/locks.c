/* locks hold FOLDER: takes a lock of each kind on a file of its own and keeps them. locks probe FOLDER: tries to take each, and prints who is in the way. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static int take(const char *kind, int fd) {
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
    if (!strcmp(kind, "flock"))
        return flock(fd, LOCK_EX | LOCK_NB);
    return fcntl(fd, !strcmp(kind, "posix") ? F_SETLK : F_OFD_SETLK, &whole);
}

int main(int argc, char **argv) {
    static const char *kinds[] = { "flock", "posix", "ofd" };
    if (argc != 3 || chdir(argv[2]))
        return 1;
    for (int i = 0; i < 3; i++) {
        int fd = open(kinds[i], O_RDWR | O_CREAT, 0644);
        if (fd < 0)
            return 2;
        int taken = take(kinds[i], fd);
        if (!strcmp(argv[1], "probe"))
            printf("%s %s\n", kinds[i], taken == 0 ? "free" : errno == EAGAIN || errno == EACCES ? "held" : strerror(errno));
        else if (taken)
            return 3;
    }
    if (!strcmp(argv[1], "probe"))
        return 0;
    close(open("ready", O_WRONLY | O_CREAT, 0644));
    for (;;)
        pause();
}
