/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-hello.h"

/* ---- writing ---- */

static void write_capability(BmWriter *w, const BmCapability *capability)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    bm_writer_text(w, BM_TAG_UTF8, capability->name);
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (const char *const *p = capability->parameters; p && *p; p++) {
        bm_writer_text(w, BM_TAG_UTF8, *p);
    }
    bm_writer_close(w);
    bm_writer_close(w);
}

static void write_capabilities(BmWriter *w, const BmCapability *capabilities, uint32_t n)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (uint32_t i = 0; i < n; i++) {
        write_capability(w, &capabilities[i]);
    }
    bm_writer_close(w);
}

void bm_ber_hello_write(BmWriter *w, const BmHello *hello)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (uint32_t i = 0; i < hello->n_versions; i++) {
        bm_writer_unsigned(w, BM_TAG_INTEGER, hello->versions[i]);
    }
    bm_writer_close(w);
    write_capabilities(w, hello->capabilities, hello->n_capabilities);
}

void bm_ber_outcome_write(BmWriter *w, BmTag tag, const BmOutcome *outcome)
{
    bm_writer_open(w, tag);
    bm_writer_text(w, BM_TAG_UTF8, outcome->peer);
    bm_writer_text(w, BM_TAG_UTF8, outcome->reason);
    write_capabilities(w, outcome->capabilities, outcome->n_capabilities);
    bm_writer_close(w);
}

/* ---- reading ---- */

typedef struct Hello {
    GArray *versions;      /* uint32_t */
    GArray *capabilities;  /* BmCapability; its parameters are a GPtrArray's data */
    GPtrArray *parameters; /* GPtrArray, one per capability */
    GStringChunk *strings;
} Hello;

static void init(Hello *h)
{
    h->versions = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    h->capabilities = g_array_new(FALSE, FALSE, sizeof(BmCapability));
    h->parameters = g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
    h->strings = g_string_chunk_new(256);
}

static void clear(Hello *h)
{
    g_array_unref(h->versions);
    g_array_unref(h->capabilities);
    g_ptr_array_unref(h->parameters);
    g_string_chunk_free(h->strings);
}

static gboolean failed(const BmView *view, GError **error)
{
    return bm_error_from_fault(error, view->fault, "hello");
}

static gboolean too_many(const BmView *view, guint n, GError **error)
{
    return n >= BM_LIMIT_CAPABILITIES &&
           !bm_error_set(error, BM_LIMIT, view->offset, "hello", "more than %u entries",
                         BM_LIMIT_CAPABILITIES);
}

static const char *keep(Hello *h, BmOctets text)
{
    return g_string_chunk_insert_len(h->strings, (const char *)text.data, (gssize)text.len);
}

static gboolean read_versions(Hello *h, BmView *body, GError **error)
{
    BmView list;

    if (!bm_view_get(body, BM_TAG_SEQUENCE, "the versions", &list)) {
        return failed(body, error);
    }
    while (list.len > 0) {
        uint64_t n;
        uint32_t version;

        if (too_many(&list, h->versions->len, error)) {
            return FALSE;
        }
        if (!bm_view_unsigned(&list, BM_TAG_INTEGER, "a version", UINT32_MAX, &n)) {
            return failed(&list, error);
        }
        version = (uint32_t)n;
        g_array_append_val(h->versions, version);
    }
    return TRUE;
}

static gboolean read_parameters(Hello *h, BmView *capability, GPtrArray *parameters, GError **error)
{
    BmView list;

    if (!bm_view_get(capability, BM_TAG_SEQUENCE, "the parameters of a capability", &list)) {
        return failed(capability, error);
    }
    while (list.len > 0) {
        BmOctets text;

        if (too_many(&list, parameters->len, error)) {
            return FALSE;
        }
        if (!bm_view_name(&list, BM_TAG_UTF8, "a parameter", &text)) {
            return failed(&list, error);
        }
        g_ptr_array_add(parameters, (gpointer)keep(h, text));
    }
    g_ptr_array_add(parameters, NULL);
    return TRUE;
}

