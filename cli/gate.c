/* SPDX-License-Identifier: BSD-2-Clause */
#include "gate.h"

#include <string.h>

#include "negotiate.h"
#include "preflight.h"
#include "stream-pass.h"

struct BmGate {
    BmStreamPass pass;
    const BmExpect *expect;
    const BmGateOps *ops;
    void *data;
    gboolean probe;
    gboolean begun;  /* `inner` has had its preamble */
    gboolean opened; /* flushes go through */
    BmExpect *guest; /* what has come; NULL when it has been compared */
    BmStreamVisitor *collect;
    /* until it is known whether this is a probe */
    BmPreamble preamble;
    uint8_t *leading;
};

static BmGate *gate_of(BmStreamVisitor *s)
{
    return (BmGate *)s;
}

/* ---- before the guest ---- */

static gboolean gate_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    BmGate *g = gate_of(s);

    (void)error;
    g->preamble = *preamble;
    g->preamble.generator = "";
    g->preamble.outcome = NULL;
    g->leading = g_memdup2(preamble->leading.data, preamble->leading.len);
    g->preamble.leading.data = g->leading;
    return TRUE;
}

static gboolean gate_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    (void)error;
    gate_of(s)->probe = bm_hello_has(hello, "probe");
    return TRUE;
}

/* The first record behind the hello has come. */
static gboolean begin_inner(BmGate *g, GError **error)
{
    if (g->begun || g->probe) {
        return TRUE;
    }
    g->begun = TRUE;
    g->ops->in_earnest(g->data);
    return bm_stream_begin(g->pass.inner, &g->preamble, error);
}

/* Where the next record of a guest goes; NULL: nowhere. */
static BmStreamVisitor *way(BmGate *g, gboolean *ok, GError **error)
{
    *ok = begin_inner(g, error);
    return *ok && !g->probe ? g->pass.inner : NULL;
}

/* ---- the comparison ---- */

static gboolean refuse(const BmFindings *findings, GError **error)
{
    return bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                        "QEMU would not take the guest, for %u of the reasons above; nothing was "
                        "passed on",
                        bm_findings_blocking(findings));
}

/* With what has come; once.  FALSE if the guest is refused. */
static gboolean compare(BmGate *g, gboolean asked, GError **error)
{
    g_autoptr(BmFindings) findings = bm_findings_new();

    if (g->expect != NULL && g->guest != NULL) {
        bm_preflight(g->expect, g->guest, findings);
        g->ops->show(g->data, findings);
    }
    g_clear_pointer(&g->collect, bm_stream_free);
    g_clear_pointer(&g->guest, bm_expect_free);
    if (asked && !g->ops->answer(g->data, findings, error)) {
        return FALSE;
    }
    if (bm_findings_blocking(findings) > 0 && !g->probe) {
        return refuse(findings, error);
    }
    g->opened = TRUE;
    return TRUE;
}

/* What comes next is of the guest's state. */
static gboolean open_gate(BmGate *g, GError **error)
{
    return g->guest == NULL || compare(g, FALSE, error);
}

/* ---- what can be compared ---- */

static gboolean gate_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    BmGate *g = gate_of(s);
    gboolean ok;
    BmStreamVisitor *inner = way(g, &ok, error);

    return ok && (g->collect == NULL || bm_stream_configuration(g->collect, c, error)) &&
           (inner == NULL || bm_stream_configuration(inner, c, error));
}

static gboolean gate_announce(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    BmGate *g = gate_of(s);
    gboolean ok;
    BmStreamVisitor *inner = way(g, &ok, error);

    return ok && (g->collect == NULL || bm_stream_announce(g->collect, a, error)) &&
           (inner == NULL || bm_stream_announce(inner, a, error));
}

static gboolean gate_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                                GError **error)
{
    BmGate *g = gate_of(s);
    gboolean ok;
    BmStreamVisitor *inner = way(g, &ok, error);

    return ok && (phase == BM_PHASE_START || open_gate(g, error)) &&
           (g->collect == NULL || bm_stream_live_begin(g->collect, phase, section, error)) &&
           (inner == NULL || bm_stream_live_begin(inner, phase, section, error));
}

static gboolean gate_live_item(BmStreamVisitor *s, const BmItem *item, GError **error)
{
    BmGate *g = gate_of(s);

    return (g->collect == NULL || bm_stream_live_item(g->collect, item, error)) &&
           (g->probe || bm_stream_live_item(g->pass.inner, item, error));
}

static gboolean gate_check(BmStreamVisitor *s, GError **error)
{
    return compare(gate_of(s), TRUE, error);
}

/* ---- the guest ---- */

