/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Spans: fields that follow each other, and where in memory their values lie, so that
 * a visitor can take all of them in one call (bm_visit_span()).
 *
 * Most of a device's state is plain: numbers in a struct, none of them with a
 * condition, a hook or a pointer.  For these a call per value costs ten times what the
 * value itself does.  A span says it once: a slot for each field, made from a table
 * when it is first used, and a visitor with the operation `span` goes over the slots in
 * a loop of its own.  A span changes nothing of what is written or read; whatever is
 * not plain is visited field by field.
 *
 * bm_walk() makes and uses spans by itself wherever a BmTable is at one end.  A program
 * that calls visitors for tables of its own makes the slots from those:
 *
 *     static const BmSlot slots[] = {
 *         {BM_SLOT_U32, .offset = offsetof(Timer, reload)},
 *         {BM_SLOT_BOOLEAN, .offset = offsetof(Timer, running)},
 *         {BM_SLOT_OCTETS, .offset = offsetof(Timer, fifo), .count = 16},
 *     };
 *     BmSpan span;
 *
 *     bm_span_init(&span, slots, G_N_ELEMENTS(slots), timer);
 *     for (i = bm_visit_span(v, &span); i < G_N_ELEMENTS(slots); i++) {
 *         ... as without: bm_visit_scalar(), bm_visit_octets() ...
 *     }
 *
 * Each slot must be what the field's description says: the same kind, width and count.
 */
#ifndef BM_SPAN_H
#define BM_SPAN_H

#include <stddef.h>
#include <stdint.h>

/* One field.  Members are in the host's order of octets, and need no alignment. */
typedef enum BmSlotKind {
    BM_SLOT_NONE, /* no field: a span does not reach over it */
    /* one value: a field of kind boolean, unsigned or signed that is not packed */
    BM_SLOT_BOOLEAN, /* bool */
    BM_SLOT_U8,
    BM_SLOT_U16,
    BM_SLOT_U32,
    BM_SLOT_U64,
    BM_SLOT_I8,
    BM_SLOT_I16,
    BM_SLOT_I32,
    BM_SLOT_I64,
    /* `count` of them, which the stream has as octets */
    BM_SLOT_BOOLEANS,
    BM_SLOT_OCTETS, /* as they are: buffers, numbers of one octet */
    BM_SLOT_ZEROS,  /* nowhere in memory: zeros when written, whatever they are when read */
    BM_SLOT_WORDS16,
    BM_SLOT_WORDS32,
    BM_SLOT_WORDS64, /* also a float of 8 octets */
    /* structs */
    BM_SLOT_STRUCT, /* one */
    BM_SLOT_GROUP   /* `count` of them, more than one, one behind the other */
} BmSlotKind;

typedef struct BmSlot BmSlot;
struct BmSlot {
    BmSlotKind kind;
    uint32_t count; /* of those of which there may be several */
    size_t offset;  /* of the member in its struct */
    /* structs: the fields of each, and the octets from one to the next */
    const BmSlot *slots;
    uint32_t n_slots;
    uint32_t most; /* octets of the element in BER, at most; 0: not known */
    size_t size;
};

typedef struct BmSpan {
    const BmSlot *slots;
    uint32_t n_slots;
    void *base; /* the struct; written to by input visitors only */
    /* of all of it: octets of the values in BER at most, and in QEMU's form exactly;
     * levels of structs and groups */
    uint64_t most, size;
    unsigned depth;
} BmSpan;

/* Measures the slots, which stay the caller's, as `base` does. */
void bm_span_init(BmSpan *span, const BmSlot *slots, uint32_t n_slots, void *base);

#endif
