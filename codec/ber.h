/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * BER (ITU-T X.690) values in memory: a reader and a writer.
 *
 * Reader.  A BmView is a window on somebody else's octets, passed by value or
 * on the stack; it owns nothing.  Reading an element gives its content as
 * another view and moves the first behind it.  bm_view_take() is the one place
 * that checks bounds and moves; all else calls it.  Accepted are definite
 * lengths in the minimal form (X.690 10.1) and primitive strings (10.2); the
 * only indefinite lengths of this format, the stream's outermost two, are the
 * business of record.h.  A read that fails changes neither the view nor any
 * result.  The offset of a fault is that of
 *   BM_TRUNCATED   the end of the view
 *   BM_BAD_TAG     the first tag octet; expected and got are BmTag values
 *   BM_BAD_LENGTH  the first length octet
 *   BM_BAD_VALUE   the content (in text: the octet that is not UTF-8)
 *   BM_LIMIT       the content; expected is the limit
 *   BM_TRAILING    the first octet too many; got is their number
 *
 * Writer.  A BmWriter builds one record.  Containers are opened and closed, the
 * length is filled in on closing.  bm_writer_borrow() puts in octets without
 * copying them: they must stay until the record is written.  Errors stick; one
 * check at the end is enough.
 */
#ifndef BM_BER_H
#define BM_BER_H

#include <stddef.h>
#include <sys/uio.h>

#include "fault.h"

/* Class (bits 31-30), constructed (bit 29), number (bits 28-0). */
typedef uint32_t BmTag;

#define BM_CONSTRUCTED (1u << 29)
#define BM_TAG_NUMBER_MAX ((1u << 28) - 1)
#define BM_TAG_UNIVERSAL(n) ((BmTag)(n))
#define BM_TAG_APPLICATION(n) ((1u << 30) | (BmTag)(n))
#define BM_TAG_CONTEXT(n) ((2u << 30) | (BmTag)(n))

#define BM_TAG_BOOLEAN BM_TAG_UNIVERSAL(1)
#define BM_TAG_INTEGER BM_TAG_UNIVERSAL(2)
#define BM_TAG_OCTETS BM_TAG_UNIVERSAL(4)
#define BM_TAG_NULL BM_TAG_UNIVERSAL(5)
#define BM_TAG_OID BM_TAG_UNIVERSAL(6)
#define BM_TAG_ENUMERATED BM_TAG_UNIVERSAL(10)
#define BM_TAG_UTF8 BM_TAG_UNIVERSAL(12)
#define BM_TAG_SEQUENCE (BM_TAG_UNIVERSAL(16) | BM_CONSTRUCTED)

/* Octets that belong to somebody else. */
typedef struct BmOctets {
    const uint8_t *data;
    size_t len;
} BmOctets;

/* ---- reading ---- */

typedef struct BmView {
    const uint8_t *data;
    size_t len;
    uint64_t offset; /* of data[0] in the input */
    BmFault *fault;  /* shared by a view and all views made from it */
    bool cut;        /* the input ended inside: a constructed value may be shorter than its
                        length says, and reading on at the end is BM_TRUNCATED */
} BmView;

/* A view of `len` octets whose first stands at `offset` of the input.  `fault`
 * is the caller's and not NULL; once it holds a fault, all reads fail. */
BmView bm_view(const void *data, size_t len, uint64_t offset, BmFault *fault);

/* Moves over `len` octets and gives them in *out.  BM_TRUNCATED if there are
 * fewer.  The one bounds check of the reader. */
bool bm_view_take(BmView *view, size_t len, const char *what, const uint8_t **out);

/* The tag of the next element without moving.  false at the end of the view or
 * on a malformed tag; no fault is set. */
bool bm_view_peek(const BmView *view, BmTag *tag);

/* Identifier and length octets alone; the length is not compared with what the
 * view holds, since the content may still be on its way. */
bool bm_view_header(BmView *view, const char *what, BmTag *tag, uint64_t *len);

/* The next element whatever its tag.  Tag numbers up to BM_TAG_NUMBER_MAX. */
bool bm_view_any(BmView *view, const char *what, BmTag *tag, BmView *content);

/* The next element, whose tag must be `tag`: BM_BAD_TAG otherwise. */
bool bm_view_get(BmView *view, BmTag tag, const char *what, BmView *content);

/* As bm_view_get(), but if the next tag is another one, or the view is at its
 * end, *present is false and nothing moves. */
bool bm_view_optional(BmView *view, BmTag tag, const char *what, bool *present, BmView *content);

/* Typed elements.  Integers are minimal two's complement (X.690 8.3); a value
 * that does not fit the C type is BM_BAD_VALUE. `max`: BM_LIMIT above it. */
