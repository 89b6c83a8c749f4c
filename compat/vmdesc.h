/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's JSON description of a stream (the VMDESCRIPTION record), as schemas.
 */
#ifndef BM_VMDESC_H
#define BM_VMDESC_H

#include "stream.h"

typedef struct BmVmdescDevice {
    char *name;
    uint32_t instance;
    const BmSchema *schema; /* NULL: old style, `size` octets */
    uint64_t size;
} BmVmdescDevice;

typedef struct BmVmdesc {
    BmStyle style;
    gboolean exact; /* the text is known to follow from this: bm_vmdesc_is() need not be asked */
    uint64_t page_size;
    const BmSchema *configuration; /* NULL if the text has none (QEMU <= 8.1) */
    GArray *devices;               /* BmVmdescDevice, in stream order */
} BmVmdesc;

BmVmdesc *bm_vmdesc_new(void);
void bm_vmdesc_free(BmVmdesc *d); /* NULL is fine */
void bm_vmdesc_add(BmVmdesc *d, const char *name, uint32_t instance, const BmSchema *schema,
                   uint64_t size);

/* Says the same, of schemas of one set. */
gboolean bm_vmdesc_equal(const BmVmdesc *a, const BmVmdesc *b);

/* Parses the text; schemas are interned in `set`.  BM_BAD_VALUE with the JSON
 * path if it is not what QEMU writes. */
BmVmdesc *bm_vmdesc_parse(const char *text, size_t len, BmSchemaSet *set, GError **error);

/* A text of more octets is nothing for bm_vmdesc_read(): 50000 small devices have less, and what is
 * made of it stays below what bm_vmdesc_parse() may take for its tree. */
#define BM_VMDESC_READ_MOST (16u << 20)
/* A larger page size, or a larger device without fields, is refused. */
#define BM_VMDESC_NUMBER_MOST (UINT64_C(1) << 53)
/* The same in a fraction of the time for a text that is octet for octet as QEMU writes it with
 * names of plain ASCII, so that it follows from the result.  NULL for any other: then schemas may
 * have been added all the same. */
BmVmdesc *bm_vmdesc_read(BmOctets text, BmSchemaSet *set);
/* Appends the device of which this is the text, as QEMU writes it.  FALSE if it is none; then some
 * may have been appended. */
gboolean bm_vmdesc_read_device(BmVmdesc *d, BmOctets text, BmSchemaSet *set);

/* A description that differs from `old`, whose devices are at `places` of `old_text`, in a few
 * devices: only these are parsed, into `set`, that of `old`.  The text follows from the result.
 * NULL if it differs more or otherwise; schemas may have been added all the same. */
BmVmdesc *bm_vmdesc_change(const BmVmdesc *old, BmOctets old_text, const GArray *places,
                           BmOctets text, BmSchemaSet *set);

/* The text that QEMU would write.  NULL on overflow. */
GString *bm_vmdesc_format(const BmVmdesc *d, GError **error);
/* Where a device stands in the text. */
typedef struct BmVmdescPlace {
    size_t begin, end;
} BmVmdescPlace;
/* Is it this one?  The BmVmdescPlace of each device goes to `places` if it is; NULL: nobody asks.
 */
gboolean bm_vmdesc_is(const BmVmdesc *d, BmOctets text, GArray *places);

#endif
