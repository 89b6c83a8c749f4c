/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine with one section of each sort, for tests: memory, a hash table, a
 * timer with a table, a lamp that calls for its members, a box that knows only octets.
 */
#ifndef BM_TESTS_TINY_H
#define BM_TESTS_TINY_H

#include "compat.h"
#include "machine.h"
#include "ram.h"

#define TINY_PAGE 4096u
#define TINY_PAGES 64u /* of pc.ram */
#define TINY_ROM_PAGES 2u
#define TINY_HASH_SIZE 18u
#define TINY_SLOTS 16384u

typedef struct TinyTimer {
    uint32_t reload;
    bool running;
    int64_t deadline;
} TinyTimer;

typedef struct TinyLamp {
    uint16_t level;
    uint8_t colours[3];
} TinyLamp;

typedef struct TinyHash {
    uint8_t slots[TINY_SLOTS][BM_SLOT_SIZE]; /* in use unless the first octet is 0 */
    uint32_t next;                           /* slot to send; TINY_SLOTS: none */
} TinyHash;

/* How a test makes a function of the program fail, and what it has called. */
typedef struct TinyLog {
    GString *calls;   /* "hash.setup hash.iterate ..." */
    const char *fail; /* the call that fails; NULL for none */
    gboolean silent;  /* without an error */
} TinyLog;

typedef struct Tiny {
    BmMachine *machine;
    BmRam *ram;
    BmRamArea *area; /* pc.ram */
    uint8_t *memory, *rom;
    TinyTimer timer;
    TinyLamp lamp;
    TinyHash *hash;
    char box[16]; /* with a NUL */
    TinyLog log;
} Tiny;

extern const BmTable tiny_timer_table;
extern const BmDirectDevice tiny_lamp_device;
extern const BmOctetsDevice tiny_box_device;
extern const BmLiveHandlers tiny_hash_handlers;

/* All empty, with everything registered. */
Tiny *tiny_new(void);
/* Memory and a machine without any section. */
Tiny *tiny_bare(const char *type, uint64_t page_size);
void tiny_free(Tiny *t);
/* Values from a number, another for each. */
void tiny_fill(Tiny *t, unsigned seed);
gboolean tiny_equal(const Tiny *a, const Tiny *b);

/* ---- streams ---- */

typedef enum TinyForm { TINY_BER, TINY_QEMU } TinyForm;
#define TINY_FORMS 2

BmStreamVisitor *tiny_writer(TinyForm form, BmOutput *out);
/* Setup and completion, no parts; asserts that it succeeds.  Free the output. */
BmOutput *tiny_save(Tiny *t, TinyForm form);
gboolean tiny_load(Tiny *t, TinyForm form, BmOctets octets, BmMachineReport *report,
                   GError **error);
gboolean tiny_read(TinyForm form, BmOctets octets, BmStreamVisitor *s, GError **error);

#endif
