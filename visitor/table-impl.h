/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the table engine share:
 *
 *     table-rows.c      which field a row makes, where its elements lie
 *     table-runs.c      all fields of an object, in the order of its table
 *     table-numbers.c   integers: from and to members, ranges
 *     table-fetch.c     values of members, as a stream has them
 *     table-store.c     values of a stream, into members; table-store-numbers.c
 *     table-match.c     the row that a field of a stream means
 *     table-plan.c      fields that can be saved and loaded in one call (table-plan.h)
 *     table-hooks.c     pre_save and post_save of an object and what it holds
 *     table-memory.c    what loading allocates; table-lists.c objects of lists and trees
 *     table-describe.c  the schema of an object; table-schema.c of all objects
 *     table-in.c        input visitor; table-load.h has the files of the output visitor
 *     table-walk.c      saving and loading
 */
#ifndef BM_TABLE_IMPL_H
#define BM_TABLE_IMPL_H

#include "path.h"
#include "table.h"
#include "words.h"

/* ---- rows ---- */

/* How many elements a row has in an object, and of how many octets (bitmaps:
 * bits) each is. */
typedef struct BmExtent {
    uint32_t count;
    uint32_t size;
} BmExtent;

/* FALSE: neither sent nor expected. */
gboolean bm_row_present(const BmTableField *row, const void *object, uint32_t version);
/* Without a look at an object: it has no values in any stream. */
gboolean bm_row_is_silent(const BmTableField *row);
/* BM_MISMATCH if the row is a check that fails. */
gboolean bm_row_check(const BmTableField *row, const void *object, uint32_t version,
                      GError **error);
/* Another member, or a function, says how many elements there are. */
gboolean bm_row_is_counted(const BmTableField *row);
/* One integer or boolean in the object itself: what most rows are, and so what is
 * worth a way of its own. */
gboolean bm_row_is_number(const BmTableField *row);
/* Such a row, and a field of its kind and width. */
gboolean bm_row_is_field(const BmTableField *row, const BmField *field);
/* BM_LIMIT if the counter member is above the maximum. */
gboolean bm_row_extent(const BmTableField *row, const void *object, BmExtent *extent,
                       GError **error);
/* The most that there may be. */
BmExtent bm_row_most(const BmTableField *row);
/* Kind, width, count, form and type of all its elements in one; `elements` not. */
void bm_row_field(const BmTableField *row, const BmExtent *extent, BmField *field);
/* Octets from one element to the next in memory. */
size_t bm_row_stride(const BmTableField *row);
/* Octets of one element in memory, the last one too. */
size_t bm_row_element_size(const BmTableField *row, const BmExtent *extent);
/* The member itself. */
void *bm_row_member(const BmTableField *row, const void *object);
/* NULL if the element, or what holds all of them, is a null pointer. */
void *bm_row_element(const BmTableField *row, const void *object, uint32_t i);
/* An array of pointers, to one element each. */
gboolean bm_row_has_pointers(const BmTableField *row);
/* The version of its table that a row of structs sends. */
uint32_t bm_row_version(const BmTableField *row);
/* Elements may be null pointers, which stand in the stream as such. */
gboolean bm_row_may_be_null(const BmTableField *row);
/* One run of elements that stand in the stream as one field: all null or none. */
uint32_t bm_row_run(const BmTableField *row, const void *object, uint32_t first, uint32_t count,
                    gboolean *null);
/* As a field of `count` null pointers. */
void bm_row_null_field(const BmTableField *row, uint32_t count, BmField *field);

/* TRUE if all objects of the table are described alike.  `depth` is 0. */
gboolean bm_table_is_fixed(const BmTable *table, unsigned depth);

/* What stands in the stream before the fields of a BM_TYPE_TREE's element. */
extern const BmField bm_tree_key_field;

/* A reader of an object's fields in the order of its table. */
typedef struct BmRows {
    const BmTable *table;
    const void *object;
    uint32_t version;
    gboolean loading;         /* the object's own values are still to come */
    const BmTableField *next; /* row to look at */
    /* the one at work */
    const BmTableField *row;
    BmExtent extent;
    uint32_t at; /* elements of it that were given */
} BmRows;

