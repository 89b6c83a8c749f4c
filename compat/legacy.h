/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts of the legacy stream that its reader and its writer share. */
#ifndef BM_LEGACY_H
#define BM_LEGACY_H

#include "stream.h"

#define BM_LEGACY_MAGIC 0x5145564du /* "QEVM" */
#define BM_LEGACY_VERSION 3u
#define BM_LEGACY_HEADER 8u /* octets: magic and version */

/* Record types. */
#define BM_LEGACY_EOF 0x00
#define BM_LEGACY_START 0x01
#define BM_LEGACY_PART 0x02
#define BM_LEGACY_END 0x03
#define BM_LEGACY_FULL 0x04
#define BM_LEGACY_VMDESC 0x06
#define BM_LEGACY_CONFIGURATION 0x07
#define BM_LEGACY_COMMAND 0x08
#define BM_LEGACY_FOOTER 0x7e

/* Subsections of the configuration, all of version 1 and in this order. */
#define BM_LEGACY_PAGE_BITS "configuration/target-page-bits"
#define BM_LEGACY_CAPABILITIES "configuration/capabilities"
#define BM_LEGACY_UUID "configuration/uuid"

/* The capability of files in which each page has its place (since 9.0); what a block
 * of its list has behind its length and address; where its pages may begin. */
#define BM_LEGACY_MAPPED "mapped-ram"
#define BM_MAPPED_HEADER 28u
#define BM_MAPPED_VERSION 1u
#define BM_MAPPED_ALIGNMENT (1u << 20)

/* Octets of the bitmap of so many pages: whole words of 64 bits. */
static inline uint64_t bm_mapped_bitmap_size(uint64_t pages)
{
    return (pages / 64 + (pages % 64 != 0)) * 8;
}

/* Commands with a meaning for the rest of the stream. */
#define BM_LEGACY_CMD_ADVISE 3u
#define BM_LEGACY_CMD_PACKAGED 7u

/* Flags in the low bits of a RAM word. */
#define BM_RAM_ZERO 0x02u
#define BM_RAM_MEM_SIZE 0x04u
#define BM_RAM_PAGE 0x08u
#define BM_RAM_EOS 0x10u
#define BM_RAM_CONTINUE 0x20u
#define BM_RAM_XBZRLE 0x40u
#define BM_RAM_HOOK 0x80u
#define BM_RAM_ZLIB 0x100u
#define BM_RAM_MULTIFD_FLUSH 0x200u
#define BM_RAM_FLAGS 0x3ffu

/* Flags in the low 9 bits of a word of block migration (QEMU <= 9.0). */
#define BM_BLOCK_DEVICE 0x01u
#define BM_BLOCK_EOS 0x02u
#define BM_BLOCK_PROGRESS 0x04u
#define BM_BLOCK_ZERO 0x08u
#define BM_BLOCK_SHIFT 9
#define BM_BLOCK_CHUNK (1u << 20)

/* The first word of a hash table's body: its size, or one of these. */
#define BM_HASH_SLOTS 0u /* slots follow */
#define BM_HASH_NONE 0xffffffffu

/* Flags of a dirty bitmap's chunk (since 2.12). */
#define BM_DIRTY_EOS 0x01u
#define BM_DIRTY_ZEROES 0x02u
#define BM_DIRTY_NAME 0x04u
#define BM_DIRTY_NODE 0x08u
#define BM_DIRTY_START 0x10u
#define BM_DIRTY_COMPLETE 0x20u
#define BM_DIRTY_BITS 0x40u

/* Where pages without a block's name belong before any had one. */
#define BM_NO_BLOCK G_MAXUINT32

/* How the body of a live section is built, seen from its name and version. */
typedef enum BmGrammar {
    BM_GRAMMAR_OCTETS, /* not typed: travels as octets */
    BM_GRAMMAR_RAM,
    BM_GRAMMAR_BLOCK,
    BM_GRAMMAR_HASH,
    BM_GRAMMAR_BITMAP
} BmGrammar;

/* Octets before the stream's header: 0 for a plain stream, more for one that was
 * saved behind a caller's own header (file: with an offset since 8.2, libvirt).
 * G_MAXSIZE if there is no stream within BM_LIMIT_LEADING. Looks ahead only. */
size_t bm_legacy_leading(BmInput *in);

BmGrammar bm_legacy_grammar(const char *name, uint32_t version);

/* A GCompareDataFunc for ids of sections, as GUINT_TO_POINTER(): they are a
 * stranger's, who can make any number of them with one hash. */
int bm_legacy_compare_ids(gconstpointer a, gconstpointer b, gpointer data);

static inline uint32_t bm_be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint64_t bm_be64(const uint8_t *p)
{
    return (uint64_t)bm_be32(p) << 32 | bm_be32(p + 4);
}

#endif
