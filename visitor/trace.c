/* SPDX-License-Identifier: BSD-2-Clause */
/* Traces in memory, and what two of them do not have in common. */
#include <string.h>

#include "visitors.h"

/* Texts of a visit, one after the other, each with its NUL. */
struct BmTrace {
    GPtrArray *visits;
};

BmTrace *bm_trace_new(void)
{
    BmTrace *t = g_new0(BmTrace, 1);

    t->visits = g_ptr_array_new_with_free_func(g_free);
    return t;
}

void bm_trace_free(BmTrace *trace)
{
    if (trace) {
        g_ptr_array_unref(trace->visits);
        g_free(trace);
    }
}

void bm_trace_record(const char *path, const char *type, const char *value, void *trace)
{
    GString *visit = g_string_new(path);

    g_string_append_len(visit, "", 1);
    g_string_append_len(visit, type, (gssize)strlen(type) + 1);
    g_string_append(visit, value);
    g_ptr_array_add(((BmTrace *)trace)->visits, g_string_free(visit, FALSE));
}

guint bm_trace_length(const BmTrace *trace)
{
    return trace->visits->len;
}

void bm_trace_get(const BmTrace *trace, guint i, const char **path, const char **type,
                  const char **value)
{
    *path = trace->visits->pdata[i];
    *type = *path + strlen(*path) + 1;
    *value = *type + strlen(*type) + 1;
}

static gboolean compare_visit(const BmTrace *expected, const BmTrace *got, guint i, GError **error)
{
    const char *path, *type, *value, *path2, *type2, *value2;

    bm_trace_get(expected, i, &path, &type, &value);
    bm_trace_get(got, i, &path2, &type2, &value2);
    if (!strcmp(path, path2) && !strcmp(type, type2) && !strcmp(value, value2)) {
        return TRUE;
    }
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, path,
                        "visit %u, expected (%s) %s, got %s = (%s) %s", i, type, value, path2,
                        type2, value2);
}

/* The first one that the shorter trace does not have. */
static gboolean lonely_visit(const BmTrace *longer, guint i, const char *whose, GError **error)
{
    const char *path, *type, *value;

    bm_trace_get(longer, i, &path, &type, &value);
    return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, path, "visit %u, (%s) %s, is only %s", i,
                        type, value, whose);
}

gboolean bm_trace_compare(const BmTrace *expected, const BmTrace *got, GError **error)
{
    guint n = MIN(expected->visits->len, got->visits->len);

    for (guint i = 0; i < n; i++) {
        if (!compare_visit(expected, got, i, error)) {
            return FALSE;
        }
    }
    if (expected->visits->len > n) {
        return lonely_visit(expected, n, "in what was expected", error);
    }
    return got->visits->len == n || lonely_visit(got, n, "in what came", error);
}