bool bm_view_boolean(BmView *view, BmTag tag, const char *what, bool *out);
bool bm_view_unsigned(BmView *view, BmTag tag, const char *what, uint64_t max, uint64_t *out);
bool bm_view_signed(BmView *view, BmTag tag, const char *what, int64_t *out);
bool bm_view_null(BmView *view, BmTag tag, const char *what);
bool bm_view_octets(BmView *view, BmTag tag, const char *what, size_t max, BmOctets *out);
/* UTF8String: valid UTF-8 without NUL, at most BM_LIMIT_NAME octets. */
bool bm_view_name(BmView *view, BmTag tag, const char *what, BmOctets *out);
/* EXPLICIT tag around an OCTET STRING or UTF8String (`inner`).  BM_CONSTRUCTED
 * need not be given. */
bool bm_view_explicit(BmView *view, BmTag tag, BmTag inner, const char *what, size_t max,
                      BmOctets *out);

/* BM_TRAILING unless the view is at its end. */
bool bm_view_end(BmView *view, const char *what);

/* True if the octets are valid UTF-8 (RFC 3629) without NUL. */
bool bm_utf8_valid(const uint8_t *data, size_t len);

/* ---- writing ---- */

#define BM_WRITER_DEPTH 72

typedef struct BmBorrowed {
    size_t at; /* position among the writer's own octets */
    BmOctets octets;
} BmBorrowed;

typedef struct BmWriter {
    uint8_t *data; /* own octets */
    size_t len, capacity;
    BmBorrowed *borrowed;
    size_t n_borrowed, borrowed_capacity;
    size_t borrowed_len; /* octets of all borrowed pieces */
    struct {
        size_t at;           /* of the length octet */
        size_t borrowed_len; /* before the container */
        size_t n_borrowed;
    } open[BM_WRITER_DEPTH];
    unsigned depth;
    uint64_t hash; /* of the record, set by bm_record_close() */
    BmFault fault;
} BmWriter;

/* A writer on the caller's stack; no memory is taken yet. */
void bm_writer_init(BmWriter *w);
/* Frees what the writer owns; it can be used again after bm_writer_init(). */
void bm_writer_clear(BmWriter *w);
/* Empties it and keeps its memory, for the next record. */
void bm_writer_reset(BmWriter *w);
/* Octets written so far, borrowed ones included. */
size_t bm_writer_size(const BmWriter *w);

/* BM_CONSTRUCTED need not be given. */
void bm_writer_open(BmWriter *w, BmTag tag);
void bm_writer_close(BmWriter *w);

void bm_writer_boolean(BmWriter *w, BmTag tag, bool value);
void bm_writer_unsigned(BmWriter *w, BmTag tag, uint64_t value);
void bm_writer_signed(BmWriter *w, BmTag tag, int64_t value);
void bm_writer_null(BmWriter *w, BmTag tag);
void bm_writer_octets(BmWriter *w, BmTag tag, const void *data, size_t len);
/* Refuses what bm_view_name() would: BM_BAD_VALUE for text that is not UTF-8,
 * BM_LIMIT above BM_LIMIT_NAME octets. */
void bm_writer_text(BmWriter *w, BmTag tag, const char *text);
void bm_writer_explicit(BmWriter *w, BmTag tag, BmTag inner, const void *data, size_t len);
/* Header of a primitive of `len` octets, and the octets by reference. */
void bm_writer_borrow(BmWriter *w, BmTag tag, const void *data, size_t len);
/* The same for octets that do not lie together. */
void bm_writer_borrow_pieces(BmWriter *w, BmTag tag, const BmOctets *pieces, size_t n);
/* Lets what was borrowed behind the own octets `at` begin at a multiple of `align`, a
 * power of two, of the output: puts an element `tag` with an OCTET STRING of zeros in it
 * there, unless it does so anyway.  The record will be written at `offset`; nothing more
 * may come into the containers that are open now, but `behind` octets into the outermost.
 * `at` lies inside the innermost one. */
void bm_writer_align(BmWriter *w, size_t at, BmTag tag, uint64_t offset, uint64_t align,
                     size_t behind);
/* Already encoded octets as they are. */
void bm_writer_verbatim(BmWriter *w, const void *data, size_t len);
/* The same for one who encodes them himself: room for `most` octets, valid until the next
 * call, NULL if a record cannot be so long or there is no memory; then where they end. */
uint8_t *bm_writer_reserve(BmWriter *w, uint64_t most);
void bm_writer_advance(BmWriter *w, const uint8_t *end);

/* Piece `i` of the record, 0 .. 2 * n_borrowed: own octets (maybe none) for an
 * even number, borrowed ones for an odd number. */
BmOctets bm_writer_piece(const BmWriter *w, size_t i);

/* The record's pieces in order, own and borrowed interleaved, into iov[].
 * Returns their number, or 0 if `max` is too small (2 * n_borrowed + 1 is
 * enough), the writer failed, or a container is still open. */
size_t bm_writer_pieces(const BmWriter *w, struct iovec *iov, size_t max);

#endif
