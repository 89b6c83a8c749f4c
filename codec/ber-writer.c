/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "ber.h"
#include "limits.h"

#define FIRST_CAPACITY 256
#define FIRST_BORROWED 16
/* Identifier octets of the largest tag number, and length octets. */
#define TAG_MAX 5
#define LENGTH_MAX (1 + sizeof(size_t))

void bm_writer_init(BmWriter *w)
{
    memset(w, 0, sizeof(*w));
}

void bm_writer_clear(BmWriter *w)
{
    free(w->data);
    free(w->borrowed);
    bm_writer_init(w);
}

void bm_writer_reset(BmWriter *w)
{
    w->len = 0;
    w->n_borrowed = 0;
    w->borrowed_len = 0;
    w->depth = 0;
    w->hash = 0;
    w->fault = (BmFault){0};
}

size_t bm_writer_size(const BmWriter *w)
{
    return w->len + w->borrowed_len;
}

static void fail(BmWriter *w, BmCode code, const char *what, uint64_t expected, uint64_t got)
{
    bm_fault_set(&w->fault, code, bm_writer_size(w), what, expected, got);
}

/* ---- memory ---- */

/* True if `more` octets may still come.  The size never exceeds the limit, so
 * the subtraction cannot wrap. */
static bool within_limit(BmWriter *w, size_t more)
{
    size_t size = bm_writer_size(w);

    if (w->fault.code != BM_OK) {
        return false;
    }
    if (more > BM_LIMIT_RECORD - size) {
        fail(w, BM_LIMIT, "record", BM_LIMIT_RECORD, (uint64_t)size + more);
        return false;
    }
    return true;
}

static bool grow(BmWriter *w, size_t more)
{
    size_t capacity = w->capacity > 0 ? w->capacity : FIRST_CAPACITY;

    while (capacity - w->len < more) {
        capacity *= 2;
    }
    uint8_t *data = realloc(w->data, capacity);
    if (data == NULL) {
        fail(w, BM_NO_MEMORY, "record", capacity, 0);
        return false;
    }
    w->data = data;
    w->capacity = capacity;
    return true;
}

/* Room for `n` own octets at the end, NULL after a fault. */
static uint8_t *append(BmWriter *w, size_t n)
{
    if (!within_limit(w, n) || (n > w->capacity - w->len && !grow(w, n))) {
        return NULL;
    }
    w->len += n;
    return w->data + w->len - n;
}

static void append_octets(BmWriter *w, const void *data, size_t len)
{
    uint8_t *p = len > 0 ? append(w, len) : NULL;

    if (p != NULL) {
        memcpy(p, data, len);
    }
}

static bool borrowed_room(BmWriter *w)
{
    if (w->n_borrowed < w->borrowed_capacity) {
        return true;
    }
    size_t capacity = w->borrowed_capacity > 0 ? 2 * w->borrowed_capacity : FIRST_BORROWED;
    BmBorrowed *borrowed = realloc(w->borrowed, capacity * sizeof(*borrowed));
    if (borrowed == NULL) {
        fail(w, BM_NO_MEMORY, "record", capacity * sizeof(*borrowed), 0);
        return false;
    }
    w->borrowed = borrowed;
    w->borrowed_capacity = capacity;
    return true;
}

/* ---- identifier and length octets ---- */

/* X.690 8.1.2: numbers up to 30 in the first octet, others in groups of 7 bits
 * behind it.  Returns the octets used. */
static size_t encode_tag(uint8_t *p, BmTag tag)
{
    uint32_t number = tag & (BM_CONSTRUCTED - 1);
    uint8_t head = (uint8_t)(tag >> 30 << 6 | ((tag & BM_CONSTRUCTED) ? 0x20 : 0));
    size_t n = 1;

    if (number < 31) {
        p[0] = (uint8_t)(head | number);
        return 1;
    }
    p[0] = head | 0x1f;
    for (unsigned shift = 21; shift > 0; shift -= 7) {
        if (number >> shift) {
            p[n++] = (uint8_t)(0x80 | (number >> shift));
        }
    }
    p[n++] = number & 0x7f;
    return n;
}

