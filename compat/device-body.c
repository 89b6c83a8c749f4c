/* SPDX-License-Identifier: BSD-2-Clause */
/* Devices in the form in which they came, into the one that is wanted. */
#include "device-body.h"

#include "legacy-values.h"
#include "walk.h"

/* Octets that a table, or a function, reads as it likes. */
typedef struct Reader {
    const BmTable *table; /* NULL: */
    const BmDirectDevice *direct;
    void *object;
} Reader;

static gboolean all_read(const BmVisitor *in, const char *name, GError **error)
{
    size_t left = bm_visitor_legacy_left(in);

    return left == 0 || bm_error_set(error, BM_TRAILING, bm_visitor_offset(in), name,
                                     "%zu octets are left over after the last field", left);
}

static gboolean load_octets(const BmDevice *device, const Reader *r, GError **error)
{
    const char *name = r->table ? r->table->name : r->direct->name;
    const uint32_t version = device->section.version;
    BmFault fault = {BM_OK};
    BmVisitor *in =
        bm_visitor_legacy_in(bm_view(device->octets.data, device->octets.len, 0, &fault));
    gboolean ok = r->table ? bm_table_load_plain(r->table, r->object, version, in, error)
                           : bm_direct_load_plain(r->direct, r->object, version, in, error);

    ok = ok && all_read(in, name, error);
    bm_visitor_free(in);
    return ok;
}

gboolean bm_body_load(const BmDevice *device, const BmTable *table, void *object,
                      BmLoadReport *report, GError **error)
{
    if (!device->values) {
        return load_octets(device, &(Reader){.table = table, .object = object}, error);
    }
    return bm_table_load(table, object, device->schema, device->values, report, error);
}

gboolean bm_body_load_direct(const BmDevice *device, const BmDirectDevice *direct, void *object,
                             BmLoadReport *report, GError **error)
{
    if (!device->values) {
        return load_octets(device, &(Reader){.direct = direct, .object = object}, error);
    }
    return bm_direct_load(direct, object, device->schema, device->values, report, error);
}

static gboolean write_octets(BmOctets octets, BmOutput *to, GError **error)
{
    BmFault fault = {BM_IO, BM_NO_OFFSET, "the octets of a device", 0, 0};

    if (bm_output_write(to, octets.data, octets.len)) {
        return TRUE;
    }
    fault.got = (uint64_t)bm_output_errno(to);
    return bm_error_from_fault(error, &fault, NULL);
}

gboolean bm_body_octets(const BmDevice *device, BmOutput *to, GError **error)
{
    BmVisitor *out;
    gboolean ok;

    if (!device->values) {
        return write_octets(device->octets, to, error);
    }
    if (!device->schema) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, device->section.name,
                            "values without a description");
    }
    out = bm_visitor_legacy_out(to);
    ok = bm_walk(device->schema, device->values, out, device->section.name, error);
    bm_visitor_free(out);
    return ok;
}
