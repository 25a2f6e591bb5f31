/*
 * Four threads wait in poll, nanosleep, clock_nanosleep and futex, each call with a time limit and with none of libc's repetitions. The
 * first prints how often it has waited. One that is interrupted prints BROKEN.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static struct timespec limit = {0, 200 * 1000 * 1000};

static void broken(const char *call) {
    printf("BROKEN %s: %d\n", call, errno);
    exit(1);
}

static void *sleeps(void *unused) {
    for (;;)
        if (syscall(SYS_nanosleep, &limit, NULL))
            broken("nanosleep");
    return unused;
}

static void *clocks(void *unused) {
    for (;;)
        if (syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, 0, &limit, NULL))
            broken("clock_nanosleep");
    return unused;
}

static void *futexes(void *unused) {
    static unsigned word;
    for (;;)
        if (syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &limit, NULL, 0) != -1 || errno != ETIMEDOUT)
            broken("futex");
    return unused;
}

int main(void) {
    pthread_t thread;
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (pthread_create(&thread, NULL, sleeps, NULL) || pthread_create(&thread, NULL, clocks, NULL)
        || pthread_create(&thread, NULL, futexes, NULL))
        return 1;
    for (unsigned waited = 1;; waited++) {
        if (syscall(SYS_poll, NULL, 0, 200))
            broken("poll");
        printf("%u\n", waited);
    }
}