/* X.690 8.1.3 and 10.1: definite, in the fewest octets. */
static size_t encode_length(uint8_t *p, size_t len)
{
    size_t n = 0;

    if (len < 0x80) {
        p[0] = (uint8_t)len;
        return 1;
    }
    for (size_t rest = len; rest > 0; rest >>= 8) {
        n++;
    }
    p[0] = (uint8_t)(0x80 | n);
    for (size_t i = n; i > 0; i--, len >>= 8) {
        p[i] = (uint8_t)len;
    }
    return n + 1;
}

static void append_header(BmWriter *w, BmTag tag, size_t len)
{
    uint8_t header[TAG_MAX + LENGTH_MAX];
    uint32_t number = tag & (BM_CONSTRUCTED - 1);

    /* The reader takes neither larger numbers nor universal 0 (X.690 8.1.5). */
    if (number > BM_TAG_NUMBER_MAX || (tag & ~BM_CONSTRUCTED) == 0) {
        fail(w, BM_BAD_TAG, "tag", 0, tag);
        return;
    }
    if (number < 31 && len < 0x80) { /* nearly all */
        uint8_t *p = append(w, 2);

        if (p != NULL) {
            encode_tag(p, tag);
            p[1] = (uint8_t)len;
        }
        return;
    }
    size_t n = encode_tag(header, tag);
    n += encode_length(header + n, len);
    append_octets(w, header, n);
}

/* ---- containers ---- */

void bm_writer_open(BmWriter *w, BmTag tag)
{
    /* The length of an empty content holds the place of the one to come. */
    append_header(w, tag | BM_CONSTRUCTED, 0);
    if (w->fault.code != BM_OK) {
        return;
    }
    if (w->depth == BM_WRITER_DEPTH) {
        fail(w, BM_LIMIT, "nesting", BM_WRITER_DEPTH, w->depth + 1);
        return;
    }
    w->open[w->depth].at = w->len - 1;
    w->open[w->depth].borrowed_len = w->borrowed_len;
    w->open[w->depth].n_borrowed = w->n_borrowed;
    w->depth++;
}

void bm_writer_close(BmWriter *w)
{
    uint8_t length[LENGTH_MAX];

    if (w->fault.code != BM_OK) {
        return;
    }
    if (w->depth == 0) {
        fail(w, BM_BAD_ORDER, "close without open", 0, 0);
        return;
    }
    size_t at = w->open[w->depth - 1].at;
    size_t own = w->len - at - 1;
    size_t n = encode_length(length, own + w->borrowed_len - w->open[w->depth - 1].borrowed_len);

    if (append(w, n - 1) == NULL) {
        return;
    }
    if (n > 1) {
        memmove(w->data + at + n, w->data + at + 1, own);
        for (size_t i = w->open[w->depth - 1].n_borrowed; i < w->n_borrowed; i++) {
            w->borrowed[i].at += n - 1;
        }
    }
    memcpy(w->data + at, length, n);
    w->depth--;
}

/* ---- values ---- */

static void append_element(BmWriter *w, BmTag tag, const void *data, size_t len)
{
    append_header(w, tag, len);
    append_octets(w, data, len);
}

void bm_writer_boolean(BmWriter *w, BmTag tag, bool value)
{
    uint8_t octet = value ? 0xff : 0x00; /* X.690 11.1 */

    append_element(w, tag, &octet, 1);
}

/* Two's complement in the fewest octets (X.690 8.3.2): those of the significant
 * bits and one bit for the sign, which is all there is of a ninth octet. */