void bm_rows_init(BmRows *rows, const BmTable *table, const void *object, uint32_t version);
/* The next field; *field has no name after the last one.  A row of null and
 * other pointers makes several, with `first` set. */
gboolean bm_rows_next(BmRows *rows, BmField *field, GError **error);

/* ---- matching ---- */

/* BM_BAD_VERSION if objects of the table are never of this one. */
gboolean bm_table_check_version(const BmTable *table, uint32_t version, GError **error);
/* BM_UNKNOWN, with all that there is to say about it; it may be that only its name
 * is known.  Returns FALSE. */
gboolean bm_table_unknown_subsection(const BmSchema *schema, gboolean described, GError **error);

/* The row that has this name (or is called name[k], being the k-th of several),
 * looked for from `from` on, then from the start; NULL if there is none. */
const BmTableField *bm_table_find(const BmTable *table, const BmTableField *from, const char *name);
/* Position among the rows of the same name; *several: there is another one. */
uint32_t bm_row_ordinal(const BmTable *table, const BmTableField *row, gboolean *several);
uint32_t bm_table_n_fields(const BmTable *table);

/* Which names a table may have several times: most need no look at all others. */
#define BM_NAMES_BUCKETS 1024
typedef struct BmNames {
    uint8_t seen[BM_NAMES_BUCKETS]; /* names of that hash, up to 2 */
} BmNames;

void bm_names_count(BmNames *names, const BmTable *table);
/* FALSE: none is the first `len` octets of `name`. */
gboolean bm_names_may_have(const BmNames *names, const char *name, size_t len);
/* FALSE: it may be that there are several. */
gboolean bm_names_is_alone(const BmNames *names, const char *name);
/* What a description calls the row; *chunk owns it if the row's name does not do. */
const char *bm_names_name(const BmNames *names, const BmTable *table, const BmTableField *row,
                          GStringChunk *chunk);

/* ---- values ---- */

/* An integer of any width and sign: negative ones in two's complement. */
typedef struct BmNumber {
    uint64_t bits;
    gboolean negative;
} BmNumber;

gboolean bm_type_is_integer(BmType type);
BmNumber bm_number_get(BmType type, const void *member);
/* FALSE if the type cannot hold it; then nothing is stored. */
gboolean bm_number_put(BmType type, void *member, BmNumber number);
gboolean bm_number_less(BmNumber a, BmNumber b);
char *bm_number_text(BmNumber number);
/* "0 to 255" */
const char *bm_number_range(BmType type);
/* One big-endian element of `width` octets. */
BmNumber bm_number_decode(const uint8_t *octets, uint32_t width, gboolean is_signed);
void bm_number_encode(uint8_t *octets, uint32_t width, uint64_t bits);

/* Values of elements [first, first + field->count) of a row, which are no null
 * pointers, structs or lists. */
gboolean bm_fetch_scalar(const BmTableField *row, const void *element, BmScalar *value,
                         GError **error);
/* *value points into the object or into `room`. */
gboolean bm_fetch_octets(const BmTableField *row, const void *object, const BmExtent *extent,
                         const BmField *field, GByteArray *room, BmOctets *value, GError **error);
/* One value of a field of several, `i` being which; with all conditions of the row. */
gboolean bm_store_number(const BmTableField *row, void *member, const BmField *field, uint32_t i,
                         BmNumber number, GError **error);
gboolean bm_store_bool(const BmTableField *row, void *member, const BmField *field, uint32_t i,
                       gboolean value, GError **error);
gboolean bm_store_scalar(const BmTableField *row, void *element, const BmExtent *extent,
                         const BmField *field, const BmScalar *value, GError **error);
gboolean bm_store_octets(const BmTableField *row, const void *object, const BmExtent *extent,
                         const BmField *field, const BmOctets *value, GError **error);
