/* SPDX-License-Identifier: BSD-2-Clause */
#include "oracle-source.h"

#include <string.h>

#include "frame.h"
#include "oracle-members.h"
#include "oracle-values.h"

/* ---- the records ---- */

static char **parameters(Source *src, const char *capability)
{
    const char *path = source_join(src, capability, "parameters");
    int n = src->oracle->count(src->node, path);
    char **list = source_keep(src, g_new0(char *, (gsize)MAX(n, 0) + 1));

    for (int i = 0; i < n; i++) {
        list[i] = source_text(src, source_nth(src, path, i));
    }
    return list;
}

static BmCapability *list_capabilities(Source *src, const char *list, uint32_t *n)
{
    BmCapability *capabilities;

    *n = (uint32_t)MAX(src->oracle->count(src->node, list), 0);
    capabilities = source_keep(src, g_new0(BmCapability, *n + 1));
    for (uint32_t i = 0; i < *n; i++) {
        const char *path = source_nth(src, list, (int)i);

        capabilities[i].name = source_text(src, source_join(src, path, "name"));
        capabilities[i].parameters = (const char *const *)parameters(src, path);
    }
    return capabilities;
}

static BmOutcome *outcome(Source *src)
{
    BmOutcome *o = source_keep(src, g_new0(BmOutcome, 1));

    o->peer = source_text(src, "outcome.peer");
    o->reason = source_text(src, "outcome.reason");
    o->capabilities = list_capabilities(src, "outcome.capabilities", &o->n_capabilities);
    return o;
}

static void read_preamble(Source *src)
{
    BmPreamble p = {.major = source_number32(src, "major"),
                    .minor = source_number32(src, "minor"),
                    .direction = (BmDirection)source_number(src, "direction", BM_RETURN),
                    .generator = source_text(src, "generator"),
                    .has_header = source_present(src, "headerVersion")};

    p.header_version = (uint32_t)source_number_or(src, "headerVersion", 0);
    if (source_present(src, "leading")) {
        p.leading = source_octets(src, "leading");
    }
    if (source_present(src, "outcome.peer")) {
        p.outcome = outcome(src);
    }
    if (source_ok(src)) {
        bm_stream_begin(src->s, &p, &src->error);
    }
}

static char **capabilities(Source *src)
{
    int n = src->oracle->count(src->node, "capabilities");
    char **names = source_keep(src, g_new0(char *, (gsize)MAX(n, 0) + 1));

    for (int i = 0; i < n; i++) {
        names[i] = source_text(src, source_nth(src, "capabilities", i));
    }
    return names;
}

static void read_configuration(Source *src)
{
    BmConfiguration c = {.machine = source_text(src, "machine"),
                         .has_page_bits = source_present(src, "pageBits"),
                         .page_bits = (uint32_t)source_number_or(src, "pageBits", 0),
                         .has_capabilities = src->oracle->count(src->node, "capabilities") >= 0,
                         .capabilities = capabilities(src)};

    if (source_present(src, "uuid")) {
        c.uuid = source_octets(src, "uuid").data;
    }
    if (source_ok(src)) {
        bm_stream_configuration(src->s, &c, &src->error);
    }
}

static const BmSchema *schema(Source *src, const char *path)
{
    const BmSchema *s = bm_schema_set_get(src->set, source_number32(src, path));

    if (!s) {
        source_wrong(src, path);
    }
    return s;
}

static void read_elements(Source *src, const char *path, BmField *f)
{
    int n = src->oracle->count(src->node, path);
    const BmSchema **elements = source_keep(src, g_new0(const BmSchema *, (gsize)MAX(n, 0) + 1));

    for (int i = 0; i < n; i++) {
        elements[i] = schema(src, source_nth(src, path, i));
    }
    f->elements = elements;
    f->n_elements = (uint32_t)MAX(n, 0);
}

