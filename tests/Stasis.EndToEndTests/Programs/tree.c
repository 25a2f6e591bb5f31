/* Four processes hand a number round: through a pipe, a socket pair, a named socket and a pipe. Each adds one; the first counts the rounds. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void get(int fd, unsigned *n) { if (read(fd, n, sizeof *n) != sizeof *n) exit(2); }
static void put(int fd, unsigned n) { if (write(fd, &n, sizeof n) != sizeof n) exit(3); }

static void hand_on(int from, int to) {
    for (unsigned n;;) {
        get(from, &n);
        put(to, n + 1);
    }
}

int main(void) {
    int first[2], pair[2], last[2];
    struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/tmp/tree.sock" };
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    if (pipe(first) || pipe(last) || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) || bind(listener, (void *)&name, sizeof name) || listen(listener, 1))
        return 1;
    if (!fork())
        hand_on(first[0], pair[0]);
    if (!fork()) {
        int connection = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(connection, (void *)&name, sizeof name))
            exit(4);
        hand_on(pair[1], connection);
    }
    if (!fork())
        hand_on(accept(listener, 0, 0), last[1]);
    for (unsigned round = 1, n = 0, expected = 0;; round++) {
        put(first[1], n);
        get(last[0], &n);
        expected += 3;
        if (n != expected) {
            printf("BROKEN: %u in place of %u\n", n, expected);
            return 5;
        }
        printf("%u\n", round);
        fflush(stdout);
        usleep(20000);
    }
}
