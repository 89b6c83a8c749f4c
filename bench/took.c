/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * took FD COMMAND...: runs a command and writes to the descriptor FD what it took,
 * "SECONDS CPU-SECONDS PEAK-KIB\n"; its exit status is that of the command.
 *
 * The kernel counts the memory of whoever started a program to its peak, so this has
 * to be a small process: a Python that asks for itself would see its own.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double seconds(struct timeval t)
{
    return (double)t.tv_sec + (double)t.tv_usec / 1e6;
}

int main(int argc, char **argv)
{
    double begin = now();
    struct rusage usage;
    int status;
    pid_t pid;

    if (argc < 3) {
        fprintf(stderr, "usage: took FD COMMAND...\n");
        return 2;
    }
    pid = fork();
    if (pid == 0) {
        close(atoi(argv[1]));
        execvp(argv[2], argv + 2);
        perror(argv[2]);
        _exit(127);
    }
    if (pid < 0 || wait4(pid, &status, 0, &usage) != pid) {
        perror("took");
        return 2;
    }
    dprintf(atoi(argv[1]), "%.6f %.6f %ld\n", now() - begin,
            seconds(usage.ru_utime) + seconds(usage.ru_stime), usage.ru_maxrss);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