static void read_field(Source *src, const char *path, BmSchemaBuilder *b)
{
    const char *type = source_join(src, path, "type"),
               *condition = source_join(src, path, "condition");
    BmField f = {
        .name = source_text(src, source_join(src, path, "name")),
        .kind = (BmKind)source_number(src, source_join(src, path, "kind"), BM_KINDS - 1),
        .width = (uint32_t)source_number_or(src, source_join(src, path, "width"), 0),
        .count = (uint32_t)source_number_or(src, source_join(src, path, "count"), 1),
        .form = (BmArrayForm)source_number_or(src, source_join(src, path, "form"), BM_FORM_ARRAY),
        .first = (uint32_t)source_number_or(src, source_join(src, path, "first"), 0),
        .type = source_present(src, type) ? source_text(src, type) : NULL,
        .condition = source_present(src, condition) ? source_text(src, condition) : NULL};

    f.since = (uint32_t)source_number_or(src, source_join(src, path, "since"), 0);
    read_elements(src, source_join(src, path, "elements"), &f);
    if (source_ok(src)) {
        bm_schema_builder_field(b, &f);
    }
}

static void read_schema(Source *src)
{
    BmSchemaBuilder *b =
        bm_schema_builder_new(source_text(src, "name"), source_number32(src, "version"));
    const BmSchema *s;

    for (int i = 0; i < source_count(src, "fields") && source_ok(src); i++) {
        read_field(src, source_nth(src, "fields", i), b);
    }
    for (int i = 0; i < source_count(src, "subsections") && source_ok(src); i++) {
        bm_schema_builder_subsection(b, schema(src, source_nth(src, "subsections", i)));
    }
    bm_schema_builder_option(
        b, source_present(src, "condition") ? source_text(src, "condition") : NULL,
        source_present(src, "droppable"));
    if (source_present(src, "minimum")) {
        bm_schema_builder_minimum(b, source_number32(src, "minimum"));
    }
    if (!source_ok(src)) {
        bm_schema_builder_free(b);
        return;
    }
    s = bm_schema_set_intern(src->set, b, &src->error);
    if (s && s->number != source_number32(src, "number")) {
        source_wrong(src, "number");
    }
}

static void read_announce(Source *src)
{
    BmAnnounce a = {.name = source_text(src, "name"),
                    .instance = source_number32(src, "instance"),
                    .version = source_number32(src, "version")};

    if (source_present(src, "schema")) {
        a.schemas = src->set;
        a.schema = schema(src, "schema");
    }
    if (source_ok(src)) {
        bm_stream_announce(src->s, &a, &src->error);
    }
}

static void read_device(Source *src)
{
    BmDevice d = {.section = source_section(src),
                  .bare = source_number_or(src, "state", COMPLETE) == BARE};

    if (source_present(src, "schema")) {
        d.schemas = src->set;
        d.schema = schema(src, "schema");
    }
    if (source_is_choice(src, "body", "values")) {
        d.values = oracle_values(src->oracle, src->node, "body.values");
    } else {
        d.octets = source_octets(src, "body.octets");
    }
    if (source_ok(src)) {
        bm_stream_device(src->s, &d, &src->error);
    }
    bm_visitor_free(d.values);
}

/* ---- the rest ---- */

static void read_command(Source *src)
{
    uint32_t code = source_number32(src, "code");
    BmOctets data = source_octets(src, "data");

    if (source_ok(src)) {
        bm_stream_command(src->s, code, data, &src->error);
    }
}

static void read_package(Source *src)
{
    uint32_t length = source_number32(src, "length");

    if (source_ok(src)) {
        bm_stream_package_begin(src->s, length, &src->error);
    }
}

static void read_description(Source *src, BmDescription *d)
{
    d->present = TRUE;
    d->derived = source_is_choice(src, "description", "derived");
    if (!d->derived) {
        d->text = source_decompress(src, "description.text");
        return;
    }
    d->schemas = src->set;
    d->style = (BmStyle)source_number(src, "description.derived.style", BM_STYLE_COMPACT);
    d->page_size = source_number(src, "description.derived.pageSize", UINT64_MAX);
    if (source_present(src, "description.derived.configuration")) {
        d->configuration = schema(src, "description.derived.configuration");
    }
}

