/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether two fields of trees hold the same values. */
#include <string.h>

#include "state.h"

static gboolean same_scalar(const BmStateField *f, const BmStateScalar *a, const BmStateScalar *b)
{
    if (a->type != b->type) {
        return FALSE;
    }
    switch (a->type) {
    case BM_SCALAR_BOOLEAN:
        return !a->boolean == !b->boolean;
    case BM_SCALAR_UNSIGNED:
    case BM_SCALAR_SIGNED:
        return a->u == b->u;
    case BM_SCALAR_RAW:
        return !memcmp(a->raw, b->raw, MIN(f->is.width, sizeof(a->raw)));
    default:
        return TRUE;
    }
}

static gboolean same_scalars(const BmStateField *a, const BmStateField *b)
{
    for (guint i = 0; i < a->scalars->len; i++) {
        if (!same_scalar(a, &g_array_index(a->scalars, BmStateScalar, i),
                         &g_array_index(b->scalars, BmStateScalar, i))) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean same_octets(const GByteArray *a, const GByteArray *b)
{
    return a->len == b->len && (a->len == 0 || !memcmp(a->data, b->data, a->len));
}

static gboolean same_members(const BmState *a, const BmState *b)
{
    if (a->fields->len != b->fields->len || a->subsections->len != b->subsections->len) {
        return FALSE;
    }
    for (guint i = 0; i < a->fields->len; i++) {
        if (!bm_state_value_equal(a->fields->pdata[i], b->fields->pdata[i])) {
            return FALSE;
        }
    }
    for (guint i = 0; i < a->subsections->len; i++) {
        if (!same_members(a->subsections->pdata[i], b->subsections->pdata[i])) {
            return FALSE;
        }
    }
    return TRUE;
}

gboolean bm_state_value_equal(const BmStateField *a, const BmStateField *b)
{
    if (a->is.kind != b->is.kind || a->is.width != b->is.width || a->is.count != b->is.count ||
        a->scalars->len != b->scalars->len || a->structs->len != b->structs->len ||
        !same_scalars(a, b) || !same_octets(a->octets, b->octets)) {
        return FALSE;
    }
    for (guint i = 0; i < a->structs->len; i++) {
        if (!same_members(a->structs->pdata[i], b->structs->pdata[i])) {
            return FALSE;
        }
    }
    return TRUE;
}
