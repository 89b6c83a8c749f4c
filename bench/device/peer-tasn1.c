/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * libtasn1, which reads the module that write-module prints and holds values in a
 * tree, where they are found by name.
 */
#include <libtasn1.h>
#include <stdlib.h>

#include "peer.h"

typedef struct Tasn1 {
    Content *content;
    asn1_node definitions;
    char *type;        /* the name of the table, with a capital letter */
    char (*names)[16]; /* of the values */
    uint8_t *room;
} Tasn1;

static void tasn1_close(void *peer)
{
    Tasn1 *t = peer;

    asn1_delete_structure(&t->definitions);
    g_free(t->type);
    g_free(t->names);
    g_free(t->room);
    g_free(t);
}

static void *tasn1_open(Content *content)
{
    const char *module = getenv("BENCH_MODULE");
    char problem[ASN1_MAX_ERROR_DESCRIPTION_SIZE];
    Tasn1 *t = g_new0(Tasn1, 1);

    t->content = content;
    t->type = g_strdup_printf("BENCH.%c%s", g_ascii_toupper(content->name[0]), content->name + 1);
    t->names = g_malloc(content->n_values * sizeof(*t->names));
    t->room = g_malloc(content_room(content));
    for (unsigned i = 0; i < content->n_values; i++) {
        g_snprintf(t->names[i], sizeof(t->names[i]), "v%u", i + 1);
    }
    if (!module || asn1_parser2tree(module, &t->definitions, problem) != ASN1_SUCCESS) {
        tasn1_close(t);
        return NULL;
    }
    return t;
}

static gboolean write_value(asn1_node message, const char *name, const Value *value,
                            const uint8_t *flat)
{
    int64_t number;

    if (value->kind == VALUE_OCTETS) {
        return asn1_write_value(message, name, flat + value->offset, (int)value->width) ==
               ASN1_SUCCESS;
    }
    number = value_number(value, flat);
    if (value->kind == VALUE_BOOLEAN) {
        return asn1_write_value(message, name, number ? "TRUE" : "FALSE", 1) == ASN1_SUCCESS;
    }
    number = GINT64_TO_BE(number);
    return asn1_write_value(message, name, &number, sizeof(number)) == ASN1_SUCCESS;
}

static gboolean tasn1_save(void *peer, BmOctets *octets)
{
    const Tasn1 *t = peer;
    const Content *c = t->content;
    int len = (int)content_room(c);
    asn1_node message = NULL;
    gboolean ok = asn1_create_element(t->definitions, t->type, &message) == ASN1_SUCCESS;

    for (unsigned i = 0; ok && i < c->n_values; i++) {
        ok = write_value(message, t->names[i], &c->values[i], c->flat);
    }
    ok = ok && asn1_der_coding(message, "", t->room, &len, NULL) == ASN1_SUCCESS;
    asn1_delete_structure(&message);
    *octets = (BmOctets){t->room, (size_t)len};
    return ok;
}

static gboolean read_value(asn1_node message, const char *name, const Value *value, uint8_t *flat)
{
    uint8_t octets[16];
    int len = sizeof(octets);
    uint64_t number;

    if (value->kind == VALUE_OCTETS) {
        len = (int)value->width;
        return asn1_read_value(message, name, flat + value->offset, &len) == ASN1_SUCCESS &&
               (uint32_t)len == value->width;
    }
    if (asn1_read_value(message, name, octets, &len) != ASN1_SUCCESS) {
        return FALSE;
    }
    if (value->kind == VALUE_BOOLEAN) {
        value_set(value, flat, octets[0] == 'T');
        return TRUE;
    }
    number = octets[0] & 0x80 ? UINT64_MAX : 0;
    for (int i = 0; i < len; i++) {
        number = number << 8 | octets[i];
    }
    value_set(value, flat, number);
    return TRUE;
}

static gboolean tasn1_load(void *peer, BmOctets octets)
{
    const Tasn1 *t = peer;
    const Content *c = t->content;
    asn1_node message = NULL;
    gboolean ok = asn1_create_element(t->definitions, t->type, &message) == ASN1_SUCCESS &&
                  asn1_der_decoding(&message, octets.data, (int)octets.len, NULL) == ASN1_SUCCESS;

    for (unsigned i = 0; ok && i < c->n_values; i++) {
        ok = read_value(message, t->names[i], &c->values[i], c->loaded);
    }
    asn1_delete_structure(&message);
    return ok;
}

const Peer peer_tasn1 = {
    "libtasn1 " ASN1_VERSION, tasn1_open, tasn1_save, tasn1_load, tasn1_close, FALSE};
