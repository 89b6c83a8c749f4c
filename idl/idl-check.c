/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules that annotations must keep, as far as the tree alone shows them. */
#include "idl-model.h"

#include <string.h>

static guint place_in(const IdlStruct *s, const IdlField *field)
{
    guint index = 0;

    g_ptr_array_find(s->fields, field, &index);
    return index;
}

static gboolean is_after(const IdlStruct *s, const IdlField *one, const IdlField *other)
{
    return place_in(s, one) >= place_in(s, other);
}

static void check_not_sent(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    if (!*field->reason) {
        idl_problem(model, s, field, "%s needs %s", field->marker,
                    strcmp(field->marker, "property") ? "a reason" : "a name");
    }
    if (field->optional || field->default_text || field->version) {
        idl_problem(model, s, field,
                    "it is %s and not sent; BM_OPTIONAL, BM_DEFAULT and BM_VERSION are for what "
                    "is sent",
                    field->marker);
    }
}

static void check_optional(IdlModel *model, const IdlStruct *s, IdlField *field)
{
    IdlField *has = idl_struct_field(s, field->optional);

    if (!has) {
        idl_problem(model, s, field, "BM_OPTIONAL(%s): %s has no member %s; add bool %s before it",
                    field->optional, s->name, field->optional, field->optional);
    } else if (is_after(s, has, field)) {
        idl_problem(model, s, field, "BM_OPTIONAL(%s): %s must stand before it", field->optional,
                    field->optional);
    } else if (!has->marker && (has->type != &idl_bool || has->dimensions)) {
        idl_problem(model, s, field, "BM_OPTIONAL(%s): %s must be a bool", field->optional,
                    field->optional);
    } else if (has->optional || has->default_text) {
        idl_problem(model, s, field, "BM_OPTIONAL(%s): %s must be sent always", field->optional,
                    field->optional);
    } else {
        has->counter_of_optional = TRUE;
    }
}

static void check_default(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    if (field->size || field->shape != IDL_INLINE || field->type == &idl_struct || field->listed ||
        field->type == &idl_bitmap || field->type == &idl_f80) {
        idl_problem(model, s, field,
                    "BM_DEFAULT(%s): only numbers, strings and arrays of them can have a default",
                    field->default_text);
    } else if (field->type == &idl_string && field->default_text[0] != '"') {
        idl_problem(model, s, field, "BM_DEFAULT(%s): the default of a string is a literal",
                    field->default_text);
    }
}

static gboolean is_identifier(const char *text)
{
    if (!g_ascii_isalpha(*text) && *text != '_') {
        return FALSE;
    }
    while (g_ascii_isalnum(*text) || *text == '_') {
        text++;
    }
    return *text == 0;
}

static void check_counter(IdlModel *model, const IdlStruct *s, IdlField *field)
{
    const IdlField *counter = idl_struct_field(s, field->size);

    if (!counter) {
        idl_problem(model, s, field, "BM_SIZE(%s): %s has no member %s", field->size, s->name,
                    field->size);
    } else if (is_after(s, counter, field)) {
        idl_problem(model, s, field,
                    "BM_SIZE(%s): %s must stand before it, so that loading knows the number first",
                    field->size, field->size);
    } else if (counter->marker) {
        /* Its type was not looked at, so that only C can read it. */
        char *expression = g_strdup_printf("obj->%s", field->size);

        g_free(field->size);
        field->size = expression;
    } else if (!counter->type->counts || counter->shape != IDL_INLINE || counter->dimensions) {
        idl_problem(model, s, field,
                    "BM_SIZE(%s): %s is a %s; uint8_t, uint16_t, uint32_t, uint64_t, int32_t and "
                    "int64_t count",
                    field->size, field->size, counter->type->word);
    } else {
        field->counter = counter;
    }
}

static void check_size(IdlModel *model, const IdlStruct *s, IdlField *field)
{
    if (field->shape == IDL_POINTERS || field->bitmap || field->is_string ||
        (field->shape == IDL_INLINE && !field->dimensions)) {
        idl_problem(model, s, field, "BM_SIZE(%s): only arrays have a number of elements",
                    field->size);
    } else if (is_identifier(field->size)) {
        check_counter(model, s, field);
    }
    if (field->shape == IDL_POINTER && !field->max_text) {
        idl_problem(model, s, field,
                    "BM_SIZE(%s): a pointer needs BM_MAX(number) too, or a stream could ask for "
                    "any amount of memory",
                    field->size);
    }
}

