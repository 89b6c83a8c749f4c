/* SPDX-License-Identifier: BSD-2-Clause */
/* The model's memory, its problems, and questions that several steps ask. */
#include "idl-model.h"

#include <stdarg.h>
#include <string.h>

static void free_field(void *data)
{
    IdlField *f = data;
    char *texts[] = {f->place.file, f->name,     f->reason, f->optional, f->default_text,
                     f->size,       f->max_text, f->bitmap, f->version,  f->default_value,
                     f->listed,     f->link,     f->in};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(texts[i]);
    }
    g_free(f);
}

static void free_subsection(void *data)
{
    IdlSubsection *sub = data;

    g_free(sub->name);
    g_free(sub->version_text);
    g_free(sub->needed);
    g_free(sub);
}

IdlStruct *idl_struct_new(void)
{
    IdlStruct *s = g_new0(IdlStruct, 1);

    s->fields = g_ptr_array_new_with_free_func(free_field);
    s->subsections = g_ptr_array_new_with_free_func(free_subsection);
    return s;
}

void idl_struct_free(IdlStruct *s)
{
    char *texts[] = {s->place.file, s->name,     s->spelling,  s->snake,    s->device,   s->current,
                     s->minimum,    s->pre_save, s->post_save, s->pre_load, s->post_load};

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        g_free(texts[i]);
    }
    g_ptr_array_unref(s->fields);
    g_ptr_array_unref(s->subsections);
    g_free(s);
}

static void free_struct(void *data)
{
    idl_struct_free(data);
}

IdlModel *idl_model_new(const char *header, const char *const *arguments, int n_arguments)
{
    IdlModel *model = g_new0(IdlModel, 1);

    model->header = header;
    model->arguments = arguments;
    model->n_arguments = n_arguments;
    model->structs = g_ptr_array_new_with_free_func(free_struct);
    model->reading = g_ptr_array_new();
    model->problems = g_ptr_array_new_with_free_func(g_free);
    model->index = clang_createIndex(0, 0);
    return model;
}

void idl_model_free(IdlModel *model)
{
    g_ptr_array_unref(model->structs);
    g_ptr_array_unref(model->reading);
    g_ptr_array_unref(model->problems);
    if (model->unit) {
        clang_disposeTranslationUnit(model->unit);
    }
    clang_disposeIndex(model->index);
    g_free(model);
}

void idl_problem_at(IdlModel *model, const char *file, unsigned line, const char *text)
{
    g_ptr_array_add(model->problems, g_strdup_printf("%s:%u: %s", file, line, text));
}

void idl_problem(IdlModel *model, const IdlStruct *s, const IdlField *field, const char *format,
                 ...)
{
    const IdlPlace *place = field ? &field->place : &s->place;
    va_list arguments;
    char *text, *line;

    va_start(arguments, format);
    text = g_strdup_vprintf(format, arguments);
    va_end(arguments);
    line = g_strdup_printf("%s%s%s: %s", s->name, field ? "." : "", field ? field->name : "", text);
    idl_problem_at(model, place->file, place->line, line);
    g_free(line);
    g_free(text);
}

IdlField *idl_struct_field(const IdlStruct *s, const char *name)
{
    for (guint i = 0; i < s->fields->len; i++) {
        IdlField *field = s->fields->pdata[i];

        if (!strcmp(field->name, name)) {
            return field;
        }
    }
    return NULL;
}

IdlStruct *idl_model_device(const IdlModel *model, const char *device)
{
    for (guint i = 0; i < model->structs->len; i++) {
        IdlStruct *s = model->structs->pdata[i];

        if (!strcmp(s->device, device)) {
            return s;
        }
    }
    return NULL;
}

IdlSubsection *idl_struct_subsection(const IdlStruct *s, const char *name)
{
    for (guint i = 0; i < s->subsections->len; i++) {
        IdlSubsection *sub = s->subsections->pdata[i];

        if (!strcmp(sub->name, name)) {
            return sub;
        }
    }
    return NULL;
}

gboolean idl_field_is_list(const IdlField *field)
{
    return field->type == &idl_queue || field->type == &idl_tree || field->type == &idl_tailq ||
           field->type == &idl_list;
}

uint64_t idl_field_most(const IdlField *field)
{
    return (field->shape == IDL_POINTER || idl_field_is_list(field)) && field->max ? field->max
                                                                                   : field->count;
}

char *idl_element(const IdlField *field, const char *object)
{
    GString *text = g_string_new(NULL);
    unsigned dimensions = field->dimensions;

    if (field->is_string && dimensions) {
        dimensions--; /* the last one is the string's */
    }
    g_string_printf(text, "%s%s->%s", field->shape == IDL_INLINE ? "" : "*", object, field->name);
    while (dimensions--) {
        g_string_append(text, "[0]");
    }
    return g_string_free(text, FALSE);
}

char *idl_string_take(CXString string)
{
    const char *text = clang_getCString(string);
    char *copy = g_strdup(text ? text : "");

    clang_disposeString(string);
    return copy;
}
