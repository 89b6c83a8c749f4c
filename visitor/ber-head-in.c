/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-head-in.h"

#include "ber-hello.h"

static gboolean failed(const BmView *view, GError **error)
{
    return bm_error_from_fault(error, view->fault, NULL);
}

static char *copy(BmOctets text)
{
    return g_strndup((const char *)text.data, text.len);
}

/* ---- preamble ---- */

static gboolean give_preamble(BmStreamVisitor *s, BmPreamble *p, BmView *body, GError **error)
{
    BmBerOutcome *outcome = NULL;
    gboolean ok = bm_ber_outcome_read(body, BM_TAG_CONTEXT(2) | BM_CONSTRUCTED, &outcome, error);

    if (ok) {
        p->outcome = bm_ber_outcome_get(outcome);
        ok = bm_stream_begin(s, p, error);
    }
    bm_ber_outcome_free(outcome);
    return ok;
}

gboolean bm_ber_preamble_read(const BmRecord *r, BmStreamVisitor *s, BmDirection *direction,
                              GError **error)
{
    BmPreamble p = {0};
    uint64_t major, minor, way, header = 0;
    g_autofree char *generator = NULL;
    BmView body = r->body;
    BmOctets text;
    BmTag tag;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the major version", UINT32_MAX, &major) ||
        !bm_view_unsigned(&body, BM_TAG_INTEGER, "the minor version", UINT32_MAX, &minor)) {
        return failed(&body, error);
    }
    if (major != BM_VERSION_MAJOR) {
        return bm_error_set(error, BM_BAD_VERSION, r->offset, NULL,
                            "version %" G_GUINT64_FORMAT " of the format, this reader knows %d",
                            major, BM_VERSION_MAJOR);
    }
    if (!bm_view_unsigned(&body, BM_TAG_ENUMERATED, "the direction", BM_RETURN, &way) ||
        !bm_view_name(&body, BM_TAG_UTF8, "the generator", &text)) {
        return failed(&body, error);
    }
    p.has_header = bm_view_peek(&body, &tag) && tag == BM_TAG_CONTEXT(0);
    if (p.has_header &&
        !bm_view_unsigned(&body, tag, "the version of the QEMUFile header", UINT32_MAX, &header)) {
        return failed(&body, error);
    }
    if (bm_view_peek(&body, &tag) && tag == (BM_TAG_CONTEXT(1) | BM_CONSTRUCTED) &&
        !bm_view_explicit(&body, tag, BM_TAG_OCTETS, "the leading octets", BM_LIMIT_LEADING,
                          &p.leading)) {
        return failed(&body, error);
    }
    p.major = (uint32_t)major;
    p.minor = (uint32_t)minor;
    p.direction = *direction = (BmDirection)way;
    p.generator = generator = copy(text);
    p.header_version = (uint32_t)header;
    return give_preamble(s, &p, &body, error);
}

/* ---- configuration ---- */

static gboolean read_capabilities(BmView *body, GPtrArray *names, gboolean *present, GError **error)
{
    BmView list;
    bool there;

    if (!bm_view_optional(body, BM_TAG_CONTEXT(1) | BM_CONSTRUCTED, "the capabilities", &there,
                          &list)) {
        return failed(body, error);
    }
    *present = there;
    while (there && list.len > 0) {
        BmOctets name;

        if (!bm_view_name(&list, BM_TAG_UTF8, "a capability", &name)) {
            return failed(body, error);
        }
        if (names->len >= BM_LIMIT_CAPABILITIES) {
            return bm_error_set(error, BM_LIMIT, list.offset, NULL, "more than %u capabilities",
                                BM_LIMIT_CAPABILITIES);
        }
        g_ptr_array_add(names, copy(name));
    }
    g_ptr_array_add(names, NULL);
    return TRUE;
}

static gboolean read_uuid(BmView *body, BmConfiguration *c, GError **error)
{
    BmTag tag = BM_TAG_CONTEXT(2) | BM_CONSTRUCTED, next;
    uint64_t offset = body->offset;
    BmOctets uuid;

    if (!bm_view_peek(body, &next) || next != tag) {
        return TRUE;
    }
    if (!bm_view_explicit(body, tag, BM_TAG_OCTETS, "the UUID", 16, &uuid)) {
        return failed(body, error);
    }
    if (uuid.len != 16) {
        return bm_error_set(error, BM_BAD_LENGTH, offset, NULL, "a UUID of %zu octets", uuid.len);
    }
    c->uuid = uuid.data;
    return TRUE;
}

gboolean bm_ber_configuration_read(BmView body, BmStreamVisitor *s, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *machine = NULL;
    BmConfiguration c = {0};
    uint64_t bits = 0;
    BmOctets text;
    BmTag tag;

    if (!bm_view_name(&body, BM_TAG_UTF8, "the machine's name", &text)) {
        return failed(&body, error);
    }
    c.machine = machine = copy(text);
    c.has_page_bits = bm_view_peek(&body, &tag) && tag == BM_TAG_CONTEXT(0);
    if (c.has_page_bits && !bm_view_unsigned(&body, tag, "the page bits", UINT32_MAX, &bits)) {
        return failed(&body, error);
    }
    c.page_bits = (uint32_t)bits;
    if (!read_capabilities(&body, names, &c.has_capabilities, error) ||
        !read_uuid(&body, &c, error)) {
        return FALSE;
    }
    c.capabilities = (char *const *)names->pdata;
    return bm_stream_configuration(s, &c, error);
}
