/* SPDX-License-Identifier: BSD-2-Clause */
#include "passage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "legacy.h"

gboolean same_octets(BmOctets a, BmOctets b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

gboolean comes_back(BmOctets in)
{
    Passage ber = legacy_to_ber(in);
    Passage back = ber_to_legacy(ber.octets);
    gboolean same = ber.ok && back.ok && same_octets(back.octets, in);

    if (!same) {
        g_printerr("%s\n", ber.error    ? ber.error->message
                           : back.error ? back.error->message
                                        : "other octets came back");
    }
    passage_clear(&ber);
    passage_clear(&back);
    return same;
}

char *dump_of(BmOctets in, const char *glob, GError **error)
{
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *text = bm_text_stream_out(out, glob, TRUE);
    BmInput *input = bm_input_memory(in.data, in.len);
    gboolean ok = bm_legacy_read(input, text, NULL, error);
    BmOctets lines = bm_output_memory_data(out);
    char *copy = ok ? g_strndup((const char *)lines.data, lines.len) : NULL;

    bm_stream_free(text);
    bm_input_free(input);
    bm_output_free(out);
    return copy;
}

/* ---- a visitor that keeps ranges of zeros within bounds ---- */

typedef struct Gauge {
    BmStreamVisitor base;
    BmStreamVisitor *s; /* owned */
    uint64_t pages;
} Gauge;

static BmStreamVisitor *behind(BmStreamVisitor *s)
{
    return ((Gauge *)s)->s;
}

static gboolean gauge_begin(BmStreamVisitor *s, const BmPreamble *p, GError **error)
{
    return bm_stream_begin(behind(s), p, error);
}

static gboolean gauge_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    return bm_stream_configuration(behind(s), c, error);
}

static gboolean gauge_device(BmStreamVisitor *s, const BmDevice *d, GError **error)
{
    return bm_stream_device(behind(s), d, error);
}

static gboolean gauge_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                 GError **error)
{
    return bm_stream_live_begin(behind(s), phase, section, error);
}

static gboolean gauge_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    Gauge *g = (Gauge *)s;

    if (item->type == BM_ITEM_ZEROS && item->count > 1) {
        if (item->count > PASSAGE_PAGES - g->pages) {
            return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL, "pages without end");
        }
        g->pages += item->count;
    }
    return bm_stream_live_item(g->s, item, error);
}

static gboolean gauge_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    return bm_stream_live_end(behind(s), bare, error);
}

static gboolean gauge_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    return bm_stream_command(behind(s), code, data, error);
}

static gboolean gauge_package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    return bm_stream_package_begin(behind(s), length, error);
}

static gboolean gauge_package_end(BmStreamVisitor *s, GError **error)
{
    return bm_stream_package_end(behind(s), error);
}

static gboolean gauge_finish(BmStreamVisitor *s, const BmDescription *d, GError **error)
{
    return bm_stream_finish(behind(s), d, error);
}

static gboolean gauge_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    return bm_stream_remainder(behind(s), reason, data, error);
}

static gboolean gauge_message(BmStreamVisitor *s, BmOctets data, GError **error)
{
    return bm_stream_message(behind(s), data, error);
}

static gboolean gauge_ack(BmStreamVisitor *s, uint64_t octets, uint64_t digest, GError **error)
{
    return bm_stream_ack(behind(s), octets, digest, error);
}

static gboolean gauge_extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                                GError **error)
{
    return bm_stream_extension(behind(s), kind, critical, data, error);
}

static gboolean gauge_end(BmStreamVisitor *s, GError **error)
{
    return bm_stream_end(behind(s), error);
}

static gboolean gauge_flush(BmStreamVisitor *s, GError **error)
{
    return bm_stream_flush(behind(s), error);
}

static void gauge_free(BmStreamVisitor *s)
{
    bm_stream_free(behind(s));
    g_free(s);
}

static const BmStreamOps gauge_ops = {
    .begin = gauge_begin,
    .configuration = gauge_configuration,
    .device = gauge_device,
    .live_begin = gauge_live_begin,
    .live_item = gauge_live_item,
    .live_end = gauge_live_end,
    .command = gauge_command,
    .package_begin = gauge_package_begin,
    .package_end = gauge_package_end,
    .finish = gauge_finish,
    .remainder = gauge_remainder,
    .message = gauge_message,
    .ack = gauge_ack,
    .extension = gauge_extension,
    .end = gauge_end,
    .flush = gauge_flush,
    .free = gauge_free,
};

static BmStreamVisitor *gauge(BmStreamVisitor *s)
{
    Gauge *g = g_new0(Gauge, 1);

    g->base.ops = &gauge_ops;
    g->s = s;
    return &g->base;
}

/* ---- passages ---- */

typedef gboolean (*Source)(BmInput *, BmStreamVisitor *, GError **);
typedef BmStreamVisitor *(*Operation)(BmOutput *);

static gboolean from_legacy(BmInput *in, BmStreamVisitor *s, GError **error)
{
    return bm_legacy_read(in, s, NULL, error);
}

static gboolean from_ber(BmInput *in, BmStreamVisitor *s, GError **error)
{
    return bm_ber_stream_read(in, s, FALSE, NULL, error);
}

/* With what is there of a record that is cut. */
static gboolean explain_ber(BmInput *in, BmStreamVisitor *s, GError **error)
{
    return bm_ber_stream_read(in, s, TRUE, NULL, error);
}

static BmStreamVisitor *to_ber(BmOutput *out)
{
    return bm_ber_stream_out(out, 1, NULL);
}

static BmStreamVisitor *to_text(BmOutput *out)
{
    return bm_text_stream_out(out, NULL, TRUE);
}

