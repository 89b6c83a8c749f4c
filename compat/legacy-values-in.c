/* SPDX-License-Identifier: BSD-2-Clause */
#include "legacy-values.h"

#include <string.h>

#include "legacy-span.h"
#include "visitor-impl.h"

typedef struct Group {
    gboolean list, tree;
    uint64_t left; /* of a tree: elements that are still to come */
} Group;

typedef struct LegacyIn {
    BmVisitor base;
    BmView view;
    BmFault fault; /* of the view */
    unsigned top;  /* open groups */
    Group groups[BM_LIMIT_DEPTH];
    char name[256]; /* of the subsection that was looked at last */
} LegacyIn;

static gboolean take(LegacyIn *in, size_t len, const char *what, const uint8_t **data,
                     GError **error)
{
    return bm_view_take(&in->view, len, what, data) || bm_error_from_fault(error, &in->fault, NULL);
}

static uint64_t big_endian(const uint8_t *data, size_t len)
{
    uint64_t n = 0;

    for (size_t i = 0; i < len; i++) {
        n = n << 8 | data[i];
    }
    return n;
}

/* One octet of the grammar; `at` is where it stands. */
static gboolean expect(LegacyIn *in, uint8_t octet, const char *what, GError **error)
{
    const uint8_t *data;
    uint64_t at = in->view.offset;

    if (!take(in, 1, what, &data, error)) {
        return FALSE;
    }
    return *data == octet || bm_error_set(error, BM_MISMATCH, at, NULL,
                                          "%s, expected 0x%02x, got 0x%02x", what, octet, *data);
}

/* ---- scalars ---- */

static int64_t sign_extend(uint64_t n, uint32_t width)
{
    unsigned unused = 64 - 8 * width;

    return (int64_t)(n << unused) >> unused;
}

static void decode_boolean(const uint8_t *data, BmScalar *value)
{
    if (*data > 1) {
        *value = (BmScalar){.type = BM_SCALAR_RAW, .raw = {data, 1}};
    } else {
        *value = (BmScalar){.type = BM_SCALAR_BOOLEAN, .boolean = *data};
    }
}

static void decode_pointer(const uint8_t *data, BmScalar *value)
{
    switch (*data) {
    case BM_LEGACY_POINTER_NULL:
        *value = (BmScalar){.type = BM_SCALAR_NULL};
        break;
    case BM_LEGACY_POINTER_VALID:
        *value = (BmScalar){.type = BM_SCALAR_PRESENT};
        break;
    default:
        *value = (BmScalar){.type = BM_SCALAR_RAW, .raw = {data, 1}};
    }
}

static gboolean in_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    LegacyIn *in = (LegacyIn *)v;
    const uint8_t *data;

    if (!bm_legacy_scalar_fits(field, error) ||
        !take(in, field->width, bm_field_type(field), &data, error)) {
        return FALSE;
    }
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
        decode_boolean(data, value);
        break;
    case BM_KIND_POINTER:
        decode_pointer(data, value);
        break;
    case BM_KIND_SIGNED:
        *value = (BmScalar){.type = BM_SCALAR_SIGNED,
                            .i = sign_extend(big_endian(data, field->width), field->width)};
        break;
    default:
        *value = (BmScalar){.type = BM_SCALAR_UNSIGNED, .u = big_endian(data, field->width)};
    }
    return TRUE;
}

/* ---- the rest ---- */

static gboolean in_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    LegacyIn *in = (LegacyIn *)v;
    uint64_t len = (uint64_t)field->width * field->count;
    const uint8_t *data;

    if (len > SIZE_MAX) {
        return bm_error_set(error, BM_LIMIT, in->view.offset, NULL,
                            "octets of a field, got %" G_GUINT64_FORMAT, len);
    }
    if (!take(in, (size_t)len, bm_field_type(field), &data, error)) {
        return FALSE;
    }
    /* A string is filled up with NULs. */
    while (field->kind == BM_KIND_STRING && len > 0 && data[len - 1] == '\0') {
        len--;
    }
    *value = (BmOctets){data, (size_t)len};
    return TRUE;
}

/* In a tree that has counted its elements before them. */
static gboolean count_element(LegacyIn *in, GError **error)
{
    Group *group = &in->groups[in->top - 1];

    if (group->tree && group->left-- == 0) {
        return bm_error_set(error, BM_MISMATCH, in->view.offset, NULL,
                            "the tree has more elements than it says");
    }
    return TRUE;
}

static gboolean in_begin_struct(BmVisitor *v, const BmField *field, const BmSchema *schema,
                                GError **error)
{
    LegacyIn *in = (LegacyIn *)v;

    (void)schema;
    return !field || field->kind != BM_KIND_LIST ||
           (expect(in, BM_LEGACY_LIST_MORE, "mark before a list's element", error) &&
            count_element(in, error));
}

/* visitor.c has seen that there is room. */
static gboolean in_begin_group(BmVisitor *v, const BmField *field, GError **error)
{
    LegacyIn *in = (LegacyIn *)v;
    Group *group = &in->groups[in->top++];
    const uint8_t *data;

    *group = (Group){field->kind == BM_KIND_LIST, bm_field_is_tree(field)};
    if (group->tree) {
        if (!take(in, 4, "number of a tree's elements", &data, error)) {
            return FALSE;
        }
        group->left = big_endian(data, 4);
    }
    return TRUE;
}

