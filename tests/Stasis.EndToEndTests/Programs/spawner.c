/* Four processes start programs, one after another, as make does: with vfork. The first prints how many it has started. */
#define _DEFAULT_SOURCE
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
    pid_t first = getpid();
    fork();
    fork();
    for (unsigned started = 1;; started++) {
        pid_t child = vfork();
        if (!child) {
            execl("/bin/true", "true", (char *)0);
            _exit(1);
        }
        int status;
        if (child < 0 || waitpid(child, &status, 0) != child || status)
            return 2;
        if (getpid() == first && started % 50 == 0) {
            printf("%u\n", started / 50);
            fflush(stdout);
        }
    }
}
