/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stream visitor: one interface for all that can happen to a whole stream.
 *
 * A source (a BER stream, a legacy stream) drives it, record by record; the
 * visitor is the operation (write BER, write legacy, print, count, check).  For
 * a device the source hands over an input visitor, and the operation walks it
 * into whatever it likes.
 *
 * Order: begin, [hello], [configuration], any of {announce, check, device, live_begin live_item*
 * live_end, command, package_begin .. package_end}, finish, remainder*, [channel_ends], end.  A
 * return stream: begin, [hello], any of {announce, findings, message}, [ack], end.  All return
 * FALSE and set *error on failure; nothing but bm_stream_free() may follow then.
 */
#ifndef BM_STREAM_H
#define BM_STREAM_H

#include "findings.h"
#include "visitor.h"

typedef struct BmStreamVisitor BmStreamVisitor;

typedef enum BmDirection { BM_FORWARD = 0, BM_RETURN = 1 } BmDirection;

typedef struct BmCapability {
    const char *name;
    const char *const *parameters; /* NULL-terminated */
} BmCapability;

/* What the sender found out about the receiver before the stream, and what both
 * then use. */
typedef struct BmOutcome {
    const char *peer;   /* a program and its version */
    const char *reason; /* why this format is spoken */
    const BmCapability *capabilities;
    uint32_t n_capabilities;
} BmOutcome;

typedef struct BmPreamble {
    uint32_t major, minor;
    BmDirection direction;
    const char *generator;
    gboolean has_header;      /* it came from a QEMUFile stream */
    uint32_t header_version;  /* of that one */
    BmOctets leading;         /* what stood before its header; NULL data: nothing */
    const BmOutcome *outcome; /* NULL: there was no negotiation */
} BmPreamble;

/* What one end of a connection can do. */
typedef struct BmHello {
    const uint32_t *versions; /* major versions of the format */
    uint32_t n_versions;
    const BmCapability *capabilities;
    uint32_t n_capabilities;
} BmHello;

typedef struct BmConfiguration {
    const char *machine;
    gboolean has_page_bits;
    uint32_t page_bits;
    gboolean has_capabilities;
    char *const *capabilities; /* NULL-terminated */
    const uint8_t *uuid;       /* 16 octets or NULL */
} BmConfiguration;

typedef struct BmSection {
    uint32_t id;
    const char *name; /* as registered: bus path and description's name */
    uint32_t instance;
    uint32_t version;
} BmSection;

/* A section that the sender of this direction has, or is ready to take, with
 * nothing of its state. */
typedef struct BmAnnounce {
    const char *name; /* as in a BmSection */
    uint32_t instance;
    uint32_t version;
    const BmSchema *schema;     /* of all that it can hold, see bm_table_schema(); or NULL */
    const BmSchemaSet *schemas; /* the set it is of; NULL if schema is NULL.  One stream has one
                                   set, for announces, devices and its description. */
} BmAnnounce;

/* One device: with structure if `values` is set, else as octets. */
typedef struct BmDevice {
    BmSection section;
    const BmSchema *schema;     /* may be set for octets too: described, but not so written */
    const BmSchemaSet *schemas; /* the set it is of; NULL if schema is NULL */
    gboolean bare;              /* no footer in the origin */
    BmVisitor *values;          /* input visitor, to be walked once */
    BmOctets octets;
} BmDevice;

typedef enum BmPhase { BM_PHASE_START = 0, BM_PHASE_PART = 1, BM_PHASE_END = 2 } BmPhase;