static gboolean in_end_group(BmVisitor *v, GError **error)
{
    LegacyIn *in = (LegacyIn *)v;
    const Group *group = &in->groups[--in->top];

    if (group->tree && group->left > 0) {
        return bm_error_set(error, BM_MISMATCH, in->view.offset, NULL,
                            "the tree has fewer elements than it says");
    }
    return !group->list || expect(in, BM_LEGACY_LIST_END, "mark at a list's end", error);
}

static gboolean check_name(LegacyIn *in, const char *name, GError **error)
{
    uint64_t at = in->view.offset;
    const uint8_t *len, *data;

    if (!take(in, 1, "length of a subsection's name", &len, error) ||
        !take(in, *len, "name of a subsection", &data, error)) {
        return FALSE;
    }
    return (*len == strlen(name) && !memcmp(data, name, *len)) ||
           bm_error_set(error, BM_MISMATCH, at, NULL, "name of a subsection, expected \"%s\"",
                        name);
}

static gboolean check_version(LegacyIn *in, uint32_t version, GError **error)
{
    uint64_t at = in->view.offset;
    const uint8_t *data;

    if (!take(in, 4, "version of a subsection", &data, error)) {
        return FALSE;
    }
    return big_endian(data, 4) == version ||
           bm_error_set(error, BM_MISMATCH, at, NULL,
                        "version of a subsection, expected %" G_GUINT32_FORMAT
                        ", got %" G_GUINT64_FORMAT,
                        version, big_endian(data, 4));
}

static gboolean in_begin_subsection(BmVisitor *v, const BmSchema *schema, GError **error)
{
    LegacyIn *in = (LegacyIn *)v;

    return expect(in, BM_LEGACY_SUBSECTION, "mark of a subsection", error) &&
           check_name(in, schema->name, error) && check_version(in, schema->version, error);
}

/* ---- without a schema ---- */

/* Neither of these moves: what comes next reads the octets that they look at. */
static gboolean look(const LegacyIn *in, size_t n, const char *what, const uint8_t **data,
                     GError **error)
{
    BmView view = in->view;

    return bm_view_take(&view, n, what, data) || bm_error_from_fault(error, view.fault, NULL);
}

static gboolean in_said_width(BmVisitor *v, uint32_t *width, GError **error)
{
    const LegacyIn *in = (LegacyIn *)v;
    const uint8_t *number;
    uint64_t octets;

    if (!look(in, 4, "number of octets", &number, error)) {
        return FALSE;
    }
    octets = 4 + big_endian(number, 4);
    if (octets > in->view.len) {
        return bm_error_set(error, BM_TRUNCATED, in->view.offset, NULL,
                            "%" G_GUINT64_FORMAT " octets are said to follow, %zu are there",
                            octets - 4, in->view.len - 4);
    }
    *width = (uint32_t)octets;
    return TRUE;
}

static gboolean in_more(BmVisitor *v, const BmField *field, gboolean *more, GError **error)
{
    const uint8_t *mark;

    (void)field;
    if (!look((LegacyIn *)v, 1, "mark of a list", &mark, error)) {
        return FALSE;
    }
    *more = *mark == BM_LEGACY_LIST_MORE;
    return TRUE;
}

/* As QEMU does it: what has another name than one that begins with that of its
 * struct is none, and belongs to whoever reads next. */
static gboolean in_next_subsection(BmVisitor *v, const char *name, BmSchema *subsection,
                                   GError **error)
{
    LegacyIn *in = (LegacyIn *)v;
    const uint8_t *data = in->view.data;
    size_t left = in->view.len, prefix = strlen(name), len;

    (void)error;
    if (left < 2 || data[0] != BM_LEGACY_SUBSECTION) {
        return TRUE;
    }
    len = data[1];
    if (len <= prefix || left - 2 < len + 4 || memcmp(data + 2, name, prefix) != 0 ||
        !bm_utf8_valid(data + 2, len)) {
        return TRUE;
    }
    memcpy(in->name, data + 2, len);
    in->name[len] = '\0';
    subsection->name = in->name;
    subsection->version = (uint32_t)big_endian(data + 2 + len, 4);
    return TRUE;
}

static uint32_t in_span(BmVisitor *v, const BmSpan *span)
{
    LegacyIn *in = (LegacyIn *)v;
    const uint8_t *p = in->view.data;
    uint32_t n;

    if (in->fault.code != BM_OK) {
        return 0;
    }
    n = bm_legacy_get_span(&p, in->view.data + in->view.len, span);
    bm_view_take(&in->view, (size_t)(p - in->view.data), NULL, &p);
    return n;
}

static uint64_t in_offset(const BmVisitor *v)
{
    return ((const LegacyIn *)v)->view.offset;
}

static const BmVisitorOps in_ops = {
    .begin_struct = in_begin_struct,
    .begin_group = in_begin_group,
    .end_group = in_end_group,
    .begin_subsection = in_begin_subsection,
    .scalar = in_scalar,
    .octets = in_octets,
    .span = in_span,
    .said_width = in_said_width,
    .more = in_more,
    .next_subsection = in_next_subsection,
    .offset = in_offset,
};

BmVisitor *bm_visitor_legacy_in(BmView octets)
{
    LegacyIn *in = g_new(LegacyIn, 1); /* groups and the name are set as they are met */

    bm_visitor_init(&in->base, &in_ops);
    in->fault = (BmFault){0};
    in->top = 0;
    in->view = bm_view(octets.data, octets.len, octets.offset, &in->fault);
    return &in->base;
}

size_t bm_visitor_legacy_left(const BmVisitor *v)
{
    return ((const LegacyIn *)v)->view.len;
}
