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

static gboolean is_tree(const BmTableField *row)
{
    return row->type == BM_TYPE_TREE || row->type == BM_TYPE_TREE_OF_NODES;
}

gboolean bm_row_is_listed(const BmTableField *row)
{
    return row->type == BM_TYPE_QUEUE || is_tree(row) || row->type == BM_TYPE_TAILQ ||
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
    case BM_TYPE_TREE_OF_NODES:
        listed->node = *member ? g_tree_node_first(*member) : NULL;
        break;
    default:
        listed->next = *member;
    }
}

static void *next_of_tree(BmListed *listed)
{
    BmTreeNode *both = &listed->both;

    both->key = g_tree_node_key(listed->node);
    both->value = g_tree_node_value(listed->node);
    listed->key = (uintptr_t)both->key;
    listed->node = g_tree_node_next(listed->node);
    return listed->row->type == BM_TYPE_TREE ? both->value : both;
}

void *bm_listed_next(BmListed *listed)
{
    void *object = listed->next;

    if (listed->link) {
        object = listed->link->data;
        listed->link = listed->link->next;
    } else if (listed->node) {
        object = next_of_tree(listed);
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

static gboolean open_tree(GTree **member, GCompareFunc compare, GError **error)
{
    if (!*member && compare) {
        *member = g_tree_new(compare);
    }
    return *member != NULL ||
           bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL,
                        "no tree to load into: pre_load has made none, and no function says "
                        "how its keys compare");
}

gboolean bm_listed_open(const BmTableField *row, void *object, GError **error)
{
    gpointer *member = bm_row_member(row, object);

    switch (row->type) {
    case BM_TYPE_QUEUE:
        *member = *member ? *member : g_queue_new();
        break;
    case BM_TYPE_TREE:
        return open_tree((GTree **)member, compare_keys, error);
    case BM_TYPE_TREE_OF_NODES:
        return open_tree((GTree **)member, row->compare, error);
    case BM_TYPE_TAILQ:
        if (!*member) {
            ((Entry *)(gpointer)member)->place = member;
        }
        break;
    default:
        break;
    }
    return TRUE;
}

gboolean bm_listed_insert(GTree *tree, void *key, void *value, GError **error)
{
    if (g_tree_lookup_extended(tree, key, NULL, NULL)) {
        return bm_error_set(error, BM_DUPLICATE, BM_NO_OFFSET, NULL, "the key is there twice");
    }
    g_tree_insert(tree, key, value);
    return TRUE;
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

static gboolean take_first(GTree *tree, BmTreeNode *both)
{
    GTreeNode *node = g_tree_node_first(tree);
    gpointer key = node ? g_tree_node_key(node) : NULL;

    /* Where keys compare in an odd way it need not be this node that goes. */
    return node && g_tree_lookup_extended(tree, key, &both->key, &both->value) &&
           g_tree_steal(tree, key);
}

/* Taken out first: a tree may have functions that would free them once more.  Those
 * that it does not find again are left to these functions. */
static void clear_tree(const BmTableField *row, GTree *tree)
{
    BmTreeNode both;

    while (take_first(tree, &both)) {
        if (row->type == BM_TYPE_TREE_OF_NODES) {
            bm_table_clear(row->table, &both);
        } else if (both.value) {
            bm_listed_free(row->table, both.value);
        }
    }
    g_tree_destroy(tree);
}

void bm_listed_clear(const BmTableField *row, void *object)
{
    gpointer *member = bm_row_member(row, object);
    BmListed listed;
    void *element;

    if (!*member) {
        return;
    }
    if (is_tree(row)) {
        clear_tree(row, *member);
        *member = NULL;
        return;
    }
    bm_listed_first(&listed, row, object);
    while ((element = bm_listed_next(&listed))) {
        bm_listed_free(row->table, element);
    }
    if (row->type == BM_TYPE_QUEUE) {
        g_queue_free(*member);
    }
    *member = NULL;
    if (row->type == BM_TYPE_TAILQ) {
        ((Entry *)(gpointer)member)->place = member;
    }
}
