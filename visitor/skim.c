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
    .otherwise = &bm_stream_pass_ops,
    .place = place,
    .free = bm_stream_pass_free,
};

BmStreamVisitor *bm_skim_stream(BmStreamVisitor *inner)
{
    BmStreamPass *skim = g_new0(BmStreamPass, 1);

    skim->base.ops = &skim_ops;
    skim->inner = inner;
    return &skim->base;
}
