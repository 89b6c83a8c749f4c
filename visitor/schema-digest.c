/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-schema-out.h"
#include "schema-impl.h"

static void add_record(GChecksum *sum, BmWriter *w, const BmSchema *schema)
{
    BmOutput *record = bm_output_memory();

    bm_writer_reset(w);
    bm_record_open(w, BM_RECORD_SCHEMA);
    bm_ber_schema_write(w, schema);
    if (bm_record_write(record, w)) {
        BmOctets octets = bm_output_memory_data(record);

        g_checksum_update(sum, octets.data, (gssize)octets.len);
    }
    bm_output_free(record);
}

static char *compute(const BmSchemaSet *set)
{
    GChecksum *sum = g_checksum_new(G_CHECKSUM_SHA256);
    char *text;
    BmWriter w;

    bm_writer_init(&w);
    for (guint i = 0; i < set->schemas->len; i++) {
        add_record(sum, &w, set->schemas->pdata[i]);
    }
    bm_writer_clear(&w);
    text = g_strdup(g_checksum_get_string(sum));
    g_checksum_free(sum);
    return text;
}

const char *bm_schema_set_digest(const BmSchemaSet *set)
{
    BmSchemaSet *memo = (BmSchemaSet *)set; /* nobody sees that it is kept */

    if (!set->digest || set->digested != set->schemas->len) {
        g_free(memo->digest);
        memo->digest = compute(set);
        memo->digested = set->schemas->len;
    }
    return set->digest;
}

const char *bm_schema_set_base(const BmSchemaSet *set, uint32_t *count)
{
    const char *digest = set->digest ? set->digest : bm_schema_set_digest(set);

    *count = set->digested;
    return digest;
}
