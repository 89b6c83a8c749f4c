/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "digest.h"
#include "mutate.h"
#include "record.h"

/* Beyond this nothing is repeated, or changes upon changes would have no end. */
#define SIZE_MAX_REPEATED (20u << 10)

/* A value: all tags of the format take one octet. */
typedef struct Node {
    uint8_t tag;
    GByteArray *octets;  /* of a primitive */
    GPtrArray *children; /* of a constructed one */
} Node;

static gboolean is_constructed(uint8_t tag)
{
    return (tag & 0x20) != 0;
}

static void node_free(gpointer data)
{
    Node *n = data;

    if (n->octets) {
        g_byte_array_unref(n->octets);
    }
    if (n->children) {
        g_ptr_array_unref(n->children);
    }
    g_free(n);
}

static Node *node_new(uint8_t tag)
{
    Node *n = g_new0(Node, 1);

    n->tag = tag;
    if (is_constructed(tag)) {
        n->children = g_ptr_array_new_with_free_func(node_free);
    } else {
        n->octets = g_byte_array_new();
    }
    return n;
}

static Node *node_copy(const Node *from)
{
    Node *n = node_new(from->tag);

    if (from->octets) {
        g_byte_array_append(n->octets, from->octets->data, from->octets->len);
    }
    for (guint i = 0; from->children && i < from->children->len; i++) {
        g_ptr_array_add(n->children, node_copy(from->children->pdata[i]));
    }
    return n;
}

/* ---- from octets and back ---- */

static gboolean parse_children(GPtrArray *children, BmView view);

static Node *parse_node(BmView *view)
{
    const uint8_t *p = view->data;
    BmView content;
    Node *n;
    BmTag tag;

    if (view->len == 0 || (p[0] & 0x1f) == 0x1f || !bm_view_any(view, "node", &tag, &content)) {
        return NULL;
    }
    n = node_new(p[0]);
    if (n->octets) {
        g_byte_array_append(n->octets, content.data, (guint)content.len);
    } else if (!parse_children(n->children, content)) {
        node_free(n);
        return NULL;
    }
    return n;
}

static gboolean parse_children(GPtrArray *children, BmView view)
{
    while (view.len > 0) {
        Node *n = parse_node(&view);

        if (!n) {
            return FALSE;
        }
        g_ptr_array_add(children, n);
    }
    return TRUE;
}

static void put_header(GByteArray *out, uint8_t tag, size_t len)
{
    uint8_t octets[10] = {tag};
    guint n = 1;

    if (len < 0x80) {
        octets[n++] = (uint8_t)len;
    } else {
        unsigned count = len < 0x100 ? 1 : len < 0x10000 ? 2 : len < 0x1000000 ? 3 : 4;

        octets[n++] = (uint8_t)(0x80 | count);
        while (count-- > 0) {
            octets[n++] = (uint8_t)(len >> (8 * count));
        }
    }
    g_byte_array_append(out, octets, n);
}

static GByteArray *node_octets(const Node *n)
{
    GByteArray *content = g_byte_array_new(), *out = g_byte_array_new();

    for (guint i = 0; n->children && i < n->children->len; i++) {
        g_autoptr(GByteArray) child = node_octets(n->children->pdata[i]);

        g_byte_array_append(content, child->data, child->len);
    }
    if (n->octets) {
        g_byte_array_append(content, n->octets->data, n->octets->len);
    }
    put_header(out, n->tag, content->len);
    g_byte_array_append(out, content->data, content->len);
    g_byte_array_unref(content);
    return out;
}

/* ---- changes ---- */

typedef struct Mutator {
    GRand *rand;
    GPtrArray *records;
    GPtrArray *all;     /* Node, of all records */
    GPtrArray *parents; /* of each of them, NULL for a record */
    size_t size;        /* of all of them in octets, roughly */
} Mutator;

static guint pick(Mutator *m, guint n)
{
    return (guint)g_rand_int_range(m->rand, 0, (gint32)n);
}

static void list_nodes(Mutator *m, Node *n, Node *parent)
{
    g_ptr_array_add(m->all, n);
    g_ptr_array_add(m->parents, parent);
    m->size += 2 + (n->octets ? n->octets->len : 0);
    for (guint i = 0; n->children && i < n->children->len; i++) {
        list_nodes(m, n->children->pdata[i], n);
    }
}

static void list_all(Mutator *m)
{
    g_ptr_array_set_size(m->all, 0);
    g_ptr_array_set_size(m->parents, 0);
    m->size = 0;
    for (guint i = 0; i < m->records->len; i++) {
        list_nodes(m, m->records->pdata[i], NULL);
    }
}

static GPtrArray *siblings_of(Mutator *m, guint at)
{
    Node *parent = m->parents->pdata[at];

    return parent ? parent->children : m->records;
}

static void set_number(Node *n, guint64 value, gboolean negative)
{
    BmWriter w;

    bm_writer_init(&w);
    if (negative) {
        bm_writer_signed(&w, BM_TAG_INTEGER, (int64_t)value);
    } else {
        bm_writer_unsigned(&w, BM_TAG_INTEGER, value);
    }
    g_byte_array_set_size(n->octets, 0);
    g_byte_array_append(n->octets, w.data + 2, (guint)w.len - 2);
    bm_writer_clear(&w);
}

