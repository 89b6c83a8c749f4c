/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream-pass.h"

static BmStreamVisitor *inner_of(BmStreamVisitor *s)
{
    return ((BmStreamPass *)s)->inner;
}

gboolean bm_stream_pass_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    return bm_stream_begin(inner_of(s), preamble, error);
}

gboolean bm_stream_pass_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    return bm_stream_hello(inner_of(s), hello, error);
}

gboolean bm_stream_pass_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    return bm_stream_configuration(inner_of(s), c, error);
}

gboolean bm_stream_pass_announce(BmStreamVisitor *s, const BmAnnounce *announce, GError **error)
{
    return bm_stream_announce(inner_of(s), announce, error);
}

gboolean bm_stream_pass_check(BmStreamVisitor *s, GError **error)
{
    return bm_stream_check(inner_of(s), error);
}

gboolean bm_stream_pass_findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n,
                                 GError **error)
{
    return bm_stream_findings(inner_of(s), list, n, error);
}

gboolean bm_stream_pass_device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    return bm_stream_device(inner_of(s), device, error);
}

gboolean bm_stream_pass_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                   GError **error)
{
    return bm_stream_live_begin(inner_of(s), phase, section, error);
}

gboolean bm_stream_pass_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    return bm_stream_live_item(inner_of(s), item, error);
}

gboolean bm_stream_pass_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    return bm_stream_live_end(inner_of(s), bare, error);
}

gboolean bm_stream_pass_borrows(const BmStreamVisitor *s)
{
    return bm_stream_borrows(((const BmStreamPass *)s)->inner);
}

gboolean bm_stream_pass_channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    return bm_stream_channel(inner_of(s), item, error);
}

gboolean bm_stream_pass_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    return bm_stream_command(inner_of(s), code, data, error);
}

gboolean bm_stream_pass_package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    ((BmStreamPass *)s)->packages++;
    return bm_stream_package_begin(inner_of(s), length, error);
}

gboolean bm_stream_pass_package_end(BmStreamVisitor *s, GError **error)
{
    ((BmStreamPass *)s)->packages--;
    return bm_stream_package_end(inner_of(s), error);
}

gboolean bm_stream_pass_finish(BmStreamVisitor *s, const BmDescription *description, GError **error)
{
    return bm_stream_finish(inner_of(s), description, error);
}

gboolean bm_stream_pass_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data,
                                  GError **error)
{
    return bm_stream_remainder(inner_of(s), reason, data, error);
}

gboolean bm_stream_pass_channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                                     GError **error)
{
    return bm_stream_channel_ends(inner_of(s), list, n, error);
}

gboolean bm_stream_pass_message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    return bm_stream_message(inner_of(s), data, error);
}

gboolean bm_stream_pass_ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    return bm_stream_ack(inner_of(s), octets, digest, error);
}

gboolean bm_stream_pass_extension(BmStreamVisitor *s, uint64_t kind, gboolean critical,
                                  BmOctets data, GError **error)
{
    return bm_stream_extension(inner_of(s), kind, critical, data, error);
}

gboolean bm_stream_pass_end(BmStreamVisitor *s, GError **error)
{
    return bm_stream_end(inner_of(s), error);
}

gboolean bm_stream_pass_flush(BmStreamVisitor *s, GError **error)
{
    return bm_stream_flush(inner_of(s), error);
}

void bm_stream_pass_free(BmStreamVisitor *s)
{
    bm_stream_free(inner_of(s));
    g_free(s);
}

const BmStreamOps bm_stream_pass_ops = {
    .begin = bm_stream_pass_begin,
    .hello = bm_stream_pass_hello,
    .configuration = bm_stream_pass_configuration,
    .announce = bm_stream_pass_announce,
    .check = bm_stream_pass_check,
    .findings = bm_stream_pass_findings,
    .device = bm_stream_pass_device,
    .live_begin = bm_stream_pass_live_begin,
    .live_item = bm_stream_pass_live_item,
    .live_end = bm_stream_pass_live_end,
    .channel = bm_stream_pass_channel,
    .command = bm_stream_pass_command,
    .package_begin = bm_stream_pass_package_begin,
    .package_end = bm_stream_pass_package_end,
    .finish = bm_stream_pass_finish,
    .remainder = bm_stream_pass_remainder,
    .channel_ends = bm_stream_pass_channel_ends,
    .message = bm_stream_pass_message,
    .ack = bm_stream_pass_ack,
    .extension = bm_stream_pass_extension,
    .end = bm_stream_pass_end,
    .flush = bm_stream_pass_flush,
};
