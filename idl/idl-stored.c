/* SPDX-License-Identifier: BSD-2-Clause */
/* The stored schema: made from the model, loaded, saved. */
#include "idl-stored.h"

#include <string.h>

#define FORMAT_GROUP "bermig-idl"
#define FORMAT_KEY "format"
#define FORMAT 1
#define HEAD                                                                                       \
    " Made by bermig-idl --write-schema: what streams hold of the structs of a header.\n"          \
    " Keep it beside the header; bermig-idl --schema fails when streams written before\n"          \
    " a change could not be read after it."

/* "struct DEVICE" */
static char *struct_group(const char *device)
{
    return g_strconcat(IDL_STRUCT_GROUP, device, NULL);
}

char *idl_field_group(const char *device, const char *name)
{
    return g_strconcat("field ", device, " ", name, NULL);
}

char **idl_stored_fields(GKeyFile *stored, const char *device)
{
    GPtrArray *names = g_ptr_array_new();
    char *prefix = idl_field_group(device, "");
    char **groups = g_key_file_get_groups(stored, NULL);

    for (guint i = 0; groups[i]; i++) {
        /* Another device can be called as this one with a word more. */
        if (g_str_has_prefix(groups[i], prefix) && !strchr(groups[i] + strlen(prefix), ' ')) {
            g_ptr_array_add(names, g_strdup(groups[i] + strlen(prefix)));
        }
    }
    g_ptr_array_add(names, NULL);
    g_strfreev(groups);
    g_free(prefix);
    return (char **)g_ptr_array_free(names, FALSE);
}

static char *type_text(const IdlField *field)
{
    if (field->target) {
        return g_strdup_printf("%s%s %s", field->shape == IDL_POINTERS ? "pointer to " : "",
                               field->type->word, field->target->device);
    }
    return g_strdup(field->type->word);
}

static void set_numbers(GKeyFile *file, const char *group, const IdlField *field)
{
    uint64_t elements = field->bitmap || field->is_string ? 1 : idl_field_most(field);

    if (field->is_string) {
        g_key_file_set_uint64(file, group, IDL_KEY_SIZE, field->length);
    } else if (field->bitmap) {
        g_key_file_set_uint64(file, group, IDL_KEY_SIZE, field->bits);
    }
    if (elements != 1 || field->size) {
        g_key_file_set_uint64(file, group, IDL_KEY_ELEMENTS, elements);
    }
    if (field->since) {
        g_key_file_set_uint64(file, group, IDL_KEY_SINCE, field->since);
    }
}

static void set_sent(GKeyFile *file, const char *group, const IdlField *field)
{
    char *type = type_text(field);

    g_key_file_set_string(file, group, IDL_KEY_TYPE, type);
    set_numbers(file, group, field);
    if (field->size) {
        g_key_file_set_string(file, group, IDL_KEY_COUNTED, field->size);
    }
    if (field->in) {
        g_key_file_set_string(file, group, IDL_KEY_IN, field->in);
    }
    if (field->optional) {
        g_key_file_set_string(file, group, IDL_KEY_OPTIONAL, field->optional);
    }
    if (field->default_value) {
        g_key_file_set_string(file, group, IDL_KEY_DEFAULT, field->default_value);
    }
    g_free(type);
}

static void set_field(GKeyFile *file, const IdlStruct *s, const IdlField *field)
{
    char *group = idl_field_group(s->device, field->name);

    if (field->marker) {
        g_key_file_set_string(file, group, IDL_KEY_NOT_SENT, field->marker);
        g_key_file_set_string(file, group, IDL_KEY_REASON, field->reason);
    } else {
        set_sent(file, group, field);
    }
    g_free(group);
}

static void set_struct(GKeyFile *file, const IdlStruct *s)
{
    char *group = struct_group(s->device);

    g_key_file_set_string(file, group, IDL_KEY_STRUCT, s->name);
    g_key_file_set_uint64(file, group, IDL_KEY_VERSION, s->version);
    g_key_file_set_uint64(file, group, IDL_KEY_MINIMUM, s->minimum_version);
    for (guint i = 0; i < s->fields->len; i++) {
        set_field(file, s, s->fields->pdata[i]);
    }
    g_free(group);
}

GKeyFile *idl_stored_from_model(const IdlModel *model)
{
    GKeyFile *file = g_key_file_new();

    g_key_file_set_integer(file, FORMAT_GROUP, FORMAT_KEY, FORMAT);
    for (guint i = 0; i < model->structs->len; i++) {
        set_struct(file, model->structs->pdata[i]);
    }
    return file;
}

GKeyFile *idl_stored_load(const char *path, GError **error)
{
    GKeyFile *file = g_key_file_new();

    if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, error)) {
        g_key_file_free(file);
        return NULL;
    }
    if (g_key_file_get_integer(file, FORMAT_GROUP, FORMAT_KEY, NULL) != FORMAT) {
        g_set_error(error, G_KEY_FILE_ERROR, G_KEY_FILE_ERROR_PARSE,
                    "not a schema of bermig-idl, format %d", FORMAT);
        g_key_file_free(file);
        return NULL;
    }
    return file;
}

gboolean idl_stored_save(GKeyFile *stored, const char *path, GError **error)
{
    g_key_file_set_comment(stored, NULL, NULL, HEAD, NULL);
    return g_key_file_save_to_file(stored, path, error);
}
