/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which row a field of a stream means.  Where several rows of a table have one
 * name, QEMU's description calls them name[0], name[1] ... and so do we.
 */
#include <string.h>

#include "table-impl.h"

uint32_t bm_table_n_fields(const BmTable *table)
{
    uint32_t n = 0;

    while (table->fields[n].name) {
        n++;
    }
    return n;
}

uint32_t bm_row_ordinal(const BmTable *table, const BmTableField *row, gboolean *several)
{
    uint32_t before = 0;

    *several = FALSE;
    for (const BmTableField *other = table->fields; other->name; other++) {
        if (other != row && !strcmp(other->name, row->name)) {
            *several = TRUE;
            before += other < row;
        }
    }
    return before;
}

/* name[k] */
static gboolean is_ordinal(const BmTable *table, const BmTableField *row, const char *suffix)
{
    gboolean several;
    uint32_t ordinal;
    char text[16];

    if (*suffix != '[') {
        return FALSE;
    }
    ordinal = bm_row_ordinal(table, row, &several);
    g_snprintf(text, sizeof(text), "[%u]", ordinal);
    return several && !strcmp(suffix, text);
}

static gboolean is_named(const BmTable *table, const BmTableField *row, const char *name)
{
    const char *own = row->name;

    if (!strcmp(own, name)) {
        return TRUE;
    }
    while (*own && *own == *name) {
        own++;
        name++;
    }
    return !*own && is_ordinal(table, row, name);
}

const BmTableField *bm_table_find(const BmTable *table, const BmTableField *from, const char *name)
{
    const BmTableField *row;

    for (row = from; row->name; row++) {
        if (is_named(table, row, name)) {
            return row;
        }
    }
    for (row = table->fields; row < from; row++) {
        if (is_named(table, row, name)) {
            return row;
        }
    }
    return NULL;
}

static guint bucket_of_prefix(const char *name, size_t len)
{
    guint h = 5381;

    for (size_t i = 0; i < len && name[i]; i++) {
        h = h * 33 + (guchar)name[i];
    }
    return h % BM_NAMES_BUCKETS;
}

static guint bucket(const char *name)
{
    return bucket_of_prefix(name, SIZE_MAX);
}

void bm_names_count(BmNames *names, const BmTable *table)
{
    memset(names, 0, sizeof(*names));
    for (const BmTableField *row = table->fields; row->name; row++) {
        uint8_t *seen = &names->seen[bucket(row->name)];

        *seen = *seen ? 2 : 1;
    }
}

gboolean bm_names_may_have(const BmNames *names, const char *name, size_t len)
{
    return names->seen[bucket_of_prefix(name, len)] > 0;
}

gboolean bm_names_is_alone(const BmNames *names, const char *name)
{
    return names->seen[bucket(name)] < 2;
}

const char *bm_names_name(const BmNames *names, const BmTable *table, const BmTableField *row,
                          GStringChunk *chunk)
{
    g_autofree char *text = NULL;
    gboolean several;
    uint32_t ordinal;

    if (bm_names_is_alone(names, row->name)) {
        return row->name;
    }
    ordinal = bm_row_ordinal(table, row, &several);
    if (!several) {
        return row->name;
    }
    text = g_strdup_printf("%s[%u]", row->name, ordinal);
    return g_string_chunk_insert_const(chunk, text);
}
