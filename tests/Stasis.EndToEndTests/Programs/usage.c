/* Runs a command and writes what it cost, with all that it waited for, to a file: processor time in microseconds, and the most memory that
 * a process of it had, in KiB.  usage FILE SECONDS COMMAND...  The command is killed after so many seconds of processor time: not by its
 * limit, which a container would inherit.
 * The start is a fork of this small program: a process that is started from a large one begins with the large one's memory as its peak. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct rusage usage;
    int status;
    if (argc < 4) return 125;
    pid_t child = fork(), ended = 0;
    if (child == 0) {
        execvp(argv[3], argv + 3);
        _exit(127);
    }
    long most = atol(argv[2]);
    while (child > 0 && (ended = wait4(child, &status, WNOHANG, &usage)) == 0) {
        clockid_t clock;
        struct timespec time;
        if (clock_getcpuclockid(child, &clock) == 0 && clock_gettime(clock, &time) == 0 && time.tv_sec >= most) kill(child, SIGKILL);
        usleep(5000);
    }
    FILE *file = fopen(argv[1], "w");
    if (child < 0 || ended < 0 || !file) return 125;
    fprintf(file, "%lld %ld\n", (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec,
            usage.ru_maxrss);
    fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
