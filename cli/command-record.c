/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "answers.h"
#include "command.h"
#include "compat.h"
#include "live.h"
#include "multifd.h"
#include "out-file.h"
#include "transport.h"

/* For all further connections, once the first one is there, and for what each begins with. */
#define CHANNELS_SECONDS 30
#define MAGIC_LEN 4

typedef struct Record {
    const BmAddress *address;
    const char *path;
    unsigned timeout;
    int level;
    guint channels;
    /* all connections: that of the stream first, then channels in the order they came */
    int *fds;
    BmInput **inputs;
    BmOutFile file;
    BmOutput *out;
} Record;

/* ---- connections ---- */

static gboolean few_came(guint came, guint all, GError **error)
{
    g_clear_error(error);
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "%u of %u connections came within %u s: --channels must be the "
                        "multifd-channels of the QEMU that sends",
                        came, all, CHANNELS_SECONDS);
}

static gboolean accept_all(Record *r, GError **error)
{
    BmListener *listener = bm_listen(r->address, error);
    guint i;

    if (listener == NULL) {
        return FALSE;
    }
    bm_report("bermig record", "listening on %s", bm_listener_name(listener));
    for (i = 0; i <= r->channels; i++) {
        r->fds[i] = bm_listener_accept(listener, i == 0 ? r->timeout : CHANNELS_SECONDS, -1, error);
        if (r->fds[i] < 0) {
            break;
        }
    }
    bm_listener_free(listener);
    return i > r->channels || (i > 0 && few_came(i, r->channels + 1, error));
}

/* A QEMU may send over its stream after its channels are there, so this comes behind. */
static gboolean find_stream(Record *r, GError **error)
{
    guint streams = 0;

    for (guint i = 0; i <= r->channels; i++) {
        r->inputs[i] = bm_input_fd(r->fds[i]);
        if (r->inputs[i] == NULL) {
            return bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");
        }
    }
    for (guint i = 0; i <= r->channels; i++) {
        BmInput *in = r->inputs[i];
        int fd = r->fds[i];

        if (bm_input_fill_within(in, MAGIC_LEN, CHANNELS_SECONDS * 1000) < MAGIC_LEN) {
            return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                                "nothing came over connection %u", i);
        }
        if (memcmp(bm_input_data(in), "QEVM", MAGIC_LEN) == 0) {
            memmove(r->inputs + 1, r->inputs, i * sizeof(*r->inputs));
            memmove(r->fds + 1, r->fds, i * sizeof(*r->fds));
            r->inputs[0] = in;
            r->fds[0] = fd;
            streams++;
        }
    }
    return streams == 1 ||
           bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "%u of %u connections are a QEMU's stream", streams, r->channels + 1);
}

/* ---- the stream ---- */

static gboolean copy(Record *r, GError **error)
{
    const BmLegacyOptions options = {.live = TRUE};
    const BmMultifdIn in = {r->inputs + 1, r->channels, r->fds[0], r->fds + 1};
    BmStreamVisitor *s = bm_ber_stream_out(r->out, r->level, NULL);

    s = bm_answers_stream(bm_multifd_in(s, &in), r->fds[0]);
    gboolean ok = bm_legacy_read(r->inputs[0], s, &options, error);

    bm_stream_free(s);
    return ok && bm_output_flush(r->out);
}

static void print_summary(const Record *r)
{
    uint64_t octets = 0;

    for (guint i = 0; i <= r->channels; i++) {
        octets += bm_input_offset(r->inputs[i]);
    }
    bm_report("bermig record",
              "%" G_GUINT64_FORMAT " octets over %u connections, %" G_GUINT64_FORMAT " in %s",
              octets, r->channels + 1, bm_output_offset(r->out), r->path);
}

static BmExit write_file(Record *r)
{
    g_autoptr(GError) error = NULL;

    r->out = bm_output_fd(r->file.fd);
    if (r->out == NULL) {
        bm_report(r->path, "no memory");
        return BM_EXIT_RUN;
    }
    if (!copy(r, &error)) {
        int number = bm_output_errno(r->out);

        if (number != 0) {
            bm_report(r->path, "%s", g_strerror(number));
            return BM_EXIT_RUN;
        }
        bm_report_error(r->address->text, error);
        return BM_EXIT_INPUT;
    }
    if (!bm_out_file_commit(&r->file, &error)) {
        return bm_report_error(r->path, error);
    }
    print_summary(r);
    return BM_EXIT_DONE;
}

static BmExit receive(Record *r)
{
    g_autoptr(GError) error = NULL;

    if (!accept_all(r, &error) || !find_stream(r, &error)) {
        return bm_report_error(r->address->text, error);
    }
    return write_file(r);
}

static BmExit record(Record *r)
{
    g_autoptr(GError) error = NULL;
    BmExit status;

    bm_live_prepare();
    if (!bm_out_file_open(&r->file, r->path, &error)) {
        return bm_report_error(r->path, error);
    }
    r->fds = g_new(int, r->channels + 1);
    r->inputs = g_new0(BmInput *, r->channels + 1);
    memset(r->fds, -1, (r->channels + 1) * sizeof(*r->fds));
    status = receive(r);
    bm_out_file_abandon(&r->file);
    bm_output_free(r->out);
    for (guint i = 0; i <= r->channels; i++) {
        bm_input_free(r->inputs[i]);
        if (r->fds[i] >= 0) {
            close(r->fds[i]);
        }
    }
    g_free(r->fds);
    g_free(r->inputs);
    return status;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *compress = NULL;
    g_autoptr(BmAddress) address = NULL;
    g_autoptr(GError) error = NULL;
    int timeout = 0, channels = 0;
    const GOptionEntry entries[] = {
        {"channels", 0, 0, G_OPTION_ARG_INT, &channels,
         "Page channels of the QEMU that sends, its multifd-channels: 0, without multifd", "N"},
        {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "Wait so long for it: no limit", "SEC"},
        {"compress", 0, 0, G_OPTION_ARG_FILENAME, &compress,
         "Compress page data: 1 to 19, or not: 1", "LEVEL|none"},
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;
    Record r = {.file.fd = -1};

    if (!bm_command_parse(&bm_command_record, entries, 2, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_command_level(compress, &r.level)) {
        return bm_command_usage(&bm_command_record, "--compress=%s: expected 1 to 19, or none",
                                compress);
    }
    if (channels < 0 || channels > (int)BM_LIMIT_PAGE_CHANNELS || timeout < 0) {
        return bm_command_usage(&bm_command_record,
                                "expected --channels=0 to %u, and seconds for --timeout",
                                BM_LIMIT_PAGE_CHANNELS);
    }
    address = bm_address_parse(argv[1], &error);
    if (address == NULL) {
        return bm_command_usage(&bm_command_record, "%s", error->message);
    }
    if (strcmp(argv[2], "-") == 0 && isatty(STDOUT_FILENO)) {
        return bm_command_usage(&bm_command_record, "standard output is a terminal");
    }
    r.address = address;
    r.path = argv[2];
    r.timeout = (unsigned)timeout;
    r.channels = (guint)channels;
    return record(&r);
}

const BmCommand bm_command_record = {
    .name = "record",
    .operands = "URI FILE",
    .summary = "Be the destination of a QEMU, with its page channels, and write BER",
    .run = run,
};
