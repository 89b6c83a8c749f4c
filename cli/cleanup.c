/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cleanup.h"

/* A list that only grows, so that a signal handler can read it at any moment; a slot
 * that is free is used again. */
typedef struct Slot {
    struct Slot *next;
    char path[PATH_MAX];
    volatile sig_atomic_t used;
} Slot;

static Slot *volatile slots;

static void remove_and_die(int number)
{
    for (const Slot *s = slots; s != NULL; s = s->next) {
        if (s->used) {
            unlink(s->path);
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

static Slot *free_slot(void)
{
    Slot *slot = slots;

    while (slot != NULL && slot->used) {
        slot = slot->next;
    }
    if (slot == NULL) {
        slot = g_new0(Slot, 1);
        slot->next = slots;
        slots = slot;
    }
    return slot;
}

gboolean bm_cleanup_add(const char *path)
{
    if (strlen(path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return FALSE;
    }
    Slot *slot = free_slot();

    g_strlcpy(slot->path, path, sizeof(slot->path));
    slot->used = 1;
    catch_signals();
    return TRUE;
}

void bm_cleanup_forget(const char *path)
{
    for (Slot *s = slots; s != NULL; s = s->next) {
        if (s->used && strcmp(s->path, path) == 0) {
            s->used = 0;
        }
    }
}
