/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-record-out.h"

void bm_record_out_init(BmRecordOut *r, BmOutput *out, BmBerStats *stats)
{
    *r = (BmRecordOut){.out = out, .stats = stats};
    bm_writer_init(&r->w);
}

void bm_record_out_clear(BmRecordOut *r)
{
    bm_writer_clear(&r->w);
}

BmWriter *bm_record_out_open(BmRecordOut *r, BmRecordType type)
{
    bm_writer_reset(&r->w);
    bm_record_open(&r->w, type);
    return &r->w;
}

gboolean bm_record_out_failed(const BmRecordOut *r, GError **error)
{
    BmFault fault = {BM_IO, bm_output_offset(r->out), "the stream", 0,
                     (uint64_t)bm_output_errno(r->out)};

    return bm_error_from_fault(error, &fault, NULL);
}

gboolean bm_record_out_close(BmRecordOut *r, BmRecordType type, GError **error)
{
    if (!bm_record_write(r->out, &r->w)) {
        return r->w.fault.code != BM_OK ? bm_error_from_fault(error, &r->w.fault, NULL)
                                        : bm_record_out_failed(r, error);
    }
    r->stats->records++;
    r->stats->octets[type] += bm_writer_size(&r->w);
    r->stats->total = bm_output_offset(r->out);
    return TRUE;
}
