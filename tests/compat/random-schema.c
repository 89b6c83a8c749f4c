/* SPDX-License-Identifier: BSD-2-Clause */
#include "random-schema.h"

#include "visitor-impl.h"
#include "vmdesc-types.h"

#define DEPTH 3
#define OCTETS 64 /* of the longest random field */

static gint32 up_to(GRand *random, gint32 max)
{
    return g_rand_int_range(random, 0, max + 1);
}

/* ---- schemas ---- */

static const struct {
    const char *type;
    uint32_t size;
} types[] = {
    {"bool", 1},         {"uint8", 1},  {"uint16", 2},         {"uint32", 4},      {"uint64", 8},
    {"int8", 1},         {"int16", 2},  {"int32", 4},          {"int64", 8},       {"int32 le", 4},
    {"timer", 8},        {"buffer", 5}, {"unused_buffer", 0},  {"pci config", 64}, {"bitmap", 8},
    {"bitmap", 24},      {"fpr", 8},    {"pci irq state", 16}, {"virtio", 33},     {"nullptr", 1},
    {"CPU_Double_U", 8}, {"cpsr", 4},   {"ptr-marker", 1},
};

static const BmSchema *schema_of_depth(GRand *random, BmSchemaSet *set, int depth);

static void random_form(GRand *random, BmField *field)
{
    field->form = (BmArrayForm)up_to(random, BM_FORM_REPEATED);
    field->count = 2 + (uint32_t)up_to(random, 3);
    if (field->form == BM_FORM_INDEXED || field->form == BM_FORM_INDEXED_BUT_LAST) {
        field->first = (uint32_t)up_to(random, 2);
    }
}

static void random_leaf(GRand *random, BmSchemaBuilder *b, BmField *field)
{
    gint32 i = up_to(random, G_N_ELEMENTS(types) - 1);
    gboolean element = up_to(random, 3) == 0;

    bm_vmdesc_type(field, types[i].type, types[i].size, element);
    /* "bitmap" in an array without a length or index would not be seen to be one. */
    if (element && field->kind == BM_KIND_BUFFER) {
        field->count = 3;
    } else if (element) {
        random_form(random, field);
    }
    bm_schema_builder_field(b, field);
}

static void random_group(GRand *random, BmSchemaSet *set, BmSchemaBuilder *b, BmField *field,
                         int depth)
{
    const BmSchema *elements[3];

    for (guint i = 0; i < G_N_ELEMENTS(elements); i++) {
        elements[i] = schema_of_depth(random, set, depth - 1);
    }
    field->elements = elements;
    if (up_to(random, 2) == 0) {
        field->n_elements = (uint32_t)up_to(random, 3);
        bm_vmdesc_type(field, "qtailq", 1, FALSE);
    } else {
        field->n_elements = 1;
        bm_vmdesc_type(field, up_to(random, 4) ? "struct" : "tmp", 0, FALSE);
        if (up_to(random, 1)) {
            random_form(random, field);
        }
    }
    bm_schema_builder_field(b, field);
}

static const BmSchema *schema_of_depth(GRand *random, BmSchemaSet *set, int depth)
{
    BmSchemaBuilder *b = bm_schema_builder_new("device", (uint32_t)up_to(random, 3));
    gint32 n_fields = up_to(random, 5), n_subsections = depth ? up_to(random, 1) : 0;

    for (gint32 i = 0; i < n_fields; i++) {
        g_autofree char *name = g_strdup_printf("field%d", i);
        BmField field = {.name = name, .count = 1};

        if (depth && up_to(random, 2) == 0) {
            random_group(random, set, b, &field, depth);
        } else {
            random_leaf(random, b, &field);
        }
    }
    for (gint32 i = 0; i < n_subsections; i++) {
        bm_schema_builder_subsection(b, schema_of_depth(random, set, depth - 1));
    }
    return bm_schema_set_intern(set, b, NULL);
}

const BmSchema *random_schema(GRand *random, BmSchemaSet *set)
{
    return schema_of_depth(random, set, DEPTH);
}

/* ---- values ---- */

typedef struct RandomIn {
    BmVisitor base;
    GRand *random;
    uint8_t octets[OCTETS * 4];
} RandomIn;

static uint64_t random_number(GRand *random, uint32_t width)
{
    uint64_t n = (uint64_t)g_rand_int(random) << 32 | g_rand_int(random);

    return n >> (64 - 8 * width);
}

static gboolean random_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    static const uint8_t odd = 0xa5;
    RandomIn *in = (RandomIn *)v;
    uint64_t n = random_number(in->random, field->width);

    (void)error;
    switch (field->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_POINTER:
        if (n % 8 == 0) {
            *value = (BmScalar){.type = BM_SCALAR_RAW, .raw = {&odd, 1}};
        } else if (field->kind == BM_KIND_BOOLEAN) {
            *value = (BmScalar){.type = BM_SCALAR_BOOLEAN, .boolean = n & 1};
        } else {
            *value = (BmScalar){.type = n & 1 ? BM_SCALAR_PRESENT : BM_SCALAR_NULL};
        }
        return TRUE;
    case BM_KIND_SIGNED:
        n ^= UINT64_C(1) << (8 * field->width - 1);
        *value = (BmScalar){.type = BM_SCALAR_SIGNED,
                            .i = (int64_t)(n - (UINT64_C(1) << (8 * field->width - 1)))};
        return TRUE;
    default:
        *value = (BmScalar){.type = BM_SCALAR_UNSIGNED, .u = n};
        return TRUE;
    }
}

static gboolean random_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    RandomIn *in = (RandomIn *)v;

    (void)error;
    *value = (BmOctets){in->octets, (size_t)field->width * field->count};
    g_assert(value->len <= sizeof(in->octets));
    for (size_t i = 0; i < value->len; i++) {
        in->octets[i] = (uint8_t)g_rand_int(in->random);
    }
    return TRUE;
}

static uint64_t random_offset(const BmVisitor *v)
{
    (void)v;
    return BM_NO_OFFSET;
}

BmVisitor *random_values(GRand *random)
{
    static const BmVisitorOps ops = {
        .scalar = random_scalar, .octets = random_octets, .offset = random_offset};
    RandomIn *in = g_new0(RandomIn, 1);

    in->base.ops = &ops;
    in->random = random;
    return &in->base;
}
