/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "expectation.h"
#include "progress.h"
#include "send.h"
#include "status.h"
#include "tls-options.h"

/* Who cannot be reached again can have no further connection. */
static BmExit check_channels(BmSend *send, int channels)
{
    if (channels < 0 || channels > (int)BM_LIMIT_CHANNELS) {
        return bm_command_usage(&bm_command_send, "--channels=%d: expected 0 to %u", channels,
                                BM_LIMIT_CHANNELS);
    }
    if (channels > 0 && send->wish == BM_WISH_QEMU) {
        return bm_command_usage(&bm_command_send,
                                "--channels=%d: with --format=qemu there is nobody to put the "
                                "pages together",
                                channels);
    }
    if (channels > 0 && bm_address_is_inherited(send->address)) {
        return bm_command_usage(&bm_command_send,
                                "--channels=%d: %s cannot be connected to once more", channels,
                                send->address->text);
    }
    send->channels = (unsigned)channels;
    return BM_EXIT_DONE;
}

static BmExit check_options(BmSend *send, const char *compress, int timeout)
{
    g_autofree char *wrong = bm_session_options_check(&send->session_options);

    if (!bm_command_level(compress, &send->level)) {
        return bm_command_usage(&bm_command_send, "--compress=%s: expected 1 to 19, or none",
                                compress);
    }
    if (compress == NULL) {
        send->level = BM_ZSTD_PACED;
    }
    if (timeout < 0) {
        return bm_command_usage(&bm_command_send, "--connect-timeout=%d: expected seconds",
                                timeout);
    }
    if (send->record != NULL && strcmp(send->record, "-") == 0) {
        return bm_command_usage(&bm_command_send,
                                "--record=-: standard output is QEMU's return path");
    }
    if (wrong != NULL) {
        return bm_command_usage(&bm_command_send, "%s", wrong);
    }
    if (isatty(STDIN_FILENO)) {
        return bm_command_usage(&bm_command_send, "standard input is a terminal");
    }
    send->connect_timeout = (unsigned)timeout;
    return BM_EXIT_DONE;
}

static BmExit parse_uri(BmSend *send, const char *uri)
{
    g_autoptr(GError) error = NULL;

    send->address = bm_address_parse_any(uri, "<stdout>", &error);
    if (send->address == NULL) {
        return bm_command_usage(&bm_command_send, "%s", error->message);
    }
    if (send->address->standard && isatty(STDOUT_FILENO)) {
        return bm_command_usage(&bm_command_send, "standard output is a terminal");
    }
    return BM_EXIT_DONE;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *record = NULL, *compress = NULL, *format = NULL;
    g_autofree char *tls_creds = NULL, *tls_hostname = NULL, *describe = NULL;
    g_autofree char *cache = NULL, *cache_folder = NULL;
    int timeout = 30, channels = 0;
    BmSend send = {.socket = -1, .session_options = BM_SESSION_OPTIONS_INIT};
    const GOptionEntry entries[] = {
        {"record", 0, 0, G_OPTION_ARG_FILENAME, &record, "Also write what is sent to a file",
         "FILE"},
        {"compress", 0, 0, G_OPTION_ARG_FILENAME, &compress,
         "Compress page data: 1 to 19, or not: as fast as the link is", "LEVEL|none"},
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format,
         "What to speak: auto (ask the peer), ber (nothing else), qemu (do not ask)",
         "auto|ber|qemu"},
        {"connect-timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "Try so long to connect: 30", "SEC"},
        {"tls-creds", 0, 0, G_OPTION_ARG_FILENAME, &tls_creds,
         "Encrypt, with the certificates of this folder", "DIR"},
        {"tls-hostname", 0, 0, G_OPTION_ARG_FILENAME, &tls_hostname,
         "The name in the receiver's certificate: the host of URI", "NAME"},
        {"describe", 0, 0, G_OPTION_ARG_FILENAME, &describe,
         "A stream or description of this guest, for the receiver to compare", "FILE"},
        {"channels", 0, 0, G_OPTION_ARG_INT, &channels,
         "Send pages over so many further connections, each with a thread: 0", "N"},
        BM_SESSION_ENTRIES(&send.session_options),
        BM_CACHE_ENTRY(&cache),
        BM_PROGRESS_OPTION,
        BM_STATUS_OPTION,
        G_OPTION_ENTRY_NULL,
    };
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_send, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_wish_parse(format, &send.wish)) {
        return bm_command_usage(&bm_command_send, "--format=%s: expected auto, ber or qemu",
                                format);
    }
    send.record = record;
    send.cache = cache_folder = bm_cache_folder(cache);
    status = check_options(&send, compress, timeout);
    if (status == BM_EXIT_DONE) {
        status = parse_uri(&send, argv[1]);
    }
    if (status == BM_EXIT_DONE) {
        status = check_channels(&send, channels);
    }
    if (status == BM_EXIT_DONE) {
        bm_status_begin("send");
        status = bm_tls_options_client(&bm_command_send, send.address, tls_creds, tls_hostname,
                                       &send.credentials);
        if (status == BM_EXIT_DONE && describe != NULL) {
            send.announces = bm_announces_new();
            status = bm_announces_read(send.announces, describe);
        }
        status = bm_status_end(status == BM_EXIT_DONE ? bm_send_stream(&send) : status);
    }
    bm_announces_free(send.announces);
    bm_tls_credentials_free(send.credentials);
    bm_address_free(send.address);
    return status;
}

const BmCommand bm_command_send = {
    .name = "send",
    .operands = "URI",
    .summary = "Send QEMU's stream from standard input to 'bermig recv'",
    .run = run,
};
