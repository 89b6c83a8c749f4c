/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Functions of a stream visitor that stands before another one: each passes its
 * call on.  An operation that changes or watches a few calls has its own functions
 * for those, and bm_stream_pass_ops for all others.
 */
#ifndef BM_STREAM_PASS_H
#define BM_STREAM_PASS_H

#include "stream.h"

/* The first member of such a visitor. */
typedef struct BmStreamPass {
    BmStreamVisitor base;
    BmStreamVisitor *inner;
    unsigned packages; /* that have begun and not ended, if these two calls are passed on here */
} BmStreamPass;

gboolean bm_stream_pass_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error);
gboolean bm_stream_pass_hello(BmStreamVisitor *s, const BmHello *hello, GError **error);
gboolean bm_stream_pass_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error);
gboolean bm_stream_pass_announce(BmStreamVisitor *s, const BmAnnounce *announce, GError **error);
gboolean bm_stream_pass_check(BmStreamVisitor *s, GError **error);
gboolean bm_stream_pass_findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n,
                                 GError **error);
gboolean bm_stream_pass_device(BmStreamVisitor *s, const BmDevice *device, GError **error);
gboolean bm_stream_pass_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                   GError **error);
gboolean bm_stream_pass_live_item(BmStreamVisitor *s, const BmItem *item, GError **error);
gboolean bm_stream_pass_live_end(BmStreamVisitor *s, gboolean bare, GError **error);
gboolean bm_stream_pass_channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error);
gboolean bm_stream_pass_borrows(const BmStreamVisitor *s);
gboolean bm_stream_pass_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error);
gboolean bm_stream_pass_package_begin(BmStreamVisitor *s, uint32_t length, GError **error);
gboolean bm_stream_pass_package_end(BmStreamVisitor *s, GError **error);
gboolean bm_stream_pass_finish(BmStreamVisitor *s, const BmDescription *description,
                               GError **error);
gboolean bm_stream_pass_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data,
                                  GError **error);
gboolean bm_stream_pass_channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                                     GError **error);
gboolean bm_stream_pass_message(BmStreamVisitor *s, BmOctets data, GError **error);
gboolean bm_stream_pass_ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error);
gboolean bm_stream_pass_extension(BmStreamVisitor *s, uint64_t kind, gboolean critical,
                                  BmOctets data, GError **error);
gboolean bm_stream_pass_end(BmStreamVisitor *s, GError **error);
gboolean bm_stream_pass_flush(BmStreamVisitor *s, GError **error);
/* All of the above but bm_stream_pass_borrows(), for BmStreamOps.otherwise. */
extern const BmStreamOps bm_stream_pass_ops;
/* Frees both. */
void bm_stream_pass_free(BmStreamVisitor *s);

#endif
