/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The asn1c runtime.  Members are found by the descriptors that asn1c generates
 * for its own coders, so that one function reads all types.
 */
#include <bermig-asn1c.h>
#include <constr_CHOICE.h>
#include <constr_SEQUENCE.h>
#include <constr_SEQUENCE_OF.h>
#include <string.h>

#include "oracle.h"

/* Some value of some type. */
typedef struct Node {
    asn_TYPE_descriptor_t *type;
    void *value; /* NULL: absent */
} Node;

/* clang-format off */
#define TYPE(name) {#name, &asn_DEF_##name}
/* clang-format on */

static const struct {
    const char *name;
    asn_TYPE_descriptor_t *type;
} types[] = {
    TYPE(Stream),      TYPE(Preamble),   TYPE(Configuration), TYPE(Schema),       TYPE(Device),
    TYPE(Start),       TYPE(Part),       TYPE(End),           TYPE(More),         TYPE(Command),
    TYPE(Package),     TYPE(PackageEnd), TYPE(Finish),        TYPE(Remainder),    TYPE(Message),
    TYPE(Ack),         TYPE(Extension),  TYPE(Trailer),       TYPE(Value),        TYPE(Hello),
    TYPE(Announce),    TYPE(Check),      TYPE(Findings),      TYPE(SessionFrame), TYPE(Known),
    TYPE(ChannelEnds),
};

static void *decode(const char *type, BmOctets octets)
{
    Node *node = g_new0(Node, 1);
    asn_dec_rval_t result = {.code = RC_FAIL};

    for (size_t i = 0; i < G_N_ELEMENTS(types); i++) {
        if (strcmp(types[i].name, type) == 0) {
            node->type = types[i].type;
            result = ber_decode(NULL, node->type, &node->value, octets.data, octets.len);
        }
    }
    if (result.code == RC_OK && result.consumed == octets.len) {
        return node;
    }
    if (node->type) {
        ASN_STRUCT_FREE(*node->type, node->value);
    }
    g_free(node);
    return NULL;
}

static void free_node(void *data)
{
    Node *node = data;

    ASN_STRUCT_FREE(*node->type, node->value);
    g_free(node);
}

static gboolean is_choice(Node n)
{
    return n.type->ber_decoder == CHOICE_decode_ber;
}

static Node member(Node parent, const asn_TYPE_member_t *m)
{
    void *at = (uint8_t *)parent.value + m->memb_offset;

    return (Node){m->type, m->flags & ATF_POINTER ? *(void **)at : at};
}

/* The member of a CHOICE that is there, NULL if none. */
static const asn_TYPE_member_t *chosen(Node n)
{
    const struct asn_CHOICE_specifics_s *specifics = n.type->specifics;
    unsigned present;

    g_assert(specifics->pres_size == sizeof(present));
    memcpy(&present, (uint8_t *)n.value + specifics->pres_offset, sizeof(present));
    return present > 0 ? &n.type->elements[present - 1] : NULL;
}

static Node element(Node list, const char *number)
{
    const asn_anonymous_sequence_ *of = list.value;
    int i = (int)g_ascii_strtoll(number, NULL, 10);
    gboolean there = list.type->ber_decoder == SEQUENCE_OF_decode_ber && i >= 1 && i <= of->count;

    return there ? (Node){list.type->elements[0].type, of->array[i - 1]} : (Node){0};
}

static Node named(Node parent, const char *name)
{
    const asn_TYPE_member_t *only = is_choice(parent) ? chosen(parent) : NULL;

    for (int i = 0; i < parent.type->elements_count; i++) {
        const asn_TYPE_member_t *m = &parent.type->elements[i];

        if (strcmp(m->name, name) == 0 && (!is_choice(parent) || m == only)) {
            return member(parent, m);
        }
    }
    return (Node){0};
}

static Node find(void *root, const char *path)
{
    g_auto(GStrv) names = g_strsplit(path, ".", -1);
    Node n = *(Node *)root;

    for (char **name = names; *name && n.value; name++) {
        n = (*name)[0] == '?' ? element(n, *name + 1) : named(n, *name);
    }
    return n;
}

static BmOctets boolean_content(const BOOLEAN_t *value)
{
    static const uint8_t both[2] = {0x00, 0xff};

    return (BmOctets){&both[*value ? 1 : 0], 1};
}

static gboolean get(void *root, const char *path, BmOctets *content)
{
    Node n = find(root, path);

    if (!n.value) {
        return FALSE;
    }
    if (n.type == &asn_DEF_NULL) {
        *content = (BmOctets){NULL, 0};
    } else if (n.type->ber_decoder == BOOLEAN_decode_ber) { /* which NULL shares */
        *content = boolean_content(n.value);
    } else {
        /* All other types without members begin like this one. */
        const ASN__PRIMITIVE_TYPE_t *primitive = n.value;

        g_assert(n.type->elements_count == 0);
        *content = (BmOctets){primitive->buf, (size_t)primitive->size};
    }
    return TRUE;
}

static const char *choice(void *root, const char *path)
{
    Node n = find(root, path);
    const asn_TYPE_member_t *m = n.value && is_choice(n) ? chosen(n) : NULL;

    return m ? m->name : NULL;
}

static int count(void *root, const char *path)
{
    Node n = find(root, path);

    return n.value ? ((const asn_anonymous_sequence_ *)n.value)->count : -1;
}

static int collect(const void *octets, size_t len, void *into)
{
    g_byte_array_append(into, octets, (guint)len);
    return 0;
}

static GBytes *encode(void *root)
{
    GByteArray *octets = g_byte_array_new();
    Node *n = root;

    if (der_encode(n->type, n->value, collect, octets).encoded < 0) {
        g_byte_array_unref(octets);
        return NULL;
    }
    return g_byte_array_free_to_bytes(octets);
}

const Oracle oracle_asn1c = {"asn1c", decode, get, choice, count, encode, free_node};
