/*
 * Waits for timers that each run once, for one millisecond: setitimer(2), and timer_create(2) with a signal to the process and one to a
 * thread. Prints a number for every hundred rounds. Without one of the signals, it waits for ever.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const struct itimerspec limit = {{0, 0}, {0, 1000 * 1000}};

static timer_t create(int notify, int signal) {
    timer_t timer;
    struct sigevent event = {.sigev_notify = notify, .sigev_signo = signal};
    event._sigev_un._tid = syscall(SYS_gettid);
    if (timer_create(CLOCK_MONOTONIC, &event, &timer))
        _exit(1);
    return timer;
}

static void wait_for(int signal) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, signal);
    while (sigwaitinfo(&set, NULL) != signal)
        ;
}

int main(void) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    setvbuf(stdout, NULL, _IOLBF, 0);
    timer_t of_process = create(SIGEV_SIGNAL, SIGUSR1), of_thread = create(SIGEV_THREAD_ID, SIGUSR2);
    for (unsigned round = 1;; round++) {
        struct itimerval alarm = {{0, 0}, {0, 1000}};
        setitimer(ITIMER_REAL, &alarm, NULL);
        wait_for(SIGALRM);
        timer_settime(of_process, 0, &limit, NULL);
        wait_for(SIGUSR1);
        timer_settime(of_thread, 0, &limit, NULL);
        wait_for(SIGUSR2);
        if (round % 100 == 0)
            printf("%u\n", round / 100);
    }
}
