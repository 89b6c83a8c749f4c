/* SPDX-License-Identifier: BSD-2-Clause */
/* What loading passed over, and what it made up. */
#include "table-load.h"

void bm_load_report_init(BmLoadReport *report)
{
    report->skipped = g_ptr_array_new_with_free_func(g_free);
    report->defaulted = g_ptr_array_new_with_free_func(g_free);
}

void bm_load_report_clear(BmLoadReport *report)
{
    g_clear_pointer(&report->skipped, g_ptr_array_unref);
    g_clear_pointer(&report->defaulted, g_ptr_array_unref);
}

static void push_frame(BmPath *path, const BmLoadFrame *f)
{
    if (f->field) {
        bm_path_push_field(path, f->schema, f->field);
    }
    if (f->group) {
        bm_path_push_index(path, f->at > 0 ? f->at - 1 : 0);
    }
    if (f->subsection) {
        bm_path_push_subsection(path, f->schema, f->subsection);
    }
}

static void add(BmLoader *l, GPtrArray *to, const char *name)
{
    BmPath path;

    bm_path_init(&path, l->table->name);
    for (unsigned i = 0; i < l->top; i++) {
        push_frame(&path, bm_loader_frame(l, i));
    }
    if (name) {
        bm_path_push_name(&path, name);
    }
    g_ptr_array_add(to, g_strdup(bm_path_text(&path)));
    bm_path_clear(&path);
}

void bm_loader_report_skipped(BmLoader *l)
{
    if (l->report) {
        add(l, l->report->skipped, NULL);
    }
}

void bm_loader_report_defaulted(BmLoader *l, const char *name)
{
    if (l->report) {
        bm_loader_here(l)->field = NULL;
        add(l, l->report->defaulted, name);
    }
}