static void read_finish(Source *src)
{
    BmDescription d = {0};

    if (src->oracle->choice(src->node, "description")) {
        read_description(src, &d);
    }
    if (source_ok(src)) {
        bm_stream_finish(src->s, &d, &src->error);
    }
}

static void read_remainder(Source *src)
{
    BmReason reason = (BmReason)source_number(src, "reason", BM_REASON_UNDELIMITED);
    BmOctets data = source_octets(src, "data");

    if (source_ok(src)) {
        bm_stream_remainder(src->s, reason, data, &src->error);
    }
}

static void read_message(Source *src)
{
    BmOctets data = source_octets(src, "data");

    if (source_ok(src)) {
        bm_stream_message(src->s, data, &src->error);
    }
}

static uint64_t digest_at(Source *src, const char *path)
{
    BmOctets content = source_octets(src, path);
    uint64_t be = 0;

    if (content.len != sizeof(be)) {
        source_wrong(src, "digest");
        return 0;
    }
    memcpy(&be, content.data, sizeof(be));
    return GUINT64_FROM_BE(be);
}

static void read_ack(Source *src)
{
    uint64_t of = source_number(src, "octets", UINT64_MAX), sum = digest_at(src, "digest");

    if (source_ok(src)) {
        bm_stream_ack(src->s, of, sum, &src->error);
    }
}

static void read_extension(Source *src)
{
    uint64_t kind = source_number(src, "kind", UINT64_MAX);
    gboolean critical = source_octets(src, "critical").data[0] != 0;
    BmOctets data = source_octets(src, "data");

    if (source_ok(src)) {
        bm_stream_extension(src->s, kind, critical, data, &src->error);
    }
}

static void read_hello(Source *src)
{
    int n_versions = MAX(src->oracle->count(src->node, "versions"), 0);
    uint32_t *versions = source_keep(src, g_new0(uint32_t, (gsize)n_versions + 1));
    BmHello hello = {.versions = versions, .n_versions = (uint32_t)n_versions};

    for (int i = 0; i < n_versions; i++) {
        versions[i] = source_number32(src, source_nth(src, "versions", i));
    }
    hello.capabilities = list_capabilities(src, "capabilities", &hello.n_capabilities);
    if (source_ok(src)) {
        bm_stream_hello(src->s, &hello, &src->error);
    }
}

static void read_findings(Source *src)
{
    int n = MAX(src->oracle->count(src->node, "findings"), 0);
    BmFinding *list = source_keep(src, g_new0(BmFinding, (gsize)n + 1));

    for (int i = 0; i < n; i++) {
        const char *path = source_nth(src, "findings", i);

        list[i].code = source_number32(src, source_join(src, path, "code"));
        list[i].severity =
            (BmSeverity)source_number(src, source_join(src, path, "severity"), BM_SEVERITY_BLOCK);
        list[i].path = source_text(src, source_join(src, path, "path"));
        list[i].message = source_text(src, source_join(src, path, "message"));
        list[i].expected = source_text_or_none(src, source_join(src, path, "expected"));
        list[i].got = source_text_or_none(src, source_join(src, path, "got"));
    }
    if (source_ok(src)) {
        bm_stream_findings(src->s, list, (uint32_t)n, &src->error);
    }
}

static void read_channel_ends(Source *src)
{
    BmChannelEnd list[BM_LIMIT_CHANNELS] = {{0}};
    int n = CLAMP(src->oracle->count(src->node, "ends"), 0, (int)G_N_ELEMENTS(list));

    for (int i = 0; i < n; i++) {
        const char *path = source_nth(src, "ends", i);

        list[i].octets = source_number(src, source_join(src, path, "octets"), UINT64_MAX);
        list[i].digest = digest_at(src, source_join(src, path, "digest"));
    }
    if (source_ok(src)) {
        bm_stream_channel_ends(src->s, list, (uint32_t)n, &src->error);
    }
}

