/* SPDX-License-Identifier: BSD-2-Clause */
#include "watch.h"

/* QEMU's MIG_CMD_OPEN_RETURN_PATH. */
#define OPEN_RETURN_PATH 1

void bm_watch_note(BmWatch *watch)
{
    if (watch->in != NULL) {
        watch->read = bm_input_offset(watch->in);
    }
    if (watch->out != NULL) {
        watch->written = bm_output_offset(watch->out);
    }
}

static BmWatch *watch_of(BmStreamVisitor *s)
{
    return (BmWatch *)s;
}

static BmStreamVisitor *inner_of(BmStreamVisitor *s)
{
    return watch_of(s)->inner;
}

/* After each step, so that another thread sees how far we are. */
static gboolean note(BmStreamVisitor *s, gboolean ok)
{
    bm_watch_note(watch_of(s));
    return ok;
}

static uint64_t pages_of(const BmItem *item)
{
    switch (item->type) {
    case BM_ITEM_PAGES:
    case BM_ITEM_ZEROS:
        return item->count;
    case BM_ITEM_FILL:
    case BM_ITEM_XBZRLE:
    case BM_ITEM_ZLIB:
        return 1;
    default:
        return 0;
    }
}

static gboolean watch_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    const BmHello *hello = watch_of(s)->hello;

    /* Sent at once: a QEMU that has got nothing does not notice when we end. */
    return note(s, bm_stream_begin(inner_of(s), preamble, error) &&
                       (hello == NULL || bm_stream_hello(inner_of(s), hello, error)) &&
                       bm_stream_flush(inner_of(s), error));
}

static gboolean watch_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    return note(s, bm_stream_hello(inner_of(s), hello, error));
}

static gboolean watch_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    return note(s, bm_stream_configuration(inner_of(s), c, error));
}

static gboolean watch_announce(BmStreamVisitor *s, const BmAnnounce *announce, GError **error)
{
    return note(s, bm_stream_announce(inner_of(s), announce, error));
}

static gboolean watch_check(BmStreamVisitor *s, GError **error)
{
    return note(s, bm_stream_check(inner_of(s), error));
}

static gboolean watch_findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n,
                               GError **error)
{
    return note(s, bm_stream_findings(inner_of(s), list, n, error));
}

static gboolean watch_device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    return note(s, bm_stream_device(inner_of(s), device, error));
}

static gboolean watch_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                 GError **error)
{
    return note(s, bm_stream_live_begin(inner_of(s), phase, section, error));
}

static gboolean watch_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    watch_of(s)->pages += pages_of(item);
    return note(s, bm_stream_live_item(inner_of(s), item, error));
}

static gboolean watch_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    return note(s, bm_stream_live_end(inner_of(s), bare, error));
}

static gboolean watch_borrows(const BmStreamVisitor *s)
{
    return bm_stream_borrows(((const BmWatch *)s)->inner);
}

static gboolean watch_channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    watch_of(s)->pages += item->full + item->zero;
    return note(s, bm_stream_channel(inner_of(s), item, error));
}

static gboolean watch_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    /* Before it is passed on: the answer can come at once. */
    if (code == OPEN_RETURN_PATH) {
        watch_of(s)->return_path = true;
    }
    return note(s, bm_stream_command(inner_of(s), code, data, error));
}

static gboolean watch_package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    return note(s, bm_stream_package_begin(inner_of(s), length, error));
}

static gboolean watch_package_end(BmStreamVisitor *s, GError **error)
{
    return note(s, bm_stream_package_end(inner_of(s), error));
}

static gboolean watch_finish(BmStreamVisitor *s, const BmDescription *description, GError **error)
{
    return note(s, bm_stream_finish(inner_of(s), description, error));
}

static gboolean watch_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    watch_of(s)->remainder += data.len;
    return note(s, bm_stream_remainder(inner_of(s), reason, data, error));
}

static gboolean watch_channel_ends(BmStreamVisitor *s, const BmChannelEnd *list, uint32_t n,
                                   GError **error)
{
    return note(s, bm_stream_channel_ends(inner_of(s), list, n, error));
}

static gboolean watch_message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    return note(s, bm_stream_message(inner_of(s), data, error));
}

static gboolean watch_ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    return note(s, bm_stream_ack(inner_of(s), octets, digest, error));
}

static gboolean watch_extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                                GError **error)
{
    return note(s, bm_stream_extension(inner_of(s), kind, critical, data, error));
}

static gboolean watch_end(BmStreamVisitor *s, GError **error)
{
    watch_of(s)->ending = true;
    return note(s, bm_stream_end(inner_of(s), error));
}

static gboolean watch_flush(BmStreamVisitor *s, GError **error)
{
    return note(s, bm_stream_flush(inner_of(s), error));
}

static void watch_free(BmStreamVisitor *s)
{
    bm_stream_free(inner_of(s));
    g_free(s);
}

static const BmStreamOps watch_ops = {
    .begin = watch_begin,
    .hello = watch_hello,
    .configuration = watch_configuration,
    .announce = watch_announce,
    .check = watch_check,
    .findings = watch_findings,
    .device = watch_device,
    .live_begin = watch_live_begin,
    .live_item = watch_live_item,
    .live_end = watch_live_end,
    .channel = watch_channel,
    .borrows = watch_borrows,
    .command = watch_command,
    .package_begin = watch_package_begin,
    .package_end = watch_package_end,
    .finish = watch_finish,
    .remainder = watch_remainder,
    .channel_ends = watch_channel_ends,
    .message = watch_message,
    .ack = watch_ack,
    .extension = watch_extension,
    .end = watch_end,
    .flush = watch_flush,
    .free = watch_free,
};

BmWatch *bm_watch_new(BmStreamVisitor *inner, const BmInput *in, const BmOutput *out)
{
    BmWatch *watch = g_new0(BmWatch, 1);

    watch->base.ops = &watch_ops;
    watch->inner = inner;
    watch->in = in;
    watch->out = out;
    return watch;
}

BmStreamVisitor *bm_watch_stream(BmWatch *watch)
{
    return &watch->base;
}

void bm_watch_free(BmWatch *watch)
{
    if (watch != NULL) {
        bm_stream_free(&watch->base);
    }
}
