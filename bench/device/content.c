/* SPDX-License-Identifier: BSD-2-Clause */
#include "content.h"

#include "visitor-impl.h"

/* ---- an input visitor that makes values up ---- */

typedef struct MakerIn {
    BmVisitor base;
    GRand *random;
    GByteArray *octets;
} MakerIn;

static uint64_t make_number(MakerIn *in)
{
    uint64_t any = (uint64_t)g_rand_int(in->random) << 32 | g_rand_int(in->random);

    switch (g_rand_int_range(in->random, 0, 3)) {
    case 0:
        return 0;
    case 1:
        return any & 0x7f;
    default:
        return any >> 1;
    }
}

static gboolean make_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    MakerIn *in = (MakerIn *)v;
    unsigned unused = 64 - 8 * MIN(field->width, 8);

    (void)error;
    if (field->kind == BM_KIND_BOOLEAN) {
        *value = (BmScalar){BM_SCALAR_BOOLEAN, .boolean = g_rand_boolean(in->random)};
    } else if (field->kind == BM_KIND_UNSIGNED) {
        *value = (BmScalar){BM_SCALAR_UNSIGNED, .u = make_number(in) << unused >> unused};
    } else {
        /* At most what a row with a maximum has there is not known here: it is 2. */
        *value = (BmScalar){BM_SCALAR_SIGNED, .i = (int64_t)(make_number(in) << unused) >> unused};
        value->i = strcmp(field->name, "version_id") != 0 ? value->i : 2;
    }
    return TRUE;
}

static gboolean make_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    MakerIn *in = (MakerIn *)v;
    gboolean unused = field->type && !strcmp(field->type, "unused_buffer");

    (void)error;
    g_byte_array_set_size(in->octets, field->width * field->count);
    for (guint i = 0; i < in->octets->len; i++) {
        in->octets->data[i] = unused ? 0 : (uint8_t)g_rand_int(in->random);
    }
    *value = (BmOctets){in->octets->data, in->octets->len};
    return TRUE;
}

static uint64_t no_offset(const BmVisitor *v)
{
    (void)v;
    return BM_NO_OFFSET;
}

static gboolean make_values(Content *c, GError **error)
{
    static const BmVisitorOps ops = {
        .scalar = make_scalar, .octets = make_octets, .offset = no_offset};
    MakerIn in = {{.ops = &ops}, g_rand_new_with_seed(1), g_byte_array_new()};
    gboolean ok = bm_table_load(c->device->table, c->object, c->schema, &in.base, NULL, error);

    g_rand_free(in.random);
    g_byte_array_unref(in.octets);
    return ok;
}

/* ---- an output visitor that puts them one after the other ---- */

typedef struct FlatOut {
    BmVisitor base;
    GArray *values;   /* Value; of the first walk */
    GByteArray *flat; /* padded, so that each is aligned */
} FlatOut;

static gboolean put(FlatOut *out, const BmField *field, ValueKind kind, const void *octets,
                    uint32_t width)
{
    static const uint8_t padding[8];
    Value value = {.kind = kind, .width = width, .offset = out->flat->len};

    value.path = g_strdup_printf("%u %s", out->values->len + 1, field->name);
    g_array_append_val(out->values, value);
    g_byte_array_append(out->flat, octets, width);
    g_byte_array_append(out->flat, padding, -width % 8);
    return TRUE;
}

static gboolean put_scalar(BmVisitor *v, const BmField *field, BmScalar *value, GError **error)
{
    FlatOut *out = (FlatOut *)v;

    (void)error;
    /* The first octets are the low ones: hosts are little-endian here. */
    G_STATIC_ASSERT(G_BYTE_ORDER == G_LITTLE_ENDIAN);
    switch (value->type) {
    case BM_SCALAR_BOOLEAN:
        return put(out, field, VALUE_BOOLEAN, value->boolean ? "\1" : "\0", 1);
    case BM_SCALAR_UNSIGNED:
        return put(out, field, VALUE_UNSIGNED, &value->u, field->width);
    default:
        return put(out, field, VALUE_SIGNED, &value->i, field->width);
    }
}

