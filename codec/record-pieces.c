/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>

#include "batch.h"
#include "record-impl.h"
#include "record-pieces.h"

/* Octets read beyond the last place of a record: the next one's head comes with them,
 * and of its data no more than is worth a copy. */
#define AHEAD 4096u

struct BmPieces {
    BmInput *in;
    BmFault *fault;
    uint64_t start; /* of the record in the input */
    size_t left;
    bool jumped; /* over octets that are not in the hash */
    XXH3_state_t hash;
};

BmPieces *bm_pieces_new(BmInput *in, BmFault *fault)
{
    /* The hash has vectors in it; its size is a multiple of their alignment. */
    BmPieces *p = aligned_alloc(_Alignof(BmPieces), sizeof(*p));

    if (p != NULL) {
        p->in = in;
        p->fault = fault;
        p->start = 0;
        p->left = 0;
        p->jumped = false;
        XXH3_INITSTATE(&p->hash);
        bm_input_set_ahead(in, AHEAD);
    }
    return p;
}

void bm_pieces_free(BmPieces *p)
{
    if (p != NULL) {
        bm_input_set_ahead(p->in, SIZE_MAX);
        free(p);
    }
}

bool bm_pieces_peek(BmInput *in, BmRecordType *type, size_t *size)
{
    BmFault ignored = {0};
    BmRecordHeader header;

    if (!bm_record_read_header(in, &header, &ignored)) {
        return false;
    }
    *type = header.type;
    *size = header.size;
    return true;
}

bool bm_pieces_begin(BmPieces *p, BmRecord *record)
{
    uint64_t offset = bm_input_offset(p->in);
    BmRecordHeader header;

    if (!bm_record_read_header(p->in, &header, p->fault)) {
        return false;
    }
    if (header.size - header.len < BM_SUM_MEMBER_LEN) {
        return bm_fault_set(p->fault, BM_BAD_LENGTH, offset + 1, "record", BM_SUM_MEMBER_LEN,
                            header.size - header.len);
    }
    p->start = offset;
    p->left = header.size - BM_SUM_MEMBER_LEN;
    p->jumped = false;
    XXH3_64bits_reset(&p->hash);
    bm_pieces_skip(p, header.len);
    BmView body = bm_view(NULL, 0, offset + header.len, p->fault);
    *record = (BmRecord){header.type, offset, header.size, body, false};
    return true;
}

size_t bm_pieces_left(const BmPieces *p)
{
    return p->left;
}

/* Where the record ends too early, what is missing is counted from its start. */
static bool too_short(BmPieces *p)
{
    uint64_t size = bm_input_offset(p->in) - p->start + p->left + BM_SUM_MEMBER_LEN;

    bm_record_too_short(p->in, "record", size, p->fault);
    if (p->fault->code == BM_TRUNCATED) {
        p->fault->got = p->fault->offset - p->start;
    }
    return false;
}

bool bm_pieces_need(BmPieces *p, size_t want, BmView *view)
{
    size_t len = want < p->left ? want : p->left;

    if (bm_input_fill(p->in, len) < len) {
        return too_short(p);
    }
    *view = bm_view(bm_input_data(p->in), len, bm_input_offset(p->in), p->fault);
    return true;
}

void bm_pieces_skip(BmPieces *p, size_t len)
{
    XXH3_64bits_update(&p->hash, bm_input_data(p->in), len);
    bm_input_skip(p->in, len);
    p->left -= len;
}

/* Places that are not in a batch yet. */
typedef struct Rest {
    const struct iovec *places;
    size_t n;
    struct iovec first; /* what is left of places[0] */
} Rest;

static Rest all_places(const struct iovec *places, size_t n)
{
    return (Rest){places, n, n > 0 ? places[0] : (struct iovec){NULL, 0}};
}

static void fill_batch(BmBatch *batch, Rest *rest)
{
    bm_batch_clear(batch);
    while (rest->n > 0 && bm_batch_take(batch, &rest->first)) {
        *rest = all_places(rest->places + 1, rest->n - 1);
    }
}

static bool read_batch(BmPieces *p, const BmBatch *batch, const BmBatch *next)
{
    /* Octets of a later batch that came ahead would have to be copied. */
    bm_input_set_ahead(p->in, next->len > 0 ? 0 : AHEAD);
    size_t got = bm_input_move(p->in, batch->iov, batch->n);

    if (got < batch->len) {
        p->left -= got;
        return too_short(p);
    }
    bm_batch_hash_after_read(batch, next, &p->hash);
    p->left -= batch->len;
    return true;
}

bool bm_pieces_place(BmPieces *p, const struct iovec *places, size_t n)
{
    Rest rest = all_places(places, n);
    BmBatch batches[2];
    bool ok = true;

    fill_batch(&batches[0], &rest);
    for (unsigned now = 0; ok && batches[now].len > 0; now = !now) {
        fill_batch(&batches[!now], &rest);
        ok = read_batch(p, &batches[now], &batches[!now]);
    }
    bm_input_set_ahead(p->in, AHEAD);
    return ok;
}

/* False if the input cannot, or has not all of these octets: reading them tells more. */
static bool jump(BmPieces *p, size_t len)
{
    uint64_t end = bm_input_offset(p->in) + len;
    uint8_t last;

    return len > bm_input_available(p->in) && bm_input_at(p->in, end - 1, &last, 1) &&
           bm_input_jump(p->in, end);
}

bool bm_pieces_jump(BmPieces *p, size_t len)
{
    BmView view;

    if (jump(p, len)) {
        p->left -= len;
        p->jumped = true;
        return true;
    }
    while (len > 0) {
        if (!bm_pieces_need(p, len < BM_BATCH_OCTETS ? len : BM_BATCH_OCTETS, &view)) {
            return false;
        }
        bm_pieces_skip(p, view.len);
        len -= view.len;
    }
    return true;
}

/* The checksum that comes next, unless it cannot be judged. */
static bool check_sum(BmPieces *p)
{
    uint64_t hash;

    if (p->jumped) {
        bm_input_digest_drop(p->in);
        return true;
    }
    hash = XXH3_64bits_digest(&p->hash);
    bm_input_digest_add(p->in, hash);
    return bm_record_compare_sum(bm_input_data(p->in), bm_input_offset(p->in), hash, p->fault);
}

bool bm_pieces_end(BmPieces *p)
{
    if (bm_input_fill(p->in, BM_SUM_MEMBER_LEN) < BM_SUM_MEMBER_LEN) {
        return too_short(p);
    }
    if (!check_sum(p)) {
        return false;
    }
    bm_input_skip(p->in, BM_SUM_MEMBER_LEN);
    return true;
}
