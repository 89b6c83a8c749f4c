/* SPDX-License-Identifier: BSD-2-Clause */
/* For those who do not want to know what is in pages. */
#include "stream-pass.h"

static uint8_t *place(BmStreamVisitor *s, const BmItem *item)
{
    (void)s;
    (void)item;
    return bm_stream_nowhere;
}

static const BmStreamOps skim_ops = {
    .begin = bm_stream_pass_begin,
    .hello = bm_stream_pass_hello,
    .configuration = bm_stream_pass_configuration,
    .announce = bm_stream_pass_announce,
    .check = bm_stream_pass_check,
    .findings = bm_stream_pass_findings,
    .device = bm_stream_pass_device,
    .live_begin = bm_stream_pass_live_begin,
    .channel = bm_stream_pass_channel,
    .live_item = bm_stream_pass_live_item,
    .live_end = bm_stream_pass_live_end,
    .place = place,
    .command = bm_stream_pass_command,
    .package_begin = bm_stream_pass_package_begin,
    .package_end = bm_stream_pass_package_end,
    .finish = bm_stream_pass_finish,
    .remainder = bm_stream_pass_remainder,
    .message = bm_stream_pass_message,
    .ack = bm_stream_pass_ack,
    .extension = bm_stream_pass_extension,
    .end = bm_stream_pass_end,
    .flush = bm_stream_pass_flush,
    .free = bm_stream_pass_free,
};

BmStreamVisitor *bm_skim_stream(BmStreamVisitor *inner)
{
    BmStreamPass *skim = g_new0(BmStreamPass, 1);

    skim->base.ops = &skim_ops;
    skim->inner = inner;
    return &skim->base;
}
