/* SPDX-License-Identifier: BSD-2-Clause */
/* GVariant, the format of D-Bus settings: one tuple of the values. */
#include "peer.h"

typedef struct Gvariant {
    Content *content;
    GVariantType *type;
    GVariant *saved;
} Gvariant;

/* By the number of octets 1, 2, 4, 8. */
static char letter_of(const Value *value)
{
    static const char is_unsigned[] = "?yq?u???t", is_signed[] = "?yn?i???x";

    return value->kind == VALUE_BOOLEAN  ? 'b'
           : value->kind == VALUE_SIGNED ? is_signed[value->width]
                                         : is_unsigned[value->width];
}

static void *gvariant_open(Content *content)
{
    g_autoptr(GString) text = g_string_new("(");
    Gvariant *g = g_new0(Gvariant, 1);

    for (unsigned i = 0; i < content->n_values; i++) {
        const Value *value = &content->values[i];

        if (value->kind == VALUE_OCTETS) {
            g_string_append(text, "ay");
        } else {
            g_string_append_c(text, letter_of(value));
        }
    }
    g_string_append_c(text, ')');
    g->content = content;
    g->type = g_variant_type_new(text->str);
    return g;
}

static void forget(Gvariant *g)
{
    if (g->saved) {
        g_variant_unref(g->saved);
    }
}

static void gvariant_close(void *peer)
{
    Gvariant *g = peer;

    forget(g);
    g_variant_type_free(g->type);
    g_free(g);
}

static GVariant *make(const Value *value, const uint8_t *flat)
{
    if (value->kind == VALUE_OCTETS) {
        return g_variant_new_fixed_array(G_VARIANT_TYPE_BYTE, flat + value->offset, value->width,
                                         1);
    }
    switch (letter_of(value)) {
    case 'b':
        return g_variant_new_boolean(flat[value->offset]);
    case 'y':
        return g_variant_new_byte(flat[value->offset]);
    case 'n':
        return g_variant_new_int16((gint16)value_signed(value, flat));
    case 'q':
        return g_variant_new_uint16((guint16)value_unsigned(value, flat));
    case 'i':
        return g_variant_new_int32((gint32)value_signed(value, flat));
    case 'u':
        return g_variant_new_uint32((guint32)value_unsigned(value, flat));
    case 'x':
        return g_variant_new_int64(value_signed(value, flat));
    default:
        return g_variant_new_uint64(value_unsigned(value, flat));
    }
}

static gboolean gvariant_save(void *peer, BmOctets *octets)
{
    Gvariant *g = peer;
    const Content *c = g->content;
    GVariantBuilder builder;

    forget(g);
    g_variant_builder_init(&builder, g->type);
    for (unsigned i = 0; i < c->n_values; i++) {
        g_variant_builder_add_value(&builder, make(&c->values[i], c->flat));
    }
    g->saved = g_variant_ref_sink(g_variant_builder_end(&builder));
    *octets = (BmOctets){g_variant_get_data(g->saved), g_variant_get_size(g->saved)};
    return TRUE;
}

static gboolean take(const Value *value, uint8_t *flat, GVariant *child)
{
    gsize n;

    if (value->kind == VALUE_OCTETS) {
        const void *octets = g_variant_get_fixed_array(child, &n, 1);

        return value_set_octets(value, flat, octets, n);
    }
    /* All have the form of the member in their octets; a boolean too. */
    memcpy(flat + value->offset, g_variant_get_data(child), value->width);
    return g_variant_get_size(child) == value->width;
}

static gboolean gvariant_load(void *peer, BmOctets octets)
{
    const Gvariant *g = peer;
    const Content *c = g->content;
    GVariant *tuple = g_variant_ref_sink(
        g_variant_new_from_data(g->type, octets.data, octets.len, FALSE, NULL, NULL));
    gboolean ok = TRUE;

    for (unsigned i = 0; ok && i < c->n_values; i++) {
        GVariant *child = g_variant_get_child_value(tuple, i);

        ok = take(&c->values[i], c->loaded, child);
        g_variant_unref(child);
    }
    g_variant_unref(tuple);
    return ok;
}

#define VERSION                                                                                    \
    G_STRINGIFY(GLIB_MAJOR_VERSION)                                                                \
    "." G_STRINGIFY(GLIB_MINOR_VERSION) "." G_STRINGIFY(GLIB_MICRO_VERSION)

const Peer peer_gvariant = {"GVariant " VERSION, gvariant_open,  gvariant_save,
                            gvariant_load,       gvariant_close, FALSE};
