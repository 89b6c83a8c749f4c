/* SPDX-License-Identifier: BSD-2-Clause */
#include "negotiate.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "session-frame.h"

/* A QEMU on the same network answers in less than a round trip and a
 * millisecond; one that waits for further channels (multifd) never does. */
#define ANSWER_WAIT 5
/* Enough of an answer to know it: a PONG, or a stream's identifier. */
#define ANSWER_LEN 8

static const uint32_t own_versions[] = {BM_VERSION_MAJOR};
static const char *const no_parameters[] = {NULL};
static const BmCapability own_capabilities[] = {
    {"ack", no_parameters},
    {"return-path", no_parameters},
    {"zstd", no_parameters},
};

const BmHello bm_own_hello = {
    .versions = own_versions,
    .n_versions = G_N_ELEMENTS(own_versions),
    .capabilities = own_capabilities,
    .n_capabilities = G_N_ELEMENTS(own_capabilities),
};

const char *const *bm_hello_parameters(const BmHello *hello, const char *capability)
{
    for (uint32_t i = 0; i < hello->n_capabilities; i++) {
        if (strcmp(hello->capabilities[i].name, capability) == 0) {
            return hello->capabilities[i].parameters;
        }
    }
    return NULL;
}

gboolean bm_hello_has(const BmHello *hello, const char *capability)
{
    return bm_hello_parameters(hello, capability) != NULL;
}

gboolean bm_hello_check(const BmHello *hello, GError **error)
{
    for (uint32_t i = 0; i < hello->n_versions; i++) {
        if (hello->versions[i] == BM_VERSION_MAJOR) {
            return TRUE;
        }
    }
    return bm_error_set(error, BM_BAD_VERSION, BM_NO_OFFSET, "hello",
                        "the peer does not read version %d of the format", BM_VERSION_MAJOR);
}

gboolean bm_wish_parse(const char *text, BmWish *wish)
{
    static const char *const names[] = {
        [BM_WISH_AUTO] = "auto", [BM_WISH_BER] = "ber", [BM_WISH_QEMU] = "qemu"};

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        if (text == NULL || strcmp(text, names[i]) == 0) {
            *wish = (BmWish)i;
            return TRUE;
        }
    }
    return FALSE;
}

const char *bm_peer_name(BmPeer peer)
{
    static const char *const names[] = {
        [BM_PEER_BERMIG] = "a bermig, which answered with its hello",
        [BM_PEER_QEMU] = "a QEMU, which answered PONG",
        [BM_PEER_SILENT] = "one that did not answer within 5 s",
        [BM_PEER_NOT_ASKED] = "not asked, --format=qemu",
        [BM_PEER_ONE_WAY] = "one that cannot answer, for the connection goes one way",
        [BM_PEER_BER_ALREADY] = "a bermig that did not ask",
        [BM_PEER_PLAIN] = "one that sends as a QEMU does",
        [BM_PEER_DEAF] = "a bermig that did not hear the answer",
    };

    return names[peer];
}

/* ---- sending ---- */

/* Whether this comes as an end, a reset or a broken pipe is chance: it depends on what of ours
 * was on its way when the peer closed. */
static gboolean refused(const BmLink *link, GError **error)
{
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "the destination ended the connection when it had seen the configuration: "
                        "another machine type or page size, a QEMU before 2.5, a bermig that has "
                        "a sender already, or %s; its own messages say which",
                        bm_link_identity(link) != NULL ? "a certificate that it does not take"
                                                       : "TLS that it expects");
}

static gboolean lost(const BmLink *link, GError **error)
{
    if (errno == EPIPE || errno == ECONNRESET) {
        return refused(link, error);
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL, "the probe: %s", g_strerror(errno));
}

static gboolean write_all(const BmLink *link, const uint8_t *data, size_t len, GError **error)
{
    while (len > 0) {
        ssize_t n = send(bm_link_fd(link), data, len, MSG_NOSIGNAL);

        if (n < 0 && errno != EINTR) {
            return lost(link, error);
        }
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return TRUE;
}

/* Looks at the answer without taking it.  *have is 0 if none came in time. */
static gboolean peek_answer(const BmLink *link, uint8_t *answer, size_t *have, GError **error)
{
    gint64 end = g_get_monotonic_time() + ANSWER_WAIT * G_TIME_SPAN_SECOND;

    for (*have = 0; *have < ANSWER_LEN;) {
        struct pollfd p = {.fd = bm_link_fd(link), .events = POLLIN};
        gint64 rest = (end - g_get_monotonic_time()) / G_TIME_SPAN_MILLISECOND;
        ssize_t n;

        if (rest <= 0 || poll(&p, 1, (int)rest) == 0) {
            return TRUE;
        }
        n = recv(p.fd, answer, ANSWER_LEN, MSG_PEEK);
        if (n == 0) {
            return refused(link, error);
        }
        if (n < 0 && errno != EINTR) {
            return lost(link, error);
        }
        /* A peek does not wait for more than there is. */
        if (n > 0 && (size_t)n == *have) {
            g_usleep(1000);
        }
        *have = n > 0 ? (size_t)n : *have;
    }
    return TRUE;
}

static gboolean take(const BmLink *link, size_t len, GError **error)
{
    uint8_t taken[ANSWER_LEN];

    return recv(bm_link_fd(link), taken, len, MSG_WAITALL) == (ssize_t)len || refused(link, error);
}

/* The record that TLS of any version begins with: a handshake, or an alert. */
static gboolean is_tls(const uint8_t *octets)
{
    return (octets[0] == 0x16 || octets[0] == 0x15) && octets[1] == 3;
}

static gboolean judge(const BmLink *link, const uint8_t *answer, size_t have, BmPeer *peer,
                      GError **error)
{
    if (have == 0) {
        *peer = BM_PEER_SILENT;
        return TRUE;
    }
    if (have == ANSWER_LEN && memcmp(answer, bm_magic, ANSWER_LEN) == 0) {
        *peer = BM_PEER_BERMIG;
        return TRUE;
    }
    if (have == ANSWER_LEN && memcmp(answer, bm_legacy_pong, BM_LEGACY_PONG_LEN) == 0) {
        *peer = BM_PEER_QEMU;
        return take(link, BM_LEGACY_PONG_LEN, error);
    }
    if (have >= 2 && is_tls(answer)) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the peer expects TLS, and there is no --tls-creds here");
    }
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "the peer is neither a QEMU nor a bermig: it answered 0x%02x%02x...",
                        answer[0], have > 1 ? answer[1] : 0);
}

