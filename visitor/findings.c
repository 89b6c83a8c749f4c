/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings.h"

#include <string.h>

#include "codec.h"

struct BmFindings {
    GArray *list; /* BmFinding, texts owned by `texts` */
    GStringChunk *texts;
    uint32_t blocking;
};

BmFindings *bm_findings_new(void)
{
    BmFindings *f = g_new0(BmFindings, 1);

    f->list = g_array_new(FALSE, FALSE, sizeof(BmFinding));
    f->texts = g_string_chunk_new(512);
    return f;
}

void bm_findings_free(BmFindings *f)
{
    if (f) {
        g_array_unref(f->list);
        g_string_chunk_free(f->texts);
        g_free(f);
    }
}

/* Names of QEMU are octets, and a message has several of them. */
static const char *keep(BmFindings *f, const char *text)
{
    g_autofree char *valid = NULL;
    size_t len;

    if (!text) {
        return NULL;
    }
    valid = g_utf8_make_valid(text, -1);
    len = strlen(valid);
    if (len > BM_LIMIT_NAME) {
        len = (size_t)(g_utf8_find_prev_char(valid, valid + BM_LIMIT_NAME + 1) - valid);
    }
    return g_string_chunk_insert_len(f->texts, valid, (gssize)len);
}

static void append(BmFindings *f, const BmFinding *finding)
{
    BmFinding copy = {finding->code,
                      finding->severity,
                      keep(f, finding->path),
                      keep(f, finding->message),
                      keep(f, finding->expected),
                      keep(f, finding->got)};

    f->blocking += copy.severity == BM_SEVERITY_BLOCK;
    g_array_append_val(f->list, copy);
}

static void add_to_more(BmFindings *f, BmSeverity severity)
{
    BmFinding *last = &g_array_index(f->list, BmFinding, f->list->len - 1);

    if (severity == BM_SEVERITY_BLOCK && last->severity == BM_SEVERITY_WARN) {
        last->severity = BM_SEVERITY_BLOCK;
        f->blocking++;
    }
}

void bm_findings_add(BmFindings *f, const BmFinding *finding)
{
    if (bm_findings_full(f)) {
        add_to_more(f, finding->severity);
    } else if (f->list->len + 1 < BM_LIMIT_FINDINGS) {
        append(f, finding);
    } else {
        append(f, &(BmFinding){BM_FINDING_MORE, finding->severity, "",
                               "there is more, which this list leaves out", NULL, NULL});
    }
}

const BmFinding *bm_findings_list(const BmFindings *f, uint32_t *n)
{
    *n = f->list->len;
    return (const BmFinding *)(const void *)f->list->data;
}

uint32_t bm_findings_blocking(const BmFindings *f)
{
    return f->blocking;
}

gboolean bm_findings_full(const BmFindings *f)
{
    return f->list->len >= BM_LIMIT_FINDINGS;
}

/* ---- showing ---- */

static const struct {
    BmFindingCode code;
    const char *name;
} names[] = {
    {BM_FINDING_MACHINE, "machine"},
    {BM_FINDING_PAGE_SIZE, "page-size"},
    {BM_FINDING_RAM_MISSING, "ram-missing"},
    {BM_FINDING_RAM_EXTRA, "ram-extra"},
    {BM_FINDING_RAM_SIZE, "ram-size"},
    {BM_FINDING_RAM_PAGE_SIZE, "ram-page-size"},
    {BM_FINDING_DEVICE_MISSING, "device-missing"},
    {BM_FINDING_DEVICE_EXTRA, "device-extra"},
    {BM_FINDING_VERSION_NEWER, "version-newer"},
    {BM_FINDING_VERSION_OLDER, "version-older"},
    {BM_FINDING_FIELD_REMOVED, "field-removed"},
    {BM_FINDING_FIELD_ADDED, "field-added"},
    {BM_FINDING_FIELD_RENAMED, "field-renamed"},
    {BM_FINDING_FIELD_MOVED, "field-moved"},
    {BM_FINDING_FIELD_SIZE, "field-size"},
    {BM_FINDING_FIELD_KIND, "field-kind"},
    {BM_FINDING_FIELD_COUNT, "field-count"},
    {BM_FINDING_STRUCT_VERSION, "struct-version"},
    {BM_FINDING_SUBSECTION, "subsection-unknown"},
    {BM_FINDING_MORE, "more"},
};

const char *bm_finding_name(uint32_t code)
{
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (names[i].code == code) {
            return names[i].name;
        }
    }
    return "unknown";
}

char *bm_finding_line(const BmFinding *f)
{
    GString *line = g_string_new(f->severity == BM_SEVERITY_BLOCK ? "BLOCK" : "WARN");

    g_string_append_printf(line, " %u %s: ", f->code, bm_finding_name(f->code));
    if (*f->path) {
        g_string_append_printf(line, "%s: ", f->path);
    }
    g_string_append(line, f->message);
    if (f->expected && f->got) {
        g_string_append_printf(line, " (expected %s, got %s)", f->expected, f->got);
    } else if (f->expected || f->got) {
        g_string_append_printf(line, " (%s %s)", f->expected ? "expected" : "got",
                               f->expected ? f->expected : f->got);
    }
    return g_string_free(line, FALSE);
}
