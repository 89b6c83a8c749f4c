/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device tables: which members of a C struct are a device's state.
 *
 * A BmTable stands const beside the struct it describes.  Its rows are columns
 * (name, type, shape, place, count, sub-table, few flags); the macros below
 * write them and check at compile time that the member has the type that the
 * row says:
 *
 *     static const BmTableField timer_fields[] = {
 *         BM_FIELD_U32(Timer, reload),
 *         BM_FIELD_BOOL(Timer, running),
 *         BM_FIELD_U8_COUNTED(Timer, fifo, fifo_len, 16),
 *         BM_FIELD_I64(Timer, deadline, .since = 2, .otherwise = &never),
 *         BM_FIELD_END
 *     };
 *     static const BmTable timer_table = {
 *         .name = "timer", .version = 2, .minimum_version = 1,
 *         .fields = timer_fields, .size = sizeof(Timer),
 *     };
 *
 * There is one walk (walk.h); a C struct is one more thing to walk from or to:
 *
 *     save     bm_walk(schema, bm_visitor_table_in(..), bm_visitor_ber_out(..))
 *     load     bm_walk(schema, bm_visitor_ber_in(..), bm_visitor_table_out(..))
 *
 * where the schema is bm_table_describe() of the object on the saving side, and
 * what the stream brought on the loading side.  Fields are matched by name:
 * those that this side does not have are passed over and reported, those that
 * the stream does not have take their default, or are an error if they have
 * none.  bm_table_save() and bm_table_load() do it with all hooks; QEMU's own
 * octets, which bring no description, are loaded by bm_table_load_plain(), field
 * by field in the order of the table.
 */
#ifndef BM_TABLE_H
#define BM_TABLE_H

#include "walk.h"

typedef struct BmTable BmTable;
typedef struct BmTableField BmTableField;

/* What one element is, in memory and in the stream. */
typedef enum BmType {
    BM_TYPE_NONE, /* ends a list of fields */
    BM_TYPE_BOOL,
    BM_TYPE_U8,
    BM_TYPE_U16,
    BM_TYPE_U32,
    BM_TYPE_U64,
    BM_TYPE_I8,
    BM_TYPE_I16,
    BM_TYPE_I32,
    BM_TYPE_I64,
    BM_TYPE_F64,    /* double, bit for bit */
    BM_TYPE_F80,    /* BmFloat80 */
    BM_TYPE_TIMER,  /* int64_t: deadline in ns, -1 if it is off */
    BM_TYPE_BUFFER, /* `size` octets */
    BM_TYPE_STRING, /* char[size], NUL-terminated */
    BM_TYPE_BITMAP, /* unsigned long[], `size` bits; in the stream 64-bit words */
    BM_TYPE_STRUCT, /* `table` */
    BM_TYPE_TEMP,   /* `table` over a temporary, see the hooks of BmTable; type "tmp" */
    BM_TYPE_QUEUE,  /* GQueue * of objects of `table`, allocated by g_malloc0() */
    BM_TYPE_TREE,   /* GTree * of such objects; the keys are numbers in the pointers */
    BM_TYPE_UNUSED, /* `size` octets with no member: zeros on saving */
    BM_TYPE_CUSTOM, /* `size` octets in the stream through get/put */
    BM_TYPE_TAILQ,  /* TAILQ_HEAD of <sys/queue.h> of objects of `table`, each `size` octets
                     * from g_malloc0(), their TAILQ_ENTRY at `link` */
    BM_TYPE_LIST,   /* the same with LIST_HEAD and LIST_ENTRY */
    BM_TYPE_CHECK,  /* nothing in the stream: the object is wrong unless when/exists says TRUE */
    BM_TYPE_TREE_OF_NODES /* GTree * whose keys and values are objects from g_malloc0();
                           * `table` is BM_TREE_NODE() of both, `compare` orders the keys */
} BmType;

typedef struct BmFloat80 {
    uint64_t mantissa;
    uint16_t exponent; /* sign in the top bit */
} BmFloat80;

/* What an element of BM_TYPE_TREE_OF_NODES is: a struct of these two structs. */
typedef struct BmTreeNode {
    void *key;
    void *value;
} BmTreeNode;

