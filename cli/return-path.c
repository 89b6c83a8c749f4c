/* SPDX-License-Identifier: BSD-2-Clause */
#include "return-path.h"

#define MESSAGE_SHUT 1
#define MESSAGE_RECV_BITMAP 5

enum {
    IN_HEADER = 0,  /* be16 type, be16 length */
    IN_STATUS,      /* SHUT: be32 */
    IN_PAYLOAD,     /* of no interest */
    IN_BITMAP_SIZE, /* RECV_BITMAP: be64, outside of the stated length */
    IN_BITMAP,      /* the bitmap and be64 end mark */
};

static uint64_t take_number(BmReturnPath *p)
{
    uint64_t value = 0;

    for (unsigned i = 0; i < p->have; i++) {
        value = value << 8 | p->field[i];
    }
    p->have = 0;
    return value;
}

static void end_of_payload(BmReturnPath *p)
{
    p->state = p->type == MESSAGE_RECV_BITMAP ? IN_BITMAP_SIZE : IN_HEADER;
}

static void begin_message(BmReturnPath *p)
{
    uint32_t header = (uint32_t)take_number(p);

    p->type = (uint16_t)(header >> 16);
    p->left = header & 0xffff;
    if (p->type == MESSAGE_SHUT && p->left == 4) {
        p->state = IN_STATUS;
    } else if (p->left > 0) {
        p->state = IN_PAYLOAD;
    } else {
        end_of_payload(p);
    }
}

/* Octets of the number that the state collects; 0 if it skips. */
static unsigned wanted(const BmReturnPath *p)
{
    switch (p->state) {
    case IN_HEADER:
    case IN_STATUS:
        return 4;
    case IN_BITMAP_SIZE:
        return 8;
    default:
        return 0;
    }
}

static void number_complete(BmReturnPath *p)
{
    uint64_t size;

    switch (p->state) {
    case IN_HEADER:
        begin_message(p);
        break;
    case IN_STATUS:
        p->status = (uint32_t)take_number(p);
        p->shut = TRUE;
        p->state = IN_HEADER;
        break;
    case IN_BITMAP_SIZE:
        size = take_number(p);
        p->left = size <= UINT64_MAX - 8 ? size + 8 : UINT64_MAX;
        p->state = IN_BITMAP;
        break;
    }
}

static size_t collect(BmReturnPath *p, const uint8_t *data, size_t len)
{
    size_t used = 0;

    while (used < len && p->have < wanted(p)) {
        p->field[p->have++] = data[used++];
    }
    if (p->have == wanted(p)) {
        number_complete(p);
    }
    return used;
}

static size_t pass_over(BmReturnPath *p, size_t len)
{
    size_t used = len < p->left ? len : (size_t)p->left;

    p->left -= used;
    if (p->left == 0) {
        if (p->state == IN_PAYLOAD) {
            end_of_payload(p);
        } else {
            p->state = IN_HEADER;
        }
    }
    return used;
}

void bm_return_path_feed(BmReturnPath *path, const uint8_t *data, size_t len)
{
    /* Nothing follows SHUT. */
    while (len > 0 && !path->shut) {
        size_t used = wanted(path) > 0 ? collect(path, data, len) : pass_over(path, len);

        data += used;
        len -= used;
    }
}
