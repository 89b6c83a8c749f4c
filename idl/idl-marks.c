/* SPDX-License-Identifier: BSD-2-Clause */
/* The annotations of visitor/annotate.h, as the compiler hands them over. */
#include "idl-model.h"

#include <string.h>

#define PREFIX "bm:"

typedef gboolean (*TakeMark)(void *to, const char *mark, const char *text);

typedef struct Marks {
    TakeMark take;
    void *to;
} Marks;

static enum CXChildVisitResult visit_mark(CXCursor cursor, CXCursor parent, CXClientData data)
{
    Marks *marks = data;

    (void)parent;
    if (clang_getCursorKind(cursor) == CXCursor_AnnotateAttr) {
        char *text = idl_string_take(clang_getCursorSpelling(cursor));
        char *colon = g_str_has_prefix(text, PREFIX) ? strchr(text + strlen(PREFIX), ':') : NULL;

        if (colon) {
            *colon = 0;
            marks->take(marks->to, text + strlen(PREFIX), colon + 1);
        }
        g_free(text);
    }
    return CXChildVisit_Continue;
}

static void take_text(char **to, const char *text)
{
    g_free(*to);
    *to = g_strdup(text);
}

/* The three of one BM_SUBSECTION come in this order. */
static gboolean take_subsection_mark(IdlStruct *s, const char *mark, const char *text)
{
    IdlSubsection *last =
        s->subsections->len ? s->subsections->pdata[s->subsections->len - 1] : NULL;

    if (!strcmp(mark, "subsection")) {
        last = g_new0(IdlSubsection, 1);
        last->name = g_strdup(text);
        g_ptr_array_add(s->subsections, last);
    } else if (last && !strcmp(mark, "subsection_version")) {
        take_text(&last->version_text, text);
    } else if (last && !strcmp(mark, "subsection_needed")) {
        take_text(&last->needed, text);
    } else {
        return FALSE;
    }
    return TRUE;
}

static gboolean take_struct_mark(void *to, const char *mark, const char *text)
{
    IdlStruct *s = to;
    const struct {
        const char *mark;
        char **to;
    } marks[] = {
        {"device", &s->device},       {"current", &s->current},     {"minimum", &s->minimum},
        {"pre_save", &s->pre_save},   {"post_save", &s->post_save}, {"pre_load", &s->pre_load},
        {"post_load", &s->post_load},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (!strcmp(mark, marks[i].mark)) {
            take_text(marks[i].to, text);
            return TRUE;
        }
    }
    return take_subsection_mark(s, mark, text);
}

void idl_read_struct_marks(IdlStruct *s)
{
    Marks marks = {take_struct_mark, s};

    clang_visitChildren(s->cursor, visit_mark, &marks);
}

typedef struct FieldMarks {
    IdlModel *model;
    const IdlStruct *s;
    IdlField *field;
} FieldMarks;

static gboolean take_not_sent(FieldMarks *to, const char *mark, const char *text)
{
    static const char *const markers[] = {"immutable", "derived", "broken", "elsewhere",
                                          "property"};

    for (size_t i = 0; i < G_N_ELEMENTS(markers); i++) {
        if (!strcmp(mark, markers[i])) {
            if (to->field->marker) {
                idl_problem(to->model, to->s, to->field,
                            "it is both %s and %s; one of them says why it is not sent",
                            to->field->marker, markers[i]);
            }
            to->field->marker = markers[i];
            take_text(&to->field->reason, text);
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean take_listed(IdlField *f, const char *mark, const char *text)
{
    static const struct {
        const char *mark;
        const IdlType *type;
    } marks[] = {
        {"queue", &idl_queue}, {"tree", &idl_tree},       {"tailq", &idl_tailq},
        {"list", &idl_list},   {"through", &idl_through},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (!strcmp(mark, marks[i].mark)) {
            f->type = marks[i].type;
            take_text(&f->listed, text);
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean take_field_mark(void *data, const char *mark, const char *text)
{
    FieldMarks *to = data;
    IdlField *f = to->field;
    const struct {
        const char *mark;
        char **to;
    } marks[] = {
        {"optional", &f->optional}, {"default", &f->default_text},
        {"size", &f->size},         {"max", &f->max_text},
        {"bitmap", &f->bitmap},     {"version", &f->version},
        {"link", &f->link},         {"in", &f->in},
    };

    for (size_t i = 0; i < G_N_ELEMENTS(marks); i++) {
        if (!strcmp(mark, marks[i].mark)) {
            take_text(marks[i].to, text);
            return TRUE;
        }
    }
    f->is_string |= !strcmp(mark, "string");
    f->is_timer |= !strcmp(mark, "timer");
    f->is_equal |= !strcmp(mark, "equal");
    f->is_at_most |= !strcmp(mark, "at_most");
    if (take_listed(f, mark, text)) {
        return TRUE;
    }
    return take_not_sent(to, mark, text);
}

void idl_read_field_marks(IdlModel *model, const IdlStruct *s, IdlField *field)
{
    FieldMarks to = {model, s, field};
    Marks marks = {take_field_mark, &to};

    clang_visitChildren(field->cursor, visit_mark, &marks);
}
