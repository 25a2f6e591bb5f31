/* Listens on port 8000 and accepts nothing. Prints 1, 2, 3, …. */
#include <arpa/inet.h>
#include <stdio.h>
#include <unistd.h>

int main(void) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(8000) };
    if (bind(listener, (void *)&any, sizeof any) || listen(listener, 8))
        return 1;
    for (unsigned n = 1;; n++) {
        printf("%u\n", n);
        fflush(stdout);
        usleep(50000);
    }
}