static gboolean put_octets(BmVisitor *v, const BmField *field, BmOctets *value, GError **error)
{
    (void)error;
    return put((FlatOut *)v, field, VALUE_OCTETS, value->data, (uint32_t)value->len);
}

static void clear_value(gpointer value)
{
    g_free(((Value *)value)->path);
}

static gboolean flatten(const Content *c, const void *object, FlatOut *out, GError **error)
{
    static const BmVisitorOps ops = {.scalar = put_scalar, .octets = put_octets};
    BmVisitor *in = bm_visitor_table_in(c->device->table, object);
    gboolean ok;

    *out = (FlatOut){{.ops = &ops}, g_array_new(FALSE, FALSE, sizeof(Value)), g_byte_array_new()};
    g_array_set_clear_func(out->values, clear_value);
    ok = bm_walk(c->schema, in, &out->base, NULL, error);
    bm_visitor_free(in);
    return ok;
}

/* ---- the content ---- */

static gboolean fill(Content *c, GError **error)
{
    FlatOut out;
    gboolean ok;

    c->schema = bm_table_describe(c->device->table, c->object, c->set, error);
    if (!c->schema || !make_values(c, error)) {
        return FALSE;
    }
    ok = flatten(c, c->object, &out, error);
    c->n_values = out.values->len;
    g_array_set_clear_func(out.values, NULL);
    c->values = (Value *)(void *)g_array_free(out.values, FALSE);
    c->flat_size = out.flat->len;
    c->flat = g_byte_array_free(out.flat, FALSE);
    c->loaded = g_malloc0(c->flat_size);
    return ok;
}

/* What a device knows before anything is loaded: here that two small subsections of
 * the network card are there, as in most streams. */
static void *new_object(const Device *device)
{
    static const BmSchema mit = {.name = "e1000/mit_state"}, tso = {.name = "e1000/tx_tso_state"};
    static const BmSchema *const subsections[] = {&mit, &tso};
    static const BmSchema described = {.subsections = subsections, .n_subsections = 2};
    void *object = g_malloc0(device->size);

    if (device->prepare) {
        device->prepare(object, device->section, &described);
    }
    return object;
}

Content *content_new(const Device *device, GError **error)
{
    Content *c = g_new0(Content, 1);

    c->name = device->table->name;
    c->device = device;
    c->object = new_object(device);
    c->loaded_object = new_object(device);
    c->set = bm_schema_set_new();
    if (!fill(c, error)) {
        content_free(c);
        return NULL;
    }
    return c;
}

void content_free(Content *c)
{
    for (unsigned i = 0; i < c->n_values; i++) {
        clear_value(&c->values[i]);
    }
    bm_table_clear(c->device->table, c->object);
    bm_table_clear(c->device->table, c->loaded_object);
    bm_schema_set_free(c->set);
    g_free(c->values);
    g_free(c->flat);
    g_free(c->loaded);
    g_free(c->object);
    g_free(c->loaded_object);
    g_free(c);
}

void content_forget(Content *c)
{
    bm_table_clear(c->device->table, c->loaded_object);
    g_free(c->loaded_object);
    c->loaded_object = new_object(c->device);
    memset(c->loaded, 0, c->flat_size);
}

gboolean content_is_loaded(const Content *c)
{
    return !memcmp(c->flat, c->loaded, c->flat_size);
}

gboolean content_is_loaded_object(Content *c, GError **error)
{
    FlatOut out;
    gboolean ok = flatten(c, c->loaded_object, &out, error) && out.flat->len == c->flat_size;

    if (ok) {
        memcpy(c->loaded, out.flat->data, c->flat_size);
    }
    g_array_unref(out.values);
    g_byte_array_unref(out.flat);
    return ok && content_is_loaded(c);
}

size_t content_room(const Content *c)
{
    return 2 * c->flat_size + 16 * (size_t)c->n_values + 64;
}