/* Near a power of two, where numbers go wrong. */
static guint64 odd_number(Mutator *m)
{
    guint64 n = UINT64_C(1) << pick(m, 64);

    switch (pick(m, 5)) {
    case 0:
        return n - 1;
    case 1:
        return n + 1;
    case 2:
        return pick(m, 20);
    case 3:
        return G_MAXUINT64 - pick(m, 3);
    default:
        return n;
    }
}

static void change_octets(Mutator *m, Node *n)
{
    guint8 octet = (guint8)pick(m, 256);
    guint len = n->octets->len;

    switch (pick(m, 6)) {
    case 0:
        set_number(n, odd_number(m), pick(m, 8) == 0);
        break;
    case 1:
        g_byte_array_set_size(n->octets, pick(m, len + 1));
        break;
    case 2:
        g_byte_array_append(n->octets, &octet, 1);
        break;
    case 3:
        if (len > 0 && len < 9) {
            n->octets->data[len - 1] = (guint8)(n->octets->data[len - 1] + (pick(m, 2) ? 1 : -1));
        }
        break;
    default:
        if (len > 0) {
            n->octets->data[pick(m, len)] = octet;
        }
    }
}

static void change_tag(Mutator *m, Node *n)
{
    static const uint8_t tags[] = {0x01, 0x02, 0x04, 0x05, 0x0a, 0x0c, 0x30, 0x80, 0x81, 0x82,
                                   0x83, 0x89, 0x8a, 0x8c, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5,
                                   0xa6, 0xa7, 0xa8, 0xab, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66,
                                   0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f};
    uint8_t tag = tags[pick(m, G_N_ELEMENTS(tags))];

    if (is_constructed(tag) == is_constructed(n->tag)) {
        n->tag = tag;
    }
}

static void repeat(Mutator *m, guint at, const Node *what)
{
    GPtrArray *siblings = siblings_of(m, at);
    guint times = pick(m, 4) == 0 ? pick(m, 70) : 1;
    Node *copy = node_copy(what); /* the place may be inside */

    for (guint i = 0; i < times && m->size < SIZE_MAX_REPEATED && siblings->len < 1000; i++) {
        g_ptr_array_insert(siblings, (gint)pick(m, siblings->len + 1), node_copy(copy));
    }
    node_free(copy);
}

static void take_out(Mutator *m, guint at)
{
    g_ptr_array_remove(siblings_of(m, at), m->all->pdata[at]);
}

static void exchange(Mutator *m, guint at)
{
    GPtrArray *siblings = siblings_of(m, at);
    guint a = pick(m, siblings->len), b = pick(m, siblings->len);
    gpointer keep = siblings->pdata[a];

    siblings->pdata[a] = siblings->pdata[b];
    siblings->pdata[b] = keep;
}

/* Puts a value inside itself, many times. */
static void nest(Mutator *m, Node *n)
{
    unsigned levels = 1 + pick(m, 80);

    if (!n->children) {
        return;
    }
    for (unsigned i = 0; i < levels; i++) {
        Node *inner = node_new(n->tag);
        GPtrArray *children = n->children;

        n->children = inner->children;
        inner->children = children;
        g_ptr_array_add(n->children, inner);
    }
}

static void mutate_once(Mutator *m)
{
    guint at;
    Node *n;

    list_all(m);
    if (m->all->len == 0) {
        return;
    }
    at = pick(m, m->all->len);
    n = m->all->pdata[at];
    switch (pick(m, 16)) {
    case 0:
        change_tag(m, n);
        break;
    case 1:
        repeat(m, at, n);
        break;
    case 2:
        repeat(m, at, m->all->pdata[pick(m, m->all->len)]);
        break;
    case 3:
        take_out(m, at);
        break;
    case 4:
        exchange(m, at);
        break;
    case 5:
        nest(m, n);
        break;
    case 6:
        /* Whole records. */
        exchange(m, 0);
        break;
    default:
        if (n->octets) {
            change_octets(m, n);
        }
    }
}

/* ---- streams ---- */

static void put_sum(GByteArray *out, size_t start)
{
    static const uint8_t head[2] = {0x04, BM_SUM_LEN};
    uint32_t sum = GUINT32_TO_BE((uint32_t)XXH3_64bits(out->data + start, out->len - start));

    g_byte_array_append(out, head, sizeof head);
    g_byte_array_append(out, (const guint8 *)&sum, sizeof sum);
}

/* A record of content without a checksum. */
static void put_record(GByteArray *out, uint8_t tag, const guint8 *content, guint len)
{
    size_t start = out->len;

    put_header(out, tag, len + 2 + BM_SUM_LEN);
    g_byte_array_append(out, content, len);
    put_sum(out, start);
}