typedef enum BmItemType {
    BM_ITEM_OCTETS,
    BM_ITEM_PAGE_SIZE,
    BM_ITEM_BLOCKS,
    BM_ITEM_PAGES,  /* full pages, `data` holds count * page size octets */
    BM_ITEM_ZEROS,  /* count zero pages */
    BM_ITEM_FILL,   /* one page of octets `value` */
    BM_ITEM_XBZRLE, /* one page, `data` as on the wire */
    BM_ITEM_ZLIB,
    BM_ITEM_NAMED,
    BM_ITEM_MARK, /* `value`: the word */
    BM_ITEM_MEET, /* here belong the pages that channels have up to their meet of this `value`;
                     in a channel: up to here */
    BM_ITEM_CHUNK,
    BM_ITEM_PROGRESS,  /* `value`: per cent */
    BM_ITEM_HASH_SIZE, /* `value`: log2 of the octets of the hash table; 0: there is none */
    BM_ITEM_SLOTS,     /* from slot `page` on: used ones, `data` holds BM_SLOT_SIZE octets of
                          each, then `count` unused ones */
    /* A dirty bitmap of a block device: `device` and `name` say which, NULL is the
     * one of the item before. */
    BM_ITEM_BITMAP_START, /* `value`: octets that a bit stands for; `count`: its BM_BITMAP_* */
    BM_ITEM_BITMAP_BITS,  /* those of `count` sectors from sector `page` on, lowest bit of the
                             first octet first; NULL data: none is set */
    BM_ITEM_BITMAP_END    /* it is complete */
} BmItemType;

/* Flags of a dirty bitmap. */
#define BM_BITMAP_ENABLED 1u
#define BM_BITMAP_PERSISTENT 2u
#define BM_BITMAP_FLAGS 7u /* the third one has no meaning any more */

#define BM_SLOT_SIZE 16u
/* Used, and unused, slots that one item can have. */
#define BM_SLOTS_MAX 65535u
/* What BM_ITEM_HASH_SIZE can be besides 0. */
#define BM_HASH_SIZE_MIN 18u
#define BM_HASH_SIZE_MAX 46u

/* Slots of a hash table of this size. */
static inline uint64_t bm_hash_slots(uint64_t hash_size)
{
    return hash_size == 0 ? 0 : (UINT64_C(1) << hash_size) / BM_SLOT_SIZE;
}

/* `count` slots from `first` on lie in a table of `slots`. */
static inline gboolean bm_slots_fit(uint64_t slots, uint64_t first, uint64_t count)
{
    return first <= slots && count <= slots - first;
}

typedef struct BmRamBlock {
    const char *name;
    uint64_t length;
    uint64_t page_size; /* 0: not given */
    gboolean has_address;
    uint64_t address;
} BmRamBlock;

typedef struct BmItem {
    BmItemType type;
    uint32_t block; /* position in the list of RAM blocks */
    uint64_t page;  /* number; for chunks the sector, for slots the first one */
    uint64_t count;
    uint64_t value;     /* page size, fill octet, word, per cent, total octets of the blocks */
    BmOctets data;      /* NULL data in a chunk: all zero */
    const char *device; /* of a chunk, of a dirty bitmap */
    const char *name;   /* of a dirty bitmap */
    const BmRamBlock *blocks;
    uint32_t n_blocks;
    gboolean stable; /* `data` of full pages stays where and as it is up to the end of the piece
                        of the section, or to an earlier flush: nobody needs to copy it */
} BmItem;

/* What the trailer of a channel's stream says. */
typedef struct BmChannelEnd {
    uint64_t octets, digest;
} BmChannelEnd;

/*
 * A page channel: pages that QEMU's capability multifd sends beside its stream, over
 * connections of their own.  What came on one is a sequence of these, in the order of
 * the channel.
 */
typedef enum BmChannelItemType {
    BM_CHANNEL_OCTETS, /* not understood; only such follow on this channel */
    BM_CHANNEL_INITIAL,
    BM_CHANNEL_PACKET,
    BM_CHANNEL_STATE /* device state */
} BmChannelItemType;