static gboolean read_capability(Hello *h, BmView *list, GError **error)
{
    GPtrArray *parameters = g_ptr_array_new();
    BmCapability capability;
    BmOctets name;
    BmView view;

    g_ptr_array_add(h->parameters, parameters);
    if (!bm_view_get(list, BM_TAG_SEQUENCE, "a capability", &view) ||
        !bm_view_name(&view, BM_TAG_UTF8, "the name of a capability", &name)) {
        return failed(list, error);
    }
    if (!read_parameters(h, &view, parameters, error)) {
        return FALSE;
    }
    capability.name = keep(h, name);
    capability.parameters = (const char *const *)parameters->pdata;
    g_array_append_val(h->capabilities, capability);
    return TRUE;
}

static gboolean read_capabilities(Hello *h, BmView *body, GError **error)
{
    BmView list;

    if (!bm_view_get(body, BM_TAG_SEQUENCE, "the capabilities", &list)) {
        return failed(body, error);
    }
    while (list.len > 0) {
        if (too_many(&list, h->capabilities->len, error) || !read_capability(h, &list, error)) {
            return FALSE;
        }
    }
    return TRUE;
}

static const BmCapability *capabilities_of(const Hello *h)
{
    return (const BmCapability *)(const void *)h->capabilities->data;
}

gboolean bm_ber_hello_read(BmView body, BmStreamVisitor *s, GError **error)
{
    gboolean ok;
    Hello h;

    init(&h);
    ok = read_versions(&h, &body, error) && read_capabilities(&h, &body, error);
    if (ok) {
        BmHello hello = {
            .versions = (const uint32_t *)(const void *)h.versions->data,
            .n_versions = h.versions->len,
            .capabilities = capabilities_of(&h),
            .n_capabilities = h.capabilities->len,
        };

        ok = bm_stream_hello(s, &hello, error);
    }
    clear(&h);
    return ok;
}

/* ---- outcomes ---- */

struct BmBerOutcome {
    BmOutcome base;
    Hello hello; /* without versions */
};

static gboolean read_outcome(BmBerOutcome *o, BmView view, GError **error)
{
    BmOctets peer, reason;

    if (!bm_view_name(&view, BM_TAG_UTF8, "the peer of an outcome", &peer) ||
        !bm_view_name(&view, BM_TAG_UTF8, "the reason of an outcome", &reason)) {
        return bm_error_from_fault(error, view.fault, "outcome");
    }
    if (!read_capabilities(&o->hello, &view, error)) {
        return FALSE;
    }
    o->base = (BmOutcome){keep(&o->hello, peer), keep(&o->hello, reason),
                          capabilities_of(&o->hello), o->hello.capabilities->len};
    return bm_view_end(&view, "an outcome") || bm_error_from_fault(error, view.fault, "outcome");
}

gboolean bm_ber_outcome_read(BmView *body, BmTag tag, BmBerOutcome **outcome, GError **error)
{
    BmBerOutcome *o;
    BmView view;
    bool there;

    if (!bm_view_optional(body, tag, "the outcome of a negotiation", &there, &view)) {
        return bm_error_from_fault(error, body->fault, "outcome");
    }
    if (!there) {
        return TRUE;
    }
    o = g_new0(BmBerOutcome, 1);
    init(&o->hello);
    if (!read_outcome(o, view, error)) {
        bm_ber_outcome_free(o);
        return FALSE;
    }
    *outcome = o;
    return TRUE;
}

const BmOutcome *bm_ber_outcome_get(const BmBerOutcome *outcome)
{
    return outcome ? &outcome->base : NULL;
}

void bm_ber_outcome_free(BmBerOutcome *outcome)
{
    if (outcome) {
        clear(&outcome->hello);
        g_free(outcome);
    }
}
