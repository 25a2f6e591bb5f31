/*
 * Watches a folder, a folder with a space in its name, one in it, and a file with inotify. Again and again changes something in each of
 * them, waits until it is told so, and prints a number. Prints BROKEN if it is told of another.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *watched[] = {"/watched", "/a folder", "/a folder/in it", "/watched/file"};
static const char *changed[] = {"/watched/x", "/a folder/x", "/a folder/in it/x", "/watched/file"};

int main(void) {
    int watches[4], inotify = inotify_init1(0);
    setvbuf(stdout, NULL, _IOLBF, 0);
    for (int i = 0; i < 3; i++)
        mkdir(watched[i], 0755);
    close(open("/watched/file", O_CREAT | O_WRONLY, 0644));
    for (int i = 0; i < 4; i++)
        if ((watches[i] = inotify_add_watch(inotify, watched[i], i == 3 ? IN_ATTRIB : IN_CREATE)) < 0)
            return 1;
    for (unsigned count = 1;; count++) {
        for (int i = 0; i < 4; i++) {
            union {
                struct inotify_event event;
                char bytes[4096];
            } told;
            if (i < 3)
                close(open(changed[i], O_CREAT | O_EXCL | O_WRONLY, 0644));
            else if (fchmodat(AT_FDCWD, changed[i], 0600 + count % 2, 0))
                return 1;
            if (read(inotify, &told, sizeof told) < (long)sizeof told.event || told.event.wd != watches[i])
                printf("BROKEN %s\n", watched[i]);
            if (i < 3)
                unlink(changed[i]);
        }
        printf("%u\n", count);
        usleep(100 * 1000);
    }
}
