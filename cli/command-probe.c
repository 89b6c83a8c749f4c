/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "command.h"
#include "compat.h"
#include "expectation.h"
#include "hello.h"
#include "link.h"
#include "live.h"
#include "negotiate.h"
#include "tls-options.h"

/* For each answer of the receiver. */
#define ANSWER_WAIT 15

typedef struct Probe {
    /* the guest that there would be */
    BmExpect *guest;
    BmAnnounces *announces; /* NULL: not known */
    BmConfiguration configuration;

    BmAddress *address;
    BmTlsCredentials *credentials; /* NULL: no TLS */
    unsigned connect_timeout;
    BmLink *link;
    BmAnswer answer;
    BmOutput *out; /* forward stream */
    char *generator;
    gboolean asked; /* the receiver can compare */
    BmFindings *findings;
} Probe;

/* ---- what is sent ---- */

static gboolean send_memory(const Probe *p, BmStreamVisitor *s, GError **error)
{
    static const BmSection ram = {.id = 2, .name = "ram", .version = 4};
    BmItem item = {.type = BM_ITEM_BLOCKS};

    if (!bm_expect_has_blocks(p->guest)) {
        return TRUE;
    }
    item.blocks = bm_expect_blocks(p->guest, &item.n_blocks);
    for (uint32_t i = 0; i < item.n_blocks; i++) {
        item.value += item.blocks[i].length;
    }
    return bm_stream_live_begin(s, BM_PHASE_START, &ram, error) &&
           bm_stream_live_item(s, &item, error) && bm_stream_live_end(s, FALSE, error);
}

static gboolean send_guest(const Probe *p, BmStreamVisitor *s, GError **error)
{
    const BmDescription none = {0};

    return bm_stream_configuration(s, &p->configuration, error) &&
           (p->announces == NULL || bm_announces_send(p->announces, s, error)) &&
           send_memory(p, s, error) && (!p->asked || bm_stream_check(s, error)) &&
           bm_stream_finish(s, &none, error) && bm_stream_end(s, error);
}

static gboolean send_probe(const Probe *p, GError **error)
{
    const BmPreamble preamble = {.major = BM_VERSION_MAJOR,
                                 .minor = BM_VERSION_MINOR,
                                 .direction = BM_FORWARD,
                                 .generator = "bermig " BERMIG_VERSION};
    g_autoptr(BmHelloBox) hello = bm_hello_box_new();
    BmStreamVisitor *s = bm_ber_stream_out(p->out, 0, NULL);

    bm_hello_box_add_all(hello, &bm_own_hello, NULL);
    bm_hello_box_add(hello, "probe", NULL);
    gboolean ok = bm_stream_begin(s, &preamble, error) &&
                  bm_stream_hello(s, bm_hello_box_get(hello), error) && send_guest(p, s, error);

    bm_stream_free(s);
    return ok;
}

/* ---- what comes back ---- */

typedef struct Replies {
    BmStreamVisitor base;
    Probe *probe;
} Replies;

static Probe *probe_of(BmStreamVisitor *s)
{
    return ((Replies *)s)->probe;
}

static gboolean replies_begin(BmStreamVisitor *s, const BmPreamble *preamble, GError **error)
{
    if (preamble->direction != BM_RETURN) {
        return bm_error_set(error, BM_PEER, BM_NO_OFFSET, NULL,
                            "the peer sends a stream, it does not receive one");
    }
    probe_of(s)->generator = g_strdup(preamble->generator);
    return TRUE;
}

static void print_capabilities(const BmHello *hello)
{
    printf("capabilities:");
    for (uint32_t i = 0; i < hello->n_capabilities; i++) {
        const BmCapability *c = &hello->capabilities[i];
        /* What follows these names is a secret of the two ends. */
        gboolean secret = strcmp(c->name, "session") == 0 || strcmp(c->name, "channels") == 0;
        g_autofree char *parameters =
            secret ? g_strdup("") : g_strjoinv(",", (char **)c->parameters);
        g_autofree char *text = g_strconcat(c->name, *parameters ? "=" : "", parameters, NULL);
        g_autofree char *shown = bm_printable(text);

        printf(" %s", shown);
    }
    putchar('\n');
}

