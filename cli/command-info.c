/* SPDX-License-Identifier: BSD-2-Clause */
#include <cJSON.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "source.h"

typedef struct Info {
    BmSource source;
    BmSummary summary;
    BmBerStats stats; /* BER only */
} Info;

static const char *const record_names[BM_RECORD_TYPES] = {
    [BM_RECORD_PREAMBLE] = "preamble",
    [BM_RECORD_CONFIGURATION] = "configuration",
    [BM_RECORD_SCHEMA] = "schema",
    [BM_RECORD_DEVICE] = "device",
    [BM_RECORD_START] = "start",
    [BM_RECORD_PART] = "part",
    [BM_RECORD_END] = "end",
    [BM_RECORD_MORE] = "more",
    [BM_RECORD_COMMAND] = "command",
    [BM_RECORD_PACKAGE] = "package",
    [BM_RECORD_PACKAGE_END] = "packageEnd",
    [BM_RECORD_FINISH] = "finish",
    [BM_RECORD_REMAINDER] = "remainder",
    [BM_RECORD_MESSAGE] = "message",
    [BM_RECORD_ACK] = "ack",
    [BM_RECORD_EXTENSION] = "extension",
    [BM_RECORD_TRAILER] = "trailer",
    [BM_RECORD_HELLO] = "hello",
    [BM_RECORD_CHECK] = "check",
    [BM_RECORD_FINDINGS] = "findings",
    [BM_RECORD_ANNOUNCE] = "announce",
    [BM_RECORD_INDEX] = "index",
    [BM_RECORD_CHANNEL] = "channel",
    [BM_RECORD_CHANNEL_ENDS] = "channelEnds",
    [BM_RECORD_KNOWN] = "known",
};

/* ---- what follows from the numbers ---- */

static gboolean is_ber(const Info *info)
{
    return info->source.format == BM_FORMAT_BER;
}

static uint64_t ram_octets(const BmSummary *s)
{
    uint64_t sum = 0;

    for (guint i = 0; i < s->blocks->len; i++) {
        sum += g_array_index(s->blocks, BmRamBlock, i).length;
    }
    return sum;
}

static uint64_t total_octets(const Info *info)
{
    return is_ber(info) ? info->stats.total : bm_input_offset(info->source.in);
}

/* In hundredths of a per cent, rounded down: 100.00 means all. */
static uint64_t share(uint64_t part, uint64_t whole)
{
    return whole > 0 ? (uint64_t)((unsigned __int128)part * 10000 / whole) : 10000;
}

static uint64_t structured_share(const BmSummary *s)
{
    return share(s->leaves - s->opaque, s->leaves);
}

static uint64_t description_octets(const Info *info)
{
    return bm_ber_stats_description(&info->stats);
}

static const char *description_word(const BmSummary *s)
{
    if (!s->described) {
        return "none";
    }
    return s->derived ? "derived" : "text";
}

/* ---- text ---- */

#define U64 G_GUINT64_FORMAT

static void print_share(uint64_t hundredths)
{
    printf("%" U64 ".%02" U64 " %%", hundredths / 100, hundredths % 100);
}

/* Names are the stream's. */
static void print_name(const char *before, const char *name)
{
    g_autofree char *text = bm_printable(name);

    printf("%s%s", before, text);
}

static void print_head(const Info *info)
{
    const BmSummary *s = &info->summary;

    if (is_ber(info)) {
        printf("format:        BER, version %u.%u, %s\n", s->preamble.major, s->preamble.minor,
               s->preamble.direction == BM_RETURN ? "return" : "forward");
    } else {
        printf("format:        QEMU, version %u\n", s->preamble.header_version);
    }
    printf("octets:        %" U64 "\n", total_octets(info));
    print_name("machine:       ", s->machine != NULL ? s->machine : "not stated");
    putchar('\n');
    if (s->page_size > 0) {
        printf("page size:     %" U64 "\n", s->page_size);
    }
    if (s->capabilities->len > 0) {
        printf("capabilities: ");
        for (guint i = 0; i < s->capabilities->len; i++) {
            print_name(" ", g_ptr_array_index(s->capabilities, i));
        }
        putchar('\n');
    }
}

static void print_outcome(const BmSummary *s)
{
    if (s->outcome_peer == NULL) {
        return;
    }
    print_name("sent to:       ", s->outcome_peer);
    print_name("; ", s->outcome_reason);
    printf("\nagreed on:    ");
    for (guint i = 0; i < s->outcome_capabilities->len; i++) {
        print_name(" ", g_ptr_array_index(s->outcome_capabilities, i));
    }
    putchar('\n');
}

static void print_blocks(const BmSummary *s)
{
    printf("RAM:           %" U64 " octets in %u blocks\n", ram_octets(s), s->blocks->len);
    for (guint i = 0; i < s->blocks->len; i++) {
        const BmRamBlock *b = &g_array_index(s->blocks, BmRamBlock, i);
        printf("  %12" U64, b->length);
        print_name("  ", b->name);
        putchar('\n');
    }
}