static BmStreamVisitor *to_json(BmOutput *out)
{
    return bm_json_stream_out(out, NULL, TRUE);
}

static BmStreamVisitor *to_nothing(BmOutput *out)
{
    (void)out;
    return bm_null_stream();
}

static Passage pass(BmOctets octets, Source source, Operation operation)
{
    /* Of just this size, so that a sanitizer sees one octet too many. */
    uint8_t *copy = g_memdup2(octets.data, octets.len);
    BmInput *in = bm_input_memory(copy, octets.len);
    Passage p = {.out = bm_output_memory()};
    BmStreamVisitor *s = gauge(operation(p.out));

    p.ok = source(in, s, &p.error);
    p.octets = bm_output_memory_data(p.out);
    bm_stream_free(s);
    bm_input_free(in);
    g_free(copy);
    return p;
}

Passage legacy_to_ber(BmOctets in)
{
    return pass(in, from_legacy, to_ber);
}

Passage legacy_to_legacy(BmOctets in)
{
    return pass(in, from_legacy, bm_legacy_stream_out);
}

Passage ber_to_legacy(BmOctets in)
{
    return pass(in, from_ber, bm_legacy_stream_out);
}

Passage ber_to_ber(BmOctets in)
{
    return pass(in, from_ber, to_ber);
}

void passage_clear(Passage *p)
{
    g_clear_error(&p->error);
    bm_output_free(p->out);
    *p = (Passage){0};
}

/* ---- what must hold ---- */

static void must(gboolean holds, const char *what, const Passage *p)
{
    if (!holds) {
        fprintf(stderr, "%s (%s)\n", what, p && p->error ? p->error->message : "no error");
        abort();
    }
}

static void check_verdict(const Passage *p)
{
    must(p->ok == (p->error == NULL), "an error without a failure, or the reverse", p);
    must(p->ok || p->error->domain == BM_ERROR, "an error of a foreign domain", p);
    must(p->ok || p->error->message[0] != '\0', "an error without words", p);
}

static gboolean look(BmOctets in, Source source, Operation operation)
{
    Passage p = pass(in, source, operation);
    gboolean ok = p.ok;

    check_verdict(&p);
    passage_clear(&p);
    return ok;
}

static gboolean summarise(BmOctets in, Source source)
{
    BmInput *input = bm_input_memory(in.data, in.len);
    BmSummary summary = {0};
    BmStreamVisitor *s = bm_summary_stream(&summary);
    gboolean ok = source(input, s, NULL);

    bm_stream_free(s);
    bm_summary_clear(&summary);
    bm_input_free(input);
    return ok;
}

/* `ber` stands for `legacy`, and so does what it is written as anew. */
static void check_stands_for(BmOctets ber, BmOctets legacy)
{
    Passage back = ber_to_legacy(ber), again = ber_to_ber(ber), back_again;

    must(back.ok, "BER of our own is refused", &back);
    must(same_octets(back.octets, legacy), "a legacy stream came back changed", NULL);
    must(again.ok, "BER of our own is not written again", &again);
    back_again = ber_to_legacy(again.octets);
    must(back_again.ok, "BER written anew is refused", &back_again);
    must(same_octets(back_again.octets, legacy), "BER written anew is of another stream", NULL);
    passage_clear(&back);
    passage_clear(&again);
    passage_clear(&back_again);
}

/* A mapped-ram file needs a file to come back to; as a plain stream it has a form of
 * its own. */
static void check_stands_for_mapped(BmOctets ber, BmOctets in)
{
    Passage plain = legacy_to_legacy(in);

    must(plain.ok, "a mapped-ram file is BER, and no plain stream", &plain);
    check_stands_for(ber, plain.octets);
    passage_clear(&plain);
}

static gboolean check_round_trip(BmOctets in)
{
    Passage ber = legacy_to_ber(in);
    gboolean ok = ber.ok, mapped = memmem(in.data, in.len, BM_LEGACY_MAPPED, 10) != NULL;

    check_verdict(&ber);
    if (ok && mapped) {
        check_stands_for_mapped(ber.octets, in);
    } else if (ok) {
        check_stands_for(ber.octets, in);
    }
    passage_clear(&ber);
    return ok;
}

gboolean check_legacy_octets(BmOctets in)
{
    gboolean ok = check_round_trip(in);

    must(look(in, from_legacy, to_text) == ok, "text is of another opinion", NULL);
    must(look(in, from_legacy, to_json) == ok, "JSON is of another opinion", NULL);
    must(summarise(in, from_legacy) == ok, "the summary is of another opinion", NULL);
    return ok;
}

/* What the writer of BER makes of it stands for the same legacy stream, where
 * there is one at all: BER can say things that QEMU has no octets for. */
static void check_accepted_ber(BmOctets in)
{
    Passage again = ber_to_ber(in), legacy = ber_to_legacy(in), second;

    check_verdict(&again);
    check_verdict(&legacy);
    if (legacy.ok) {
        must(again.ok, "it can be written as legacy, and not as BER", &again);
        second = ber_to_legacy(again.octets);
        must(second.ok, "BER written anew is refused", &second);
        must(same_octets(second.octets, legacy.octets), "BER written anew is of another stream",
             NULL);
        passage_clear(&second);
        check_round_trip(legacy.octets);
    }
    passage_clear(&again);
    passage_clear(&legacy);
}

gboolean check_ber_octets(BmOctets in)
{
    gboolean ok = look(in, from_ber, to_nothing);

    look(in, explain_ber, to_text);
    look(in, explain_ber, to_json);
    summarise(in, explain_ber);
    if (ok) {
        check_accepted_ber(in);
    } else {
        must(!look(in, from_ber, bm_legacy_stream_out), "wrong BER became a legacy stream", NULL);
    }
    return ok;
}