/* Where the elements lie. */
typedef enum BmShape {
    BM_SHAPE_INLINE,            /* in the struct: `count` of them, or as many as `counter` says */
    BM_SHAPE_POINTER,           /* the member points to them */
    BM_SHAPE_ALLOCATED,         /* the same, and loading allocates them (g_malloc0) */
    BM_SHAPE_POINTERS,          /* the member is an array of pointers to one each; NULLs allowed */
    BM_SHAPE_POINTERS_ELSEWHERE /* the member points to such an array */
} BmShape;

/* A member that counts the elements of another field; it stands before it.  Of a
 * buffer, a bitmap or a custom field it gives the octets (bits) instead, at most
 * `size` times `count` of them. */
typedef struct BmCounter {
    BmType type; /* BM_TYPE_NONE: no counter */
    size_t offset;
    int32_t times; /* multiplied with this when not 0 (buffers sized in words) */
    /* computes the number instead, from members that stand before the field */
    uint64_t (*number)(const void *object);
} BmCounter;

enum {
    BM_EQUAL = 1 << 0,     /* loading compares and does not store */
    BM_AT_MOST = 1 << 1,   /* loading refuses more than what the member holds */
    BM_DROPPABLE = 1 << 2, /* a reader that does not know it may pass over it */
    /* `when` looks at the field's own value (not sent when it is the default): only
     * a description tells whether it was sent, so that a plain load refuses */
    BM_WHEN_OWN_VALUE = 1 << 3
};

struct BmTableField {
    const char *name;
    BmType type;
    BmShape shape;
    unsigned flags;
    size_t offset;  /* of the member */
    size_t size;    /* octets of one element in memory (bitmap: bits); struct, list, tree,
                       temporary: 0 is table->size */
    uint32_t count; /* elements; with a counter: the most there may be; 0 is 1.  List, tree:
                       the most there may be, 0 is as many as there are. */
    BmCounter counter;
    const BmTable *table;
    uint32_t version; /* BM_TYPE_STRUCT: that is sent, and read where the stream does not tell;
                         0: the one of `table` */
    uint32_t since;   /* first version that has the field; 0: all */
    /* NULL: always.  Says what is sent, what QEMU's octets have, and what must not be
     * missing; a field that a description brings is loaded whatever it says, since
     * what it looks at may come later. */
    gboolean (*when)(const void *object, uint32_t version);
    const char *condition;                     /* its name, for the description */
    bool (*exists)(void *object, int version); /* as `when`: the form of compat/qemu-vmstate.h */
    size_t link;                               /* BM_TYPE_TAILQ, BM_TYPE_LIST */
    /* BM_TYPE_TREE_OF_NODES: order of the keys of a tree that pre_load has not made; NULL:
     * pre_load makes it.  A key must be equal to itself, whatever a stream says. */
    gint (*compare)(gconstpointer a, gconstpointer b);
    const void *otherwise; /* what a missing one becomes (an element); NULL: missing is an error */
    const char *type_name; /* how QEMU's description calls the type, if not by default */
    /* BM_TYPE_CUSTOM: octets of the stream from and to the member, as many as `octets`
     * says; 0 is `size` */
    size_t octets;
    gboolean (*get)(const void *member, uint8_t *octets, size_t size, GError **error);
    gboolean (*put)(void *member, const uint8_t *octets, size_t size, GError **error);
    /* BM_TYPE_CUSTOM whose octets say how many they are: the first four are a number, the
     * octet of most weight first, of those behind them.  Gives how many all are now, at
     * most `octets`.  put() gets as many as there are and compares them with the number. */
    uint64_t (*measure)(const void *member);
};

/* A member that no row sends, and why: for the description. */
typedef struct BmNotSent {
    const char *name;   /* NULL ends a list */
    const char *marker; /* "immutable", "derived", "broken", "elsewhere", "property" */
    const char *reason;
} BmNotSent;