static void print_devices(const BmSummary *s)
{
    if (s->announced > 0) {
        printf("announced:     %" U64 " sections\n", s->announced);
    }
    printf("devices:       %" U64 ", %" U64 " with structure, %" U64 " as octets\n", s->devices,
           s->devices - s->devices_octets, s->devices_octets);
    if (s->leaves > 0) {
        printf("fields:        %" U64 " described, ", s->leaves);
        print_share(structured_share(s));
        printf(" structured\n");
    } else {
        printf("fields:        none described\n");
    }
    printf("schemas:       %" U64 "\n", s->schemas);
    printf("description:   %s\n", description_word(s));
}

static void print_traffic(const BmSummary *s)
{
    printf("pages:         %" U64 " full, %" U64 " zero, %" U64 " encoded\n", s->pages,
           s->zero_pages, s->encoded_pages);
    printf("live sections: %" U64 " parts, %" U64 " chunks\n", s->parts, s->chunks);
    if (s->channels > 0) {
        printf("channels:      %" U64 ", %" U64 " packets of pages\n", s->channels, s->packets);
    }
    if (s->bitmaps > 0) {
        printf("dirty bitmaps: %" U64 "\n", s->bitmaps);
    }
    if (s->commands + s->packages > 0) {
        printf("commands:      %" U64 ", %" U64 " packages\n", s->commands, s->packages);
    }
    printf("end marker:    %s\n", s->finished ? "yes" : "no");
    if (s->remainder > 0) {
        printf("remainder:     %" U64 " octets not understood\n", s->remainder);
    }
}

static void print_sizes(const Info *info)
{
    printf("records:       %" U64 "\n", info->stats.records);
    for (size_t i = 0; i < BM_RECORD_TYPES; i++) {
        if (info->stats.octets[i] > 0) {
            printf("  %12" U64 "  ", info->stats.octets[i]);
            printf("%s, ", record_names[i]);
            print_share(share(info->stats.octets[i], info->stats.total));
            putchar('\n');
        }
    }
    printf("overhead:      %" U64 " octets of description, ", description_octets(info));
    print_share(share(description_octets(info), info->stats.total));
    putchar('\n');
}

static void print_text(const Info *info)
{
    print_head(info);
    print_outcome(&info->summary);
    if (info->summary.blocks->len > 0) {
        print_blocks(&info->summary);
    }
    print_devices(&info->summary);
    print_traffic(&info->summary);
    if (is_ber(info)) {
        print_sizes(info);
    }
}

/* ---- JSON ---- */

/* cJSON's own numbers are doubles, which lose digits above 2^53. */
static void add_number(cJSON *object, const char *name, uint64_t value)
{
    g_autofree char *text = g_strdup_printf("%" U64, value);

    cJSON_AddRawToObject(object, name, text);
}

static void add_share(cJSON *object, const char *name, uint64_t hundredths)
{
    g_autofree char *text = g_strdup_printf("%" U64 ".%02" U64, hundredths / 100, hundredths % 100);

    cJSON_AddRawToObject(object, name, text);
}

/* Names of a legacy stream need not be UTF-8, JSON must. */
static void add_text(cJSON *object, const char *name, const char *text)
{
    if (text == NULL) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    g_autofree char *valid = g_utf8_make_valid(text, -1);
    cJSON_AddStringToObject(object, name, valid);
}

static void add_head(cJSON *top, const Info *info)
{
    const BmSummary *s = &info->summary;
    g_autofree char *version = g_strdup_printf("%u.%u", s->preamble.major, s->preamble.minor);

    cJSON_AddStringToObject(top, "format", is_ber(info) ? "ber" : "qemu");
    if (is_ber(info)) {
        cJSON_AddStringToObject(top, "version", version);
        cJSON_AddStringToObject(top, "direction",
                                s->preamble.direction == BM_RETURN ? "return" : "forward");
    }
    add_number(top, "octets", total_octets(info));
    add_text(top, "machine", s->machine);
    add_number(top, "pageSize", s->page_size);
    cJSON *capabilities = cJSON_AddArrayToObject(top, "capabilities");
    for (guint i = 0; i < s->capabilities->len; i++) {
        g_autofree char *valid = g_utf8_make_valid(g_ptr_array_index(s->capabilities, i), -1);
        cJSON_AddItemToArray(capabilities, cJSON_CreateString(valid));
    }
}

