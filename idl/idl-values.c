/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the constants and expressions of annotations are: each becomes a line of
 * a C file that includes the header, and the compiler says what it thinks of
 * it.  Line numbers lead back to the annotation.
 */
#include "idl-model.h"

#include <string.h>

#define FILE_NAME "bermig-idl-values.c"
#define FIRST_LINE 2 /* after the #include */

typedef struct Value {
    const IdlStruct *s;
    IdlField *field;  /* NULL: of the struct */
    char *label;      /* "BM_DEFAULT(5)" */
    uint64_t *number; /* where it goes: a number, or */
    char **text;      /* text; both NULL: an expression */
    gboolean is_wrong;
} Value;

typedef struct Values {
    IdlModel *model;
    GString *code;
    GArray *values;
    CXTranslationUnit unit;
    Value *in; /* whose expression is being looked at */
} Values;

static void add(Values *values, Value value, const char *macro, const char *argument)
{
    value.label = g_strdup_printf("%s(%s)", macro, argument);
    g_array_append_val(values->values, value);
}

static void add_number(Values *values, const IdlStruct *s, IdlField *field, const char *macro,
                       const char *argument, uint64_t *number)
{
    if (argument) {
        g_string_append_printf(values->code, "static const unsigned long long v%u = (%s);\n",
                               values->values->len, argument);
        add(values, (Value){.s = s, .field = field, .number = number}, macro, argument);
    }
}

static void add_default(Values *values, const IdlStruct *s, IdlField *field)
{
    char *object = g_strdup_printf("((%s *)0)", s->spelling);
    char *element = idl_element(field, object);
    const char *format = field->is_string ? "static const __typeof__(%s) v%u = %s;\n"
                                          : "static const __typeof__(%s) v%u = (%s);\n";

    g_string_append_printf(values->code, format, element, values->values->len, field->default_text);
    add(values, (Value){.s = s, .field = field, .text = &field->default_value}, "BM_DEFAULT",
        field->default_text);
    g_free(element);
    g_free(object);
}

static void add_size(Values *values, const IdlStruct *s, IdlField *field)
{
    g_string_append_printf(
        values->code,
        "static unsigned long long v%u(const %s *obj) { return (unsigned long long)(%s); }\n",
        values->values->len, s->spelling, field->size);
    add(values, (Value){.s = s, .field = field}, "BM_SIZE", field->size);
}

static void add_field(Values *values, const IdlStruct *s, IdlField *field)
{
    if (field->marker) {
        return;
    }
    add_number(values, s, field, "BM_VERSION", field->version, &field->since);
    add_number(values, s, field, "BM_MAX", field->max_text, &field->max);
    add_number(values, s, field, "BM_BITMAP", field->bitmap, &field->bits);
    if (field->default_text) {
        add_default(values, s, field);
    }
    if (field->size && !field->counter) {
        add_size(values, s, field);
    }
}

static void collect(Values *values)
{
    for (guint i = 0; i < values->model->structs->len; i++) {
        IdlStruct *s = values->model->structs->pdata[i];

        s->minimum_version = 1;
        add_number(values, s, NULL, "BM_DEVICE: version ", s->current, &s->version);
        add_number(values, s, NULL, "BM_MINIMUM", s->minimum, &s->minimum_version);
        for (guint j = 0; j < s->subsections->len; j++) {
            IdlSubsection *sub = s->subsections->pdata[j];

            add_number(values, s, NULL, "BM_SUBSECTION: version ", sub->version_text,
                       &sub->version);
        }
        for (guint j = 0; j < s->fields->len; j++) {
            add_field(values, s, s->fields->pdata[j]);
        }
    }
}

static void wrong(Values *values, Value *value, const char *why)
{
    if (!value->is_wrong) {
        idl_problem(values->model, value->s, value->field, "%s: %s", value->label, why);
    }
    value->is_wrong = TRUE;
}

/* Also the compiler's warnings: 300 for a uint8_t is one. */
static void read_diagnostics(Values *values)
{
    for (unsigned i = 0; i < clang_getNumDiagnostics(values->unit); i++) {
        CXDiagnostic diagnostic = clang_getDiagnostic(values->unit, i);
        CXSourceLocation location = clang_getDiagnosticLocation(diagnostic);
        unsigned line;

        clang_getExpansionLocation(location, NULL, &line, NULL, NULL);
        if (clang_Location_isFromMainFile(location) && line >= FIRST_LINE &&
            line - FIRST_LINE < values->values->len) {
            char *text = idl_string_take(clang_getDiagnosticSpelling(diagnostic));

            wrong(values, &g_array_index(values->values, Value, line - FIRST_LINE), text);
            g_free(text);
        }
        clang_disposeDiagnostic(diagnostic);
    }
}

static char *number_text(CXEvalResult result)
{
    char text[G_ASCII_DTOSTR_BUF_SIZE];

    switch (clang_EvalResult_getKind(result)) {
    case CXEval_Int:
        return clang_EvalResult_isUnsignedInt(result)
                   ? g_strdup_printf("%llu", clang_EvalResult_getAsUnsigned(result))
                   : g_strdup_printf("%lld", clang_EvalResult_getAsLongLong(result));
    case CXEval_Float:
        return g_strdup(g_ascii_dtostr(text, sizeof(text), clang_EvalResult_getAsDouble(result)));
    default:
        return NULL;
    }
}

