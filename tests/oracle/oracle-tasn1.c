/* SPDX-License-Identifier: BSD-2-Clause */
/* libtasn1, with the table that its asn1Parser made of the module. */
#include <libtasn1.h>
#include <string.h>

#include "oracle.h"

extern const asn1_static_node bermig_tasn1[];

typedef struct Node {
    asn1_node value;
    GPtrArray *contents; /* what was given out, as libtasn1 only copies */
} Node;

static asn1_node_const definitions(void)
{
    static asn1_node tree;

    if (!tree) {
        int result = asn1_array2tree(bermig_tasn1, &tree, NULL);

        g_assert(result == ASN1_SUCCESS);
    }
    return tree;
}

static void free_node(void *data)
{
    Node *node = data;

    asn1_delete_structure(&node->value);
    g_ptr_array_unref(node->contents);
    g_free(node);
}

static void *decode(const char *type, BmOctets octets)
{
    g_autofree char *name = g_strconcat("BERMIG.", type, NULL);
    Node *node = g_new0(Node, 1);

    node->contents = g_ptr_array_new_with_free_func(g_free);
    if (asn1_create_element(definitions(), name, &node->value) == ASN1_SUCCESS &&
        asn1_der_decoding(&node->value, octets.data, (int)octets.len, NULL) == ASN1_SUCCESS) {
        return node;
    }
    free_node(node);
    return NULL;
}

/* The value as libtasn1 gives it, with a NUL behind; NULL if there is none. */
static uint8_t *read_value(Node *node, const char *path, int *len, unsigned *type)
{
    uint8_t *value;
    int result;

    *len = 0;
    result = asn1_read_value_type(node->value, path, NULL, len, type);
    if (result != ASN1_SUCCESS && result != ASN1_MEM_ERROR) {
        return NULL;
    }
    value = g_malloc0((size_t)*len + 1);
    g_ptr_array_add(node->contents, value);
    return asn1_read_value_type(node->value, path, value, len, type) == ASN1_SUCCESS ? value : NULL;
}

static gboolean get(void *root, const char *path, BmOctets *content)
{
    unsigned type;
    int len;
    uint8_t *value = read_value(root, path, &len, &type);

    if (!value) {
        return FALSE;
    }
    switch (type) {
    case ASN1_ETYPE_BOOLEAN:
        value[0] = value[0] == 'T' ? 0xff : 0x00; /* it says TRUE or FALSE */
        *content = (BmOctets){value, 1};
        break;
    case ASN1_ETYPE_NULL:
        *content = (BmOctets){NULL, 0};
        break;
    default:
        *content = (BmOctets){value, (size_t)len};
    }
    return TRUE;
}

static const char *choice(void *root, const char *path)
{
    unsigned type;
    int len;
    uint8_t *value = read_value(root, path, &len, &type);

    return value && type == ASN1_ETYPE_CHOICE ? (const char *)value : NULL;
}

static int count(void *root, const char *path)
{
    Node *node = root;
    int n;

    return asn1_number_of_elements(node->value, path, &n) == ASN1_SUCCESS ? n : -1;
}

static GBytes *encode(void *root)
{
    Node *node = root;
    uint8_t *octets;
    int len = 0;

    asn1_der_coding(node->value, "", NULL, &len, NULL);
    octets = g_malloc((size_t)len + 1);
    if (asn1_der_coding(node->value, "", octets, &len, NULL) != ASN1_SUCCESS) {
        g_free(octets);
        return NULL;
    }
    return g_bytes_new_take(octets, (gsize)len);
}

const Oracle oracle_tasn1 = {"libtasn1", decode, get, choice, count, encode, free_node};
