/* SPDX-License-Identifier: BSD-2-Clause */
#include <unistd.h>

#include "command.h"
#include "expectation.h"
#include "progress.h"
#include "qemu-expect.h"
#include "recv.h"
#include "status.h"
#include "tls-options.h"

static BmExit parse_uri(BmRecv *recv, const char *uri)
{
    g_autoptr(GError) error = NULL;

    recv->address = bm_address_parse_any(uri, "<stdin>", &error);
    if (recv->address == NULL) {
        return bm_command_usage(&bm_command_recv, "%s", error->message);
    }
    if (recv->address->standard && isatty(STDIN_FILENO)) {
        return bm_command_usage(&bm_command_recv, "standard input is a terminal");
    }
    return BM_EXIT_DONE;
}

static BmExit read_expectation(BmRecv *recv, const char *path, const char *qemu)
{
    recv->expect = bm_expect_new();
    if (path != NULL && bm_expectation_read(recv->expect, path) != BM_EXIT_DONE) {
        return BM_EXIT_RUN;
    }
    return qemu == NULL ? BM_EXIT_DONE : bm_qemu_expect(recv->expect, qemu);
}

static BmExit load_expectation(BmRecv *recv, const char *path, const char *qemu)
{
    BmExit status = BM_EXIT_DONE;

    recv->hello = bm_hello_box_new();
    bm_hello_box_add_all(recv->hello, &bm_own_hello, NULL);
    bm_hello_box_add_limits(recv->hello);
    if (path == NULL && qemu == NULL) {
        return status;
    }
    status = read_expectation(recv, path, qemu);
    bm_hello_box_add(recv->hello, "preflight", NULL);
    if (bm_expect_machine(recv->expect) != NULL) {
        const char *machine[] = {bm_expect_machine(recv->expect), NULL};

        bm_hello_box_add(recv->hello, "machine", machine);
    }
    return status;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *format = NULL, *tls_creds = NULL, *expect = NULL, *wrong = NULL, *qemu = NULL;
    g_autofree char *cache = NULL, *cache_folder = NULL;
    int timeout = 0, channels = BM_CHANNELS_DEFAULT;
    BmRecv recv = {.socket = -1, .session_options = BM_SESSION_OPTIONS_INIT};
    const GOptionEntry entries[] = {
        {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "Wait so long for the sender: without limit",
         "SEC"},
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format,
         "What to take: auto (whatever comes), ber or qemu", "auto|ber|qemu"},
        {"tls-creds", 0, 0, G_OPTION_ARG_FILENAME, &tls_creds,
         "Encrypt, with the certificates of this folder", "DIR"},
        {"expect", 0, 0, G_OPTION_ARG_FILENAME, &expect,
         "What QEMU expects: refuse another guest before its first page", "FILE"},
        {"qemu", 0, 0, G_OPTION_ARG_STRING, &qemu,
         "The same, found out by running QEMU's command line", "CMDLINE"},
        {"channels", 0, 0, G_OPTION_ARG_INT, &channels,
         "Take pages over so many further connections at most: 16", "N"},
        BM_SESSION_ENTRIES(&recv.session_options),
        BM_CACHE_ENTRY(&cache),
        BM_PROGRESS_OPTION,
        BM_STATUS_OPTION,
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_recv, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_wish_parse(format, &recv.wish)) {
        return bm_command_usage(&bm_command_recv, "--format=%s: expected auto, ber or qemu",
                                format);
    }
    if (timeout < 0) {
        return bm_command_usage(&bm_command_recv, "--timeout=%d: expected seconds", timeout);
    }
    if (channels < 0 || channels > (int)BM_LIMIT_CHANNELS) {
        return bm_command_usage(&bm_command_recv, "--channels=%d: expected 0 to %u", channels,
                                BM_LIMIT_CHANNELS);
    }
    wrong = bm_session_options_check(&recv.session_options);
    if (wrong != NULL) {
        return bm_command_usage(&bm_command_recv, "%s", wrong);
    }
    if (isatty(STDOUT_FILENO)) {
        return bm_command_usage(&bm_command_recv, "standard output is a terminal");
    }
    recv.timeout = (unsigned)timeout;
    recv.cache = cache_folder = bm_cache_folder(cache);
    recv.max_channels = (unsigned)channels;
    status = parse_uri(&recv, argv[1]);
    if (status == BM_EXIT_DONE) {
        bm_status_begin("recv");
        status = bm_tls_options_server(&bm_command_recv, tls_creds, &recv.credentials);
        if (status == BM_EXIT_DONE) {
            status = load_expectation(&recv, expect, qemu);
        }
        status = bm_status_end(status == BM_EXIT_DONE ? bm_recv_stream(&recv) : status);
    }
    bm_hello_box_free(recv.hello);
    bm_expect_free(recv.expect);
    bm_tls_credentials_free(recv.credentials);
    bm_address_free(recv.address);
    return status;
}

const BmCommand bm_command_recv = {
    .name = "recv",
    .operands = "URI",
    .summary = "Receive from 'bermig send' and write QEMU's stream to standard output",
    .run = run,
};