/* Flags of a packet.  Others have no meaning here. */
#define BM_CHANNEL_SYNC 0x01u   /* all that this channel has up to a mark of the stream */
#define BM_CHANNEL_METHOD 0x3eu /* how `data` is compressed; 0: not at all */
#define BM_CHANNEL_ZLIB 0x02u
#define BM_CHANNEL_ZSTD 0x04u
#define BM_CHANNEL_DEVICE 0x40u /* a BM_CHANNEL_STATE, and no other has it */

/* Octets of pages that a packet can hold; its header has a place for the offset of each. */
#define BM_CHANNEL_ROOM (512u << 10)
/* Octets of such a header. */
#define BM_CHANNEL_HEADER(page_size) (320u + 8u * (BM_CHANNEL_ROOM / (page_size)))

typedef struct BmChannelItem {
    BmChannelItemType type;
    uint32_t number; /* of the channel: from 0, in the order of their first items */
    /* initial */
    uint32_t id;         /* that QEMU gave it */
    const uint8_t *uuid; /* 16 octets */
    /* packet, state */
    uint32_t flags;
    /* packet */
    uint64_t counter;   /* QEMU's number of it */
    uint32_t page_size; /* that its header is made for */
    uint32_t allocated; /* pages that it says to have room for */
    /* Octets of the header that nothing above or below says: those of the header before on
     * this channel, those of `header`, which has its length, or zero. */
    gboolean kept;
    BmOctets header; /* NULL data: not needed */
    uint32_t block;  /* of the pages: position in the list of RAM blocks */
    uint64_t page;   /* the first one, from which the map starts */
    BmOctets map;    /* of the pages, as pages.h has it: full ones, then zero ones */
    uint32_t full, zero;
    /* of the full pages as carried; octets; device state */
    BmOctets data;
    /* state */
    const char *name;
    uint32_t instance;
} BmChannelItem;

typedef enum BmStyle { BM_STYLE_SPACED = 0, BM_STYLE_COMPACT = 1 } BmStyle;

/* The origin's JSON description. */
typedef struct BmDescription {
    gboolean present;
    gboolean derived; /* follows from schemas and devices, `text` is not needed */
    BmStyle style;
    uint64_t page_size;
    const BmSchema *configuration; /* may be NULL */
    const BmSchemaSet *schemas;    /* the set it is of */
    BmOctets text;                 /* if not derived */
} BmDescription;

typedef enum BmReason { BM_REASON_TRAILING = 0, BM_REASON_UNDELIMITED = 1 } BmReason;

gboolean bm_stream_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error);
gboolean bm_stream_hello(BmStreamVisitor *s, const BmHello *hello, GError **error);
gboolean bm_stream_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error);
gboolean bm_stream_announce(BmStreamVisitor *s, const BmAnnounce *announce, GError **error);
/* The receiver is to compare what has come, and to answer before more comes. */
gboolean bm_stream_check(BmStreamVisitor *s, GError **error);
/* The answer.  At most BM_LIMIT_FINDINGS. */
gboolean bm_stream_findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n, GError **error);
gboolean bm_stream_device(BmStreamVisitor *s, const BmDevice *device, GError **error);
gboolean bm_stream_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                              GError **error);
gboolean bm_stream_live_item(BmStreamVisitor *s, const BmItem *item, GError **error);
gboolean bm_stream_live_end(BmStreamVisitor *s, gboolean bare, GError **error);
/* Anywhere before the finish, also inside a live section.  Not NULL data in octets. */
gboolean bm_stream_channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error);
/* Where full pages belong: memory to which a source may read all octets of `item`, a
 * BM_ITEM_PAGES without data, right away.  The item follows, with this as its data.
 * What is there before is lost even if reading fails, and it may turn out only behind
 * the item that its octets were wrong.  NULL: nowhere, or the item is wrong; it is to
 * be given with data, as always. */
uint8_t *bm_stream_place(BmStreamVisitor *s, const BmItem *item);
/* As such a place: nobody looks at these pages.  A source need not read them, if it can go
 * on behind them; the item follows with its length and NULL data. */
