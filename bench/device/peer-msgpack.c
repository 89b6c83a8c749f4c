/* SPDX-License-Identifier: BSD-2-Clause */
/* msgpack-c: one array of the values. */
#include <msgpack.h>

#include "peer.h"

typedef struct Msgpack {
    Content *content;
    msgpack_sbuffer buffer;
    msgpack_unpacked unpacked;
} Msgpack;

static void *msgpack_peer_open(Content *content)
{
    Msgpack *m = g_new0(Msgpack, 1);

    m->content = content;
    msgpack_sbuffer_init(&m->buffer);
    msgpack_unpacked_init(&m->unpacked);
    return m;
}

static void msgpack_peer_close(void *peer)
{
    Msgpack *m = peer;

    msgpack_sbuffer_destroy(&m->buffer);
    msgpack_unpacked_destroy(&m->unpacked);
    g_free(m);
}

static int pack(msgpack_packer *packer, const Value *value, const uint8_t *flat)
{
    switch (value->kind) {
    case VALUE_OCTETS:
        return msgpack_pack_bin_with_body(packer, flat + value->offset, value->width);
    case VALUE_BOOLEAN:
        return flat[value->offset] ? msgpack_pack_true(packer) : msgpack_pack_false(packer);
    case VALUE_SIGNED:
        return msgpack_pack_int64(packer, value_signed(value, flat));
    default:
        return msgpack_pack_uint64(packer, value_unsigned(value, flat));
    }
}

static gboolean msgpack_peer_save(void *peer, BmOctets *octets)
{
    Msgpack *m = peer;
    const Content *c = m->content;
    msgpack_packer packer;
    int failed;

    msgpack_sbuffer_clear(&m->buffer);
    msgpack_packer_init(&packer, &m->buffer, msgpack_sbuffer_write);
    failed = msgpack_pack_array(&packer, c->n_values);
    for (unsigned i = 0; !failed && i < c->n_values; i++) {
        failed = pack(&packer, &c->values[i], c->flat);
    }
    *octets = (BmOctets){(const uint8_t *)m->buffer.data, m->buffer.size};
    return !failed;
}

static gboolean take(const Value *value, uint8_t *flat, const msgpack_object *object)
{
    switch (object->type) {
    case MSGPACK_OBJECT_BIN:
        return value->kind == VALUE_OCTETS &&
               value_set_octets(value, flat, object->via.bin.ptr, object->via.bin.size);
    case MSGPACK_OBJECT_BOOLEAN:
        value_set(value, flat, object->via.boolean);
        return value->kind == VALUE_BOOLEAN;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        value_set(value, flat, (uint64_t)object->via.i64);
        return value->kind == VALUE_SIGNED;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        value_set(value, flat, object->via.u64);
        return value->kind != VALUE_OCTETS;
    default:
        return FALSE;
    }
}

static gboolean msgpack_peer_load(void *peer, BmOctets octets)
{
    Msgpack *m = peer;
    const Content *c = m->content;
    const msgpack_object *root = &m->unpacked.data;

    if (msgpack_unpack_next(&m->unpacked, (const char *)octets.data, octets.len, NULL) !=
            MSGPACK_UNPACK_SUCCESS ||
        root->type != MSGPACK_OBJECT_ARRAY || root->via.array.size != c->n_values) {
        return FALSE;
    }
    for (unsigned i = 0; i < c->n_values; i++) {
        if (!take(&c->values[i], c->loaded, &root->via.array.ptr[i])) {
            return FALSE;
        }
    }
    return TRUE;
}

const Peer peer_msgpack = {"msgpack-c " MSGPACK_VERSION,
                           msgpack_peer_open,
                           msgpack_peer_save,
                           msgpack_peer_load,
                           msgpack_peer_close,
                           FALSE};