static void take_value(Values *values, Value *value, CXCursor cursor)
{
    CXEvalResult result = clang_Cursor_Evaluate(cursor);
    char *text = result ? number_text(result) : NULL;

    if (value->field && value->field->is_string && value->text) {
        *value->text = g_strdup(value->field->default_text);
    } else if (!text) {
        wrong(values, value, "it is not a constant");
    } else if (value->text) {
        *value->text = g_strdup(text);
    } else {
        *value->number = g_ascii_strtoull(text, NULL, 10);
    }
    g_free(text);
    if (result) {
        clang_EvalResult_dispose(result);
    }
}

/* Members that the number of elements depends on are loaded before them. */
static enum CXChildVisitResult visit_member(CXCursor cursor, CXCursor parent, CXClientData data)
{
    Values *values = data;
    Value *value = values->in;
    guint own = 0, other = 0;

    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_MemberRefExpr) {
        char *name = idl_string_take(clang_getCursorSpelling(clang_getCursorReferenced(cursor)));
        const IdlField *field = idl_struct_field(value->s, name);

        if (field && g_ptr_array_find(value->s->fields, field, &other) &&
            g_ptr_array_find(value->s->fields, value->field, &own) && other >= own &&
            !field->marker) {
            char *why = g_strdup_printf("%s must stand before it", name);

            wrong(values, value, why);
            g_free(why);
        }
        g_free(name);
    }
    return CXChildVisit_Recurse;
}

static enum CXChildVisitResult visit_value(CXCursor cursor, CXCursor parent, CXClientData data)
{
    Values *values = data;
    CXSourceLocation location = clang_getCursorLocation(cursor);
    Value *value;
    unsigned line;

    (void)parent;
    clang_getExpansionLocation(location, NULL, &line, NULL, NULL);
    if (!clang_Location_isFromMainFile(location) || line < FIRST_LINE ||
        line - FIRST_LINE >= values->values->len) {
        return CXChildVisit_Continue;
    }
    value = &g_array_index(values->values, Value, line - FIRST_LINE);
    if (!value->is_wrong && clang_getCursorKind(cursor) == CXCursor_VarDecl) {
        take_value(values, value, cursor);
    } else if (!value->is_wrong && clang_getCursorKind(cursor) == CXCursor_FunctionDecl) {
        values->in = value;
        clang_visitChildren(cursor, visit_member, values);
    }
    return CXChildVisit_Continue;
}

static void check_version(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    const IdlSubsection *sub = field->in ? idl_struct_subsection(s, field->in) : NULL;
    uint64_t most = sub ? sub->version : s->version;

    if (field->version && (field->since < 1 || field->since > most)) {
        idl_problem(model, s, field,
                    "BM_VERSION(%s): %s has version %" G_GUINT64_FORMAT
                    "; raise that in its %s, or take one from 1 to it",
                    field->version, sub ? sub->name : s->name, most,
                    sub ? "BM_SUBSECTION" : "BM_DEVICE");
    }
}

static void check_most(IdlModel *model, const IdlStruct *s, const IdlField *field)
{
    if (idl_field_most(field) > G_MAXUINT32 || (field->max_text && !field->max)) {
        idl_problem(model, s, field, "the number of its elements must be from 1 to %u",
                    G_MAXUINT32);
    }
    if (field->bitmap && (!field->bits || field->bits > field->count * 8 * sizeof(long))) {
        idl_problem(model, s, field,
                    "BM_BITMAP(%s): the array holds 1 to %" G_GUINT64_FORMAT " bits", field->bitmap,
                    field->count * 8 * sizeof(long));
    }
}

static void check_numbers(IdlModel *model)
{
    for (guint i = 0; i < model->structs->len; i++) {
        const IdlStruct *s = model->structs->pdata[i];

        if (s->version < 1 || s->version > G_MAXINT32 || s->minimum_version > s->version) {
            idl_problem(
                model, s, NULL,
                "version %s, minimum %s: a version is at least 1, and the minimum not above it",
                s->current, s->minimum ? s->minimum : "1");
        }
        for (guint j = 0; j < s->fields->len; j++) {
            check_version(model, s, s->fields->pdata[j]);
            check_most(model, s, s->fields->pdata[j]);
        }
    }
}

static void parse(Values *values)
{
    struct CXUnsavedFile file = {FILE_NAME, values->code->str, values->code->len};
    enum CXErrorCode code = clang_parseTranslationUnit2(
        values->model->index, FILE_NAME, values->model->arguments, values->model->n_arguments,
        &file, 1, CXTranslationUnit_None, &values->unit);

    if (code == CXError_Success) {
        read_diagnostics(values);
        clang_visitChildren(clang_getTranslationUnitCursor(values->unit), visit_value, values);
        clang_disposeTranslationUnit(values->unit);
    } else {
        g_ptr_array_add(
            values->model->problems,
            g_strdup_printf("%s: clang cannot read its annotations", values->model->header));
    }
}

static void clear_value(void *data)
{
    g_free(((Value *)data)->label);
}

void idl_evaluate(IdlModel *model)
{
    Values values = {.model = model,
                     .code = g_string_new(NULL),
                     .values = g_array_new(FALSE, FALSE, sizeof(Value))};
    char *path = g_canonicalize_filename(model->header, NULL);

    g_array_set_clear_func(values.values, clear_value);
    g_string_printf(values.code, "#include \"%s\"\n", path);
    collect(&values);
    parse(&values);
    if (model->problems->len == 0) {
        check_numbers(model);
    }
    g_free(path);
    g_array_unref(values.values);
    g_string_free(values.code, TRUE);
}