static void append_integer(BmWriter *w, BmTag tag, uint8_t sign, uint64_t value)
{
    uint64_t bits = sign ? ~value : value;
    size_t n = bits ? (size_t)(64 - __builtin_clzll(bits)) / 8 + 1 : 1;

    append_header(w, tag, n);
    uint8_t *p = append(w, n);
    if (p == NULL) {
        return;
    }
    p[0] = sign;
    for (size_t i = n; i > (n == 9 ? 1 : 0); i--, value >>= 8) {
        p[i - 1] = (uint8_t)value;
    }
}

void bm_writer_unsigned(BmWriter *w, BmTag tag, uint64_t value)
{
    append_integer(w, tag, 0x00, value);
}

void bm_writer_signed(BmWriter *w, BmTag tag, int64_t value)
{
    append_integer(w, tag, value < 0 ? 0xff : 0x00, (uint64_t)value);
}

void bm_writer_null(BmWriter *w, BmTag tag)
{
    append_header(w, tag, 0);
}

void bm_writer_octets(BmWriter *w, BmTag tag, const void *data, size_t len)
{
    append_element(w, tag, data, len);
}

/* The reader would refuse it, so it must not be written. */
static void check_utf8(BmWriter *w, const void *data, size_t len)
{
    if (len > 0 && !bm_utf8_valid(data, len)) {
        fail(w, BM_BAD_VALUE, "text", 0, 0);
    }
}

void bm_writer_text(BmWriter *w, BmTag tag, const char *text)
{
    size_t len = strlen(text);

    if (len > BM_LIMIT_NAME) {
        fail(w, BM_LIMIT, "text", BM_LIMIT_NAME, len);
        return;
    }
    check_utf8(w, text, len);
    append_element(w, tag, text, len);
}

void bm_writer_explicit(BmWriter *w, BmTag tag, BmTag inner, const void *data, size_t len)
{
    if (inner == BM_TAG_UTF8) {
        check_utf8(w, data, len);
    }
    bm_writer_open(w, tag);
    append_element(w, inner, data, len);
    bm_writer_close(w);
}

static void borrow(BmWriter *w, BmOctets octets)
{
    if (octets.len == 0 || !within_limit(w, octets.len) || !borrowed_room(w)) {
        return;
    }
    w->borrowed[w->n_borrowed++] = (BmBorrowed){w->len, octets};
    w->borrowed_len += octets.len;
}

void bm_writer_borrow_pieces(BmWriter *w, BmTag tag, const BmOctets *pieces, size_t n)
{
    size_t len = 0;

    for (size_t i = 0; i < n; i++) {
        len += pieces[i].len;
    }
    append_header(w, tag, len);
    for (size_t i = 0; i < n; i++) {
        borrow(w, pieces[i]);
    }
}

void bm_writer_borrow(BmWriter *w, BmTag tag, const void *data, size_t len)
{
    bm_writer_borrow_pieces(w, tag, &(BmOctets){data, len}, 1);
}

void bm_writer_verbatim(BmWriter *w, const void *data, size_t len)
{
    append_octets(w, data, len);
}

uint8_t *bm_writer_reserve(BmWriter *w, uint64_t most)
{
    /* Not so much may be needed: no fault yet. */
    if (w->fault.code != BM_OK || most > BM_LIMIT_RECORD - bm_writer_size(w) ||
        (most > w->capacity - w->len && !grow(w, (size_t)most))) {
        return NULL;
    }
    return w->data + w->len;
}

void bm_writer_advance(BmWriter *w, const uint8_t *end)
{
    w->len = (size_t)(end - w->data);
}

/* ---- a place in the output ---- */

/* Octets that the lengths of the open containers will take besides those that hold their
 * places, with `more` octets in the innermost one and `behind` in the outermost. */
