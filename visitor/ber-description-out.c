/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-description-out.h"

#include "ber-schema-out.h"

void bm_description_out_init(BmDescriptionOut *d, BmRecordOut *records)
{
    *d = (BmDescriptionOut){.records = records};
}

void bm_description_out_clear(BmDescriptionOut *d)
{
    bm_zstd_free(d->zstd);
}

/* ---- schemas ---- */

static gboolean write_schema(BmDescriptionOut *d, const BmSchema *schema, GError **error)
{
    bm_ber_schema_write(bm_record_out_open(d->records, BM_RECORD_SCHEMA), schema);
    return bm_record_out_close(d->records, BM_RECORD_SCHEMA, error);
}

static void put_digest(BmWriter *w, const char *text)
{
    uint8_t digest[BM_SCHEMA_DIGEST_LEN];

    for (size_t i = 0; i < sizeof digest; i++) {
        digest[i] = (uint8_t)(g_ascii_xdigit_value(text[2 * i]) << 4 |
                              g_ascii_xdigit_value(text[2 * i + 1]));
    }
    bm_writer_octets(w, BM_TAG_OCTETS, digest, sizeof digest);
}

/* All of the set at once, or all that it began with, if the reader has it. */
static gboolean refer(BmDescriptionOut *d, const BmSchemaSet *set, GError **error)
{
    const char *const *known = g_steal_pointer(&d->known);
    const char *digest;
    uint32_t count;
    BmWriter *w;

    if (d->sent > 0) {
        return TRUE;
    }
    digest = bm_schema_set_base(set, &count);
    if (count == 0 || !g_strv_contains(known, digest)) {
        return TRUE;
    }
    w = bm_record_out_open(d->records, BM_RECORD_KNOWN);
    bm_writer_unsigned(w, BM_TAG_INTEGER, count);
    put_digest(w, digest);
    d->sent = count;
    return bm_record_out_close(d->records, BM_RECORD_KNOWN, error);
}

gboolean bm_description_out_describe(BmDescriptionOut *d, const BmSchemaSet *set,
                                     const BmSchema *schema, GError **error)
{
    if (schema && d->known && !refer(d, set, error)) {
        return FALSE;
    }
    while (schema && d->sent <= schema->number) {
        if (!write_schema(d, bm_schema_set_get(set, d->sent), error)) {
            return FALSE;
        }
        d->sent++;
    }
    return TRUE;
}

/* ---- QEMU's own description ---- */

/* The text compresses twentyfold, so it is always sent as zstd. */
static gboolean write_text(BmDescriptionOut *d, BmOctets text, GError **error)
{
    BmOctets packed;

    if (!d->zstd) {
        d->zstd = bm_zstd_new(3);
    }
    if (!bm_zstd_pack(d->zstd, text, &packed)) {
        return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL,
                            "the description could not be compressed");
    }
    bm_writer_open(&d->records->w, BM_TAG_CONTEXT(1) | BM_CONSTRUCTED);
    bm_writer_unsigned(&d->records->w, BM_TAG_INTEGER, text.len);
    bm_writer_octets(&d->records->w, BM_TAG_OCTETS, packed.data, packed.len);
    bm_writer_close(&d->records->w);
    return TRUE;
}

static void write_derived(BmWriter *w, const BmDescription *d)
{
    bm_writer_open(w, BM_TAG_CONTEXT(0) | BM_CONSTRUCTED);
    bm_writer_unsigned(w, BM_TAG_ENUMERATED, d->style);
    bm_writer_unsigned(w, BM_TAG_INTEGER, d->page_size);
    if (d->configuration) {
        bm_writer_unsigned(w, BM_TAG_CONTEXT(0), d->configuration->number);
    }
    bm_writer_close(w);
}

gboolean bm_description_out_finish(BmDescriptionOut *out, const BmDescription *d, GError **error)
{
    if (d->present && d->derived &&
        !bm_description_out_describe(out, d->schemas, d->configuration, error)) {
        return FALSE;
    }
    bm_record_out_open(out->records, BM_RECORD_FINISH);
    if (d->present && d->derived) {
        write_derived(&out->records->w, d);
    } else if (d->present && !write_text(out, d->text, error)) {
        return FALSE;
    }
    return bm_record_out_close(out->records, BM_RECORD_FINISH, error);
}
