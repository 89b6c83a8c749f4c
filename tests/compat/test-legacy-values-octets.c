/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Octets of single fields, in and out, written out by hand.
 */
#include <criterion/criterion.h>

#include "legacy-values.h"
#include "walk.h"

#define OFFSET 1000 /* of the octets in their input */

static BmFault fault;

static BmVisitor *input(const void *data, size_t len)
{
    fault = (BmFault){BM_OK};
    return bm_visitor_legacy_in(bm_view(data, len, OFFSET, &fault));
}

static BmField field(BmKind kind, uint32_t width)
{
    return (BmField){.name = "f", .kind = kind, .width = width, .count = 1};
}

/* ---- scalars ---- */

typedef struct ScalarRow {
    BmKind kind;
    uint32_t width;
    uint8_t octets[8];
    BmScalar value;
} ScalarRow;

#define U(n)                                                                                       \
    {                                                                                              \
        .type = BM_SCALAR_UNSIGNED, .u = n                                                         \
    }
#define S(n)                                                                                       \
    {                                                                                              \
        .type = BM_SCALAR_SIGNED, .i = n                                                           \
    }
#define B(n)                                                                                       \
    {                                                                                              \
        .type = BM_SCALAR_BOOLEAN, .boolean = n                                                    \
    }

static const ScalarRow rows[] = {
    {BM_KIND_BOOLEAN, 1, {0}, B(FALSE)},
    {BM_KIND_BOOLEAN, 1, {1}, B(TRUE)},
    {BM_KIND_BOOLEAN, 1, {2}, {BM_SCALAR_RAW}},
    {BM_KIND_UNSIGNED, 1, {0xff}, U(255)},
    {BM_KIND_UNSIGNED, 2, {0x12, 0x34}, U(0x1234)},
    {BM_KIND_UNSIGNED, 4, {0x80, 0, 0, 1}, U(0x80000001)},
    {BM_KIND_UNSIGNED, 8, {0xff, 0, 0, 0, 0, 0, 0, 2}, U(0xff00000000000002)},
    {BM_KIND_SIGNED, 1, {0x80}, S(-128)},
    {BM_KIND_SIGNED, 1, {0x7f}, S(127)},
    {BM_KIND_SIGNED, 2, {0xff, 0xfe}, S(-2)},
    {BM_KIND_SIGNED, 4, {0x80, 0, 0, 0}, S(INT32_MIN)},
    {BM_KIND_SIGNED, 8, {0x80, 0, 0, 0, 0, 0, 0, 0}, S(INT64_MIN)},
    {BM_KIND_POINTER, 1, {0x30}, {BM_SCALAR_NULL}},
    {BM_KIND_POINTER, 1, {0x31}, {BM_SCALAR_PRESENT}},
    {BM_KIND_POINTER, 1, {0x00}, {BM_SCALAR_RAW}},
};

static gboolean same_value(const BmScalar *a, const BmScalar *b)
{
    if (a->type != b->type) {
        return FALSE;
    }
    switch (a->type) {
    case BM_SCALAR_BOOLEAN:
        return a->boolean == b->boolean;
    case BM_SCALAR_UNSIGNED:
        return a->u == b->u;
    case BM_SCALAR_SIGNED:
        return a->i == b->i;
    default:
        return TRUE;
    }
}

Test(legacy_values_octets, scalars)
{
    for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
        const ScalarRow *row = &rows[i];
        BmField f = field(row->kind, row->width);
        BmVisitor *in = input(row->octets, row->width);
        BmOutput *octets = bm_output_memory();
        BmVisitor *out = bm_visitor_legacy_out(octets);
        BmOctets written;
        BmScalar value;

        cr_assert(bm_visit_scalar(in, &f, &value, NULL));
        cr_expect(same_value(&value, &row->value), "row %zu", i);
        cr_expect_eq(bm_visitor_legacy_left(in), 0);
        cr_expect_eq(bm_visitor_offset(in), OFFSET + row->width);
        cr_assert(bm_visit_scalar(out, &f, &value, NULL));
        written = bm_output_memory_data(octets);
        cr_expect_eq(written.len, row->width);
        cr_expect_arr_eq(written.data, row->octets, row->width);
        bm_visitor_free(in);
        bm_visitor_free(out);
        bm_output_free(octets);
    }
}

