/* SPDX-License-Identifier: BSD-2-Clause */
/* From a header to the model, through the compiler's syntax tree. */
#include "idl-model.h"

#include <string.h>

static IdlPlace place_of(CXCursor cursor)
{
    CXFile file;
    IdlPlace place;

    clang_getExpansionLocation(clang_getCursorLocation(cursor), &file, &place.line, NULL, NULL);
    place.file = idl_string_take(clang_getFileName(file));
    return place;
}

/* "HPETState" -> "hpet_state" */
static char *snake_case(const char *name)
{
    GString *text = g_string_new(NULL);

    for (const char *c = name; *c; c++) {
        gboolean starts = g_ascii_isupper(*c) && c > name && c[-1] != '_' &&
                          (!g_ascii_isupper(c[-1]) || g_ascii_islower(c[1]));

        if (starts) {
            g_string_append_c(text, '_');
        }
        g_string_append_c(text, g_ascii_tolower(*c));
    }
    return g_string_free(text, FALSE);
}

/* A struct without a name is called after the member that is of it. */
static void name_struct(IdlStruct *s, CXType type, const IdlStruct *outer, const IdlField *field)
{
    s->spelling = idl_string_take(clang_getTypeSpelling(clang_getCanonicalType(type)));
    if (strchr(s->spelling, '(') && outer) {
        char *object = g_strdup_printf("((%s *)0)", outer->spelling);
        char *element = idl_element(field, object);

        g_free(s->spelling);
        s->spelling = g_strdup_printf("__typeof__(%s)", element);
        s->name = g_strdup_printf("%s_%s", outer->name, field->name);
        g_free(element);
        g_free(object);
    } else {
        s->name = g_strdup(s->spelling + (g_str_has_prefix(s->spelling, "struct ") ? 7 : 0));
    }
    s->snake = snake_case(s->name);
}

typedef struct ReadFields {
    IdlModel *model;
    IdlStruct *s;
} ReadFields;

static IdlStruct *find_struct(IdlModel *model, CXType type, const IdlStruct *outer,
                              const IdlField *field);

static IdlStruct *find_named(IdlModel *model, const char *name, const IdlStruct *outer,
                             const IdlField *field);

static void read_field(IdlModel *model, IdlStruct *s, CXCursor cursor)
{
    static const IdlFinder finder = {find_struct, find_named};
    IdlField *field = g_new0(IdlField, 1);

    field->cursor = cursor;
    field->place = place_of(cursor);
    field->name = idl_string_take(clang_getCursorSpelling(cursor));
    g_ptr_array_add(s->fields, field);
    idl_read_field_marks(model, s, field);
    idl_read_field_type(model, s, field, &finder);
}

static enum CXVisitorResult visit_field(CXCursor cursor, CXClientData data)
{
    ReadFields *to = data;
    char *name = idl_string_take(clang_getCursorSpelling(cursor));

    if (*name) {
        read_field(to->model, to->s, cursor);
    } else if (clang_Cursor_isBitField(cursor)) {
        /* padding between bit-fields: nobody can store there */
    } else {
        IdlField place = {.place = place_of(cursor), .name = (char *)"(no name)"};

        idl_problem(to->model, to->s, &place,
                    "members of a struct or union without a name cannot be told apart from its "
                    "own; give it one");
        g_free(place.place.file);
    }
    g_free(name);
    return CXVisit_Continue;
}

static IdlStruct *new_struct(CXCursor cursor)
{
    IdlStruct *s = idl_struct_new();

    s->cursor = cursor;
    s->place = place_of(cursor);
    s->in_header = clang_Location_isFromMainFile(clang_getCursorLocation(cursor)) != 0;
    idl_read_struct_marks(s);
    return s;
}

static IdlStruct *find_cursor(const GPtrArray *structs, CXCursor cursor)
{
    for (guint i = 0; i < structs->len; i++) {
        IdlStruct *s = structs->pdata[i];

        if (clang_equalCursors(s->cursor, cursor)) {
            return s;
        }
    }
    return NULL;
}

static void check_names(IdlModel *model, const IdlStruct *s)
{
    const IdlStruct *other = idl_model_device(model, s->device);

    if (!*s->device || strpbrk(s->device, "[]\n")) {
        idl_problem(model, s, NULL, "BM_DEVICE(\"%s\"): a name is needed, without brackets",
                    s->device);
    } else if (other) {
        idl_problem(model, s, NULL, "BM_DEVICE(\"%s\"): %s has this name already", s->device,
                    other->name);
    }
}

/* Those that it contains are added before it, as C needs them. */
static void read_struct(IdlModel *model, IdlStruct *s)
{
    ReadFields to = {model, s};

    g_ptr_array_add(model->reading, s);
    clang_Type_visitFields(clang_getCursorType(s->cursor), visit_field, &to);
    g_ptr_array_remove(model->reading, s);
    check_names(model, s);
    g_ptr_array_add(model->structs, s);
}

