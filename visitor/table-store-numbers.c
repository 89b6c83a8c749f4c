/* SPDX-License-Identifier: BSD-2-Clause */
/* Integers and booleans of a stream, into members that may be narrower. */
#include <stdbool.h>

#include "table-impl.h"

/* What it is a part of the walk knows; NULL if there is only one. */
static char *which(const BmField *field, uint32_t i)
{
    return field->count > 1 ? g_strdup_printf(".[%u]", field->first + i) : NULL;
}

static gboolean not_in_range(const BmField *field, uint32_t i, BmNumber number, const char *range,
                             GError **error)
{
    g_autofree char *element = which(field, i), *got = bm_number_text(number);

    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, element, "%s is not within %s", got,
                        range);
}

static gboolean not_equal(const BmField *field, uint32_t i, BmNumber number, BmNumber here,
                          GError **error)
{
    g_autofree char *element = which(field, i), *got = bm_number_text(number),
                    *own = bm_number_text(here);

    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, element,
                        "the stream has %s, this side %s, and they must be equal", got, own);
}

static gboolean check_most(const BmTableField *row, const void *member, const BmField *field,
                           uint32_t i, BmNumber number, GError **error)
{
    BmNumber most = bm_number_get(row->type, member);
    g_autofree char *text = NULL, *range = NULL;

    if (!number.negative && !bm_number_less(most, number)) {
        return TRUE;
    }
    text = bm_number_text(most);
    range = g_strdup_printf("0 to %s", text);
    return not_in_range(field, i, number, range, error);
}

gboolean bm_store_number(const BmTableField *row, void *member, const BmField *field, uint32_t i,
                         BmNumber number, GError **error)
{
    if (row->flags & BM_EQUAL) {
        BmNumber here = bm_number_get(row->type, member);

        return (here.bits == number.bits && here.negative == number.negative) ||
               not_equal(field, i, number, here, error);
    }
    if (row->flags & BM_AT_MOST && !check_most(row, member, field, i, number, error)) {
        return FALSE;
    }
    return bm_number_put(row->type, member, number) ||
           not_in_range(field, i, number, bm_number_range(row->type), error);
}

gboolean bm_store_bool(const BmTableField *row, void *member, const BmField *field, uint32_t i,
                       gboolean value, GError **error)
{
    bool *here = member;

    if (row->flags & BM_EQUAL) {
        return *here == (value != 0) ||
               not_equal(field, i, (BmNumber){value != 0, FALSE}, (BmNumber){*here, FALSE}, error);
    }
    *here = value != 0;
    return TRUE;
}