struct BmTable {
    const char *name;
    uint32_t version, minimum_version;
    const BmTableField *fields;        /* ends with BM_FIELD_END */
    const BmTable *const *subsections; /* ends with NULL; NULL if there are none */
    size_t size;                       /* of the struct */
    int priority;                      /* devices load in falling order of it, then as sent */
    const char *why_not;               /* not sent, and why; for the description */
    const BmNotSent *not_sent;         /* the same for single members; may be NULL */
    /* subsections */
    gboolean (*needed)(const void *object); /* NULL: always */
    const char *condition;                  /* its name */
    gboolean droppable;                     /* a reader that does not know it may go on */
    /* Hooks; FALSE with an error stops the walk.  A temporary's hooks get the
     * temporary: zeroed, its first member a pointer to the object it stands for; they
     * may run more often than once for one saving, on another temporary each.  What
     * loading allocates in one is freed with it.  post_save runs wherever pre_save
     * succeeded, also after a failure, and all of them run; the first error counts. */
    gboolean (*pre_save)(void *object, GError **error);
    gboolean (*post_save)(void *object, GError **error);
    gboolean (*pre_load)(void *object, GError **error);
    gboolean (*post_load)(void *object, uint32_t version, GError **error);
    /* The same in the form of compat/qemu-vmstate.h, for tables that have no others:
     * a result that is not 0 is an error (BM_MISMATCH), a negative errno(3). */
    struct {
        bool (*needed)(void *object);
        int (*pre_save)(void *object);
        int (*post_save)(void *object);
        int (*pre_load)(void *object);
        int (*post_load)(void *object, int version);
        /* Those that say themselves what was wrong; at most one of each two. */
        bool (*pre_save_errp)(void *object, GError **error);
        bool (*pre_load_errp)(void *object, GError **error);
        bool (*post_load_errp)(void *object, int version, GError **error);
        bool unmigratable; /* saving is an error */
    } foreign;
};

/* ---- using them ---- */

/* What loading met that both sides need not agree on. */
typedef struct BmLoadReport {
    GPtrArray *skipped;   /* char *: paths of fields and subsections not known here */
    GPtrArray *defaulted; /* char *: paths of fields that were not in the stream */
} BmLoadReport;

void bm_load_report_init(BmLoadReport *report);
void bm_load_report_clear(BmLoadReport *report);

/* The schema of this object: the fields and subsections that it has now, with
 * their counts.  Calls no hooks. */
const BmSchema *bm_table_describe(const BmTable *table, const void *object, BmSchemaSet *set,
                                  GError **error);

/* The schema of any object: no instance at hand, so conditional fields and all
 * subsections are in it, with their `condition`; counted fields have their
 * maximum, lists one element.  What is not sent has "not sent: REASON". */
const BmSchema *bm_table_schema(const BmTable *table, BmSchemaSet *set, GError **error);

/* Input visitor over a C struct: what a walk saves from.  Output visitor: what a
 * walk loads into, with a schema or without.  `version` is that of the stream;
 * `report` may be NULL.
 *
 * How plain rows lie is found out when a table first meets a schema, and kept with the
 * schema (span.h): a table must stay as it is, where it is, for as long as the sets live
 * whose schemas it was walked with.  One that stands const beside its struct does. */
BmVisitor *bm_visitor_table_in(const BmTable *table, const void *object);
BmVisitor *bm_visitor_table_out(const BmTable *table, void *object, uint32_t version,
                                BmLoadReport *report);

/* pre_save, describe, walk into `out`, post_save (also after a failure); hooks of
 * nested structs, elements and subsections too, pre_save before theirs and
 * post_save after theirs.  The schema, of `set`, is returned for those who must
 * send it first: bm_table_save_prepared() is the second half and must follow; with
 * `out` NULL it only calls post_save.  A post_save that fails is an error of the
 * saving, of which all may have been written. */
gboolean bm_table_save(const BmTable *table, void *object, BmSchemaSet *set, BmVisitor *out,
                       GError **error);
const BmSchema *bm_table_prepare(const BmTable *table, void *object, BmSchemaSet *set,
                                 GError **error);
gboolean bm_table_save_prepared(const BmTable *table, void *object, const BmSchema *schema,
                                BmVisitor *out, GError **error);

/* From a stream that describes itself.  Frees first what an earlier loading has
 * allocated.  On failure *object holds what was loaded up to the error's path;
 * post_load has not been called for what encloses it. */
gboolean bm_table_load(const BmTable *table, void *object, const BmSchema *schema, BmVisitor *in,
                       BmLoadReport *report, GError **error);

