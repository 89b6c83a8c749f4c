/* SPDX-License-Identifier: BSD-2-Clause */
#include "stream.h"

/* Which may be NULL. */
#define OP(s, op) ((s)->ops->op || !(s)->ops->otherwise ? (s)->ops->op : (s)->ops->otherwise->op)

/* An operation that is missing succeeds. */
#define CALL(s, op, ...) (!OP(s, op) || OP(s, op)((s), __VA_ARGS__))

gboolean bm_stream_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    return CALL(s, begin, preamble, error);
}

gboolean bm_stream_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    return CALL(s, hello, hello, error);
}

gboolean bm_stream_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    return CALL(s, configuration, c, error);
}

gboolean bm_stream_announce(BmStreamVisitor *s, const BmAnnounce *announce, GError **error)
{
    return CALL(s, announce, announce, error);
}

gboolean bm_stream_check(BmStreamVisitor *s, GError **error)
{
    return CALL(s, check, error);
}

gboolean bm_stream_findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n, GError **error)
{
    return CALL(s, findings, list, n, error);
}

gboolean bm_stream_device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    return CALL(s, device, device, error);
}

gboolean bm_stream_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                              GError **error)
{
    return CALL(s, live_begin, phase, section, error);
}

gboolean bm_stream_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    return CALL(s, live_item, item, error);
}

gboolean bm_stream_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    return CALL(s, live_end, bare, error);
}

uint8_t bm_stream_nowhere[1];

gboolean bm_stream_channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    return CALL(s, channel, item, error);
}

uint8_t *bm_stream_place(BmStreamVisitor *s, const BmItem *item)
{
    return s->ops->place ? s->ops->place(s, item) : NULL;
}

gboolean bm_stream_takes_places(const BmStreamVisitor *s)
{
    return s->ops->place != NULL;
}

gboolean bm_stream_borrows(const BmStreamVisitor *s)
{
    return s->ops->borrows && s->ops->borrows(s);
}

gboolean bm_stream_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    return CALL(s, command, code, data, error);
}

gboolean bm_stream_package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    return CALL(s, package_begin, length, error);
}

gboolean bm_stream_package_end(BmStreamVisitor *s, GError **error)
{
    return CALL(s, package_end, error);
}

gboolean bm_stream_finish(BmStreamVisitor *s, const BmDescription *description, GError **error)
{
    return CALL(s, finish, description, error);
}

gboolean bm_stream_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    return CALL(s, remainder, reason, data, error);
}

gboolean bm_stream_lacks_pages(GError **error)
{
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                        "pages of this guest are in several streams, one for each channel, and "
                        "this is one of them");
}

gboolean bm_stream_channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                                GError **error)
{
    return CALL(s, channel_ends, list, n, error);
}

gboolean bm_stream_message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    return CALL(s, message, data, error);
}

gboolean bm_stream_ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    return CALL(s, ack, octets, digest, error);
}

gboolean bm_stream_extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                             GError **error)
{
    return CALL(s, extension, kind, critical, data, error);
}

gboolean bm_stream_end(BmStreamVisitor *s, GError **error)
{
    return CALL(s, end, error);
}

gboolean bm_stream_flush(BmStreamVisitor *s, GError **error)
{
    return CALL(s, flush, error);
}

void bm_stream_free(BmStreamVisitor *s)
{
    if (!s) {
        return;
    }
    if (s->ops->free) {
        s->ops->free(s);
    } else {
        g_free(s);
    }
}
