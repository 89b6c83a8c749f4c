/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-findings.h"

#include <string.h>

#define TAG_EXPECTED (BM_TAG_CONTEXT(0) | BM_CONSTRUCTED)
#define TAG_GOT (BM_TAG_CONTEXT(1) | BM_CONSTRUCTED)

/* ---- writing ---- */

static void write_optional(BmWriter *w, BmTag tag, const char *text)
{
    if (text) {
        bm_writer_open(w, tag);
        bm_writer_text(w, BM_TAG_UTF8, text);
        bm_writer_close(w);
    }
}

void bm_ber_findings_write(BmWriter *w, const BmFinding *list, uint32_t n)
{
    bm_writer_open(w, BM_TAG_SEQUENCE);
    for (uint32_t i = 0; i < n; i++) {
        const BmFinding *f = &list[i];

        bm_writer_open(w, BM_TAG_SEQUENCE);
        bm_writer_unsigned(w, BM_TAG_INTEGER, f->code);
        bm_writer_unsigned(w, BM_TAG_ENUMERATED, f->severity);
        bm_writer_text(w, BM_TAG_UTF8, f->path);
        bm_writer_text(w, BM_TAG_UTF8, f->message);
        write_optional(w, TAG_EXPECTED, f->expected);
        write_optional(w, TAG_GOT, f->got);
        bm_writer_close(w);
    }
    bm_writer_close(w);
}

/* ---- reading ---- */

typedef struct Texts {
    char *path, *message, *expected, *got;
} Texts;

static void clear_texts(Texts *t)
{
    g_free(t->path);
    g_free(t->message);
    g_free(t->expected);
    g_free(t->got);
}

static gboolean read_text(BmView *view, const char *what, char **text)
{
    BmOctets octets;

    if (!bm_view_name(view, BM_TAG_UTF8, what, &octets)) {
        return FALSE;
    }
    *text = g_strndup((const char *)octets.data, octets.len);
    return TRUE;
}

static gboolean read_optional(BmView *view, BmTag tag, const char *what, char **text)
{
    BmView inner;
    bool there;

    if (!bm_view_optional(view, tag, what, &there, &inner)) {
        return FALSE;
    }
    return !there || (read_text(&inner, what, text) && bm_view_end(&inner, what));
}

static gboolean read_finding(BmView *list, BmFindings *findings)
{
    uint64_t code, severity;
    Texts t = {NULL};
    BmView view;
    gboolean ok =
        bm_view_get(list, BM_TAG_SEQUENCE, "a finding", &view) &&
        bm_view_unsigned(&view, BM_TAG_INTEGER, "the code of a finding", UINT32_MAX, &code) &&
        bm_view_unsigned(&view, BM_TAG_ENUMERATED, "the severity of a finding", BM_SEVERITY_BLOCK,
                         &severity) &&
        read_text(&view, "the path of a finding", &t.path) &&
        read_text(&view, "the message of a finding", &t.message) &&
        read_optional(&view, TAG_EXPECTED, "what was expected", &t.expected) &&
        read_optional(&view, TAG_GOT, "what was got", &t.got) && bm_view_end(&view, "a finding");

    if (ok) {
        bm_findings_add(findings, &(BmFinding){(uint32_t)code, (BmSeverity)severity, t.path,
                                               t.message, t.expected, t.got});
    }
    clear_texts(&t);
    return ok;
}

static gboolean read_list(BmView *body, BmFindings *findings, GError **error)
{
    BmView list;
    uint32_t n;

    if (!bm_view_get(body, BM_TAG_SEQUENCE, "the findings", &list)) {
        return bm_error_from_fault(error, body->fault, "findings");
    }
    for (n = 0; list.len > 0; n++) {
        if (n >= BM_LIMIT_FINDINGS) {
            return bm_error_set(error, BM_LIMIT, list.offset, "findings", "more than %u",
                                BM_LIMIT_FINDINGS);
        }
        if (!read_finding(&list, findings)) {
            return bm_error_from_fault(error, list.fault, "findings");
        }
    }
    return TRUE;
}

gboolean bm_ber_findings_read(BmView body, BmStreamVisitor *s, GError **error)
{
    BmFindings *findings = bm_findings_new();
    gboolean ok = read_list(&body, findings, error);

    if (ok) {
        uint32_t n;
        const BmFinding *list = bm_findings_list(findings, &n);

        ok = bm_stream_findings(s, list, n, error);
    }
    bm_findings_free(findings);
    return ok;
}