static gboolean replies_hello(BmStreamVisitor *s, const BmHello *hello, GError **error)
{
    Probe *p = probe_of(s);
    g_autofree char *peer = bm_printable(p->generator);

    if (!bm_hello_check(hello, error)) {
        return FALSE;
    }
    printf("peer: %s, answered with its hello after %.1f ms\n", peer,
           (double)p->answer.microseconds / 1000);
    print_capabilities(hello);
    p->asked = bm_hello_has(hello, "preflight");
    return send_probe(p, error);
}

static gboolean replies_findings(BmStreamVisitor *s, const BmFinding *list, uint32_t n,
                                 GError **error)
{
    Probe *p = probe_of(s);

    (void)error;
    bm_findings_free(p->findings);
    p->findings = bm_findings_new();
    for (uint32_t i = 0; i < n; i++) {
        bm_findings_add(p->findings, &list[i]);
    }
    return TRUE;
}

static gboolean converse(Probe *p, GError **error)
{
    static const BmStreamOps ops = {
        .begin = replies_begin, .hello = replies_hello, .findings = replies_findings};
    int socket = bm_link_fd(p->link);
    struct timeval wait = {.tv_sec = ANSWER_WAIT};
    Replies *replies = g_new0(Replies, 1);
    BmInput *in = bm_input_fd(socket);

    replies->base.ops = &ops;
    replies->probe = p;
    p->out = bm_output_fd(socket);
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
    setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    gboolean ok = in != NULL && p->out != NULL
                      ? bm_ber_stream_read(in, &replies->base, FALSE, NULL, error)
                      : bm_error_set(error, BM_NO_MEMORY, BM_NO_OFFSET, NULL, "no memory");

    bm_stream_free(&replies->base);
    bm_output_free(p->out);
    bm_input_free(in);
    return ok;
}

/* ---- the verdict ---- */

static BmExit print_findings(const Probe *p)
{
    uint32_t n;
    const BmFinding *list = bm_findings_list(p->findings, &n);

    for (uint32_t i = 0; i < n; i++) {
        g_autofree char *line = bm_finding_line(&list[i]);
        g_autofree char *shown = bm_printable(line);

        puts(shown);
    }
    if (n == 0) {
        puts("OK");
    }
    return bm_findings_blocking(p->findings) > 0 ? BM_EXIT_INPUT : BM_EXIT_DONE;
}

static BmExit judge_bermig(Probe *p)
{
    g_autoptr(GError) error = NULL;

    if (!converse(p, &error)) {
        const GError *link = bm_link_error(p->link);

        bm_report_error(p->address->text, link != NULL ? link : error);
        return BM_EXIT_INPUT;
    }
    if (p->findings != NULL) {
        return print_findings(p);
    }
    if (p->asked) {
        bm_report(p->address->text, "the receiver did not say whether it would take the guest");
        return BM_EXIT_INPUT;
    }
    puts("WARN the receiver does not know what its QEMU expects: give recv --expect");
    return BM_EXIT_DONE;
}

/* It was told the machine, and did not complain. */
static BmExit judge_other(const Probe *p)
{
    printf("peer: %s\n", bm_peer_name(p->answer.peer));
    puts("WARN no bermig: only the type of the machine could be tried, and its incoming migration "
         "has ended with this connection");
    return BM_EXIT_DONE;
}

/* ---- the command ---- */

/* What QEMU would begin with, and one octet more, which is not sent. */
static BmOutput *make_head(const Probe *p, GError **error)
{
    const BmPreamble preamble = {.generator = "", .has_header = TRUE, .header_version = 3};
    BmOutput *head = bm_output_memory();
    BmStreamVisitor *s = bm_legacy_stream_out(head);
    gboolean ok = bm_stream_begin(s, &preamble, error) &&
                  bm_stream_configuration(s, &p->configuration, error) &&
                  bm_stream_flush(s, error) && bm_output_write(head, "", 1);

    bm_stream_free(s);
    if (!ok) {
        bm_output_free(head);
    }
    return ok ? head : NULL;
}

