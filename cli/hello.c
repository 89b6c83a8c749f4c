/* SPDX-License-Identifier: BSD-2-Clause */
#include "hello.h"

#include "negotiate.h"

struct BmHelloBox {
    BmHello hello;
    GArray *capabilities;  /* BmCapability */
    GPtrArray *parameters; /* GStrv, one per capability */
    GStringChunk *names;
};

static void free_parameters(gpointer data)
{
    g_strfreev(data);
}

BmHelloBox *bm_hello_box_new(void)
{
    BmHelloBox *box = g_new0(BmHelloBox, 1);

    box->capabilities = g_array_new(FALSE, FALSE, sizeof(BmCapability));
    box->parameters = g_ptr_array_new_with_free_func(free_parameters);
    box->names = g_string_chunk_new(128);
    box->hello.versions = bm_own_hello.versions;
    box->hello.n_versions = bm_own_hello.n_versions;
    return box;
}

void bm_hello_box_free(BmHelloBox *box)
{
    if (box != NULL) {
        g_array_unref(box->capabilities);
        g_ptr_array_unref(box->parameters);
        g_string_chunk_free(box->names);
        g_free(box);
    }
}

void bm_hello_box_add(BmHelloBox *box, const char *name, const char *const *parameters)
{
    static const char *const none[] = {NULL};
    char **copy = g_strdupv((char **)(parameters != NULL ? parameters : none));
    BmCapability capability = {g_string_chunk_insert(box->names, name), (const char *const *)copy};

    g_ptr_array_add(box->parameters, copy);
    g_array_append_val(box->capabilities, capability);
}

void bm_hello_box_add_all(BmHelloBox *box, const BmHello *hello, const BmHello *only)
{
    for (uint32_t i = 0; i < hello->n_capabilities; i++) {
        const BmCapability *c = &hello->capabilities[i];

        if (only == NULL || bm_hello_has(only, c->name)) {
            bm_hello_box_add(box, c->name, c->parameters);
        }
    }
}

void bm_hello_box_add_limits(BmHelloBox *box)
{
    g_autofree char *record = g_strdup_printf("record=%u", BM_LIMIT_RECORD);
    g_autofree char *memory = g_strdup_printf("schema-memory=%u", BM_LIMIT_SCHEMA_MEMORY);
    g_autofree char *findings = g_strdup_printf("findings=%u", BM_LIMIT_FINDINGS);

    bm_hello_box_add(box, "limits", (const char *const[]){record, memory, findings, NULL});
}

/* ---- looking ahead ---- */

typedef struct Finder {
    BmStreamVisitor base;
    BmHelloBox *found;
} Finder;

static gboolean find(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    Finder *f = (Finder *)s;

    (void)error;
    f->found = bm_hello_box_new();
    bm_hello_box_add_all(f->found, hello, NULL);
    return TRUE;
}

/* Reads what is at hand as a stream; TRUE if more of it may help. */
static gboolean look(BmInput *in, Finder *f)
{
    g_autoptr(GError) error = NULL;
    BmInput *there = bm_input_memory(bm_input_data(in), bm_input_available(in));

    if (there == NULL) {
        return FALSE;
    }
    bm_ber_stream_read(there, &f->base, FALSE, NULL, &error);
    bm_input_free(there);
    return f->found == NULL && g_error_matches(error, BM_ERROR, BM_TRUNCATED);
}

BmHelloBox *bm_hello_look(BmInput *in, size_t max, unsigned seconds)
{
    static const BmStreamOps ops = {.hello = find};
    Finder f = {.base = {.ops = &ops}};
    size_t have = 0;

    do {
        have = bm_input_available(in);
    } while (look(in, &f) && have < max &&
             bm_input_fill_within(in, have + 1, (int)seconds * 1000) > have);
    return f.found;
}

const BmHello *bm_hello_box_get(BmHelloBox *box)
{
    box->hello.capabilities = (const BmCapability *)(const void *)box->capabilities->data;
    box->hello.n_capabilities = box->capabilities->len;
    return &box->hello;
}
