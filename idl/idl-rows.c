/* SPDX-License-Identifier: BSD-2-Clause */
/* The rows of a table, and before them the functions and defaults they point to. */
#include "idl-generate.h"

#include <string.h>

/* A null pointer whose members sizeof looks at. */
static char *element_of(const IdlStruct *s, const IdlField *field)
{
    char *object = g_strdup_printf("((const %s *)0)", s->spelling);
    char *element = idl_element(field, object);

    g_free(object);
    return element;
}

static uint64_t element_count(const IdlField *field)
{
    return field->bitmap || field->is_string ? 1 : idl_field_most(field);
}

char *idl_quote(const char *text)
{
    char *escaped = g_strescape(text, NULL);
    char *quoted = g_strdup_printf("\"%s\"", escaped);

    g_free(escaped);
    return quoted;
}

/* ---- what rows point to ---- */

static void write_default(GString *out, const IdlStruct *s, const IdlField *field)
{
    char *element = element_of(s, field);

    if (field->counter_of_optional && !field->marker) {
        g_string_append_printf(
            out,
            "/* Streams that are older than what it announces do not have it. */\n"
            "static const _Bool %s_%s_default = 0;\n\n",
            s->snake, field->name);
    } else if (field->is_string && field->default_text) {
        g_string_append_printf(out,
                               "static const char %s_%s_default[%" G_GUINT64_FORMAT "] = %s;\n\n",
                               s->snake, field->name, field->length, field->default_text);
    } else if (field->default_text) {
        g_string_append_printf(out, "static const __typeof__(%s) %s_%s_default = (%s);\n\n",
                               element, s->snake, field->name, field->default_text);
    }
    g_free(element);
}

/* Arrays and floats are compared octet by octet: NaN has to equal NaN. */
static void write_default_test(GString *out, const IdlStruct *s, const IdlField *field)
{
    char *constant = g_strdup_printf("%s_%s_default", s->snake, field->name);

    if (field->is_string) {
        g_string_append_printf(out, "    return strncmp(obj->%s, %s, sizeof(%s)) != 0;\n",
                               field->name, constant, constant);
    } else if (field->dimensions) {
        g_string_append_printf(out,
                               "    for (size_t i = 0; i < %" G_GUINT64_FORMAT "; i++) {\n"
                               "        if (memcmp((const char *)obj->%s + i * sizeof(%s), &%s, "
                               "sizeof(%s)) != 0) {\n"
                               "            return TRUE;\n"
                               "        }\n"
                               "    }\n"
                               "    return FALSE;\n",
                               element_count(field), field->name, constant, constant, constant);
    } else if (field->type == &idl_f64) {
        g_string_append_printf(out, "    return memcmp(&obj->%s, &%s, sizeof(%s)) != 0;\n",
                               field->name, constant, constant);
    } else {
        g_string_append_printf(out, "    return obj->%s != %s;\n", field->name, constant);
    }
    g_free(constant);
}

static void write_when(GString *out, const IdlStruct *s, const IdlField *field)
{
    if (!field->optional && !field->default_text) {
        return;
    }
    g_string_append_printf(out,
                           "static gboolean %s_%s_is_sent(const void *object, uint32_t version)\n"
                           "{\n"
                           "    const %s *obj = object;\n"
                           "\n"
                           "    (void)version;\n",
                           s->snake, field->name, s->spelling);
    if (!field->default_text) {
        g_string_append_printf(out, "    return obj->%s;\n", field->optional);
    } else {
        if (field->optional) {
            g_string_append_printf(out,
                                   "    if (!obj->%s) {\n"
                                   "        return FALSE;\n"
                                   "    }\n",
                                   field->optional);
        }
        write_default_test(out, s, field);
    }
    g_string_append(out, "}\n\n");
}

static void write_number(GString *out, const IdlStruct *s, const IdlField *field)
{
    if (field->size && !field->counter) {
        g_string_append_printf(out,
                               "static uint64_t %s_%s_number(const void *object)\n"
                               "{\n"
                               "    const %s *obj = object;\n"
                               "\n"
                               "    (void)obj;\n"
                               "    return (uint64_t)(%s);\n"
                               "}\n\n",
                               s->snake, field->name, s->spelling, field->size);
    }
}

/* ---- one row ---- */

G_GNUC_PRINTF(2, 3) static void row(GString *out, const char *format, ...)
{
    va_list arguments;

    g_string_append(out, "        ");
    va_start(arguments, format);
    g_string_append_vprintf(out, format, arguments);
    va_end(arguments);
    g_string_append(out, ",\n");
}

static void write_shape(GString *out, const IdlField *field)
{
    if (field->shape == IDL_POINTERS) {
        row(out, ".shape = BM_SHAPE_POINTERS");
    } else if (field->shape == IDL_POINTER) {
        row(out, ".shape = %s", field->size ? "BM_SHAPE_ALLOCATED" : "BM_SHAPE_POINTER");
    }
}