/* Values that their field cannot hold. */
Test(legacy_values_octets, mismatches)
{
    static const uint8_t two[] = {1, 2};
    static const ScalarRow bad[] = {
        {BM_KIND_UNSIGNED, 1, {0}, U(256)},
        {BM_KIND_UNSIGNED, 4, {0}, U(UINT64_C(1) << 32)},
        {BM_KIND_UNSIGNED, 4, {0}, S(1)},
        {BM_KIND_UNSIGNED, 4, {0}, B(1)},
        {BM_KIND_SIGNED, 1, {0}, S(128)},
        {BM_KIND_SIGNED, 1, {0}, S(-129)},
        {BM_KIND_SIGNED, 4, {0}, S(INT64_C(1) << 31)},
        {BM_KIND_SIGNED, 8, {0}, U(1)},
        {BM_KIND_BOOLEAN, 1, {0}, U(1)},
        {BM_KIND_POINTER, 1, {0}, B(1)},
        {BM_KIND_BOOLEAN, 1, {0}, {BM_SCALAR_NULL}},
        {BM_KIND_BOOLEAN, 1, {0}, {.type = BM_SCALAR_RAW, .raw = {two, 2}}},
        {BM_KIND_BOOLEAN, 2, {0}, B(1)},
        {BM_KIND_UNSIGNED, 3, {0}, U(1)},
        {BM_KIND_UNSIGNED, 0, {0}, U(0)},
        {BM_KIND_SIGNED, 16, {0}, S(0)},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        BmField f = field(bad[i].kind, bad[i].width);
        BmOutput *octets = bm_output_memory();
        BmVisitor *out = bm_visitor_legacy_out(octets);
        BmScalar value = bad[i].value;
        GError *error = NULL;

        cr_expect_not(bm_visit_scalar(out, &f, &value, &error), "row %zu", i);
        cr_expect(error && error->code == BM_MISMATCH, "row %zu", i);
        cr_expect_eq(bm_output_offset(octets), 0);
        g_clear_error(&error);
        bm_visitor_free(out);
        bm_output_free(octets);
    }
}

Test(legacy_values_octets, odd_widths_in)
{
    static const uint8_t octets[16];
    static const uint32_t widths[] = {0, 3, 5, 16};

    for (size_t i = 0; i < G_N_ELEMENTS(widths); i++) {
        BmVisitor *in = input(octets, sizeof(octets));
        BmField f = field(BM_KIND_SIGNED, widths[i]);
        GError *error = NULL;
        BmScalar value;

        cr_expect_not(bm_visit_scalar(in, &f, &value, &error));
        cr_expect_eq(error->code, BM_MISMATCH);
        cr_expect_eq(bm_visitor_legacy_left(in), sizeof(octets));
        g_clear_error(&error);
        bm_visitor_free(in);
    }
}

Test(legacy_values_octets, octets_of_another_length)
{
    BmOutput *octets = bm_output_memory();
    BmVisitor *out = bm_visitor_legacy_out(octets);
    BmField f = field(BM_KIND_BUFFER, 4);
    BmOctets value = {(const uint8_t *)"abc", 3};
    GError *error = NULL;

    cr_expect_not(bm_visit_octets(out, &f, &value, &error));
    cr_expect_eq(error->code, BM_MISMATCH);
    g_clear_error(&error);
    bm_visitor_free(out);
    bm_output_free(octets);
}

/* ---- a whole device ---- */

/* A packed array, a list of two, a NULL and an object's mark, a subsection. */
static const uint8_t device[] = {
    0x00, 0x01, 0x00, 0x02,       /* n(2)(2) */
    0x01, 0x07, 0x01, 0x08, 0x00, /* q: 7, 8 */
    0x30, 0x31,                   /* p(2)(1) */
    0x05, 0x03, 'd',  '/',  's',  /* subsection d/s, version 9 */
    0x00, 0x00, 0x00, 0x09, 0x01, /* its one bool */
};
#define AT_LIST 4
#define AT_SUBSECTION 11