static size_t length_growth(const BmWriter *w, size_t more, size_t behind)
{
    uint8_t length[LENGTH_MAX];
    size_t growth = 0;

    for (unsigned i = w->depth; i > 0; i--) {
        size_t before = w->open[i - 1].at + 1 + w->open[i - 1].borrowed_len;
        size_t content = bm_writer_size(w) - before + more + growth + (i == 1 ? behind : 0);

        growth += encode_length(length, content) - 1;
    }
    return growth;
}

/* The headers of a filler of `zeros`; its octets in *size. */
static size_t filler_header(uint8_t *p, BmTag tag, size_t zeros, size_t *size)
{
    uint8_t inner[TAG_MAX + LENGTH_MAX];
    size_t n_inner = encode_tag(inner, BM_TAG_OCTETS);

    n_inner += encode_length(inner + n_inner, zeros);
    size_t n = encode_tag(p, tag | BM_CONSTRUCTED);
    n += encode_length(p + n, n_inner + zeros);
    memcpy(p + n, inner, n_inner);
    *size = n + n_inner + zeros;
    return n + n_inner;
}

/* Puts zeros between the own octets. */
static uint8_t *insert_zeros(BmWriter *w, size_t at, size_t len, size_t first_borrowed)
{
    size_t own = w->len - at;

    if (append(w, len) == NULL) {
        return NULL;
    }
    memmove(w->data + at + len, w->data + at, own);
    memset(w->data + at, 0, len);
    for (size_t i = first_borrowed; i < w->n_borrowed; i++) {
        w->borrowed[i].at += len;
    }
    return w->data + at;
}

void bm_writer_align(BmWriter *w, size_t at, BmTag tag, uint64_t offset, uint64_t align,
                     size_t behind)
{
    uint8_t header[2 * (TAG_MAX + LENGTH_MAX)];
    size_t first = 0, zeros = 0, size = 0, header_len = 0;

    while (first < w->n_borrowed && w->borrowed[first].at < at) {
        offset += w->borrowed[first++].octets.len;
    }
    if (w->fault.code != BM_OK || first == w->n_borrowed) {
        return;
    }
    offset += w->borrowed[first].at;
    if (((offset + length_growth(w, 0, behind)) & (align - 1)) == 0) {
        return;
    }
    /* A longer filler can have longer headers, its own and those around it, and then is too
     * long by these.  Few lengths cannot be had at all: then it goes one further. */
    for (unsigned tries = 0;; tries++) {
        header_len = filler_header(header, tag, zeros, &size);
        size_t over = (offset + size + length_growth(w, size, behind)) & (align - 1);
        if (over == 0) {
            break;
        }
        zeros = tries < 3 && over <= zeros ? zeros - over : zeros + (align - over);
    }
    uint8_t *p = insert_zeros(w, at, size, first);
    if (p != NULL) {
        memcpy(p, header, header_len);
    }
}

/* ---- pieces ---- */

BmOctets bm_writer_piece(const BmWriter *w, size_t i)
{
    size_t next = i / 2; /* the borrowed piece at or behind this one */

    if (i % 2 == 1) {
        return w->borrowed[next].octets;
    }
    size_t start = next > 0 ? w->borrowed[next - 1].at : 0;
    size_t end = next < w->n_borrowed ? w->borrowed[next].at : w->len;
    if (end == start) {
        return (BmOctets){(const uint8_t *)"", 0};
    }
    return (BmOctets){w->data + start, end - start};
}

size_t bm_writer_pieces(const BmWriter *w, struct iovec *iov, size_t max)
{
    size_t n = 0;

    if (w->fault.code != BM_OK || w->depth > 0) {
        return 0;
    }
    for (size_t i = 0; i <= 2 * w->n_borrowed; i++) {
        BmOctets piece = bm_writer_piece(w, i);

        if (piece.len == 0) {
            continue;
        }
        if (n == max) {
            return 0;
        }
        /* struct iovec serves reading too and has no const. */
        iov[n++] = (struct iovec){(void *)(uintptr_t)piece.data, piece.len};
    }
    return n;
}