static void read_check(Source *src)
{
    bm_stream_check(src->s, &src->error);
}

/* `records` counts the members between preamble and trailer. */
static void read_trailer(Source *src, uint64_t records)
{
    if (source_number(src, "records", UINT64_MAX) != records) {
        source_wrong(src, "records");
    }
    source_number(src, "octets", UINT64_MAX);
    digest_at(src, "digest");
    if (source_ok(src)) {
        bm_stream_end(src->s, &src->error);
    }
}

static void read_record(Source *src, BmRecordType type, uint64_t records)
{
    switch (type) {
    case BM_RECORD_PREAMBLE:
        return read_preamble(src);
    case BM_RECORD_CONFIGURATION:
        return read_configuration(src);
    case BM_RECORD_SCHEMA:
        return read_schema(src);
    case BM_RECORD_ANNOUNCE:
        return read_announce(src);
    case BM_RECORD_CHECK:
        return read_check(src);
    case BM_RECORD_INDEX:
        return; /* says nothing of the guest */
    case BM_RECORD_CHANNEL:
        return; /* its form was checked; what it says is compared by tests/cli and tests/spec */
    case BM_RECORD_CHANNEL_ENDS:
        return read_channel_ends(src);
    case BM_RECORD_FINDINGS:
        return read_findings(src);
    case BM_RECORD_DEVICE:
        return read_device(src);
    case BM_RECORD_START:
    case BM_RECORD_PART:
    case BM_RECORD_END:
    case BM_RECORD_MORE:
        return source_read_live(src, type);
    case BM_RECORD_COMMAND:
        return read_command(src);
    case BM_RECORD_PACKAGE:
        return read_package(src);
    case BM_RECORD_PACKAGE_END:
        bm_stream_package_end(src->s, &src->error);
        return;
    case BM_RECORD_FINISH:
        return read_finish(src);
    case BM_RECORD_REMAINDER:
        return read_remainder(src);
    case BM_RECORD_MESSAGE:
        return read_message(src);
    case BM_RECORD_ACK:
        return read_ack(src);
    case BM_RECORD_EXTENSION:
        return read_extension(src);
    case BM_RECORD_HELLO:
        return read_hello(src);
    case BM_RECORD_TRAILER:
        return read_trailer(src, records);
    case BM_RECORD_KNOWN: /* in no stream that can be read alone */
    case BM_RECORD_TYPES:
        break;
    }
    g_assert_not_reached();
}

/* ---- the stream ---- */

static void read_one(Source *src, const FrameRecord *r, uint64_t records)
{
    const char *type = oracle_record_type(r->type);

    src->node = src->oracle->decode(type, r->octets);
    if (!src->node) {
        source_wrong(src, type);
        return;
    }
    if (source_octets(src, "sum").len != BM_SUM_LEN) {
        source_wrong(src, "sum");
    }
    read_record(src, r->type, records);
    bm_error_add_path(src->error, type);
    src->oracle->free(src->node);
    g_ptr_array_set_size(src->keep, 0);
}

gboolean oracle_read(const Oracle *oracle, BmOctets stream, BmStreamVisitor *s, GError **error)
{
    g_autoptr(GArray) records = frame_split(stream);
    g_autoptr(GHashTable) names = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func(g_free);
    Source src = {.oracle = oracle, .s = s, .names = names, .keep = kept};

    if (!records) {
        return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "it is not one whole value");
    }
    src.set = bm_schema_set_new();
    for (guint i = 0; i < records->len && source_ok(&src); i++) {
        read_one(&src, &g_array_index(records, FrameRecord, i), records->len - 2);
    }
    bm_schema_set_free(src.set);
    if (!source_ok(&src)) {
        g_propagate_error(error, src.error);
        return FALSE;
    }
    return TRUE;
}
