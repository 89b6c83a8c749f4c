/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of QEMU's stream, shared by its files:
 *
 *   legacy-stream-in.c         header, record loop, commands, end
 *   legacy-configuration-in.c  machine, page size, capabilities
 *   legacy-ram.c               bodies of `ram`
 *   mapped-ram-in.c            the pages of a mapped-ram file
 *   legacy-live.c              bodies of the other live sections
 *   legacy-footer.c            bodies that only their footer ends
 *   legacy-held.c              device sections, held until their description is there
 */
#ifndef BM_LEGACY_READER_H
#define BM_LEGACY_READER_H

#include "compat.h"
#include "legacy.h"
#include "recall-impl.h"

typedef struct BmLegacyLive {
    char *name;
    uint32_t instance, version;
    BmGrammar grammar;
    uint64_t slots; /* of its hash table, as far as it has been told */
} BmLegacyLive;

/* Where a block's pages lie in a mapped-ram file. */
typedef struct BmMappedPlace {
    uint64_t bitmap, pages; /* offsets in the file */
} BmMappedPlace;

/* What RAM sections leave behind for the next one. */
typedef struct BmLegacyRam {
    GArray *blocks; /* BmRamBlock, names owned */
    GTree *names;   /* name -> position in `blocks`; a tree, for it has no worst case */
    uint32_t last_block;
    uint64_t page_size; /* 0: not known yet */
    gboolean announced; /* the page size has been given to the visitor */
    gboolean addresses; /* x-ignore-shared: the list has guest addresses */
    uint64_t advised;   /* OR of page sizes from POSTCOPY_ADVISE */
    GArray *mapped;     /* BmMappedPlace, one per block; NULL: no mapped-ram file */
} BmLegacyRam;

typedef enum BmFooters { BM_FOOTERS_UNKNOWN, BM_FOOTERS_ON, BM_FOOTERS_OFF } BmFooters;

typedef struct BmLegacyReader {
    BmInput *in;
    BmStreamVisitor *s;
    BmLegacyOptions options;
    BmSchemaSet *set;
    GTree *live; /* id -> BmLegacyLive */
    BmLegacyRam ram;
    BmFooters footers;
    unsigned packages;      /* we are inside that many */
    gboolean ended;         /* all of the input has been handed on */
    guint early;            /* devices that went on without a description */
    guint packaged;         /* those in packages, which no description has */
    const BmVmdesc *vmdesc; /* once it has been read and fits */
    BmVmdesc *own_vmdesc;   /* it, unless it is recalled */
    BmSchemaSet *own_set;   /* `set`, unless it is recalled or the caller's */
    gboolean sizes_told;    /* what it says of sizes follows from what was handed on */
    GError *idle_error;     /* of a flush while waiting */
    gboolean stable;        /* data of pages stays up to a flush (BmItem) */
    gboolean skims;         /* the visitor has places, which may be nowhere */
} BmLegacyReader;

/* Has `len` octets at hand, or fails: BM_TRUNCATED, or BM_IO. */
gboolean bm_legacy_need(BmLegacyReader *r, size_t len, const char *what, GError **error);
/* As bm_legacy_need(), then moves over them and gives them in *p. */
gboolean bm_legacy_take(BmLegacyReader *r, size_t len, const char *what, const uint8_t **p,
                        GError **error);
/* u8 length and as many octets of UTF-8, at least one.  *name is the caller's. */
gboolean bm_legacy_name(BmLegacyReader *r, const char *what, char **name, GError **error);

/* As bm_input_fill() for one octet more than the record needs: a live QEMU may
 * keep silent, then no more than the timeout is waited. */
gboolean bm_legacy_more(BmLegacyReader *r, size_t len);

/* Reads a configuration, if there is one, and hands it on. */
gboolean bm_legacy_read_configuration(BmLegacyReader *r, GError **error);

/* Octets of an item when a body goes on piece by piece. */
#define BM_LEGACY_PIECE (64u << 10)
/* Hands on `len` octets that are at hand, piece by piece. */
gboolean bm_legacy_give(BmLegacyReader *r, size_t len, GError **error);

/* Reads a body up to and with its own end mark.  The section has been begun. */
gboolean bm_legacy_ram_body(BmLegacyReader *r, const BmLegacyLive *live, uint32_t id,
                            GError **error);
/* In a mapped-ram file: the rest of a block in the list, and a jump behind its pages;
 * then, behind the list, the pages of all blocks. */
gboolean bm_mapped_read_block(BmLegacyReader *r, const BmRamBlock *block, GError **error);
gboolean bm_mapped_read_pages(BmLegacyReader *r, GError **error);
/* Tells the visitor how large pages are, once. */
gboolean bm_legacy_announce_page_size(BmLegacyReader *r, GError **error);
gboolean bm_legacy_live_body(BmLegacyReader *r, BmLegacyLive *live, uint32_t id, GError **error);
/* The rest of a body that is not understood goes on as octets, up to a footer
 * that is followed by a record; without footers, up to the end of the input,
 * as a remainder (then r->ended is set). */
gboolean bm_legacy_rest_body(BmLegacyReader *r, uint32_t id, GError **error);
/* All that is left goes on as a remainder of which no end is known. */
gboolean bm_legacy_up_to_end(BmLegacyReader *r, GError **error);

/* Reads FULL sections from the first one on, up to the record behind them that
 * is none, or, if a description has come, up to its last octet. */
gboolean bm_legacy_devices(BmLegacyReader *r, GError **error);

/* Reads the end marker and a description that may follow. */
gboolean bm_legacy_finish(BmLegacyReader *r, GError **error);

/* TRUE if a footer of section `id` stands `at` octets ahead and a record behind
 * it, as far as can be seen.  Looks ahead, moves nothing. */
gboolean bm_legacy_footer_at(BmLegacyReader *r, size_t at, uint32_t id);

#endif