static void write_numbers(GString *out, const IdlStruct *s, const IdlField *field)
{
    char *element = element_of(s, field);

    if (field->is_string) {
        row(out, ".size = %" G_GUINT64_FORMAT, field->length);
    } else if (field->bitmap) {
        row(out, ".size = %" G_GUINT64_FORMAT, field->bits);
    } else {
        row(out, ".size = sizeof(%s)", element);
    }
    if (element_count(field) != 1 || field->size) {
        row(out, ".count = %" G_GUINT64_FORMAT, element_count(field));
    }
    if (field->counter) {
        row(out, ".counter = {.type = BM_TYPE_%s, .offset = offsetof(%s, %s)}",
            field->counter->type->row, s->spelling, field->counter->name);
    } else if (field->size) {
        row(out, ".counter = {.number = %s_%s_number}", s->snake, field->name);
    }
    g_free(element);
}

static void write_listed(GString *out, const IdlStruct *s, const IdlField *field)
{
    if (field->type != &idl_through) {
        row(out, ".offset = offsetof(%s, %s)", s->spelling, field->name);
        row(out, ".count = %" G_GUINT64_FORMAT, idl_field_most(field));
    }
    row(out, ".size = sizeof(%s)", field->target->spelling);
    if (field->link) {
        row(out, ".link = offsetof(%s, %s)", field->target->spelling, field->link);
    }
}

static char *condition(const IdlField *field)
{
    if (!field->default_text) {
        return g_strdup(field->optional);
    }
    return g_strdup_printf("%s%s%s != %s", field->optional ? field->optional : "",
                           field->optional ? " && " : "", field->name, field->default_text);
}

static void write_conditions(GString *out, const IdlStruct *s, const IdlField *field)
{
    if (field->since) {
        row(out, ".since = %" G_GUINT64_FORMAT, field->since);
    }
    if (field->optional || field->default_text) {
        char *plain = condition(field), *quoted = idl_quote(plain);

        row(out, ".when = %s_%s_is_sent", s->snake, field->name);
        row(out, ".condition = %s", quoted);
        g_free(quoted);
        g_free(plain);
    }
    if (field->default_text) {
        row(out, ".flags = BM_WHEN_OWN_VALUE");
    } else if (field->is_equal || field->is_at_most) {
        row(out, ".flags = %s", field->is_equal ? "BM_EQUAL" : "BM_AT_MOST");
    }
    if (field->default_text || field->counter_of_optional) {
        row(out, ".otherwise = &%s_%s_default", s->snake, field->name);
    }
}

static void write_row(GString *out, const IdlStruct *s, const IdlField *field)
{
    g_string_append(out, "    {\n");
    row(out, ".name = \"%s\"", field->name);
    row(out, ".type = BM_TYPE_%s", field->type->row);
    if (field->listed) {
        write_listed(out, s, field);
    } else {
        write_shape(out, field);
        row(out, ".offset = offsetof(%s, %s)", s->spelling, field->name);
        write_numbers(out, s, field);
    }
    if (field->target) {
        row(out, ".table = &%s_table", field->target->snake);
    }
    write_conditions(out, s, field);
    g_string_append(out, "    },\n");
}

/* ---- all of them ---- */

static void write_not_sent(GString *out, const IdlStruct *s)
{
    g_string_append_printf(out, "static const BmNotSent %s_not_sent[] = {\n", s->snake);
    for (guint i = 0; i < s->fields->len; i++) {
        const IdlField *field = s->fields->pdata[i];

        if (field->marker) {
            char *reason = idl_quote(field->reason);

            g_string_append_printf(out, "    {\"%s\", \"%s\", %s},\n", field->name, field->marker,
                                   reason);
            g_free(reason);
        }
    }
    g_string_append(out, "    {NULL, NULL, NULL}\n};\n\n");
}

char *idl_subsection_name(const IdlStruct *s, guint number)
{
    return g_strdup_printf("%s_subsection%u", s->snake, number);
}

/* `in`: of that subsection; NULL: of none. */
static void write_rows(GString *out, const IdlStruct *s, const char *in, const char *name)
{
    g_string_append_printf(out, "static const BmTableField %s_fields[] = {\n", name);
    for (guint i = 0; i < s->fields->len; i++) {
        const IdlField *field = s->fields->pdata[i];

        if (!field->marker && g_strcmp0(field->in, in) == 0) {
            write_row(out, s, field);
        }
    }
    g_string_append(out, "    BM_FIELD_END\n};\n\n");
}

void idl_generate_rows(GString *out, const IdlStruct *s)
{
    for (guint i = 0; i < s->fields->len; i++) {
        const IdlField *field = s->fields->pdata[i];

        if (!field->marker) {
            write_default(out, s, field);
            write_when(out, s, field);
            write_number(out, s, field);
        }
    }
    write_rows(out, s, NULL, s->snake);
    for (guint i = 0; i < s->subsections->len; i++) {
        const IdlSubsection *sub = s->subsections->pdata[i];
        char *name = idl_subsection_name(s, i);

        write_rows(out, s, sub->name, name);
        g_free(name);
    }
    write_not_sent(out, s);
}
