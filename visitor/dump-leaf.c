/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "dump-impl.h"

BmOctets bm_leaf_shown(const BmLeaf *leaf)
{
    gboolean cut = leaf->bulk && leaf->octets.len > BM_DUMP_BULK;

    return (BmOctets){leaf->octets.data, cut ? BM_DUMP_SHOWN : leaf->octets.len};
}

BmLeaf bm_leaf_string(const char *text)
{
    return (BmLeaf){BM_LEAF_STRING, "string", .octets = {(const uint8_t *)text, strlen(text)}};
}

gboolean bm_dump_written(BmDump *d, GError **error)
{
    int number = bm_output_errno(d->out);

    return !number ||
           bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "cannot write: %s", g_strerror(number));
}

void bm_dump_root(BmDump *d, const char *root)
{
    bm_path_clear(&d->path);
    bm_path_init(&d->path, root);
}

static gboolean matches(const BmDump *d)
{
    return !d->glob || g_pattern_spec_match(d->glob, d->path.text->len, d->path.text->str, NULL);
}

void bm_dump_leaf(BmDump *d, const char *key, const BmLeaf *leaf)
{
    if (matches(d)) {
        bm_printer_call(d, leaf, d->path.text->str, key, leaf);
    } else {
        bm_printer_call(d, skip, key);
    }
}

void bm_dump_put(BmDump *d, const char *name, const BmLeaf *leaf)
{
    bm_path_push_name(&d->path, name);
    bm_dump_leaf(d, name, leaf);
    bm_path_pop(&d->path);
}

void bm_dump_put_number(BmDump *d, const char *name, const char *type, uint64_t value)
{
    bm_dump_put(d, name, &(BmLeaf){BM_LEAF_UNSIGNED, type, .bits = value});
}

void bm_dump_put_string(BmDump *d, const char *name, const char *text)
{
    BmLeaf leaf = bm_leaf_string(text);

    bm_dump_put(d, name, &leaf);
}

void bm_dump_root_octets(BmDump *d, const char *root, BmOctets octets, gboolean bulk)
{
    char *path = g_strdup_printf("%s(%zu)(1)", root, octets.len);

    bm_dump_root(d, path);
    bm_dump_leaf(d, "octets", &(BmLeaf){BM_LEAF_OCTETS, "octets", .octets = octets, .bulk = bulk});
    g_free(path);
}
