/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the machine share:
 *
 *     machine.c       what is registered
 *     machine-save.c  a source
 *     machine-load.c  a stream visitor
 *     machine-held.c  devices that came and are not loaded yet
 */
#ifndef BM_MACHINE_IMPL_H
#define BM_MACHINE_IMPL_H

#include "machine.h"

typedef enum BmEntryKind {
    BM_ENTRY_TABLE,
    BM_ENTRY_DIRECT,
    BM_ENTRY_OCTETS,
    BM_ENTRY_LIVE
} BmEntryKind;

/* One registered section. */
typedef struct BmEntry {
    BmSection section; /* as it is sent; the name is owned */
    uint32_t minimum_version;
    int priority;
    BmEntryKind kind;
    void *opaque; /* or the object of the table */
    union {
        const BmTable *table;
        const BmDirectDevice *direct;
        const BmOctetsDevice *octets;
        const BmLiveHandlers *live;
    };
    char *key; /* in `by_key` */
} BmEntry;

struct BmMachine {
    char *type; /* may be NULL */
    uint64_t page_size;
    GPtrArray *entries; /* BmEntry, in the order of saving */
    GHashTable *by_key;
};

/* NULL if it is not registered. */
BmEntry *bm_machine_find(const BmMachine *machine, const char *name, uint32_t instance);
/* Adds the section's name to an error of a function of the program, or makes one
 * up; FALSE. */
gboolean bm_entry_failed(const BmEntry *entry, const char *what, GError **error);

/* ---- held devices ---- */

typedef struct BmHeld BmHeld;

/* A copy of a device, of which the schema is still the source's. */
BmHeld *bm_held_new(const BmEntry *entry, const BmDevice *device, GError **error);
void bm_held_free(BmHeld *held);
const BmEntry *bm_held_entry(const BmHeld *held);
gboolean bm_held_load(BmHeld *held, BmLoadReport *report, GError **error);

#endif
