/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of a ChannelEnds record, written and read. */
#ifndef BM_BER_CHANNELS_H
#define BM_BER_CHANNELS_H

#include "stream.h"

void bm_ber_channel_ends_write(BmWriter *w, const BmChannelEnd *list, uint32_t n);
/* Reads them and hands them to the visitor. */
gboolean bm_ber_channel_ends_read(BmView body, BmStreamVisitor *s, GError **error);

#endif
