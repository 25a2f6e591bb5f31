/*
 * unixname HOW PATH: binds a socket to PATH.first, gives it the name PATH, and tells each client how many have come.
 * HOW is link (as supervisord does), rename, or both, which leaves the first name; after "relative-", the names are relative.
 * unixname ask PATH: prints what it is told, and ends. unixname hold PATH: stays connected.
 */
#include <libgen.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_un address(const char *path) {
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    snprintf(a.sun_path, sizeof a.sun_path, "%s", path);
    return a;
}

static int serve(const char *how, char *path) {
    char first[4096], text[32], folder[4096];
    if (!strncmp(how, "relative-", 9)) {
        snprintf(folder, sizeof folder, "%s", path);
        if (chdir(dirname(folder)))
            return 1;
        path = basename(path);
        how += 9;
    }
    snprintf(first, sizeof first, "%s.first", path);
    struct sockaddr_un a = address(first);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(path);
    if (bind(listener, (struct sockaddr *)&a, sizeof a) || (strcmp(how, "rename") ? link(first, path) : rename(first, path)) ||
        (!strcmp(how, "link") && unlink(first)) || listen(listener, 8))
        return 2;
    for (int n = 1;; n++) {
        int client = accept(listener, NULL, NULL);
        int length = snprintf(text, sizeof text, "%d\n", n);
        if (client < 0 || write(client, text, length) != length)
            return 3;
        if (n != 1)
            close(client); /* the first one stays connected */
    }
}

int main(int argc, char **argv) {
    char text[32];
    if (argc != 3)
        return 9;
    if (strcmp(argv[1], "ask") && strcmp(argv[1], "hold"))
        return serve(argv[1], argv[2]);
    struct sockaddr_un a = address(argv[2]);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&a, sizeof a))
        return 4;
    ssize_t length = read(client, text, sizeof text);
    if (length <= 0 || write(1, text, length) != length)
        return 5;
    if (!strcmp(argv[1], "hold"))
        pause();
    return 0;
}
