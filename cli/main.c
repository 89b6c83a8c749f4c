/* SPDX-License-Identifier: BSD-2-Clause */
#include <fcntl.h>
#include <unistd.h>

#include "command.h"

/* A standard descriptor that is closed would be the number of the next socket or
 * file, and get what was meant for it.  So that its use still fails, each gets a
 * file that is open for the other direction. */
static void occupy_standard_descriptors(void)
{
    static const int modes[] = {O_WRONLY, O_RDONLY, O_RDONLY};

    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        /* The lowest free number is this one: those before it are open. */
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", modes[fd]) != fd) {
            _exit(BM_EXIT_RUN);
        }
    }
}

int main(int argc, char **argv)
{
    occupy_standard_descriptors();
    return (int)bm_command_main(argc, argv);
}