extern uint8_t bm_stream_nowhere[1];
/* FALSE: it never has a place. */
gboolean bm_stream_takes_places(const BmStreamVisitor *s);
/* TRUE: it makes use of BmItem.stable, so that a source had better make its data so. */
gboolean bm_stream_borrows(const BmStreamVisitor *s);
gboolean bm_stream_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error);
gboolean bm_stream_package_begin(BmStreamVisitor *s, uint32_t length, GError **error);
gboolean bm_stream_package_end(BmStreamVisitor *s, GError **error);
gboolean bm_stream_finish(BmStreamVisitor *s, const BmDescription *description, GError **error);
gboolean bm_stream_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error);
/* For a visitor that needs all pages and gets a BM_ITEM_MEET: fails with BM_REFUSED. */
gboolean bm_stream_lacks_pages(GError **error);
/* Of all channels, in their order.  At most BM_LIMIT_CHANNELS. */
gboolean bm_stream_channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                                GError **error);
gboolean bm_stream_message(BmStreamVisitor *s, BmOctets data, GError **error);
gboolean bm_stream_ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error);
gboolean bm_stream_extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                             GError **error);
/* The stream is complete and its digest was right. */
gboolean bm_stream_end(BmStreamVisitor *s, GError **error);
/* The source is about to wait, or to take back data that was stable: send what is held
 * back. */
gboolean bm_stream_flush(BmStreamVisitor *s, GError **error);
void bm_stream_free(BmStreamVisitor *s); /* NULL is fine */

/* ---- for those who write one ---- */

/* What is missing is done by `otherwise`, and what is missing there, or if that is NULL,
 * succeeds.  `place`, `borrows` and `free` are each visitor's own. */
typedef struct BmStreamOps {
    const struct BmStreamOps *otherwise;
    gboolean (*begin)(BmStreamVisitor *, const BmPreamble *, GError **);
    gboolean (*hello)(BmStreamVisitor *, const BmHello *, GError **);
    gboolean (*configuration)(BmStreamVisitor *, const BmConfiguration *, GError **);
    gboolean (*announce)(BmStreamVisitor *, const BmAnnounce *, GError **);
    gboolean (*check)(BmStreamVisitor *, GError **);
    gboolean (*findings)(BmStreamVisitor *, const BmFinding *, uint32_t, GError **);
    gboolean (*device)(BmStreamVisitor *, const BmDevice *, GError **);
    gboolean (*live_begin)(BmStreamVisitor *, BmPhase, const BmSection *, GError **);
    gboolean (*live_item)(BmStreamVisitor *, const BmItem *, GError **);
    gboolean (*live_end)(BmStreamVisitor *, gboolean, GError **);
    gboolean (*channel)(BmStreamVisitor *, const BmChannelItem *, GError **);
    uint8_t *(*place)(BmStreamVisitor *, const BmItem *);
    gboolean (*borrows)(const BmStreamVisitor *); /* missing: it does not */
    gboolean (*command)(BmStreamVisitor *, uint32_t, BmOctets, GError **);
    gboolean (*package_begin)(BmStreamVisitor *, uint32_t, GError **);
    gboolean (*package_end)(BmStreamVisitor *, GError **);
    gboolean (*finish)(BmStreamVisitor *, const BmDescription *, GError **);
    gboolean (*remainder)(BmStreamVisitor *, BmReason, BmOctets, GError **);
    gboolean (*channel_ends)(BmStreamVisitor *, const BmChannelEnd *, uint32_t, GError **);
    gboolean (*message)(BmStreamVisitor *, BmOctets, GError **);
    gboolean (*ack)(BmStreamVisitor *, uint64_t, uint64_t, GError **);
    gboolean (*extension)(BmStreamVisitor *, uint64_t, gboolean, BmOctets, GError **);
    gboolean (*end)(BmStreamVisitor *, GError **);
    gboolean (*flush)(BmStreamVisitor *, GError **);
    void (*free)(BmStreamVisitor *); /* default g_free() */
} BmStreamOps;

