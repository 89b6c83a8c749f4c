/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Paths in a tree.  Names may have dots in them, as "ar.pm1.evt.sts", so that
 * each name that the path could go on with is tried.
 */
#include <string.h>

#include "state.h"

#define ALL (-1)
#define NO_INDEX (-2)

static void find_in(BmState *state, const char *path, GArray *found);

/* "(4)(2)": only shown, never needed. */
static const char *skip_shape(const char *path)
{
    while (*path == '(') {
        const char *end = path + 1 + strspn(path + 1, "0123456789");

        if (*end != ')') {
            break;
        }
        path = end + 1;
    }
    return path;
}

/* "[3]", ".[3]" or "[*]".  NULL if there is no index, or one that is none. */
static const char *read_index(const char *path, int64_t *index)
{
    char *end;

    path += path[0] == '.' && path[1] == '[';
    if (*path != '[') {
        return NULL;
    }
    path++;
    if (path[0] == '*' && path[1] == ']') {
        *index = ALL;
        return path + 2;
    }
    *index = (int64_t)MIN(g_ascii_strtoull(path, &end, 10), BM_LIMIT_RECORD);
    return end > path && *end == ']' ? end + 1 : NULL;
}

static gboolean is_struct(const BmStateField *f)
{
    return f->is.kind == BM_KIND_STRUCT || f->is.kind == BM_KIND_LIST;
}

static void go_on(BmState *target, const char *rest, const BmStateRef *ref, GArray *found)
{
    if (*rest == '\0') {
        g_array_append_val(found, *ref);
    } else if (*rest == '.' && target) {
        find_in(target, rest + 1, found);
    }
}

static void find_element(BmState *owner, BmStateField *f, int64_t element, const char *rest,
                         GArray *found)
{
    BmStateRef ref = {owner, f, element, NULL};

    if (is_struct(f)) {
        if (element >= f->structs->len) {
            return;
        }
        ref.target = f->structs->pdata[element];
    } else if (element >= bm_state_value_count(f)) {
        return;
    }
    go_on(ref.target, rest, &ref, found);
}

static int64_t count_elements(const BmStateField *f)
{
    return is_struct(f) ? f->structs->len : bm_state_value_count(f);
}

/* The index counts in the whole array, of which the field may be a piece. */
static void find_elements(BmState *owner, BmStateField *f, int64_t index, const char *rest,
                          GArray *found)
{
    if (index != ALL) {
        if (index >= f->is.first) {
            find_element(owner, f, index - f->is.first, rest, found);
        }
        return;
    }
    for (int64_t i = 0; i < count_elements(f); i++) {
        find_element(owner, f, i, rest, found);
    }
}

static void find_field(BmState *owner, BmStateField *f, const char *name, const char *path,
                       GArray *found)
{
    size_t len = strlen(name);
    const char *rest, *behind;
    int64_t index = NO_INDEX;

    if (len == 0 || strncmp(path, name, len)) {
        return;
    }
    rest = skip_shape(path + len);
    behind = read_index(rest, &index);
    if (behind) {
        find_elements(owner, f, index, behind, found);
        return;
    }
    BmStateRef ref = {owner, f, ALL, NULL};
    if (f->is.kind == BM_KIND_STRUCT && f->structs->len == 1) {
        ref.target = f->structs->pdata[0];
    }
    go_on(ref.target, rest, &ref, found);
}

static void find_subsection(BmState *owner, BmState *sub, const char *name, const char *path,
                            GArray *found)
{
    size_t len = strlen(name);
    BmStateRef ref = {owner, NULL, ALL, sub};

    if (len > 0 && !strncmp(path, name, len)) {
        go_on(sub, path + len, &ref, found);
    }
}

/* The subsection's name less the prefix it shares with its parent's; else NULL. */
static const char *short_name(const BmState *owner, const BmState *sub)
{
    size_t len = strlen(owner->name);

    return !strncmp(sub->name, owner->name, len) && sub->name[len] == '/' ? sub->name + len + 1
                                                                          : NULL;
}

static void find_in(BmState *state, const char *path, GArray *found)
{
    for (guint i = 0; i < state->fields->len; i++) {
        BmStateField *f = state->fields->pdata[i];
        const BmState *inner = f->structs->len == 1 ? f->structs->pdata[0] : NULL;

        find_field(state, f, f->is.name, path, found);
        if (f->is.kind == BM_KIND_STRUCT && inner && strcmp(inner->name, f->is.name)) {
            find_field(state, f, inner->name, path, found);
        }
    }
    for (guint i = 0; i < state->subsections->len; i++) {
        BmState *sub = state->subsections->pdata[i];
        const char *name = short_name(state, sub);

        find_subsection(state, sub, sub->name, path, found);
        if (name) {
            find_subsection(state, sub, name, path, found);
        }
    }
}

GArray *bm_state_find(BmState *root, const char *path)
{
    GArray *found = g_array_new(FALSE, FALSE, sizeof(BmStateRef));

    if (*path == '\0') {
        BmStateRef ref = {NULL, NULL, ALL, root};

        g_array_append_val(found, ref);
        return found;
    }
    find_in(root, path, found);
    return found;
}

BmStateField *bm_state_get(BmState *root, const char *path)
{
    g_autoptr(GArray) found = bm_state_find(root, path);

    return found->len == 1 ? g_array_index(found, BmStateRef, 0).field : NULL;
}