static BmExit ask(Probe *p)
{
    g_autoptr(GError) error = NULL;
    BmOutput *head = make_head(p, &error);

    if (head == NULL) {
        return bm_report_error("bermig probe", error);
    }
    BmOctets octets = bm_output_memory_data(head);
    BmInput *in = bm_input_memory(octets.data, octets.len);
    gboolean ok = bm_ask_peer(in, p->link, &p->answer, &error);

    bm_input_free(in);
    bm_output_free(head);
    if (!ok) {
        const GError *link = bm_link_error(p->link);

        bm_report_error(p->address->text, link != NULL ? link : error);
        return BM_EXIT_INPUT;
    }
    return p->answer.peer == BM_PEER_BERMIG ? judge_bermig(p) : judge_other(p);
}

static BmExit probe(Probe *p)
{
    g_autoptr(GError) error = NULL;

    bm_live_prepare();
    p->link = bm_link_connect(p->address, p->credentials, p->connect_timeout, &error);
    if (p->link == NULL) {
        return bm_report_error(p->address->text, error);
    }
    BmExit status = ask(p);

    bm_link_free(p->link);
    return status;
}

static BmExit load_guest(Probe *p, const char *describe, const char *machine)
{
    p->guest = bm_expect_new();
    if (describe != NULL) {
        p->announces = bm_announces_new();
        if (bm_announces_read(p->announces, describe) != BM_EXIT_DONE ||
            bm_expectation_read(p->guest, describe) != BM_EXIT_DONE) {
            return BM_EXIT_RUN;
        }
    }
    p->configuration.machine = machine != NULL ? machine : bm_expect_machine(p->guest);
    p->configuration.page_bits = bm_expect_page_bits(p->guest);
    p->configuration.has_page_bits = p->configuration.page_bits != 0;
    return p->configuration.machine != NULL
               ? BM_EXIT_DONE
               : bm_command_usage(&bm_command_probe,
                                  "give the guest's machine: --machine, or --describe");
}

static void clear(Probe *p)
{
    bm_expect_free(p->guest);
    bm_announces_free(p->announces);
    bm_findings_free(p->findings);
    bm_tls_credentials_free(p->credentials);
    bm_address_free(p->address);
    g_free(p->generator);
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *describe = NULL, *machine = NULL, *tls_creds = NULL, *tls_hostname = NULL;
    int timeout = 5;
    Probe p = {0};
    const GOptionEntry entries[] = {
        {"describe", 0, 0, G_OPTION_ARG_FILENAME, &describe,
         "A stream or description of the guest that would come", "FILE"},
        {"machine", 0, 0, G_OPTION_ARG_STRING, &machine, "Its type of machine: that of FILE",
         "NAME"},
        {"connect-timeout", 0, 0, G_OPTION_ARG_INT, &timeout, "Try so long to connect: 5", "SEC"},
        {"tls-creds", 0, 0, G_OPTION_ARG_FILENAME, &tls_creds,
         "Encrypt, with the certificates of this folder", "DIR"},
        {"tls-hostname", 0, 0, G_OPTION_ARG_FILENAME, &tls_hostname,
         "The name in the receiver's certificate: the host of URI", "NAME"},
        G_OPTION_ENTRY_NULL,
    };
    g_autoptr(GError) error = NULL;
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_probe, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    if (timeout < 0) {
        return bm_command_usage(&bm_command_probe, "--connect-timeout=%d: expected seconds",
                                timeout);
    }
    p.connect_timeout = (unsigned)timeout;
    p.address = bm_address_parse(argv[1], &error);
    if (p.address == NULL) {
        return bm_command_usage(&bm_command_probe, "%s", error->message);
    }
    status = load_guest(&p, describe, machine);
    if (status == BM_EXIT_DONE) {
        status = bm_tls_options_client(&bm_command_probe, p.address, tls_creds, tls_hostname,
                                       &p.credentials);
    }
    if (status == BM_EXIT_DONE) {
        status = probe(&p);
    }
    clear(&p);
    return status;
}

const BmCommand bm_command_probe = {
    .name = "probe",
    .operands = "URI",
    .summary = "Ask a 'bermig recv' whether it would take a guest, and send none",
    .run = run,
};
