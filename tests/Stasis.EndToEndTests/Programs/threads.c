/* Eight threads count in step, each on its own stack and in thread-local memory; the main thread counts the steps and compares. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { THREADS = 8 };
static pthread_barrier_t begin, end;
static unsigned seen[THREADS];
static _Thread_local unsigned mine;

static void *count(void *number) {
    for (unsigned local = 1;; local++) {
        pthread_barrier_wait(&begin);
        mine++;
        seen[(long)number] = mine == local ? local : 0;
        pthread_barrier_wait(&end);
    }
    return 0;
}

int main(void) {
    pthread_t thread;
    pthread_barrier_init(&begin, 0, THREADS + 1);
    pthread_barrier_init(&end, 0, THREADS + 1);
    for (long i = 0; i < THREADS; i++)
        if (pthread_create(&thread, 0, count, (void *)i))
            return 1;
    for (unsigned step = 1;; step++) {
        pthread_barrier_wait(&begin);
        pthread_barrier_wait(&end);
        for (int i = 0; i < THREADS; i++)
            if (seen[i] != step) {
                printf("BROKEN: thread %d at %u in place of %u\n", i, seen[i], step);
                return 2;
            }
        printf("%u\n", step);
        fflush(stdout);
        usleep(20000);
    }
}