/* From QEMU's own octets: fields in the order of the table, as the version, the
 * tests and the counters, loaded just before, say.  Frees, and fails, as
 * bm_table_load().  Octets behind the last field are not looked at: see
 * bm_visitor_legacy_left(), or use compat/device-body.h.
 *
 * A table with BM_WHEN_OWN_VALUE cannot be loaded so: whether the field was sent
 * depends on the value that it would have, and nothing in these octets tells.
 * BM_REFUSED, "only a description says whether "NAME" was sent", at that field.  Load
 * it from BER, or from QEMU's octets with their description (bm_table_load() with the
 * schema of bm_vmdesc_parse()); or say with a member of its own whether the field is
 * there (`when` on a bool that stands before it). */
gboolean bm_table_load_plain(const BmTable *table, void *object, uint32_t version, BmVisitor *in,
                             GError **error);

/* Frees what loading has allocated in an object (allocated arrays, lists, trees),
 * and sets the members to NULL.  Members of such rows must be NULL or of that kind
 * before the first loading.  Keys (those that are objects) and values of a tree are
 * freed here, and by the functions that it may have for that only if it does not find
 * their keys. */
void bm_table_clear(const BmTable *table, void *object);

/* ---- rows ---- */

/* offsetof() that does not compile unless the member has type `t`. */
#define BM_OFFSET(s, m, t)                                                                         \
    (offsetof(s, m) +                                                                              \
     0 * sizeof(char[1 - 2 * !__builtin_types_compatible_p(__typeof__(((s *)0)->m), t)]))

#define BM_COUNTER_TYPE(s, m)                                                                      \
    (__builtin_types_compatible_p(__typeof__(((s *)0)->m), uint8_t)    ? BM_TYPE_U8                \
     : __builtin_types_compatible_p(__typeof__(((s *)0)->m), uint16_t) ? BM_TYPE_U16               \
     : __builtin_types_compatible_p(__typeof__(((s *)0)->m), uint32_t) ? BM_TYPE_U32               \
     : __builtin_types_compatible_p(__typeof__(((s *)0)->m), uint64_t) ? BM_TYPE_U64               \
     : __builtin_types_compatible_p(__typeof__(((s *)0)->m), int32_t)  ? BM_TYPE_I32               \
     : __builtin_types_compatible_p(__typeof__(((s *)0)->m), int64_t)  ? BM_TYPE_I64               \
                                                                       : BM_TYPE_NONE)
#define BM_COUNTER(s, m)                                                                           \
    {                                                                                              \
        .type = BM_COUNTER_TYPE(s, m),                                                             \
        .offset = offsetof(s, m) + 0 * sizeof(char[BM_COUNTER_TYPE(s, m) ? 1 : -1])                \
    }

#define BM_ROW(s, m, t, ctype, ...)                                                                \
    {                                                                                              \
        .name = #m, .type = t, .offset = BM_OFFSET(s, m, ctype), .size = sizeof(ctype),            \
        ##__VA_ARGS__                                                                              \
    }
#define BM_ROW_ARRAY(s, m, t, ctype, n, ...)                                                       \
    {                                                                                              \
        .name = #m, .type = t, .offset = BM_OFFSET(s, m, ctype[n]), .size = sizeof(ctype),         \
        .count = (n), ##__VA_ARGS__                                                                \
    }
#define BM_ROW_COUNTED(s, m, t, ctype, c, max, ...)                                                \
    {                                                                                              \
        .name = #m, .type = t, .offset = BM_OFFSET(s, m, ctype[max]), .size = sizeof(ctype),       \
        .count = (max), .counter = BM_COUNTER(s, c), ##__VA_ARGS__                                 \
    }

#define BM_FIELD_BOOL(s, m, ...) BM_ROW(s, m, BM_TYPE_BOOL, bool, ##__VA_ARGS__)
#define BM_FIELD_U8(s, m, ...) BM_ROW(s, m, BM_TYPE_U8, uint8_t, ##__VA_ARGS__)
#define BM_FIELD_U16(s, m, ...) BM_ROW(s, m, BM_TYPE_U16, uint16_t, ##__VA_ARGS__)
#define BM_FIELD_U32(s, m, ...) BM_ROW(s, m, BM_TYPE_U32, uint32_t, ##__VA_ARGS__)
#define BM_FIELD_U64(s, m, ...) BM_ROW(s, m, BM_TYPE_U64, uint64_t, ##__VA_ARGS__)
#define BM_FIELD_I8(s, m, ...) BM_ROW(s, m, BM_TYPE_I8, int8_t, ##__VA_ARGS__)
#define BM_FIELD_I16(s, m, ...) BM_ROW(s, m, BM_TYPE_I16, int16_t, ##__VA_ARGS__)
#define BM_FIELD_I32(s, m, ...) BM_ROW(s, m, BM_TYPE_I32, int32_t, ##__VA_ARGS__)
#define BM_FIELD_I64(s, m, ...) BM_ROW(s, m, BM_TYPE_I64, int64_t, ##__VA_ARGS__)
#define BM_FIELD_F64(s, m, ...) BM_ROW(s, m, BM_TYPE_F64, double, ##__VA_ARGS__)
#define BM_FIELD_F80(s, m, ...) BM_ROW(s, m, BM_TYPE_F80, BmFloat80, ##__VA_ARGS__)
#define BM_FIELD_TIMER(s, m, ...) BM_ROW(s, m, BM_TYPE_TIMER, int64_t, ##__VA_ARGS__)

