/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libcbor: one array of the values, by its streaming encoder and decoder, which make
 * no tree and so are its fast side.
 */
#include <cbor.h>

#include "peer.h"

typedef struct Cbor {
    Content *content;
    uint8_t *room;
    unsigned at; /* value that comes next */
    gboolean wrong;
} Cbor;

static void *cbor_open(Content *content)
{
    Cbor *b = g_new0(Cbor, 1);

    b->content = content;
    b->room = g_malloc(content_room(content));
    return b;
}

static void cbor_close(void *peer)
{
    g_free(((Cbor *)peer)->room);
    g_free(peer);
}

static size_t encode(const Value *value, const uint8_t *flat, uint8_t *to, size_t room)
{
    int64_t number;
    size_t n;

    switch (value->kind) {
    case VALUE_OCTETS:
        n = cbor_encode_bytestring_start(value->width, to, room);
        memcpy(to + n, flat + value->offset, value->width);
        return n + value->width;
    case VALUE_BOOLEAN:
        return cbor_encode_bool(flat[value->offset], to, room);
    case VALUE_SIGNED:
        number = value_signed(value, flat);
        return number < 0 ? cbor_encode_negint((uint64_t)~number, to, room)
                          : cbor_encode_uint((uint64_t)number, to, room);
    default:
        return cbor_encode_uint(value_unsigned(value, flat), to, room);
    }
}

static gboolean cbor_save(void *peer, BmOctets *octets)
{
    const Cbor *b = peer;
    const Content *c = b->content;
    size_t room = content_room(c), n = cbor_encode_array_start(c->n_values, b->room, room);

    for (unsigned i = 0; i < c->n_values; i++) {
        n += encode(&c->values[i], c->flat, b->room + n, room - n);
    }
    *octets = (BmOctets){b->room, n};
    return TRUE;
}

/* ---- loading ---- */

static const Value *next(Cbor *b)
{
    if (b->at < b->content->n_values) {
        return &b->content->values[b->at++];
    }
    b->wrong = TRUE;
    return NULL;
}

static void take_number(Cbor *b, uint64_t number)
{
    const Value *value = next(b);

    if (value && value->kind != VALUE_OCTETS) {
        value_set(value, b->content->loaded, number);
    } else {
        b->wrong = TRUE;
    }
}

#define TAKE(bits)                                                                                 \
    static void take_uint##bits(void *peer, uint##bits##_t number)                                 \
    {                                                                                              \
        take_number(peer, number);                                                                 \
    }                                                                                              \
    static void take_negint##bits(void *peer, uint##bits##_t number)                               \
    {                                                                                              \
        take_number(peer, ~(uint64_t)number);                                                      \
    }
TAKE(8)
TAKE(16)
TAKE(32)
TAKE(64)

static void take_boolean(void *peer, bool boolean)
{
    take_number(peer, boolean);
}

static void take_octets(void *peer, cbor_data data, size_t len)
{
    Cbor *b = peer;
    const Value *value = next(b);

    if (!value || !value_set_octets(value, b->content->loaded, data, len)) {
        b->wrong = TRUE;
    }
}

static gboolean cbor_peer_load(void *peer, BmOctets octets)
{
    static struct cbor_callbacks callbacks;
    Cbor *b = peer;

    callbacks = cbor_empty_callbacks;
    callbacks.uint8 = take_uint8;
    callbacks.uint16 = take_uint16;
    callbacks.uint32 = take_uint32;
    callbacks.uint64 = take_uint64;
    callbacks.negint8 = take_negint8;
    callbacks.negint16 = take_negint16;
    callbacks.negint32 = take_negint32;
    callbacks.negint64 = take_negint64;
    callbacks.boolean = take_boolean;
    callbacks.byte_string = take_octets;
    b->at = 0;
    b->wrong = FALSE;
    for (size_t at = 0; at < octets.len;) {
        struct cbor_decoder_result result =
            cbor_stream_decode(octets.data + at, octets.len - at, &callbacks, b);

        if (result.status != CBOR_DECODER_FINISHED) {
            return FALSE;
        }
        at += result.read;
    }
    return !b->wrong && b->at == b->content->n_values;
}

#define VERSION                                                                                    \
    G_STRINGIFY(CBOR_MAJOR_VERSION)                                                                \
    "." G_STRINGIFY(CBOR_MINOR_VERSION) "." G_STRINGIFY(CBOR_PATCH_VERSION)

const Peer peer_cbor = {"libcbor " VERSION, cbor_open,  cbor_save,
                        cbor_peer_load,     cbor_close, FALSE};
