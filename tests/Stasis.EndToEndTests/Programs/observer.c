/*
 * Has a child, counts the SIGCHLDs that it gets, and asks again and again for children that have changed; the child waits for its own child
 * to end, stop or go on. Prints a number and the name of the session's keyring. Prints BROKEN if anything was noticed of a child.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { KEYCTL_DESCRIBE = 6, KEY_SPEC_SESSION_KEYRING = -3 };

static volatile sig_atomic_t signals;

static void count(int signal) {
    (void)signal;
    signals = signals + 1;
}

static void wait_for_change(void) {
    int status;
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    printf("BROKEN waitpid gave %d", waitpid(-1, &status, WUNTRACED | WCONTINUED));
    printf(", status %x, errno %d\n", status, errno);
    exit(1);
}

int main(void) {
    struct sigaction action = {.sa_handler = count};
    char keyring[256] = "";
    setvbuf(stdout, NULL, _IOLBF, 0);
    sigaction(SIGCHLD, &action, NULL);
    if (fork() == 0)
        wait_for_change();
    for (unsigned n = 1;; n++) {
        int status, child = waitpid(-1, &status, WNOHANG | WUNTRACED | WCONTINUED);
        if (child || signals)
            printf("BROKEN waitpid gave %d, status %x; %d signals\n", child, status, (int)signals);
        long length = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, keyring, sizeof keyring, 0);
        printf("%u %s\n", n, length > 0 ? keyring : "none");
        usleep(20000);
    }
}
