/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The objects of lists and trees.  Intrusive lists are those of <sys/queue.h>: the
 * head begins with a pointer to the first object, the entry in each object with
 * one to the next, behind which stands the address of the pointer to this one.
 */
#include "table-impl.h"

typedef struct Entry {
    void *next;
    void **place; /* of the pointer to this object; in a TAILQ's head: of the last one */
} __attribute__((may_alias)) Entry; /* its owner has pointers of another type there */

static Entry *entry_of(const BmTableField *row, void *object)
{
    return (Entry *)(gpointer)((char *)object + row->link);
}

gboolean bm_row_is_listed(const BmTableField *row)
{
    return row->type == BM_TYPE_QUEUE || row->type == BM_TYPE_TREE || row->type == BM_TYPE_TAILQ ||
           row->type == BM_TYPE_LIST;
}

size_t bm_row_object_size(const BmTableField *row)
{
    return MAX(row->size ? row->size : row->table->size, sizeof(void *));
}

/* ---- one after the other ---- */

void bm_listed_first(BmListed *listed, const BmTableField *row, const void *object)
{
    gpointer *member = bm_row_member(row, object);

    *listed = (BmListed){.row = row};
    switch (row->type) {
    case BM_TYPE_QUEUE:
        listed->link = *member ? ((GQueue *)*member)->head : NULL;
        break;
    case BM_TYPE_TREE:
        listed->node = *member ? g_tree_node_first(*member) : NULL;
        break;
    default:
        listed->next = *member;
    }
}

void *bm_listed_next(BmListed *listed)
{
    void *object = listed->next;

    if (listed->link) {
        object = listed->link->data;
        listed->link = listed->link->next;
    } else if (listed->node) {
        object = g_tree_node_value(listed->node);
        listed->key = (uintptr_t)g_tree_node_key(listed->node);
        listed->node = g_tree_node_next(listed->node);
    } else if (object) {
        listed->next = entry_of(listed->row, object)->next;
    }
    return object;
}

/* ---- building ---- */

static gint compare_keys(gconstpointer a, gconstpointer b)
{
    return (uintptr_t)a < (uintptr_t)b ? -1 : (uintptr_t)a > (uintptr_t)b;
}

void bm_listed_open(const BmTableField *row, void *object)
{
    gpointer *member = bm_row_member(row, object);

    switch (row->type) {
    case BM_TYPE_QUEUE:
        *member = *member ? *member : g_queue_new();
        break;
    case BM_TYPE_TREE:
        *member = *member ? *member : g_tree_new(compare_keys);
        break;
    case BM_TYPE_TAILQ:
        if (!*member) {
            ((Entry *)(gpointer)member)->place = member;
        }
        break;
    default:
        break;
    }
}

void bm_listed_append(const BmTableField *row, void *object, void *element, void ***tail)
{
    gpointer *member = bm_row_member(row, object);
    Entry *entry;

    if (row->type == BM_TYPE_QUEUE) {
        g_queue_push_tail(*member, element);
        return;
    }
    *tail = *tail ? *tail : member; /* the list was empty when loading began */
    entry = entry_of(row, element);
    *entry = (Entry){NULL, *tail};
    **tail = element;
    *tail = &entry->next;
    if (row->type == BM_TYPE_TAILQ) {
        ((Entry *)(gpointer)member)->place = *tail;
    }
}

/* ---- clearing ---- */

void bm_listed_free(const BmTable *table, void *object)
{
    bm_table_clear(table, object);
    g_free(object);
}

void bm_listed_clear(const BmTableField *row, void *object)
{
    gpointer *member = bm_row_member(row, object);
    BmListed listed;
    void *element;

    if (!*member) {
        return;
    }
    bm_listed_first(&listed, row, object);
    while ((element = bm_listed_next(&listed))) {
        bm_listed_free(row->table, element);
    }
    if (row->type == BM_TYPE_QUEUE) {
        g_queue_free(*member);
    } else if (row->type == BM_TYPE_TREE) {
        g_tree_destroy(*member);
    }
    *member = NULL;
    if (row->type == BM_TYPE_TAILQ) {
        ((Entry *)(gpointer)member)->place = member;
    }
}
