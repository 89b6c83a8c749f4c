/* SPDX-License-Identifier: BSD-2-Clause */
#include "ask.h"

#include <string.h>

#include "report.h"
#include "stream-pass.h"

struct BmAsk {
    BmStreamPass pass;
    const BmAnnounces *announces;
    const BmOutcome *outcome;
    gboolean wanted;
    gboolean ram; /* the section at work is the beginning of the memory */

    GMutex lock;
    GCond changed;
    BmFindings *answer;
    gboolean no_answer;
};

static BmAsk *ask_of(BmStreamVisitor *s)
{
    return (BmAsk *)s;
}

/* ---- the answer ---- */

void bm_ask_answer(BmAsk *ask, const BmFinding *list, uint32_t n)
{
    BmFindings *answer = bm_findings_new();

    for (uint32_t i = 0; i < n; i++) {
        bm_findings_add(answer, &list[i]);
    }
    g_mutex_lock(&ask->lock);
    bm_findings_free(ask->answer);
    ask->answer = answer;
    g_cond_signal(&ask->changed);
    g_mutex_unlock(&ask->lock);
}

void bm_ask_give_up(BmAsk *ask)
{
    g_mutex_lock(&ask->lock);
    ask->no_answer = TRUE;
    g_cond_signal(&ask->changed);
    g_mutex_unlock(&ask->lock);
}

static gboolean await_answer(BmAsk *ask, GError **error)
{
    gint64 end = g_get_monotonic_time() + BM_ASK_SECONDS * G_TIME_SPAN_SECOND;
    gboolean there;

    g_mutex_lock(&ask->lock);
    while (ask->answer == NULL && !ask->no_answer &&
           g_cond_wait_until(&ask->changed, &ask->lock, end)) {
    }
    there = ask->answer != NULL;
    g_mutex_unlock(&ask->lock);
    return there || bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                                 "the receiver did not say within %d s whether it would take the "
                                 "guest",
                                 BM_ASK_SECONDS);
}

gboolean bm_ask_was_refused(const BmAsk *ask)
{
    return ask->answer != NULL && bm_findings_blocking(ask->answer) > 0;
}

void bm_findings_report(const char *where, const BmFinding *list, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        g_autofree char *line = bm_finding_line(&list[i]);

        bm_report(where, "%s", line);
    }
}

/* ---- the question ---- */

static gboolean put_question(BmAsk *ask, GError **error)
{
    ask->wanted = FALSE;
    if (!bm_stream_check(ask->pass.inner, error) || !bm_stream_flush(ask->pass.inner, error) ||
        !await_answer(ask, error)) {
        return FALSE;
    }
    return !bm_ask_was_refused(ask) ||
           bm_error_set(error, BM_REFUSED, BM_NO_OFFSET, NULL,
                        "the receiver would not take the guest, for %u of the reasons above; the "
                        "guest goes on here",
                        bm_findings_blocking(ask->answer));
}

static gboolean ask_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    BmPreamble own = *preamble;

    own.outcome = ask_of(s)->outcome;
    return bm_stream_begin(ask_of(s)->pass.inner, &own, error);
}

static gboolean ask_configuration(BmStreamVisitor *s, const BmConfiguration *c, GError **error)
{
    const BmAsk *ask = ask_of(s);

    return bm_stream_configuration(ask->pass.inner, c, error) &&
           (ask->announces == NULL || bm_announces_send(ask->announces, ask->pass.inner, error));
}

static gboolean ask_live_begin(BmStreamVisitor *s, BmPhase phase, const BmSection *section,
                               GError **error)
{
    ask_of(s)->ram = phase == BM_PHASE_START && strcmp(section->name, "ram") == 0;
    return bm_stream_live_begin(ask_of(s)->pass.inner, phase, section, error);
}

static gboolean ask_live_end(BmStreamVisitor *s, gboolean bare, GError **error)
{
    BmAsk *ask = ask_of(s);

    return bm_stream_live_end(ask->pass.inner, bare, error) &&
           (!ask->ram || !ask->wanted || put_question(ask, error));
}

static const BmStreamOps ask_ops = {
    .otherwise = &bm_stream_pass_ops,
    .begin = ask_begin,
    .configuration = ask_configuration,
    .live_begin = ask_live_begin,
    .live_end = ask_live_end,
    .borrows = bm_stream_pass_borrows,
};

BmAsk *bm_ask_new(const BmAnnounces *announces)
{
    BmAsk *ask = g_new0(BmAsk, 1);

    ask->pass.base.ops = &ask_ops;
    ask->announces = announces;
    g_mutex_init(&ask->lock);
    g_cond_init(&ask->changed);
    return ask;
}

void bm_ask_free(BmAsk *ask)
{
    if (ask != NULL) {
        bm_findings_free(ask->answer);
        g_mutex_clear(&ask->lock);
        g_cond_clear(&ask->changed);
        g_free(ask);
    }
}

BmStreamVisitor *bm_ask_stream(BmAsk *ask, BmStreamVisitor *inner, const BmOutcome *outcome,
                               gboolean wanted)
{
    ask->pass.inner = inner;
    ask->outcome = outcome;
    ask->wanted = wanted;
    return &ask->pass.base;
}
