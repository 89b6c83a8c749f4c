/* SPDX-License-Identifier: BSD-2-Clause */
#include "oracle-values.h"

#include <string.h>

#include "visitor-impl.h"

/* A list that is being read. */
typedef struct Level {
    void *node; /* owned by `nodes` */
    const char *path;
    int next;
} Level;

typedef struct Values {
    BmVisitor base;
    const Oracle *oracle;
    Level levels[BM_LIMIT_DEPTH + 1];
    int top;
    GPtrArray *nodes; /* decoded, and freed with the visitor */
} Values;

static gboolean wrong(const Values *v, GError **error, const char *what)
{
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "%s: no %s", v->oracle->name, what);
}

/* The next value of the list, decoded; its alternative must be `name`, or if
 * that is NULL any. */
static void *next(Values *v, const char *name, GError **error)
{
    Level *level = &v->levels[v->top];
    g_autofree char *path = g_strdup_printf("%s.?%d", level->path, ++level->next);
    BmOctets any;
    void *node;

    if (!v->oracle->get(level->node, path, &any)) {
        wrong(v, error, path);
        return NULL;
    }
    node = v->oracle->decode("Value", any);
    if (!node) {
        wrong(v, error, "Value");
        return NULL;
    }
    g_ptr_array_add(v->nodes, node);
    if (name && g_strcmp0(v->oracle->choice(node, ""), name) != 0) {
        wrong(v, error, name);
        return NULL;
    }
    return node;
}

static gboolean enter(Values *v, const char *name, const char *path, GError **error)
{
    void *node = next(v, name, error);

    if (!node) {
        return FALSE;
    }
    v->levels[++v->top] = (Level){node, path, 0};
    return TRUE;
}

/* All values of the list must have been read. */
static gboolean check_end(Values *v, GError **error)
{
    const Level *level = &v->levels[v->top];

    return v->oracle->count(level->node, level->path) == level->next ||
           wrong(v, error, "end of the values");
}

static gboolean leave(Values *v, GError **error)
{
    gboolean end = check_end(v, error);

    v->top--;
    return end;
}

static gboolean begin_struct(BmVisitor *base, const BmField *field, const BmSchema *schema,
                             GError **error)
{
    (void)schema;
    return !field || enter((Values *)base, "group", "group", error);
}

static gboolean end_struct(BmVisitor *base, GError **error)
{
    Values *v = (Values *)base;

    return v->top == 0 ? check_end(v, error) : leave(v, error);
}

static gboolean begin_group(BmVisitor *base, const BmField *field, GError **error)
{
    (void)field;
    return enter((Values *)base, "group", "group", error);
}

static gboolean end_group(BmVisitor *base, GError **error)
{
    return leave((Values *)base, error);
}

static gboolean begin_subsection(BmVisitor *base, const BmSchema *schema, GError **error)
{
    Values *v = (Values *)base;
    BmOctets content;
    uint64_t number;

    return enter(v, "subsection", "subsection.values", error) &&
           ((v->oracle->get(v->levels[v->top].node, "subsection.schema", &content) &&
             oracle_unsigned(content, UINT32_MAX, &number) && number == schema->number) ||
            wrong(v, error, "subsection of that schema"));
}

static gboolean read_integer(Values *v, const BmField *field, BmOctets content, BmScalar *value,
                             GError **error)
{
    if (field->kind == BM_KIND_SIGNED) {
        value->type = BM_SCALAR_SIGNED;
        return oracle_signed(content, &value->i) || wrong(v, error, "signed value");
    }
    value->type = BM_SCALAR_UNSIGNED;
    return oracle_unsigned(content, UINT64_MAX, &value->u) || wrong(v, error, "unsigned value");
}

static gboolean scalar(BmVisitor *base, const BmField *field, BmScalar *value, GError **error)
{
    Values *v = (Values *)base;
    void *node = next(v, NULL, error);
    const char *name = node ? v->oracle->choice(node, "") : NULL;
    BmOctets content;

    if (!name || !v->oracle->get(node, name, &content)) {
        return wrong(v, error, "value");
    }
    if (strcmp(name, "integer") == 0) {
        return read_integer(v, field, content, value, error);
    }
    if (strcmp(name, "boolean") == 0 && field->kind == BM_KIND_POINTER) {
        *value = (BmScalar){.type = BM_SCALAR_PRESENT};
    } else if (strcmp(name, "boolean") == 0) {
        *value = (BmScalar){.type = BM_SCALAR_BOOLEAN, .boolean = content.data[0] != 0};
    } else if (strcmp(name, "null") == 0) {
        *value = (BmScalar){.type = BM_SCALAR_NULL};
    } else if (strcmp(name, "raw") == 0) {
        *value = (BmScalar){.type = BM_SCALAR_RAW, .raw = content};
    } else {
        return wrong(v, error, "scalar");
    }
    return TRUE;
}

static gboolean octets(BmVisitor *base, const BmField *field, BmOctets *value, GError **error)
{
    Values *v = (Values *)base;
    const char *name = field->kind == BM_KIND_STRING ? "string" : "octets";
    void *node = next(v, name, error);

    return node && (v->oracle->get(node, name, value) || wrong(v, error, name));
}

/* Only says that this is an input visitor: a foreign decoder knows no offsets. */
static uint64_t no_offset(const BmVisitor *v)
{
    (void)v;
    return BM_NO_OFFSET;
}

static void free_values(BmVisitor *base)
{
    Values *v = (Values *)base;

    g_ptr_array_unref(v->nodes);
    g_free(v);
}

BmVisitor *oracle_values(const Oracle *oracle, void *node, const char *path)
{
    static const BmVisitorOps ops = {.begin_struct = begin_struct,
                                     .end_struct = end_struct,
                                     .begin_group = begin_group,
                                     .end_group = end_group,
                                     .begin_subsection = begin_subsection,
                                     .end_subsection = end_group,
                                     .scalar = scalar,
                                     .octets = octets,
                                     .offset = no_offset,
                                     .free = free_values};
    Values *v = g_new0(Values, 1);

    v->base.ops = &ops;
    v->oracle = oracle;
    v->levels[0] = (Level){node, path, 0};
    v->nodes = g_ptr_array_new_with_free_func(oracle->free);
    return &v->base;
}
