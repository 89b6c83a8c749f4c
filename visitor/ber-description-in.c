/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-description-in.h"

#include "ber-schema-in.h"

void bm_description_in_init(BmDescriptionIn *d, BmKnown *known)
{
    *d = (BmDescriptionIn){.known = known};
    d->set = d->own = bm_schema_set_new();
}

void bm_description_in_clear(BmDescriptionIn *d)
{
    bm_schema_set_free(d->own);
    bm_zstd_free(d->zstd);
}

/* ---- schemas ---- */

gboolean bm_description_in_schema(BmDescriptionIn *d, const BmRecord *r, GError **error)
{
    return bm_ber_schema_read(r->body, d->set, error);
}

static gboolean not_known(const BmRecord *r, uint64_t count, GError **error)
{
    return bm_error_set(error, BM_UNKNOWN, r->offset, "description",
                        "the stream leaves out its description, %" G_GUINT64_FORMAT
                        " schemas: only the receiver that it was sent to has it",
                        count);
}

gboolean bm_description_in_known(BmDescriptionIn *d, const BmRecord *r, GError **error)
{
    BmView body = r->body;
    BmSchemaSet *set;
    BmOctets digest;
    uint64_t count;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the number of known schemas", BM_LIMIT_SCHEMAS,
                          &count) ||
        !bm_view_octets(&body, BM_TAG_OCTETS, "the digest of a description", BM_SCHEMA_DIGEST_LEN,
                        &digest)) {
        return bm_error_from_fault(error, body.fault, NULL);
    }
    if (digest.len != BM_SCHEMA_DIGEST_LEN) {
        return bm_error_set(error, BM_BAD_LENGTH, r->offset, "description",
                            "a digest of %zu octets", digest.len);
    }
    if (bm_schema_set_size(d->set) > 0) {
        return bm_error_set(error, BM_BAD_ORDER, r->offset, NULL,
                            "a known description behind schemas");
    }
    set = d->known ? bm_known_lend(d->known, digest.data, count) : NULL;
    if (!set) {
        return not_known(r, count, error);
    }
    d->set = set;
    return TRUE;
}

gboolean bm_description_in_refer(const BmDescriptionIn *d, BmView *body, const char *path,
                                 const BmSchema **schema, const BmSchemaSet **set, GError **error)
{
    uint64_t offset = body->offset, number;
    BmTag tag;

    *schema = NULL;
    *set = NULL;
    if (!bm_view_peek(body, &tag) || tag != BM_TAG_CONTEXT(0)) {
        return TRUE;
    }
    if (!bm_view_unsigned(body, tag, "the number of a schema", BM_LIMIT_SCHEMAS, &number)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    *set = d->set;
    *schema = bm_schema_set_get(d->set, (uint32_t)number);
    return *schema
               ? TRUE
               : bm_error_set(error, BM_UNKNOWN, offset, path,
                              "schema %" G_GUINT64_FORMAT " was not sent before its use", number);
}

/* ---- QEMU's own description ---- */

static gboolean read_derived(const BmDescriptionIn *in, BmView body, BmDescription *d,
                             GError **error)
{
    uint64_t style;

    if (!bm_view_unsigned(&body, BM_TAG_ENUMERATED, "the style of a description", BM_STYLE_COMPACT,
                          &style) ||
        !bm_view_unsigned(&body, BM_TAG_INTEGER, "the page size", INT64_MAX, &d->page_size)) {
        return bm_error_from_fault(error, body.fault, NULL);
    }
    d->derived = TRUE;
    d->style = (BmStyle)style;
    return bm_description_in_refer(in, &body, "configuration", &d->configuration, &d->schemas,
                                   error);
}

static gboolean read_text(BmDescriptionIn *in, BmView body, BmDescription *d, GError **error)
{
    uint64_t offset = body.offset, size;
    BmOctets packed;

    if (!bm_view_unsigned(&body, BM_TAG_INTEGER, "the size of a description", BM_LIMIT_DESCRIPTION,
                          &size) ||
        !bm_view_octets(&body, BM_TAG_OCTETS, "a description", BM_LIMIT_DESCRIPTION, &packed)) {
        return bm_error_from_fault(error, body.fault, NULL);
    }
    if (!in->zstd) {
        in->zstd = bm_zstd_new(1);
    }
    if (!bm_zstd_decompress(in->zstd, packed, (size_t)size, &d->text)) {
        return bm_error_set(
            error, BM_BAD_VALUE, offset, NULL,
            "zstd data that does not give the %" G_GUINT64_FORMAT " octets that it should", size);
    }
    return TRUE;
}

gboolean bm_description_in_finish(BmDescriptionIn *in, BmView body, BmDescription *d,
                                  GError **error)
{
    const BmTag derived = BM_TAG_CONTEXT(0) | BM_CONSTRUCTED,
                text = BM_TAG_CONTEXT(1) | BM_CONSTRUCTED;
    BmView content;
    BmTag tag;

    *d = (BmDescription){0};
    if (!bm_view_peek(&body, &tag) || (tag != derived && tag != text)) {
        return TRUE;
    }
    d->present = TRUE;
    if (!bm_view_get(&body, tag, "a description", &content)) {
        return bm_error_from_fault(error, body.fault, NULL);
    }
    return tag == derived ? read_derived(in, content, d, error) : read_text(in, content, d, error);
}
