/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * asn1c: the structs and tables that it makes of the module that write-module prints.
 * INTEGERs are C longs there, which spares it an allocation for each.
 */
#include <bench-asn1c.h>

#include "peer.h"

typedef struct Asn1c {
    Content *content;
    asn_TYPE_descriptor_t *type;
    void *message;
    uint8_t *room;
} Asn1c;

/* The type of a device has the name of its table, with a capital letter. */
static asn_TYPE_descriptor_t *find_type(const Content *c)
{
    static asn_TYPE_descriptor_t *const types[] = {&asn_DEF_I8254, &asn_DEF_Mc146818rtc,
                                                   &asn_DEF_E1000};

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (!g_ascii_strcasecmp(types[i]->name, c->name)) {
            return types[i];
        }
    }
    return NULL;
}

static size_t size_of(const asn_TYPE_descriptor_t *type)
{
    return (size_t)((const asn_SEQUENCE_specifics_t *)type->specifics)->struct_size;
}

static void *asn1c_open(Content *content)
{
    asn_TYPE_descriptor_t *type = find_type(content);
    Asn1c *peer;

    if (!type) {
        return NULL;
    }
    peer = g_new0(Asn1c, 1);
    peer->content = content;
    peer->type = type;
    peer->message = g_malloc0(size_of(type));
    peer->room = g_malloc(content_room(content));
    return peer;
}

static void asn1c_close(void *peer)
{
    g_free(((Asn1c *)peer)->message);
    g_free(((Asn1c *)peer)->room);
    g_free(peer);
}

static gboolean asn1c_save(void *peer, BmOctets *octets)
{
    const Asn1c *a = peer;
    const Content *c = a->content;
    asn_enc_rval_t result;

    for (unsigned i = 0; i < c->n_values; i++) {
        const Value *value = &c->values[i];
        void *member = (char *)a->message + a->type->elements[i].memb_offset;

        if (value->kind == VALUE_OCTETS) {
            *(OCTET_STRING_t *)member =
                (OCTET_STRING_t){.buf = c->flat + value->offset, .size = (int)value->width};
        } else if (value->kind == VALUE_BOOLEAN) {
            *(BOOLEAN_t *)member = (BOOLEAN_t)value_unsigned(value, c->flat);
        } else {
            *(long *)member = value_number(value, c->flat);
        }
    }
    result = der_encode_to_buffer(a->type, a->message, a->room, content_room(c));
    *octets = (BmOctets){a->room, (size_t)result.encoded};
    return result.encoded > 0;
}

static gboolean take(const Content *c, const asn_TYPE_descriptor_t *type, const void *message)
{
    for (unsigned i = 0; i < c->n_values; i++) {
        const Value *value = &c->values[i];
        const void *member = (const char *)message + type->elements[i].memb_offset;

        if (value->kind == VALUE_OCTETS) {
            const OCTET_STRING_t *string = member;

            if (!value_set_octets(value, c->loaded, string->buf, (size_t)string->size)) {
                return FALSE;
            }
        } else if (value->kind == VALUE_BOOLEAN) {
            value_set(value, c->loaded, *(const BOOLEAN_t *)member != 0);
        } else {
            value_set(value, c->loaded, (uint64_t) * (const long *)member);
        }
    }
    return TRUE;
}

static gboolean asn1c_load(void *peer, BmOctets octets)
{
    const Asn1c *a = peer;
    void *message = NULL;
    gboolean ok = ber_decode(NULL, a->type, &message, octets.data, octets.len).code == RC_OK &&
                  take(a->content, a->type, message);

    ASN_STRUCT_FREE(*a->type, message);
    return ok;
}

const Peer peer_asn1c = {"asn1c 0.9.28", asn1c_open, asn1c_save, asn1c_load, asn1c_close, FALSE};
