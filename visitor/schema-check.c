/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "schema-impl.h"

static gboolean check_name(const char *name, const char *what, GError **error)
{
    size_t len = strlen(name);

    if (len > BM_LIMIT_NAME) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "%s is %zu octets long, more than the limit of %u", what, len,
                            BM_LIMIT_NAME);
    }
    if (!bm_utf8_valid((const uint8_t *)name, len)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, NULL, "%s is not UTF-8", what);
    }
    return TRUE;
}

static gboolean width_fits_kind(const BmField *f)
{
    switch (f->kind) {
    case BM_KIND_BOOLEAN:
    case BM_KIND_POINTER:
        return f->width == 1;
    case BM_KIND_UNSIGNED:
    case BM_KIND_SIGNED:
        return f->width >= 1 && f->width <= 8;
    case BM_KIND_FLOAT:
        return f->width >= 1;
    case BM_KIND_BUFFER:
    case BM_KIND_STRING:
    case BM_KIND_OPAQUE:
        return TRUE;
    case BM_KIND_STRUCT:
    case BM_KIND_LIST:
        return f->width == 0;
    }
    return FALSE;
}

static gboolean count_fits_kind(const BmField *f)
{
    return f->kind == BM_KIND_LIST || f->kind == BM_KIND_STRING ? f->count == 1 : f->count >= 1;
}

static gboolean elements_fit_kind(const BmField *f)
{
    return f->kind == BM_KIND_LIST || f->n_elements == (f->kind == BM_KIND_STRUCT ? 1 : 0);
}

static gboolean check_elements(const BmSchemaSet *set, const BmField *f, GError **error)
{
    for (uint32_t i = 0; i < f->n_elements; i++) {
        if (!bm_schema_set_has(set, f->elements[i])) {
            return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, f->name,
                                "the description of an element is not one of this stream");
        }
    }
    return TRUE;
}

static gboolean check_numbers(const BmField *f, GError **error)
{
    uint32_t most = MAX(f->count, f->first);

    if (most > BM_LIMIT_COUNT) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, f->name,
                            "the number of elements is %u, more than the limit of %u", most,
                            BM_LIMIT_COUNT);
    }
    if (f->width > BM_LIMIT_RECORD) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, f->name,
                            "the width is %u, more than the limit of %u", f->width,
                            BM_LIMIT_RECORD);
    }
    if (f->n_elements > BM_LIMIT_FIELDS) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, f->name,
                            "the number of descriptions is %u, more than the limit of %u",
                            f->n_elements, BM_LIMIT_FIELDS);
    }
    if ((unsigned)f->kind >= BM_KINDS || (unsigned)f->form >= BM_FORMS) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, f->name,
                            "there is no kind %d or no array form %d", (int)f->kind, (int)f->form);
    }
    if (!width_fits_kind(f) || !count_fits_kind(f) || !elements_fit_kind(f)) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, f->name,
                            "%u elements of %u octets and %u descriptions do not make a field of "
                            "kind %d",
                            f->count, f->width, f->n_elements, (int)f->kind);
    }
    return TRUE;
}

static gboolean check_field(const BmSchemaSet *set, const BmField *f, GError **error)
{
    return check_name(f->name, "the name of a field", error) &&
           (!f->type || check_name(f->type, "the name of a type", error)) &&
           (!f->condition || check_name(f->condition, "the condition of a field", error)) &&
           check_numbers(f, error) && check_elements(set, f, error);
}

static gboolean check_fields(const BmSchemaSet *set, const BmSchema *s, GError **error)
{
    for (uint32_t i = 0; i < s->n_fields; i++) {
        if (!check_field(set, &s->fields[i], error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static gboolean check_subsections(const BmSchemaSet *set, const BmSchema *s, GError **error)
{
    for (uint32_t i = 0; i < s->n_subsections; i++) {
        if (!bm_schema_set_has(set, s->subsections[i])) {
            return bm_error_set(error, BM_UNKNOWN, BM_NO_OFFSET, NULL,
                                "the description of a subsection is not one of this stream");
        }
    }
    return TRUE;
}

gboolean bm_schema_check(const BmSchemaSet *set, const BmSchema *s, gboolean full, GError **error)
{
    if (full) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL,
                            "a description has more than %u fields or subsections",
                            BM_LIMIT_FIELDS);
    }
    if (s->minimum > s->version) {
        return bm_error_set(error, BM_BAD_VALUE, BM_NO_OFFSET, s->name,
                            "the oldest version is %u, above the version %u itself", s->minimum,
                            s->version);
    }
    return check_name(s->name, "the name of a description", error) &&
           (!s->condition || check_name(s->condition, "the condition of a description", error)) &&
           check_fields(set, s, error) && check_subsections(set, s, error);
}
