/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

/* Fixed memory, because a signal handler reads it. */
static struct {
    char path[PATH_MAX];
    volatile sig_atomic_t used;
} slots[4];

static void remove_and_die(int number)
{
    for (size_t i = 0; i < G_N_ELEMENTS(slots); i++) {
        if (slots[i].used) {
            unlink(slots[i].path);
        }
    }
    /* SA_RESETHAND: this one ends the program, with the right status. */
    raise(number);
}

static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = remove_and_die, .sa_flags = (int)SA_RESETHAND};
    struct sigaction old;

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        /* What nohup(1) and the like ignore stays ignored. */
        if (sigaction(numbers[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN) {
            sigaction(numbers[i], &action, NULL);
        }
    }
}

gboolean bm_cleanup_add(const char *path)
{
    if (strlen(path) >= sizeof(slots[0].path)) {
        errno = ENAMETOOLONG;
        return FALSE;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(slots); i++) {
        if (!slots[i].used) {
            g_strlcpy(slots[i].path, path, sizeof(slots[i].path));
            slots[i].used = 1;
            catch_signals();
            return TRUE;
        }
    }
    errno = EMFILE;
    return FALSE;
}

void bm_cleanup_forget(const char *path)
{
    for (size_t i = 0; i < G_N_ELEMENTS(slots); i++) {
        if (slots[i].used && strcmp(slots[i].path, path) == 0) {
            slots[i].used = 0;
        }
    }
}
