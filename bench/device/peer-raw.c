/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Big-endian octets one after the other, with nothing that says what they are: what
 * QEMU's stream has of a device, by the shortest loop there is.
 */
#include "peer.h"

typedef struct Raw {
    Content *content;
    uint8_t *room;
} Raw;

static void *raw_open(Content *content)
{
    Raw *raw = g_new0(Raw, 1);

    raw->content = content;
    raw->room = g_malloc(content_room(content));
    return raw;
}

static void raw_close(void *peer)
{
    g_free(((Raw *)peer)->room);
    g_free(peer);
}

static gboolean raw_save(void *peer, BmOctets *octets)
{
    const Raw *raw = peer;
    const Content *c = raw->content;
    uint8_t *to = raw->room;

    for (unsigned i = 0; i < c->n_values; i++) {
        const Value *value = &c->values[i];

        if (value->kind == VALUE_OCTETS) {
            memcpy(to, c->flat + value->offset, value->width);
        } else {
            uint64_t number =
                GUINT64_TO_BE(value_unsigned(value, c->flat) << (64 - 8 * value->width));

            memcpy(to, &number, sizeof(number));
        }
        to += value->width;
    }
    *octets = (BmOctets){raw->room, (size_t)(to - raw->room)};
    return TRUE;
}

static uint64_t get_number(const uint8_t *from, uint32_t width)
{
    uint64_t number = 0;

    for (uint32_t i = 0; i < width; i++) {
        number = number << 8 | from[i];
    }
    return number;
}

static gboolean raw_load(void *peer, BmOctets octets)
{
    const Content *c = ((Raw *)peer)->content;
    const uint8_t *from = octets.data, *end = from + octets.len;

    for (unsigned i = 0; i < c->n_values; i++) {
        const Value *value = &c->values[i];

        if (value->width > (size_t)(end - from)) {
            return FALSE;
        }
        if (value->kind == VALUE_OCTETS) {
            memcpy(c->loaded + value->offset, from, value->width);
        } else {
            value_set(value, c->loaded, get_number(from, value->width));
        }
        from += value->width;
    }
    return from == end;
}

const Peer peer_raw = {"plain octets", raw_open, raw_save, raw_load, raw_close, FALSE};