static const BmSchema *device_schema(BmSchemaSet *set)
{
    BmSchemaBuilder *b = bm_schema_builder_new("e", 1);
    BmField f = field(BM_KIND_UNSIGNED, 1);
    const BmSchema *elements[2], *subsection;

    bm_schema_builder_field(b, &f);
    elements[0] = elements[1] = bm_schema_set_intern(set, b, NULL);
    b = bm_schema_builder_new("d/s", 9);
    f = field(BM_KIND_BOOLEAN, 1);
    bm_schema_builder_field(b, &f);
    subsection = bm_schema_set_intern(set, b, NULL);

    b = bm_schema_builder_new("d", 1);
    bm_schema_builder_field(b, &(BmField){"n", BM_KIND_UNSIGNED, 2, 2, BM_FORM_ARRAY});
    bm_schema_builder_field(
        b, &(BmField){"q", BM_KIND_LIST, 0, 1, BM_FORM_ARRAY, 0, "qtailq", elements, 2});
    bm_schema_builder_field(b, &(BmField){"p", BM_KIND_POINTER, 1, 2, BM_FORM_ARRAY});
    bm_schema_builder_subsection(b, subsection);
    return bm_schema_set_intern(set, b, NULL);
}

static gboolean walk(const uint8_t *octets, size_t len, size_t *left, GError **error)
{
    BmSchemaSet *set = bm_schema_set_new();
    BmOutput *written = bm_output_memory();
    BmVisitor *in = input(octets, len), *out = bm_visitor_legacy_out(written);
    gboolean ok = bm_walk(device_schema(set), in, out, "d", error);

    if (ok) {
        BmOctets data = bm_output_memory_data(written);

        cr_expect_eq(data.len, sizeof(device));
        cr_expect_arr_eq(data.data, octets, sizeof(device));
    }
    *left = bm_visitor_legacy_left(in);
    bm_visitor_free(in);
    bm_visitor_free(out);
    bm_output_free(written);
    bm_schema_set_free(set);
    return ok;
}

Test(legacy_values_octets, device)
{
    uint8_t longer[sizeof(device) + 3] = {0};
    size_t left;

    cr_expect(walk(device, sizeof(device), &left, NULL));
    cr_expect_eq(left, 0);
    memcpy(longer, device, sizeof(device));
    cr_expect(walk(longer, sizeof(longer), &left, NULL));
    cr_expect_eq(left, 3);
}

Test(legacy_values_octets, device_truncated)
{
    for (size_t len = 0; len < sizeof(device); len++) {
        GError *error = NULL;
        size_t left;

        cr_assert_not(walk(device, len, &left, &error), "%zu octets", len);
        cr_expect_eq(error->code, BM_TRUNCATED, "%zu octets: %s", len, error->message);
        cr_expect_eq(strncmp(bm_error_path(error), "d", 1), 0, "%s", error->message);
        cr_expect_leq(bm_error_offset(error), OFFSET + len);
        g_clear_error(&error);
    }
}

/* The octets around lists and subsections are checked. */
Test(legacy_values_octets, device_marks)
{
    static const size_t marks[] = {AT_LIST,           AT_LIST + 2,       AT_LIST + 4,
                                   AT_SUBSECTION,     AT_SUBSECTION + 1, AT_SUBSECTION + 2,
                                   AT_SUBSECTION + 4, AT_SUBSECTION + 5, AT_SUBSECTION + 8};

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        uint8_t octets[sizeof(device)];
        GError *error = NULL;
        size_t left;

        memcpy(octets, device, sizeof(device));
        octets[marks[i]] ^= 1;
        cr_assert_not(walk(octets, sizeof(octets), &left, &error), "octet %zu", marks[i]);
        cr_expect_eq(error->code, BM_MISMATCH, "octet %zu: %s", marks[i], error->message);
        cr_expect_leq(bm_error_offset(error), OFFSET + marks[i]);
        cr_expect_geq(bm_error_offset(error), OFFSET + marks[i] - 3);
        g_clear_error(&error);
    }
}
