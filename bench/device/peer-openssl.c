/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenSSL's ASN.1 templates: what the macros of <openssl/asn1t.h> write, built from
 * the list.  Numbers are embedded 64-bit ones, its fastest form.
 */
#include <openssl/asn1t.h>
#include <openssl/opensslv.h>

#include "peer.h"

typedef union Member {
    int64_t i;
    ASN1_BOOLEAN boolean;
    ASN1_OCTET_STRING *octets;
} Member;

typedef struct Openssl {
    Content *content;
    ASN1_TEMPLATE *templates;
    ASN1_ITEM item;
    Member *message; /* to save from; its strings point to the values */
    uint8_t *octets;
} Openssl;

static ASN1_TEMPLATE template_of(const Value *value, unsigned i)
{
    ASN1_TEMPLATE t = {.offset = i * sizeof(Member), .field_name = value->path};

    switch (value->kind) {
    case VALUE_OCTETS:
        t.item = ASN1_ITEM_ref(ASN1_OCTET_STRING);
        break;
    case VALUE_BOOLEAN:
        t.item = ASN1_ITEM_ref(ASN1_BOOLEAN);
        break;
    case VALUE_SIGNED:
        t.flags = ASN1_TFLG_EMBED;
        t.item = ASN1_ITEM_ref(INT64);
        break;
    case VALUE_UNSIGNED:
        t.flags = ASN1_TFLG_EMBED;
        t.item = ASN1_ITEM_ref(UINT64);
        break;
    }
    return t;
}

static void *openssl_open(Content *content)
{
    Openssl *o = g_new0(Openssl, 1);

    o->content = content;
    o->templates = g_new0(ASN1_TEMPLATE, content->n_values);
    o->message = g_new0(Member, content->n_values);
    for (unsigned i = 0; i < content->n_values; i++) {
        o->templates[i] = template_of(&content->values[i], i);
        if (content->values[i].kind == VALUE_OCTETS) {
            o->message[i].octets = ASN1_OCTET_STRING_new();
        }
    }
    o->item = (ASN1_ITEM){.itype = ASN1_ITYPE_SEQUENCE,
                          .utype = V_ASN1_SEQUENCE,
                          .templates = o->templates,
                          .tcount = content->n_values,
                          .size = (long)(content->n_values * sizeof(Member)),
                          .sname = content->name};
    return o;
}

static void openssl_close(void *peer)
{
    Openssl *o = peer;

    for (unsigned i = 0; i < o->content->n_values; i++) {
        if (o->content->values[i].kind == VALUE_OCTETS) {
            o->message[i].octets->data = NULL;
            ASN1_OCTET_STRING_free(o->message[i].octets);
        }
    }
    OPENSSL_free(o->octets);
    g_free(o->templates);
    g_free(o->message);
    g_free(o);
}

static gboolean openssl_save(void *peer, BmOctets *octets)
{
    Openssl *o = peer;
    const Content *c = o->content;
    int len;

    for (unsigned i = 0; i < c->n_values; i++) {
        const Value *value = &c->values[i];

        if (value->kind == VALUE_OCTETS) {
            o->message[i].octets->data = c->flat + value->offset;
            o->message[i].octets->length = (int)value->width;
        } else if (value->kind == VALUE_BOOLEAN) {
            o->message[i].boolean = value_unsigned(value, c->flat) ? 0xff : 0;
        } else {
            o->message[i].i = value_number(value, c->flat);
        }
    }
    OPENSSL_free(o->octets);
    o->octets = NULL;
    len = ASN1_item_i2d((ASN1_VALUE *)o->message, &o->octets, &o->item);
    *octets = (BmOctets){o->octets, (size_t)len};
    return len > 0;
}

static gboolean take(const Content *c, const Member *message)
{
    for (unsigned i = 0; i < c->n_values; i++) {
        const Value *value = &c->values[i];

        if (value->kind == VALUE_OCTETS) {
            const ASN1_OCTET_STRING *string = message[i].octets;

            if (!value_set_octets(value, c->loaded, string->data, (size_t)string->length)) {
                return FALSE;
            }
        } else if (value->kind == VALUE_BOOLEAN) {
            value_set(value, c->loaded, message[i].boolean != 0);
        } else {
            value_set(value, c->loaded, (uint64_t)message[i].i);
        }
    }
    return TRUE;
}

static gboolean openssl_load(void *peer, BmOctets octets)
{
    const Openssl *o = peer;
    const unsigned char *at = octets.data;
    ASN1_VALUE *message = ASN1_item_d2i(NULL, &at, (long)octets.len, &o->item);
    gboolean ok = message && take(o->content, (const Member *)message);

    ASN1_item_free(message, &o->item);
    return ok;
}

const Peer peer_openssl = {
    "OpenSSL " OPENSSL_VERSION_STR, openssl_open, openssl_save, openssl_load, openssl_close, FALSE};