#define BM_FIELD_BOOL_ARRAY(s, m, n, ...) BM_ROW_ARRAY(s, m, BM_TYPE_BOOL, bool, n, ##__VA_ARGS__)
#define BM_FIELD_U8_ARRAY(s, m, n, ...) BM_ROW_ARRAY(s, m, BM_TYPE_U8, uint8_t, n, ##__VA_ARGS__)
#define BM_FIELD_U16_ARRAY(s, m, n, ...) BM_ROW_ARRAY(s, m, BM_TYPE_U16, uint16_t, n, ##__VA_ARGS__)
#define BM_FIELD_U32_ARRAY(s, m, n, ...) BM_ROW_ARRAY(s, m, BM_TYPE_U32, uint32_t, n, ##__VA_ARGS__)
#define BM_FIELD_U64_ARRAY(s, m, n, ...) BM_ROW_ARRAY(s, m, BM_TYPE_U64, uint64_t, n, ##__VA_ARGS__)
#define BM_FIELD_I32_ARRAY(s, m, n, ...) BM_ROW_ARRAY(s, m, BM_TYPE_I32, int32_t, n, ##__VA_ARGS__)
#define BM_FIELD_I64_ARRAY(s, m, n, ...) BM_ROW_ARRAY(s, m, BM_TYPE_I64, int64_t, n, ##__VA_ARGS__)