/* TRUE if a field of the stream can be stored in members of this row. */
gboolean bm_store_accepts(const BmTableField *row, const BmField *field, GError **error);
/* All elements become `otherwise`. */
gboolean bm_store_otherwise(const BmTableField *row, const void *object, GError **error);
/* For hooks and callbacks that fail and may not say why. */
gboolean bm_hook_failed(GError **error, const char *hook, const char *name);

/* ---- walks ---- */

/* With the visitors of an object that are needed for one walk only; its errors begin with
 * the table's name. */
gboolean bm_table_walk_from(const BmTable *table, const void *object, const BmSchema *schema,
                            BmVisitor *out, GError **error);
gboolean bm_table_walk_into(const BmTable *table, void *object, uint32_t version,
                            const BmSchema *schema, BmVisitor *in, BmLoadReport *report,
                            GError **error);

/* ---- hooks ---- */

/* pre_save of the object and all that it holds, parents first.  *entered counts
 * those that succeeded, which post_save takes back: as many, children first. */
gboolean bm_hooks_pre_save(const BmTable *table, void *object, uint32_t *entered, GError **error);
/* All of them run; the error is that of the first that fails. */
gboolean bm_hooks_post_save(const BmTable *table, void *object, uint32_t entered, GError **error);
/* FALSE: none of these two has anything to call. */
gboolean bm_hooks_has_any(const BmTable *table);
/* Of one table, in whichever form it has them. */
gboolean bm_hook_pre_load(const BmTable *table, void *object, GError **error);
gboolean bm_hook_post_load(const BmTable *table, void *object, uint32_t version, GError **error);
/* Whether a subsection is to be sent. */
gboolean bm_table_is_needed(const BmTable *table, const void *object);

/* ---- lists and trees ---- */

/* A look at the objects of a row, in their order. */
typedef struct BmListed {
    const BmTableField *row;
    GList *link;
    GTreeNode *node;
    void *next;
    uint64_t key;    /* of the object that was given last, in a tree */
    BmTreeNode both; /* in one of nodes: what was given last, until the next is */
} BmListed;

gboolean bm_row_is_listed(const BmTableField *row);
/* Octets of an object of a list, or of a temporary. */
size_t bm_row_object_size(const BmTableField *row);
void bm_listed_first(BmListed *listed, const BmTableField *row, const void *object);
/* NULL after the last one. */
void *bm_listed_next(BmListed *listed);
/* Makes the list itself if it is not there.  BM_MISMATCH if nobody says how. */
gboolean bm_listed_open(const BmTableField *row, void *object, GError **error);
/* BM_DUPLICATE if the key is there already; then nothing changes. */
gboolean bm_listed_insert(GTree *tree, void *key, void *value, GError **error);
/* Not to a tree.  *tail is NULL at first and belongs to these calls. */
void bm_listed_append(const BmTableField *row, void *object, void *element, void ***tail);
/* An object with all that it holds. */
void bm_listed_free(const BmTable *table, void *object);
/* All objects, and the list itself where it was made. */
void bm_listed_clear(const BmTableField *row, void *object);

/* ---- memory ---- */

/* BM_NO_MEMORY.  For rows of BM_SHAPE_ALLOCATED. */
gboolean bm_row_allocate(const BmTableField *row, void *object, const BmExtent *extent,
                         GError **error);
/* Empties what earlier loading has allocated; those that are elements too. */
void bm_row_clear(const BmTableField *row, void *object);
/* Whether loading may have allocated anything in an object, so that it is to be cleared. */
gboolean bm_table_allocates(const BmTable *table);
/* A temporary for `parent`, zeroed but for its first member. */
void *bm_temp_new(const BmTableField *row, const void *parent);
/* The same after its pre_save hooks; NULL if they failed. */
void *bm_temp_new_saved(const BmTableField *row, const void *parent, uint32_t *entered,
                        GError **error);
/* FALSE if a post_save hook failed; it is freed all the same. */
gboolean bm_temp_free_saved(const BmTable *table, void *temp, uint32_t entered, GError **error);

#endif
