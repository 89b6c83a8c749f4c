/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Limits of the format, in one place (SPEC.md, "Limits").  Each is compared
 * with a number from the wire before memory is taken for it.
 */
#ifndef BM_LIMITS_H
#define BM_LIMITS_H

#define BM_LIMIT_RECORD (256u << 20)        /* octets of one record, header included */
#define BM_LIMIT_DATA (4u << 20)            /* octets of page data in one item, decompressed */
#define BM_LIMIT_NAME 1023u                 /* octets of a name */
#define BM_LIMIT_DEPTH 64u                  /* nesting of values */
#define BM_LIMIT_SCHEMAS 65536u             /* schemas of one stream */
#define BM_LIMIT_SECTIONS 65536u            /* live sections of one stream */
#define BM_LIMIT_DEVICES (1u << 18)         /* devices that a derived description is of */
#define BM_LIMIT_SCHEMA_MEMORY (128u << 20) /* octets that a stream's schemas take, roughly */
#define BM_LIMIT_ANNOUNCED (1u << 20)       /* fields that a stream's announces describe */
#define BM_LIMIT_FIELDS 65536u              /* fields, or subsections, of one schema */
#define BM_LIMIT_COUNT (1u << 24)           /* elements of one field */
#define BM_LIMIT_BLOCKS 65536u              /* RAM blocks */
#define BM_LIMIT_PAGE_CHANNELS 256u         /* page channels of one stream */
#define BM_LIMIT_CHANNEL_STATE (16u << 20)  /* octets of device state in one channel packet */
#define BM_LIMIT_BITMAP 65536u              /* octets of a dirty bitmap in one item */
#define BM_LIMIT_CAPABILITIES 1024u         /* names in a configuration */
#define BM_LIMIT_FINDINGS 1024u             /* findings of a preflight */
#define BM_LIMIT_LEADING (1u << 20)         /* octets before a legacy stream's header */
#define BM_LIMIT_DESCRIPTION (64u << 20)    /* octets of a legacy JSON description */
#define BM_LIMIT_PAGE_MIN 1024u             /* octets of a target page */
#define BM_LIMIT_PAGE_MAX 65536u
#define BM_LIMIT_FILLER (128u << 10)                /* octets of a filler before aligned pages */
#define BM_LIMIT_INDEX_ENTRIES 65536u               /* entries of one Index record */
#define BM_LIMIT_INDEX_LEVEL 8u                     /* its levels above the lowest */
#define BM_LIMIT_FRAME_DATA (256u << 10)            /* octets of a stream in one session frame */
#define BM_LIMIT_FRAME (BM_LIMIT_FRAME_DATA + 128u) /* octets of one session frame */
#define BM_LIMIT_CHANNELS 64u                       /* parallel channels of one stream */
#define BM_LIMIT_TOKEN_MIN 16u                      /* octets of a token */
#define BM_LIMIT_TOKEN_MAX 64u
#define BM_LIMIT_WINDOW_MIN (1u << 20) /* octets that an end of a session keeps at least */

#endif
