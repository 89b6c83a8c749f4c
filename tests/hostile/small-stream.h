/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A legacy stream of a few KiB in which everything occurs: what QEMU writes
 * rarely, and what it writes always.
 */
#ifndef BM_SMALL_STREAM_H
#define BM_SMALL_STREAM_H

#include <glib.h>

#include "legacy.h"

typedef enum SmallPart {
    SMALL_CONFIGURATION = 1 << 0,
    SMALL_FOOTERS = 1 << 1,
    SMALL_DESCRIPTION = 1 << 2,
    SMALL_SPACED = 1 << 3,   /* the description in the style of QEMU <= 5.2 */
    SMALL_TRAILING = 1 << 4, /* octets behind the stream */
    SMALL_UNKNOWN = 1 << 5,  /* a live section of which nothing is known */
    SMALL_MISFIT = 1 << 6,   /* a device with another size than described */
    SMALL_PACKAGE = 1 << 7
} SmallPart;

#define SMALL_ALL                                                                                  \
    (SMALL_CONFIGURATION | SMALL_FOOTERS | SMALL_DESCRIPTION | SMALL_TRAILING | SMALL_UNKNOWN |    \
     SMALL_MISFIT | SMALL_PACKAGE)

#define SMALL_PAGE 1024u

typedef struct SmallStream {
    GByteArray *octets;
    GArray *records;    /* size_t: where each record begins */
    size_t devices;     /* the first device behind the live sections */
    size_t end;         /* the end marker */
    size_t description; /* the description's record */
    size_t trailing;    /* what follows it */
} SmallStream;

SmallStream small_stream(unsigned parts);
void small_stream_clear(SmallStream *s);
BmOctets small_stream_octets(const SmallStream *s);

/* A mapped-ram file: a block of four pages, of which the second and third are there,
 * and one of a page that is not. */
GByteArray *small_mapped_stream(void);
/* Where the header of the first block begins in it. */
#define SMALL_MAPPED_HEADER 105u

/* The description alone; g_free() it. */
char *small_description(unsigned parts);

/* For tests with a stream of their own. */
void put8(GByteArray *to, unsigned n);
void put16(GByteArray *to, unsigned n);
void put32(GByteArray *to, uint32_t n);
void put64(GByteArray *to, uint64_t n);
void put_text(GByteArray *to, const char *text);
void put_name(GByteArray *to, const char *name); /* length in one octet */
void put_header(GByteArray *to);
/* START (BM_LEGACY_START) or FULL. */
void put_section(GByteArray *to, unsigned type, uint32_t id, const char *name, uint32_t instance,
                 uint32_t version);
void put_footer(GByteArray *to, uint32_t id);
/* The end marker, and a description behind it. */
void put_end(GByteArray *to, const char *description);

#endif
