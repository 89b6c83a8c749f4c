/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices without a table: a function of their own calls for each member, and is
 * the same for saving and loading:
 *
 *     static gboolean mouse_state(BmDirect *d, void *object)
 *     {
 *         Mouse *m = object;
 *
 *         return bm_direct_u8(d, "buttons", &m->buttons) &&
 *                bm_direct_u32(d, "n", &m->n) &&
 *                bm_direct_array(d, "queue", BM_TYPE_U16, m->queue, m->n, G_N_ELEMENTS(m->queue))
 * && (bm_direct_version(d) < 2 || bm_direct_i32(d, "wheel", &m->wheel));
 *     }
 *     static const BmDirectDevice mouse = {"mouse", 2, 1, mouse_state};
 *
 * It is the step between octets that only the device can read and a table: what it
 * saves has names and types as a table's rows have, and a table can follow without
 * a change of the stream.  Each call is a row of table.h, with all its rules.
 *
 * When loading, a member has its value after its call, so that the function can go
 * by what it has loaded.  From a stream that describes itself, fields are looked for
 * by name, in any order; in QEMU's own octets they stand in the order of the calls.
 * After the first failure all calls do nothing and return FALSE.
 *
 * Each call takes some memory for the time it needs; where this counts, use a table.
 */
#ifndef BM_DIRECT_H
#define BM_DIRECT_H

#include <stdbool.h>

#include "state.h"
#include "table.h"

/* One saving or loading that is under way. */
typedef struct BmDirect BmDirect;

typedef struct BmDirectDevice {
    const char *name;
    uint32_t version, minimum_version;
    /* FALSE only after a call that has failed, bm_direct_refuse() among them. */
    gboolean (*visit)(BmDirect *d, void *object);
} BmDirectDevice;

/* ---- using them ---- */

/* A tree with all that the function calls for, the caller's to free.  To be sent it
 * is walked: bm_visitor_state_in() along bm_state_schema().  NULL on failure; two
 * calls of one name are one (BM_DUPLICATE). */
BmState *bm_direct_save(const BmDirectDevice *device, void *object, GError **error);

/* From a stream that describes itself.  As with tables, what is not called for is
 * passed over and reported (`report` may be NULL), but for subsections, which are an
 * error unless they are droppable.  On failure *object holds what was loaded up to
 * the error's path. */
gboolean bm_direct_load(const BmDirectDevice *device, void *object, const BmSchema *schema,
                        BmVisitor *in, BmLoadReport *report, GError **error);

/* From QEMU's own octets.  Whether all were read is for the caller to see
 * (bm_visitor_legacy_left()); compat/device-body.h does. */
gboolean bm_direct_load_plain(const BmDirectDevice *device, void *object, uint32_t version,
                              BmVisitor *in, GError **error);

/* ---- for the function ---- */

gboolean bm_direct_is_loading(const BmDirect *d);
/* Loading: that of the stream. */
uint32_t bm_direct_version(const BmDirect *d);
/* Something that was loaded cannot be (BM_MISMATCH).  Returns FALSE. */
gboolean bm_direct_refuse(BmDirect *d, const char *format, ...) G_GNUC_PRINTF(2, 3);

gboolean bm_direct_bool(BmDirect *d, const char *name, bool *member);
gboolean bm_direct_u8(BmDirect *d, const char *name, uint8_t *member);
gboolean bm_direct_u16(BmDirect *d, const char *name, uint16_t *member);
gboolean bm_direct_u32(BmDirect *d, const char *name, uint32_t *member);
gboolean bm_direct_u64(BmDirect *d, const char *name, uint64_t *member);
gboolean bm_direct_i8(BmDirect *d, const char *name, int8_t *member);
gboolean bm_direct_i16(BmDirect *d, const char *name, int16_t *member);
gboolean bm_direct_i32(BmDirect *d, const char *name, int32_t *member);
gboolean bm_direct_i64(BmDirect *d, const char *name, int64_t *member);
gboolean bm_direct_f64(BmDirect *d, const char *name, double *member);
gboolean bm_direct_f80(BmDirect *d, const char *name, BmFloat80 *member);
/* A deadline in ns, -1 if the timer is off. */
gboolean bm_direct_timer(BmDirect *d, const char *name, int64_t *member);
gboolean bm_direct_buffer(BmDirect *d, const char *name, void *octets, size_t size);
/* NUL-terminated, in `size` octets of memory. */
gboolean bm_direct_string(BmDirect *d, const char *name, char *text, size_t size);
/* `count` elements of one of the types above, which must not be above `most`
 * (BM_LIMIT).  None at all make no field. */
gboolean bm_direct_array(BmDirect *d, const char *name, BmType type, void *first, uint32_t count,
                         uint32_t most);
/* The same for structs that have a table. */
gboolean bm_direct_structs(BmDirect *d, const char *name, const BmTable *table, void *first,
                           uint32_t count, uint32_t most);
/* Octets without a meaning: zeros on saving. */
gboolean bm_direct_unused(BmDirect *d, const char *name, size_t size);
/* Any other row, with offsets in `object`: flags, defaults, lists, all that a table
 * may have.  Its `since` and tests count. */
gboolean bm_direct_row(BmDirect *d, const BmTableField *row, void *object);

#endif