struct BmStreamVisitor {
    const BmStreamOps *ops;
};

/* ---- sources and operations of this folder ---- */

typedef struct BmBerStats {
    uint64_t records;
    uint64_t octets[BM_RECORD_TYPES]; /* by record type, headers included */
    uint64_t total;                   /* all octets of the stream */
    uint64_t trailer_octets, digest;  /* as the trailer says; set by the stream's end */
} BmBerStats;

/* Octets that describe: schemas, and what stands for them. */
uint64_t bm_ber_stats_description(const BmBerStats *stats);

/* Reads a BER stream from `in` and drives `s`.  `explain`: when the input is
 * cut inside a record, what is there is walked into `s` before the error (for
 * printing); otherwise only its path is found out for the error.  `stats` may
 * be NULL. */
gboolean bm_ber_stream_read(BmInput *in, BmStreamVisitor *s, gboolean explain, BmBerStats *stats,
                            GError **error);

/* Writes a BER stream; `out` stays the caller's.  `level`: zstd level of page
 * data, 0 for none, BM_ZSTD_PACED for one that depends on how fast `out` is.  `stats` may be NULL,
 * and is filled in as it goes. */
BmStreamVisitor *bm_ber_stream_out(BmOutput *out, int level, BmBerStats *stats);

/* The same with an index (index.h) and page data at multiples of the page's size, for a
 * file that is to be read in any order.  Fails with BM_UNKNOWN for a stream that changes
 * its list of RAM blocks behind the first page. */
BmStreamVisitor *bm_ber_file_out(BmOutput *out, int level, BmBerStats *stats);

/* Prints one leaf per line.  `glob`: only paths that match it (fnmatch(3)
 * style as in g_pattern_match_simple()), NULL for all.  `pages`: also one line
 * per run of pages.  Text goes to `out`. */
BmStreamVisitor *bm_text_stream_out(BmOutput *out, const char *glob, gboolean pages);
/* The same as one JSON document (RFC 8259). */
BmStreamVisitor *bm_json_stream_out(BmOutput *out, const char *glob, gboolean pages);

/* Walks everything, keeps nothing. */
BmStreamVisitor *bm_null_stream(void);

/* Passes all on to `inner`, which it takes over, except what full pages hold: those of a
 * BER stream in a file are not even read.  So what damages them alone is not found: the
 * checksums of their records, and the digest of the stream, are not compared. */
BmStreamVisitor *bm_skim_stream(BmStreamVisitor *inner);

/* What bm_summary_stream() finds out. */
typedef struct BmSummary {
    BmPreamble preamble; /* generator and outcome are NULL */
    char *outcome_peer;  /* NULL: there was no negotiation */
    char *outcome_reason;
    GPtrArray *outcome_capabilities; /* char *: a name, and parameters behind it */
    char *machine;
    GPtrArray *capabilities; /* char * */
    uint64_t page_size;
    GArray *blocks;          /* BmRamBlock, names owned by the summary */
    uint64_t announced;      /* sections without their state */
    uint64_t devices;        /* with structure + as octets */
    uint64_t devices_octets; /* as octets */
    uint64_t leaves, opaque; /* described fields; those carried as octets for want of a known type
                                or because the device did not fit its description */
    uint64_t pages, zero_pages, encoded_pages, parts, chunks;
    uint64_t slots;             /* of hash tables */
    uint64_t bitmaps;           /* dirty ones that have begun */
    uint64_t channels, packets; /* of pages; those are counted above */
    uint64_t schemas;           /* distinct ones of announces and devices */
    uint64_t commands, packages;
    gboolean finished, described, derived;
    uint64_t remainder; /* octets */
} BmSummary;

BmStreamVisitor *bm_summary_stream(BmSummary *summary);
void bm_summary_clear(BmSummary *summary);

#endif
