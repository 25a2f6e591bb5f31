/* Reads datagrams that come with their sender's credentials, each a while after it came. Prints 1, 2, 3, …. */
#define _GNU_SOURCE
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(void) {
    struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "/run/log" };
    int on = 1, reader = socket(AF_UNIX, SOCK_DGRAM, 0);
    unsigned n;
    if (bind(reader, (void *)&name, sizeof name) || setsockopt(reader, SOL_SOCKET, SO_PASSCRED, &on, sizeof on))
        return 1;
    if (fork() == 0) {
        int writer = socket(AF_UNIX, SOCK_DGRAM, 0);
        for (n = 1;; n++) {
            if (sendto(writer, &n, sizeof n, 0, (void *)&name, sizeof name) != sizeof n)
                return 2;
            usleep(20000);
        }
    }
    while (usleep(10000) == 0 && recv(reader, &n, sizeof n, 0) == sizeof n) {
        printf("%u\n", n);
        fflush(stdout);
    }
    return 3;
}
