/* SPDX-License-Identifier: BSD-2-Clause */
/* Visitors that do nothing: what is left are the checks on the way to them. */
#include "stream.h"
#include "visitor-impl.h"
#include "walk.h"

static const BmVisitorOps null_ops = {0};

BmVisitor *bm_visitor_null(void)
{
    BmVisitor *v = g_new0(BmVisitor, 1);

    v->ops = &null_ops;
    return v;
}

static gboolean null_device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    const char *name = device->section.name;
    BmVisitor *out;
    gboolean ok;

    (void)s;
    if (!device->values) {
        return TRUE;
    }
    if (!device->schema) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, name, "values without a description");
    }
    out = bm_visitor_null();
    ok = bm_walk(device->schema, device->values, out, name, error);
    bm_visitor_free(out);
    return ok;
}

static const BmStreamOps null_stream_ops = {.device = null_device};

BmStreamVisitor *bm_null_stream(void)
{
    BmStreamVisitor *s = g_new0(BmStreamVisitor, 1);

    s->ops = &null_stream_ops;
    return s;
}
