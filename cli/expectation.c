/* SPDX-License-Identifier: BSD-2-Clause */
#include "expectation.h"

#include <errno.h>

#include "source.h"
#include "vmstate-dump.h"

/* No stream begins with a brace, and all programs that print JSON begin with one. */
static gboolean is_json(BmInput *in)
{
    return bm_input_fill(in, 1) > 0 && *bm_input_data(in) == '{';
}

static gboolean read_json(BmInput *in, BmExpect *e, GError **error)
{
    size_t len = bm_input_fill(in, BM_LIMIT_DESCRIPTION + 1);

    if (bm_input_errno(in) != 0) {
        return bm_error_set(error, BM_IO, BM_NO_OFFSET, NULL, "%s", g_strerror(bm_input_errno(in)));
    }
    if (len > BM_LIMIT_DESCRIPTION) {
        return bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, NULL, "more than %u octets of JSON",
                            BM_LIMIT_DESCRIPTION);
    }
    return bm_vmstate_dump_parse((const char *)bm_input_data(in), len, e, error);
}

static gboolean read_stream(BmSource *source, BmExpect *e, GError **error)
{
    BmStreamVisitor *s = bm_expect_collect(e);
    gboolean ok = bm_source_read(source, s, FALSE, NULL, error);

    bm_stream_free(s);
    return ok;
}

static BmExit read_source(BmSource *source, BmExpect *e)
{
    g_autoptr(GError) error = NULL;
    gboolean json = is_json(source->in);
    BmExit status = json ? BM_EXIT_DONE : bm_source_recognise(source);

    if (status != BM_EXIT_DONE) {
        return status;
    }
    return (json ? read_json(source->in, e, &error) : read_stream(source, e, &error))
               ? BM_EXIT_DONE
               : bm_report_error(source->name, error);
}

BmExit bm_expectation_read(BmExpect *e, const char *path)
{
    BmSource source;
    BmExit status = bm_source_open_any(&source, path);

    if (status == BM_EXIT_DONE) {
        status = read_source(&source, e);
    }
    bm_source_close(&source);
    return status;
}

BmExit bm_announces_read(BmAnnounces *a, const char *path)
{
    g_autoptr(GError) error = NULL;
    BmSource source;

    if (bm_source_open(&source, path) != BM_EXIT_DONE) {
        return BM_EXIT_RUN;
    }
    BmStreamVisitor *s = bm_announces_collect(a);
    gboolean ok = bm_source_read(&source, s, FALSE, NULL, &error);

    bm_stream_free(s);
    bm_source_close(&source);
    if (!ok) {
        bm_report_error(path, error);
    } else if (bm_announces_count(a) == 0) {
        bm_report(path, "it has no devices");
    }
    return ok && bm_announces_count(a) > 0 ? BM_EXIT_DONE : BM_EXIT_RUN;
}
