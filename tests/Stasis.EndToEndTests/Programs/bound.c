/*
 * Has sockets that are bound to the container's own addresses, IPv4 and IPv6: one that listens, and one of UDP that is connected to
 * itself. Again and again sends itself a datagram and connects to itself, and prints a number. Prints BROKEN if a socket's address isn't
 * one of the container's.
 */
#define _GNU_SOURCE
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct bound {
    struct sockaddr_storage address;
    socklen_t size;
    int listens, datagrams;
} all[8];

static int open_all(void) {
    int count = 0;
    struct ifaddrs *list, *next;
    if (getifaddrs(&list))
        return 0;
    for (next = list; next && count < 8; next = next->ifa_next) {
        int family = next->ifa_addr ? next->ifa_addr->sa_family : 0;
        if ((next->ifa_flags & IFF_LOOPBACK) || (family != AF_INET && family != AF_INET6))
            continue;
        struct bound *b = &all[count];
        b->size = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
        memcpy(&b->address, next->ifa_addr, b->size);
        ((struct sockaddr_in *)&b->address)->sin_port = htons(7000);
        b->listens = socket(family, SOCK_STREAM, 0);
        b->datagrams = socket(family, SOCK_DGRAM, 0);
        if (bind(b->listens, (struct sockaddr *)&b->address, b->size) || listen(b->listens, 5)
            || bind(b->datagrams, (struct sockaddr *)&b->address, b->size)
            || connect(b->datagrams, (struct sockaddr *)&b->address, b->size))
            continue; /* a link's own address can still be tentative */
        count++;
    }
    return count;
}

static int works(struct bound *b) {
    struct sockaddr_storage name;
    socklen_t size = sizeof name;
    struct pollfd waits = {b->datagrams, POLLIN, 0};
    char byte = 0;
    if (getsockname(b->listens, (struct sockaddr *)&name, &size))
        return 0;
    int client = socket(name.ss_family, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&name, size))
        return 0;
    int server = accept(b->listens, NULL, NULL);
    close(client);
    close(server);
    return send(b->datagrams, "x", 1, 0) == 1 && poll(&waits, 1, 10000) == 1 && recv(b->datagrams, &byte, 1, 0) == 1 && byte == 'x';
}

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    int count = open_all();
    if (!count)
        return 1;
    for (unsigned number = 1;; number++) {
        for (int i = 0; i < count; i++)
            if (!works(&all[i]))
                printf("BROKEN %d\n", i);
        printf("%u\n", number);
        usleep(100 * 1000);
    }
}