static gboolean await_answer(const BmLink *link, BmAnswer *answer, GError **error)
{
    uint8_t octets[ANSWER_LEN] = {0};
    size_t have;

    if (!peek_answer(link, octets, &have, error)) {
        return FALSE;
    }
    if (have == ANSWER_LEN && memcmp(octets, bm_legacy_agreement, BM_LEGACY_AGREEMENT_LEN) == 0) {
        answer->agreed = TRUE;
        if (!take(link, BM_LEGACY_AGREEMENT_LEN, error) ||
            !peek_answer(link, octets, &have, error)) {
            return FALSE;
        }
    }
    return judge(link, octets, have, &answer->peer, error);
}

/* A source with a return path writes the probe's first command itself.  It is
 * then sent once: a QEMU takes a second one, but logs it. */
static gboolean opens_return_path(BmInput *in, size_t head)
{
    return bm_input_fill(in, head + BM_LEGACY_OPEN_LEN) >= head + BM_LEGACY_OPEN_LEN &&
           memcmp(bm_input_data(in) + head, bm_legacy_probe, BM_LEGACY_OPEN_LEN) == 0;
}

/* It would never learn that its guest runs at the destination, and go on with it. */
static gboolean source_waits(const char *why, GError **error)
{
    return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                        "%s, but QEMU's capability return-path needs answers; for a connection "
                        "that goes one way only, switch it off",
                        why);
}

gboolean bm_check_no_return_path(BmInput *in, GError **error)
{
    size_t head;

    return bm_legacy_head(in, &head, error) &&
           (!opens_return_path(in, head) || source_waits("no answer can come", error));
}

gboolean bm_ask_peer(BmInput *in, const BmLink *link, BmAnswer *answer, GError **error)
{
    BmAnswer a = {0};
    gint64 begin;

    if (!bm_legacy_head(in, &a.head, error)) {
        return FALSE;
    }
    a.asked_by_source = opens_return_path(in, a.head);
    begin = g_get_monotonic_time();
    if (!write_all(link, bm_input_data(in), a.head, error) ||
        !write_all(link, bm_legacy_probe, sizeof(bm_legacy_probe), error) ||
        !await_answer(link, &a, error)) {
        return FALSE;
    }
    a.microseconds = g_get_monotonic_time() - begin;
    if (a.peer == BM_PEER_SILENT && a.asked_by_source) {
        return source_waits("no answer within " G_STRINGIFY(ANSWER_WAIT) " s", error);
    }
    a.head += a.asked_by_source ? BM_LEGACY_OPEN_LEN : 0;
    *answer = a;
    return TRUE;
}

/* ---- receiving ---- */

gboolean bm_meet_peer(BmInput *in, BmPeer *peer, GError **error)
{
    size_t head;

    if (bm_input_fill(in, 4) < 4) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the peer ended the connection without a word");
    }
    if (memcmp(bm_input_data(in), bm_magic, 4) == 0) {
        *peer = BM_PEER_BER_ALREADY;
        return TRUE;
    }
    if (is_tls(bm_input_data(in))) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the peer speaks TLS, and there is no --tls-creds here");
    }
    if (!bm_legacy_head(in, &head, error)) {
        return FALSE;
    }
    *peer = BM_PEER_PLAIN;
    /* Octet by octet: a QEMU that sends something else may then wait. */
    for (size_t i = 0; i < BM_LEGACY_PROBE_LEN; i++) {
        if (bm_input_fill(in, head + i + 1) <= head + i) {
            return bm_error_set(error, BM_TRUNCATED, head + i, NULL,
                                "the peer ended the connection behind its configuration");
        }
        if (bm_input_data(in)[head + i] != bm_legacy_probe[i]) {
            return TRUE;
        }
    }
    *peer = BM_PEER_BERMIG;
    return TRUE;
}

gboolean bm_follow_peer(BmInput *in, BmPeer *peer, GError **error)
{
    size_t asked;

    if (!bm_legacy_head(in, &asked, error)) {
        return FALSE;
    }
    asked += BM_LEGACY_PROBE_LEN;
    if (bm_input_fill(in, asked + 1) <= asked) {
        return bm_error_set(error, BM_TRUNCATED, asked, NULL,
                            "the peer ended the connection when it had been answered");
    }
    const uint8_t first = bm_input_data(in)[asked];

    if (first != bm_magic[0] && first != BM_FRAME_OPEN_OCTET) {
        *peer = BM_PEER_DEAF;
        return TRUE;
    }
    bm_input_skip(in, asked);
    return TRUE;
}