static IdlStruct *find_struct(IdlModel *model, CXType type, const IdlStruct *outer,
                              const IdlField *field)
{
    CXCursor cursor = clang_getCursorDefinition(clang_getTypeDeclaration(type));
    IdlStruct *s = find_cursor(model->structs, cursor);

    if (s) {
        return s;
    }
    if (find_cursor(model->reading, cursor)) {
        idl_problem(model, outer, field,
                    "it leads back to a struct that contains it; BM_ELSEWHERE(\"...\") says who "
                    "sends what it points to");
        return NULL;
    }
    s = new_struct(cursor);
    name_struct(s, type, outer, field);
    if (!s->device) {
        idl_problem(model, outer, field,
                    "%s has no BM_DEVICE, so that nothing is known of its members; give it one, "
                    "or say why it is not sent, e.g. BM_IMMUTABLE(\"...\")",
                    s->spelling);
        idl_struct_free(s);
        return NULL;
    }
    read_struct(model, s);
    return s;
}

typedef struct Named {
    const char *name;
    CXType type; /* CXType_Invalid: not found */
} Named;

/* "struct Item" or a typedef's name. */
static enum CXChildVisitResult visit_named(CXCursor cursor, CXCursor parent, CXClientData data)
{
    Named *named = data;
    enum CXCursorKind kind = clang_getCursorKind(cursor);
    char *name;

    (void)parent;
    if (kind != CXCursor_StructDecl && kind != CXCursor_TypedefDecl) {
        return CXChildVisit_Continue;
    }
    name = idl_string_take(clang_getTypeSpelling(clang_getCursorType(cursor)));
    if (!strcmp(name, named->name)) {
        named->type = clang_getCanonicalType(clang_getCursorType(cursor));
    }
    g_free(name);
    return CXChildVisit_Continue;
}

static IdlStruct *find_named(IdlModel *model, const char *name, const IdlStruct *outer,
                             const IdlField *field)
{
    Named named = {.name = name, .type = {.kind = CXType_Invalid}};

    clang_visitChildren(clang_getTranslationUnitCursor(model->unit), visit_named, &named);
    if (named.type.kind != CXType_Record) {
        idl_problem(model, outer, field, "there is no struct %s", name);
        return NULL;
    }
    return find_struct(model, named.type, outer, field);
}

static enum CXChildVisitResult visit_top(CXCursor cursor, CXCursor parent, CXClientData data)
{
    IdlModel *model = data;
    IdlStruct *s;

    (void)parent;
    if (clang_getCursorKind(cursor) != CXCursor_StructDecl || !clang_isCursorDefinition(cursor) ||
        !clang_Location_isFromMainFile(clang_getCursorLocation(cursor)) ||
        find_cursor(model->structs, cursor)) {
        return CXChildVisit_Continue;
    }
    s = new_struct(cursor);
    if (s->device) {
        name_struct(s, clang_getCursorType(cursor), NULL, NULL);
        read_struct(model, s);
    } else {
        idl_struct_free(s);
    }
    return CXChildVisit_Continue;
}

/* The compiler's own errors: without a whole tree nothing can be said. */
static void read_diagnostics(IdlModel *model)
{
    for (unsigned i = 0; i < clang_getNumDiagnostics(model->unit); i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(model->unit, i);

        if (clang_getDiagnosticSeverity(diagnostic) >= CXDiagnostic_Error) {
            char *text = idl_string_take(clang_getDiagnosticSpelling(diagnostic));
            CXFile file;
            unsigned line;
            char *name;

            clang_getExpansionLocation(clang_getDiagnosticLocation(diagnostic), &file, &line, NULL,
                                       NULL);
            name = idl_string_take(clang_getFileName(file));
            idl_problem_at(model, *name ? name : model->header, line, text);
            g_free(name);
            g_free(text);
        }
        clang_disposeDiagnostic(diagnostic);
    }
}

void idl_read(IdlModel *model)
{
    enum CXErrorCode code = clang_parseTranslationUnit2(
        model->index, model->header, model->arguments, model->n_arguments, NULL, 0,
        CXTranslationUnit_SkipFunctionBodies, &model->unit);

    if (code != CXError_Success) {
        g_ptr_array_add(model->problems,
                        g_strdup_printf("%s: clang cannot read it", model->header));
        return;
    }
    read_diagnostics(model);
    if (model->problems->len == 0) {
        clang_visitChildren(clang_getTranslationUnitCursor(model->unit), visit_top, model);
        if (model->structs->len == 0 && model->problems->len == 0) {
            g_ptr_array_add(model->problems,
                            g_strdup_printf("%s: no struct has BM_DEVICE", model->header));
        }
    }
}