static void check_list(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    if (!field->max_text) {
        idl_problem(model, s, field,
                    "a list needs BM_MAX(number), or a stream could ask for any amount of memory");
    }
    if (field->link && field->target && !idl_struct_field(field->target, field->link)) {
        idl_problem(model, s, field, "%s has no member %s that links it", field->target->name,
                    field->link);
    }
}

static gboolean is_integer(const IdlType *type)
{
    const IdlType *const integers[] = {&idl_u8, &idl_u16, &idl_u32, &idl_u64,
                                       &idl_i8, &idl_i16, &idl_i32, &idl_i64};

    for (size_t i = 0; i < G_N_ELEMENTS(integers); i++) {
        if (type == integers[i]) {
            return TRUE;
        }
    }
    return FALSE;
}

static void check_comparison(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    const char *macro = field->is_equal ? "BM_CHECK_EQUAL" : "BM_CHECK_AT_MOST";

    if ((field->is_equal || field->is_at_most) &&
        (!is_integer(field->type) || field->dimensions || field->shape != IDL_INLINE ||
         field->default_text || (field->is_equal && field->is_at_most))) {
        idl_problem(model, s, field,
                    "%s is for one integer, without the other and without BM_DEFAULT", macro);
    }
}

static void check_subsection(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    const char *names[] = {field->optional, field->counter ? field->counter->name : NULL};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        const IdlField *other = names[i] ? idl_struct_field(s, names[i]) : NULL;

        if (other && other->in && g_strcmp0(other->in, field->in) != 0) {
            idl_problem(model, s, field,
                        "%s is in the subsection \"%s\", which is loaded apart; take one of the "
                        "struct itself",
                        other->name, other->in);
        }
    }
    if (field->in && !idl_struct_subsection(s, field->in)) {
        idl_problem(model, s, field,
                    "BM_IN(\"%s\"): %s has no BM_SUBSECTION(\"%s\", version, needed)", field->in,
                    s->name, field->in);
    }
}

static void check_field(IdlModel *model, const IdlStruct *s, IdlField *field)
{
    if (field->marker) {
        check_not_sent(model, s, field);
        return;
    }
    if (field->optional) {
        check_optional(model, s, field);
    }
    if (field->default_text) {
        check_default(model, s, field);
    }
    if (field->size) {
        check_size(model, s, field);
    }
    if (idl_field_is_list(field)) {
        check_list(model, s, field);
    } else if (field->max_text && (field->shape != IDL_POINTER || !field->size)) {
        idl_problem(model, s, field, "BM_MAX(%s): it is for a pointer with BM_SIZE",
                    field->max_text);
    }
    check_comparison(model, s, field);
    check_subsection(model, s, field);
}

/* A struct's hook or one of those that it lies in must compute what is derived. */
static gboolean has_post_load(const IdlModel *model, const IdlStruct *s)
{
    gboolean found = s->post_load != NULL;

    for (guint i = 0; i < model->structs->len && !found; i++) {
        const IdlStruct *outer = model->structs->pdata[i];

        for (guint j = 0; j < outer->fields->len && !found; j++) {
            const IdlField *field = outer->fields->pdata[j];

            found = field->target == s && has_post_load(model, outer);
        }
    }
    return found;
}

static void check_derived(IdlModel *model, const IdlStruct *s)
{
    for (guint i = 0; i < s->fields->len; i++) {
        const IdlField *field = s->fields->pdata[i];

        if (g_strcmp0(field->marker, "derived") == 0 && !has_post_load(model, s)) {
            idl_problem(model, s, field,
                        "it is derived, but %s has no BM_POST_LOAD(function) that computes it",
                        s->name);
        }
    }
}

void idl_check(IdlModel *model)
{
    for (guint i = 0; i < model->structs->len; i++) {
        IdlStruct *s = model->structs->pdata[i];

        for (guint j = 0; j < s->fields->len; j++) {
            check_field(model, s, s->fields->pdata[j]);
        }
        check_derived(model, s);
    }
}