#define BM_FIELD_U8_COUNTED(s, m, c, max, ...)                                                     \
    BM_ROW_COUNTED(s, m, BM_TYPE_U8, uint8_t, c, max, ##__VA_ARGS__)
#define BM_FIELD_U32_COUNTED(s, m, c, max, ...)                                                    \
    BM_ROW_COUNTED(s, m, BM_TYPE_U32, uint32_t, c, max, ##__VA_ARGS__)

/* A member array of octets, as one buffer. */
#define BM_FIELD_BUFFER(s, m, ...)                                                                 \
    {                                                                                              \
        .name = #m, .type = BM_TYPE_BUFFER, .offset = offsetof(s, m), .size = sizeof(((s *)0)->m), \
        ##__VA_ARGS__                                                                              \
    }
/* A member char array that holds a string. */
#define BM_FIELD_STRING(s, m, ...)                                                                 \
    {                                                                                              \
        .name = #m, .type = BM_TYPE_STRING, .size = sizeof(((s *)0)->m),                           \
        .offset = BM_OFFSET(s, m, char[sizeof(((s *)0)->m)]), ##__VA_ARGS__                        \
    }

#define BM_FIELD_STRUCT(s, m, t, ctype, ...)                                                       \
    BM_ROW(s, m, BM_TYPE_STRUCT, ctype, .table = &(t), ##__VA_ARGS__)
#define BM_FIELD_STRUCT_ARRAY(s, m, n, t, ctype, ...)                                              \
    BM_ROW_ARRAY(s, m, BM_TYPE_STRUCT, ctype, n, .table = &(t), ##__VA_ARGS__)
#define BM_FIELD_STRUCT_COUNTED(s, m, c, max, t, ctype, ...)                                       \
    BM_ROW_COUNTED(s, m, BM_TYPE_STRUCT, ctype, c, max, .table = &(t), ##__VA_ARGS__)
#define BM_FIELD_STRUCT_POINTER(s, m, t, ctype, ...)                                               \
    {                                                                                              \
        .name = #m, .type = BM_TYPE_STRUCT, .shape = BM_SHAPE_POINTER,                             \
        .offset = BM_OFFSET(s, m, ctype *), .size = sizeof(ctype), .table = &(t), ##__VA_ARGS__    \
    }
#define BM_FIELD_STRUCT_POINTERS(s, m, n, t, ctype, ...)                                           \
    {                                                                                              \
        .name = #m, .type = BM_TYPE_STRUCT, .shape = BM_SHAPE_POINTERS,                            \
        .offset = BM_OFFSET(s, m, ctype *[n]), .size = sizeof(ctype), .count = (n), .table = &(t), \
        ##__VA_ARGS__                                                                              \
    }

/* An array elsewhere, its length in another member. */
#define BM_FIELD_POINTED(s, m, t, ctype, c, max, ...)                                              \
    {                                                                                              \
        .name = #m, .type = t, .shape = BM_SHAPE_POINTER, .offset = BM_OFFSET(s, m, ctype *),      \
        .size = sizeof(ctype), .count = (max), .counter = BM_COUNTER(s, c), ##__VA_ARGS__          \
    }
#define BM_FIELD_ALLOCATED(s, m, t, ctype, c, max, ...)                                            \
    {                                                                                              \
        .name = #m, .type = t, .shape = BM_SHAPE_ALLOCATED, .offset = BM_OFFSET(s, m, ctype *),    \
        .size = sizeof(ctype), .count = (max), .counter = BM_COUNTER(s, c), ##__VA_ARGS__          \
    }

#define BM_TREE_NODE_ROW(m, t, ctype)                                                              \
    {                                                                                              \
        .name = #m, .type = BM_TYPE_STRUCT, .shape = BM_SHAPE_ALLOCATED,                           \
        .offset = offsetof(BmTreeNode, m), .size = sizeof(ctype), .table = (t)                     \
    }
/* What nodes of a tree are: keys of type `key_ctype` as the table *keys says, and so
 * values.  It lives as long as the block where it is written. */
#define BM_TREE_NODE(keys, key_ctype, values, value_ctype)                                         \
    (&(const BmTable){.name = "node",                                                              \
                      .version = 1,                                                                \
                      .fields =                                                                    \
                          (const BmTableField[]){BM_TREE_NODE_ROW(key, keys, key_ctype),           \
                                                 BM_TREE_NODE_ROW(value, values, value_ctype),     \
                                                 BM_FIELD_END},                                    \
                      .size = sizeof(BmTreeNode)})
/* At most `max` of them, in the order of cmp(). */
#define BM_FIELD_TREE_OF_NODES(s, m, max, cmp, keys, key_ctype, values, value_ctype, ...)          \
    {                                                                                              \
        .name = #m, .type = BM_TYPE_TREE_OF_NODES, .offset = BM_OFFSET(s, m, GTree *),             \
        .count = (max), .compare = (cmp),                                                          \
        .table = BM_TREE_NODE(&(keys), key_ctype, &(values), value_ctype), ##__VA_ARGS__           \
    }

/* What BM_FIELD_BYTE_ARRAY consists of. */
uint64_t bm_byte_array_measure(const void *member);
gboolean bm_byte_array_get(const void *member, uint8_t *octets, size_t size, GError **error);
gboolean bm_byte_array_put(void *member, const uint8_t *octets, size_t size, GError **error);

/* A member GByteArray * of at most `most` octets: in the stream a number of 4 octets, and so
 * many.  NULL is one of none; loading makes it then. */
#define BM_FIELD_BYTE_ARRAY(s, m, most, ...)                                                       \
    {                                                                                              \
        .name = #m, .type = BM_TYPE_CUSTOM, .offset = BM_OFFSET(s, m, GByteArray *),               \
        .size = sizeof(GByteArray *), .octets = 4 + (size_t)(most), .type_name = "GByteArray",     \
        .measure = bm_byte_array_measure, .get = bm_byte_array_get, .put = bm_byte_array_put,      \
        ##__VA_ARGS__                                                                              \
    }

#define BM_FIELD_UNUSED(octets, ...)                                                               \
    {                                                                                              \
        .name = "unused", .type = BM_TYPE_UNUSED, .size = (octets), .type_name = "unused_buffer",  \
        ##__VA_ARGS__                                                                              \
    }

#define BM_FIELD_END                                                                               \
    {                                                                                              \
        .name = NULL                                                                               \
    }

#endif
