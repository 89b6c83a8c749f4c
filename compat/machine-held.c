/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device that came and is not loaded yet: a copy of its octets, or of its values
 * in the form in which they came, BER or QEMU's, so that the offsets of errors are
 * those of the stream.
 */
#include "device-body.h"
#include "legacy-values.h"
#include "machine-impl.h"

struct BmHeld {
    const BmEntry *entry;
    BmDevice device; /* the schema is the source's */
    gboolean has_values, plain;
    GByteArray *data;
    uint64_t offset; /* of the values in the stream */
};

const BmEntry *bm_held_entry(const BmHeld *held)
{
    return held->entry;
}

void bm_held_free(BmHeld *held)
{
    if (held) {
        g_byte_array_unref(held->data);
        g_free(held);
    }
}

/* ---- holding ---- */

static void append(BmHeld *h, const void *data, size_t len)
{
    g_byte_array_append(h->data, data, (guint)len);
}

static gboolean hold_plain(BmHeld *h, const BmDevice *d, GError **error)
{
    BmOutput *octets = bm_output_memory();
    gboolean ok = bm_body_octets(d, octets, error);

    append(h, bm_output_memory_data(octets).data, bm_output_memory_data(octets).len);
    bm_output_free(octets);
    return ok;
}

static gboolean hold_ber(BmHeld *h, const BmDevice *d, GError **error)
{
    BmVisitor *out;
    gboolean ok;
    BmWriter w;

    bm_writer_init(&w);
    out = bm_visitor_ber_out(&w);
    ok = bm_walk(d->schema, d->values, out, d->section.name, error);
    bm_visitor_free(out);
    append(h, w.data, w.len);
    bm_writer_clear(&w);
    return ok;
}

/* Values without tags are those of a visitor that finds their ends by itself. */
static gboolean hold_values(BmHeld *h, const BmDevice *d, GError **error)
{
    h->has_values = TRUE;
    h->plain = bm_visitor_answers(d->values);
    h->offset = bm_visitor_offset(d->values);
    return h->plain ? hold_plain(h, d, error) : hold_ber(h, d, error);
}

BmHeld *bm_held_new(const BmEntry *entry, const BmDevice *d, GError **error)
{
    BmHeld *h = g_new0(BmHeld, 1);

    h->entry = entry;
    h->device = *d;
    h->device.section.name = entry->section.name;
    h->data = g_byte_array_new();
    if (!d->values) {
        append(h, d->octets.data, d->octets.len);
    } else if (!hold_values(h, d, error)) {
        bm_held_free(h);
        return NULL;
    }
    return h;
}

/* ---- loading ---- */

static gboolean load_octets(const BmEntry *e, const BmDevice *d, GError **error)
{
    BmOutput *octets = bm_output_memory();
    gboolean ok =
        bm_body_octets(d, octets, error) &&
        (e->octets->load(e->opaque, d->section.version, bm_output_memory_data(octets), error) ||
         bm_entry_failed(e, "load", error));

    bm_output_free(octets);
    return ok;
}

static gboolean load(const BmEntry *e, const BmDevice *d, BmLoadReport *report, GError **error)
{
    switch (e->kind) {
    case BM_ENTRY_TABLE:
        return bm_body_load(d, e->table, e->opaque, report, error);
    case BM_ENTRY_DIRECT:
        return bm_body_load_direct(d, e->direct, e->opaque, report, error);
    case BM_ENTRY_OCTETS:
        return load_octets(e, d, error);
    case BM_ENTRY_LIVE:
        break;
    }
    return FALSE;
}

gboolean bm_held_load(BmHeld *h, BmLoadReport *report, GError **error)
{
    BmFault fault = {BM_OK};
    BmView view = bm_view(h->data->data, h->data->len, h->offset, &fault);
    gboolean ok;

    h->device.octets = (BmOctets){h->data->data, h->data->len};
    h->device.values = !h->has_values ? NULL
                       : h->plain     ? bm_visitor_legacy_in(view)
                                      : bm_visitor_ber_in(view);
    ok = load(h->entry, &h->device, report, error);
    bm_visitor_free(h->device.values);
    if (!ok) {
        bm_error_add_path(error ? *error : NULL, h->entry->section.name);
    }
    return ok;
}