static gboolean gate_device(BmStreamVisitor *s, const BmDevice *device, GError **error)
{
    gboolean ok;
    BmStreamVisitor *inner = way(gate_of(s), &ok, error);

    return ok && open_gate(gate_of(s), error) &&
           (inner == NULL || bm_stream_device(inner, device, error));
}

static gboolean gate_command(BmStreamVisitor *s, uint32_t code, BmOctets data, GError **error)
{
    gboolean ok;
    BmStreamVisitor *inner = way(gate_of(s), &ok, error);

    return ok && (inner == NULL || bm_stream_command(inner, code, data, error));
}

static gboolean gate_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    const BmGate *g = gate_of(s);

    return g->probe || bm_stream_live_end(g->pass.inner, bare, error);
}

static gboolean gate_channel(BmStreamVisitor *s, const BmChannelItem *item, GError **error)
{
    gboolean ok;
    BmStreamVisitor *inner = way(gate_of(s), &ok, error);

    return ok && open_gate(gate_of(s), error) &&
           (inner == NULL || bm_stream_channel(inner, item, error));
}

static gboolean gate_package_begin(BmStreamVisitor *s, uint32_t length, GError **error)
{
    gboolean ok;
    BmStreamVisitor *inner = way(gate_of(s), &ok, error);

    return ok && open_gate(gate_of(s), error) &&
           (inner == NULL || bm_stream_package_begin(inner, length, error));
}

static gboolean gate_package_end(BmStreamVisitor *s, GError **error)
{
    const BmGate *g = gate_of(s);

    return g->probe || bm_stream_package_end(g->pass.inner, error);
}

static gboolean gate_finish(BmStreamVisitor *s, const BmDescription *description, GError **error)
{
    gboolean ok;
    BmStreamVisitor *inner = way(gate_of(s), &ok, error);

    return ok && open_gate(gate_of(s), error) &&
           (inner == NULL || bm_stream_finish(inner, description, error));
}

static gboolean gate_remainder(BmStreamVisitor *s, BmReason reason, BmOctets data, GError **error)
{
    gboolean ok;
    BmStreamVisitor *inner = way(gate_of(s), &ok, error);

    return ok && open_gate(gate_of(s), error) &&
           (inner == NULL || bm_stream_remainder(inner, reason, data, error));
}

static gboolean gate_extension(BmStreamVisitor *s, uint64_t kind, gboolean critical, BmOctets data,
                               GError **error)
{
    gboolean ok;
    BmStreamVisitor *inner = way(gate_of(s), &ok, error);

    return ok && (inner == NULL || bm_stream_extension(inner, kind, critical, data, error));
}

static gboolean gate_end(BmStreamVisitor *s, GError **error)
{
    const BmGate *g = gate_of(s);

    return g->probe || bm_stream_end(g->pass.inner, error);
}

static gboolean gate_flush(BmStreamVisitor *s, GError **error)
{
    const BmGate *g = gate_of(s);

    return !g->opened || g->probe || bm_stream_flush(g->pass.inner, error);
}

static const BmStreamOps gate_ops = {
    .begin = gate_begin,
    .hello = gate_hello,
    .configuration = gate_configuration,
    .announce = gate_announce,
    .check = gate_check,
    .device = gate_device,
    .live_begin = gate_live_begin,
    .live_item = gate_live_item,
    .live_end = gate_live_end,
    .channel = gate_channel,
    .command = gate_command,
    .package_begin = gate_package_begin,
    .package_end = gate_package_end,
    .finish = gate_finish,
    .remainder = gate_remainder,
    .extension = gate_extension,
    .end = gate_end,
    .flush = gate_flush,
};

BmGate *bm_gate_new(BmStreamVisitor *inner, const BmExpect *expect, const BmGateOps *ops,
                    void *data)
{
    BmGate *g = g_new0(BmGate, 1);

    g->pass.base.ops = &gate_ops;
    g->pass.inner = inner;
    g->expect = expect;
    g->ops = ops;
    g->data = data;
    g->opened = expect == NULL;
    g->guest = bm_expect_new();
    g->collect = bm_expect_collect(g->guest);
    return g;
}

void bm_gate_free(BmGate *g)
{
    if (g != NULL) {
        bm_stream_free(g->collect);
        bm_expect_free(g->guest);
        g_free(g->leading);
        g_free(g);
    }
}

BmStreamVisitor *bm_gate_stream(BmGate *gate)
{
    return &gate->pass.base;
}

gboolean bm_gate_was_probe(const BmGate *gate)
{
    return gate->probe;
}

gboolean bm_gate_is_closed(const BmGate *gate)
{
    return !gate->opened || gate->probe;
}