/* Octets of the record at `at`; 0 if there is none that is whole. */
static size_t record_size(const GByteArray *s, size_t at)
{
    BmFault fault = {0};
    BmView view = bm_view(s->data + at, s->len - at, at, &fault), content;
    BmTag tag;

    if (!bm_view_any(&view, "record", &tag, &content) || content.len < 2 + BM_SUM_LEN) {
        return 0;
    }
    return (size_t)view.offset - at;
}

/* As SPEC.md 4.3 says, from the octets. */
static uint64_t stream_digest(const GByteArray *s)
{
    uint64_t digest = 0;
    size_t at = BM_MAGIC_LEN, size;

    while (at + 2 <= s->len && s->data[at] != 0x00) {
        if (s->data[at] == 0x30) {
            at += 2;
            continue;
        }
        size = record_size(s, at);
        if (size == 0) {
            break;
        }
        digest = bm_digest_add(digest, XXH3_64bits(s->data + at, size - 2 - BM_SUM_LEN));
        at += size;
    }
    return digest;
}

static void put_trailer(GByteArray *out, guint64 records)
{
    static const uint8_t end[2];
    uint64_t digest;
    BmWriter w;

    g_byte_array_append(out, end, sizeof end);
    digest = GUINT64_TO_BE(stream_digest(out));
    bm_writer_init(&w);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, records);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, out->len);
    bm_writer_octets(&w, BM_TAG_OCTETS, &digest, sizeof digest);
    put_record(out, 0x70, w.data, (guint)w.len);
    bm_writer_clear(&w);
    g_byte_array_append(out, end, sizeof end);
}

/* The records of a stream, the preamble first, each without its checksum. */
static GPtrArray *parse_stream(BmOctets in)
{
    GPtrArray *records = g_ptr_array_new_with_free_func(node_free);
    BmFault fault = {0};
    BmView view = bm_view(in.data, in.len, 0, &fault);
    const uint8_t *skipped;

    if (!bm_view_take(&view, BM_MAGIC_LEN, "magic", &skipped)) {
        return records;
    }
    while (view.len > 2 && view.data[0] != 0x00) {
        Node *n;

        if (view.data[0] == 0x30) {
            bm_view_take(&view, 2, "start", &skipped);
            continue;
        }
        n = parse_node(&view);
        if (!n) {
            break;
        }
        if (n->children && n->children->len > 0) {
            g_ptr_array_remove_index(n->children, n->children->len - 1);
        }
        g_ptr_array_add(records, n);
    }
    return records;
}

static void put_records(GByteArray *out, GPtrArray *records)
{
    static const uint8_t start[2] = {0x30, 0x80};

    for (guint i = 0; i < records->len; i++) {
        Node *n = records->pdata[i];
        g_autoptr(GByteArray) all = node_octets(n);
        guint head = all->data[1] < 0x80 ? 2 : 2u + (all->data[1] & 0x7f);

        put_record(out, n->tag, all->data + head, all->len - head);
        if (i == 0) {
            g_byte_array_append(out, start, sizeof start);
        }
    }
}

GByteArray *mutate_ber(BmOctets in, guint32 seed)
{
    Mutator m = {g_rand_new_with_seed(seed), parse_stream(in), g_ptr_array_new(),
                 g_ptr_array_new()};
    GByteArray *out = g_byte_array_new();
    guint changes = 1 + pick(&m, 4);

    if (m.records->len == 0) {
        g_byte_array_append(out, in.data, (guint)in.len);
    } else {
        for (guint i = 0; i < changes && m.records->len > 0; i++) {
            mutate_once(&m);
        }
        g_byte_array_append(out, bm_magic, BM_MAGIC_LEN);
        put_records(out, m.records);
        put_trailer(out, m.records->len > 0 ? m.records->len - 1 : 0);
    }
    g_rand_free(m.rand);
    g_ptr_array_unref(m.records);
    g_ptr_array_unref(m.all);
    g_ptr_array_unref(m.parents);
    return out;
}

/* ---- repair ---- */

static void repair_record(uint8_t *start, size_t size)
{
    size_t covered = size - 2 - BM_SUM_LEN;
    uint32_t sum = GUINT32_TO_BE((uint32_t)XXH3_64bits(start, covered));

    start[covered] = 0x04;
    start[covered + 1] = BM_SUM_LEN;
    memcpy(start + covered + 2, &sum, sizeof sum);
}

void repair_ber(GByteArray *s)
{
    guint64 records = 0;
    size_t at = BM_MAGIC_LEN, size;

    if (s->len < BM_MAGIC_LEN) {
        return;
    }
    memcpy(s->data, bm_magic, BM_MAGIC_LEN);
    while (at + 2 <= s->len && s->data[at] != 0x00 && s->data[at] != 0x70) {
        if (s->data[at] == 0x30 && s->data[at + 1] == 0x80) {
            at += 2;
            continue;
        }
        size = record_size(s, at);
        if (size == 0) {
            return;
        }
        repair_record(s->data + at, size);
        records += s->data[at] != 0x60;
        at += size;
    }
    if (at + 2 <= s->len && s->data[at] == 0x00) {
        g_byte_array_set_size(s, (guint)at);
        put_trailer(s, records);
    }
}