static void add_outcome(cJSON *top, const BmSummary *s)
{
    if (s->outcome_peer == NULL) {
        return;
    }
    cJSON *outcome = cJSON_AddObjectToObject(top, "outcome");
    add_text(outcome, "peer", s->outcome_peer);
    add_text(outcome, "reason", s->outcome_reason);
    cJSON *capabilities = cJSON_AddArrayToObject(outcome, "capabilities");
    for (guint i = 0; i < s->outcome_capabilities->len; i++) {
        const char *text = g_ptr_array_index(s->outcome_capabilities, i);
        cJSON_AddItemToArray(capabilities, cJSON_CreateString(text));
    }
}

static void add_blocks(cJSON *top, const BmSummary *s)
{
    cJSON *list = cJSON_AddArrayToObject(top, "blocks");

    add_number(top, "ram", ram_octets(s));
    for (guint i = 0; i < s->blocks->len; i++) {
        const BmRamBlock *b = &g_array_index(s->blocks, BmRamBlock, i);
        cJSON *object = cJSON_CreateObject();
        add_text(object, "name", b->name);
        add_number(object, "length", b->length);
        cJSON_AddItemToArray(list, object);
    }
}

static void add_devices(cJSON *top, const BmSummary *s)
{
    add_number(top, "announced", s->announced);
    add_number(top, "devices", s->devices);
    add_number(top, "devicesStructured", s->devices - s->devices_octets);
    add_number(top, "devicesOctets", s->devices_octets);
    add_number(top, "fields", s->leaves);
    add_number(top, "fieldsOpaque", s->opaque);
    add_share(top, "structuredPercent", structured_share(s));
    add_number(top, "schemas", s->schemas);
    cJSON_AddStringToObject(top, "description", description_word(s));
}

static void add_traffic(cJSON *top, const BmSummary *s)
{
    add_number(top, "pages", s->pages);
    add_number(top, "zeroPages", s->zero_pages);
    add_number(top, "encodedPages", s->encoded_pages);
    add_number(top, "parts", s->parts);
    add_number(top, "chunks", s->chunks);
    add_number(top, "channels", s->channels);
    add_number(top, "packets", s->packets);
    add_number(top, "dirtyBitmaps", s->bitmaps);
    add_number(top, "commands", s->commands);
    add_number(top, "packages", s->packages);
    cJSON_AddBoolToObject(top, "finished", s->finished);
    add_number(top, "remainder", s->remainder);
}

static void add_sizes(cJSON *top, const Info *info)
{
    cJSON *sizes = cJSON_AddObjectToObject(top, "recordOctets");

    add_number(top, "records", info->stats.records);
    for (size_t i = 0; i < BM_RECORD_TYPES; i++) {
        if (info->stats.octets[i] > 0) {
            add_number(sizes, record_names[i], info->stats.octets[i]);
        }
    }
    add_number(top, "descriptionOctets", description_octets(info));
    add_share(top, "descriptionPercent", share(description_octets(info), info->stats.total));
}

static void print_json(const Info *info)
{
    cJSON *top = cJSON_CreateObject();

    add_head(top, info);
    add_outcome(top, &info->summary);
    add_blocks(top, &info->summary);
    add_devices(top, &info->summary);
    add_traffic(top, &info->summary);
    if (is_ber(info)) {
        add_sizes(top, info);
    }
    char *text = cJSON_Print(top);
    puts(text);
    cJSON_free(text);
    cJSON_Delete(top);
}

/* ---- the command ---- */

/* Nothing is printed about a stream that is wrong. */
static BmExit print_info(Info *info, gboolean json)
{
    g_autoptr(GError) error = NULL;
    BmStreamVisitor *s = bm_summary_stream(&info->summary);
    gboolean ok = bm_source_read(&info->source, s, FALSE, &info->stats, &error);

    bm_stream_free(s);
    if (!ok) {
        return bm_report_error(info->source.name, error);
    }
    if (json) {
        print_json(info);
    } else {
        print_text(info);
    }
    return BM_EXIT_DONE;
}

static BmExit run(int argc, char **argv)
{
    g_autofree char *format = NULL;
    gboolean json = FALSE;
    const GOptionEntry entries[] = {
        {"format", 0, 0, G_OPTION_ARG_FILENAME, &format, "For people, or for programs",
         "text|json"},
        G_OPTION_ENTRY_NULL,
    };
    Info info = {0};
    BmExit status = BM_EXIT_DONE;

    if (!bm_command_parse(&bm_command_info, entries, 1, &argc, &argv, &status)) {
        return status;
    }
    if (!bm_command_json(format, &json)) {
        return bm_command_usage(&bm_command_info, "--format=%s: expected text or json", format);
    }
    status = bm_source_open(&info.source, argv[1]);
    if (status != BM_EXIT_DONE) {
        return status;
    }
    status = print_info(&info, json);
    bm_summary_clear(&info.summary);
    bm_source_close(&info.source);
    return status;
}

const BmCommand bm_command_info = {
    .name = "info",
    .operands = "FILE",
    .summary = "Say what a stream holds, and how large its parts are",
    .run = run,
};
