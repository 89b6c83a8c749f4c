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

static guint bucket(const char *name)
{
    guint h = 5381;

    for (; *name; name++) {
        h = h * 33 + (guchar)*name;
    }
    return h % BM_NAMES_BUCKETS;
}

static void count(BmNames *names, const char *name)
{
    uint8_t *seen = &names->seen[bucket(name)];

    *seen = *seen ? 2 : 1;
}

void bm_names_count(BmNames *names, const BmTable *table)
{
    memset(names, 0, sizeof(*names));
    for (const BmTableField *row = table->fields; row->name; row++) {
        count(names, row->name);
    }
}

void bm_names_count_fields(BmNames *names, const BmSchema *schema)
{
    memset(names, 0, sizeof(*names));
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        count(names, schema->fields[i].name);
    }
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
