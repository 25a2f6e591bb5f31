/* Runs a command and writes what it cost, with all that it waited for, to a file: processor time in microseconds, and the most memory that
 * a process of it had, in KiB.  usage FILE SECONDS COMMAND...  Each process is killed after so many seconds of processor time.
 * The start is a fork of this small program: a process that is started from a large one begins with the large one's memory as its peak. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
    struct rusage usage;
    int status;
    if (argc < 4) return 125;
    pid_t child = fork();
    if (child == 0) {
        rlim_t seconds = strtoul(argv[2], NULL, 10);
        setrlimit(RLIMIT_CPU, &(struct rlimit){ seconds, seconds });
        execvp(argv[3], argv + 3);
        _exit(127);
    }
    if (child < 0 || wait4(child, &status, 0, &usage) < 0) return 125;
    FILE *file = fopen(argv[1], "w");
    if (!file) return 125;
    fprintf(file, "%lld %ld\n", (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec,
            usage.ru_maxrss);
    fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
