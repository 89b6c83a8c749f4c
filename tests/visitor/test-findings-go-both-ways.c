/* SPDX-License-Identifier: BSD-2-Clause */
#include <criterion/criterion.h>
#include <string.h>

#include "stream.h"

/* ---- what came back ---- */

typedef struct Back {
    BmStreamVisitor base;
    BmFindings *findings;
} Back;

static gboolean back_findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n, GError **error)
{
    (void)error;
    for (uint32_t i = 0; i < n; i++) {
        bm_findings_add(((Back *)s)->findings, &list[i]);
    }
    return TRUE;
}

static BmFindings *go_and_return(const BmFinding *list, uint32_t n, GError **error)
{
    static const BmStreamOps ops = {.findings = back_findings};
    const BmPreamble preamble = {.direction = BM_RETURN, .generator = "test"};
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_stream_out(out, 0, NULL);
    Back *back = g_new0(Back, 1);
    BmFindings *findings = bm_findings_new();

    cr_assert(bm_stream_begin(s, &preamble, NULL));
    cr_assert(bm_stream_findings(s, list, n, NULL));
    cr_assert(bm_stream_end(s, NULL));
    bm_stream_free(s);
    back->base.ops = &ops;
    back->findings = findings;
    BmOctets octets = bm_output_memory_data(out);
    BmInput *in = bm_input_memory(octets.data, octets.len);
    gboolean ok = bm_ber_stream_read(in, &back->base, FALSE, NULL, error);

    bm_input_free(in);
    bm_stream_free(&back->base);
    bm_output_free(out);
    if (!ok) {
        bm_findings_free(findings);
    }
    return ok ? findings : NULL;
}

Test(findings, come_back_as_they_were)
{
    const BmFinding sent[] = {
        {BM_FINDING_RAM_SIZE, BM_SEVERITY_BLOCK, "ram.pc.ram", "another size", "1", "2"},
        {UINT32_MAX, BM_SEVERITY_WARN, "", "of the future", NULL, ""},
    };
    uint32_t n;
    BmFindings *findings = go_and_return(sent, G_N_ELEMENTS(sent), NULL);
    const BmFinding *list = bm_findings_list(findings, &n);

    cr_assert_eq(n, 2);
    cr_expect_eq(bm_findings_blocking(findings), 1);
    for (uint32_t i = 0; i < n; i++) {
        cr_expect_eq(list[i].code, sent[i].code);
        cr_expect_eq(list[i].severity, sent[i].severity);
        cr_expect_str_eq(list[i].path, sent[i].path);
        cr_expect_str_eq(list[i].message, sent[i].message);
        cr_expect_eq(g_strcmp0(list[i].expected, sent[i].expected), 0);
        cr_expect_eq(g_strcmp0(list[i].got, sent[i].got), 0);
    }
    bm_findings_free(findings);
}

Test(findings, are_lines)
{
    g_autofree char *both = bm_finding_line(
        &(BmFinding){BM_FINDING_MACHINE, BM_SEVERITY_BLOCK, "p", "it differs", "a", "b"});
    g_autofree char *one =
        bm_finding_line(&(BmFinding){999, BM_SEVERITY_WARN, "", "it is new", NULL, "b"});

    cr_expect_str_eq(both, "BLOCK 301 machine: p: it differs (expected a, got b)");
    cr_expect_str_eq(one, "WARN 999 unknown: it is new (got b)");
}

/* ---- limits ---- */

static BmFinding *many(uint32_t n)
{
    BmFinding *list = g_new(BmFinding, n);

    for (uint32_t i = 0; i < n; i++) {
        list[i] = (BmFinding){BM_FINDING_MACHINE, BM_SEVERITY_WARN, "", "", NULL, NULL};
    }
    return list;
}

Test(findings, in_a_record_have_a_limit)
{
    g_autofree BmFinding *list = many(BM_LIMIT_FINDINGS + 1);
    g_autoptr(GError) error = NULL;

    bm_findings_free(go_and_return(list, BM_LIMIT_FINDINGS, &error));
    cr_assert_null(error);
    cr_assert_null(go_and_return(list, BM_LIMIT_FINDINGS + 1, &error));
    cr_expect_eq(error->code, BM_LIMIT);
}

Test(findings, of_an_unlisted_severity_are_refused)
{
    BmFinding finding = {BM_FINDING_MACHINE, (BmSeverity)2, "", "", NULL, NULL};
    g_autoptr(GError) error = NULL;

    cr_assert_null(go_and_return(&finding, 1, &error));
    cr_expect_eq(error->code, BM_LIMIT);
}

Test(findings, beyond_the_limit_are_one)
{
    BmFindings *findings = bm_findings_new();
    BmFinding finding = {BM_FINDING_RAM_EXTRA, BM_SEVERITY_WARN, "", "", NULL, NULL};
    uint32_t n;

    for (uint32_t i = 0; i < 3 * BM_LIMIT_FINDINGS; i++) {
        bm_findings_add(findings, &finding);
    }
    const BmFinding *list = bm_findings_list(findings, &n);
    cr_expect_eq(n, BM_LIMIT_FINDINGS);
    cr_expect_eq(list[n - 1].code, BM_FINDING_MORE);
    cr_expect_eq(bm_findings_blocking(findings), 0);
    /* One that blocks is not lost among them. */
    finding.severity = BM_SEVERITY_BLOCK;
    bm_findings_add(findings, &finding);
    bm_findings_add(findings, &finding);
    cr_expect_eq(bm_findings_blocking(findings), 1);
    bm_findings_free(findings);
}

Test(findings, fit_a_record_whatever_a_name_holds)
{
    BmFindings *findings = bm_findings_new();
    g_autofree char *longest = g_strnfill(3 * BM_LIMIT_NAME, 'n');
    uint32_t n;

    /* The character at the limit has two octets. */
    longest[BM_LIMIT_NAME - 1] = '\xc3';
    longest[BM_LIMIT_NAME] = '\xa4';
    bm_findings_add(findings, &(BmFinding){1, BM_SEVERITY_WARN, "\xff", longest, NULL, NULL});
    const BmFinding *list = bm_findings_list(findings, &n);
    cr_expect(g_utf8_validate(list[0].path, -1, NULL));
    cr_expect(g_utf8_validate(list[0].message, -1, NULL));
    cr_expect_eq(strlen(list[0].message), BM_LIMIT_NAME - 1);
    bm_findings_free(go_and_return(list, n, NULL));
    bm_findings_free(findings);
}
