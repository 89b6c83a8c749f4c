/* SPDX-License-Identifier: BSD-2-Clause */
#include "oracle-source.h"

#include <string.h>
#include <zstd.h>

#include "frame.h"
#include "oracle-values.h"

/* One record at a time is decoded.  Errors stick: members that are wrong or not
 * there read as 0, and the record's call to the visitor is not made. */
typedef struct Source {
    const Oracle *oracle;
    BmStreamVisitor *s;
    void *node;
    BmSchemaSet *set;
    GHashTable *names; /* of live sections, by their ids */
    uint64_t page_size;
    GPtrArray *keep; /* what must live as long as the record */
    GError *error;
} Source;

static gboolean ok(const Source *src)
{
    return src->error == NULL;
}

static void wrong(Source *src, const char *path)
{
    bm_error_set(&src->error, BM_MISMATCH, BM_NO_OFFSET, path, "%s cannot read it",
                 src->oracle->name);
}

static void *keep(Source *src, void *memory)
{
    g_ptr_array_add(src->keep, memory);
    return memory;
}

static const char *join(Source *src, const char *a, const char *b)
{
    return keep(src, *a ? g_strconcat(a, ".", b, NULL) : g_strdup(b));
}

static const char *nth(Source *src, const char *list, int i)
{
    return keep(src, g_strdup_printf("%s.?%d", list, i + 1));
}

static gboolean present(Source *src, const char *path)
{
    BmOctets content;

    return src->oracle->get(src->node, path, &content);
}

static BmOctets octets(Source *src, const char *path)
{
    BmOctets content = {NULL, 0};

    if (!src->oracle->get(src->node, path, &content)) {
        wrong(src, path);
    }
    if (!content.data) {
        content.data = (const uint8_t *)""; /* NULL is for what is not there */
    }
    return content;
}

static uint64_t number(Source *src, const char *path, uint64_t max)
{
    uint64_t value = 0;

    if (!oracle_unsigned(octets(src, path), max, &value)) {
        wrong(src, path);
    }
    return value;
}

static uint32_t number32(Source *src, const char *path)
{
    return (uint32_t)number(src, path, UINT32_MAX);
}

static uint64_t number_or(Source *src, const char *path, uint64_t absent)
{
    return present(src, path) ? number(src, path, UINT64_MAX) : absent;
}

static char *text(Source *src, const char *path)
{
    BmOctets content = octets(src, path);

    return keep(src, g_strndup((const char *)content.data, content.len));
}

static gboolean is_choice(Source *src, const char *path, const char *name)
{
    return g_strcmp0(src->oracle->choice(src->node, path), name) == 0;
}

static int count(Source *src, const char *path)
{
    int n = src->oracle->count(src->node, path);

    if (n < 0) {
        wrong(src, path);
    }
    return MAX(n, 0);
}

/* ---- page data ---- */

static BmOctets decompress(Source *src, const char *path)
{
    uint64_t size = number(src, join(src, path, "size"), BM_LIMIT_DESCRIPTION);
    BmOctets packed = octets(src, join(src, path, "data"));
    uint8_t *plain = keep(src, g_malloc(size + 1));

    if (ok(src) && ZSTD_decompress(plain, size, packed.data, packed.len) != size) {
        wrong(src, path);
    }
    return (BmOctets){plain, size};
}

static BmOctets page_data(Source *src, const char *path)
{
    if (is_choice(src, path, "zstd")) {
        return decompress(src, join(src, path, "zstd"));
    }
    return octets(src, join(src, path, "plain"));
}

/* ---- the records ---- */

static char **parameters(Source *src, const char *capability)
{
    const char *path = join(src, capability, "parameters");
    int n = src->oracle->count(src->node, path);
    char **list = keep(src, g_new0(char *, (gsize)MAX(n, 0) + 1));

    for (int i = 0; i < n; i++) {
        list[i] = text(src, nth(src, path, i));
    }
    return list;
}

static BmCapability *list_capabilities(Source *src, const char *list, uint32_t *n)
{
    BmCapability *capabilities;

    *n = (uint32_t)MAX(src->oracle->count(src->node, list), 0);
    capabilities = keep(src, g_new0(BmCapability, *n + 1));
    for (uint32_t i = 0; i < *n; i++) {
        const char *path = nth(src, list, (int)i);

        capabilities[i].name = text(src, join(src, path, "name"));
        capabilities[i].parameters = (const char *const *)parameters(src, path);
    }
    return capabilities;
}

static BmOutcome *outcome(Source *src)
{
    BmOutcome *o = keep(src, g_new0(BmOutcome, 1));

    o->peer = text(src, "outcome.peer");
    o->reason = text(src, "outcome.reason");
    o->capabilities = list_capabilities(src, "outcome.capabilities", &o->n_capabilities);
    return o;
}

static void read_preamble(Source *src)
{
    BmPreamble p = {.major = number32(src, "major"),
                    .minor = number32(src, "minor"),
                    .direction = (BmDirection)number(src, "direction", BM_RETURN),
                    .generator = text(src, "generator"),
                    .has_header = present(src, "headerVersion")};

    p.header_version = (uint32_t)number_or(src, "headerVersion", 0);
    if (present(src, "leading")) {
        p.leading = octets(src, "leading");
    }
    if (present(src, "outcome.peer")) {
        p.outcome = outcome(src);
    }
    if (ok(src)) {
        bm_stream_begin(src->s, &p, &src->error);
    }
}

static char **capabilities(Source *src)
{
    int n = src->oracle->count(src->node, "capabilities");
    char **names = keep(src, g_new0(char *, (gsize)MAX(n, 0) + 1));

    for (int i = 0; i < n; i++) {
        names[i] = text(src, nth(src, "capabilities", i));
    }
    return names;
}

static void read_configuration(Source *src)
{
    BmConfiguration c = {.machine = text(src, "machine"),
                         .has_page_bits = present(src, "pageBits"),
                         .page_bits = (uint32_t)number_or(src, "pageBits", 0),
                         .has_capabilities = src->oracle->count(src->node, "capabilities") >= 0,
                         .capabilities = capabilities(src)};

    if (present(src, "uuid")) {
        c.uuid = octets(src, "uuid").data;
    }
    if (ok(src)) {
        bm_stream_configuration(src->s, &c, &src->error);
    }
}

static const BmSchema *schema(Source *src, const char *path)
{
    const BmSchema *s = bm_schema_set_get(src->set, number32(src, path));

    if (!s) {
        wrong(src, path);
    }
    return s;
}

static void read_elements(Source *src, const char *path, BmField *f)
{
    int n = src->oracle->count(src->node, path);
    const BmSchema **elements = keep(src, g_new0(const BmSchema *, (gsize)MAX(n, 0) + 1));

    for (int i = 0; i < n; i++) {
        elements[i] = schema(src, nth(src, path, i));
    }
    f->elements = elements;
    f->n_elements = (uint32_t)MAX(n, 0);
}

static void read_field(Source *src, const char *path, BmSchemaBuilder *b)
{
    const char *type = join(src, path, "type"), *condition = join(src, path, "condition");
    BmField f = {.name = text(src, join(src, path, "name")),
                 .kind = (BmKind)number(src, join(src, path, "kind"), BM_KINDS - 1),
                 .width = (uint32_t)number_or(src, join(src, path, "width"), 0),
                 .count = (uint32_t)number_or(src, join(src, path, "count"), 1),
                 .form = (BmArrayForm)number_or(src, join(src, path, "form"), BM_FORM_ARRAY),
                 .first = (uint32_t)number_or(src, join(src, path, "first"), 0),
                 .type = present(src, type) ? text(src, type) : NULL,
                 .condition = present(src, condition) ? text(src, condition) : NULL};

    f.since = (uint32_t)number_or(src, join(src, path, "since"), 0);
    read_elements(src, join(src, path, "elements"), &f);
    if (ok(src)) {
        bm_schema_builder_field(b, &f);
    }
}

static void read_schema(Source *src)
{
    BmSchemaBuilder *b = bm_schema_builder_new(text(src, "name"), number32(src, "version"));
    const BmSchema *s;

    for (int i = 0; i < count(src, "fields") && ok(src); i++) {
        read_field(src, nth(src, "fields", i), b);
    }
    for (int i = 0; i < count(src, "subsections") && ok(src); i++) {
        bm_schema_builder_subsection(b, schema(src, nth(src, "subsections", i)));
    }
    bm_schema_builder_option(b, present(src, "condition") ? text(src, "condition") : NULL,
                             present(src, "droppable"));
    if (present(src, "minimum")) {
        bm_schema_builder_minimum(b, number32(src, "minimum"));
    }
    if (!ok(src)) {
        bm_schema_builder_free(b);
        return;
    }
    s = bm_schema_set_intern(src->set, b, &src->error);
    if (s && s->number != number32(src, "number")) {
        wrong(src, "number");
    }
}

static void read_announce(Source *src)
{
    BmAnnounce a = {.name = text(src, "name"),
                    .instance = number32(src, "instance"),
                    .version = number32(src, "version")};

    if (present(src, "schema")) {
        a.schemas = src->set;
        a.schema = schema(src, "schema");
    }
    if (ok(src)) {
        bm_stream_announce(src->s, &a, &src->error);
    }
}

static BmSection section(Source *src)
{
    return (BmSection){number32(src, "id"), text(src, "name"), number32(src, "instance"),
                       number32(src, "version")};
}

/* The numbers of SectionState; complete is its absence. */
enum { OPEN, BARE, COMPLETE };

static void read_device(Source *src)
{
    BmDevice d = {.section = section(src), .bare = number_or(src, "state", COMPLETE) == BARE};

    if (present(src, "schema")) {
        d.schemas = src->set;
        d.schema = schema(src, "schema");
    }
    if (is_choice(src, "body", "values")) {
        d.values = oracle_values(src->oracle, src->node, "body.values");
    } else {
        d.octets = octets(src, "body.octets");
    }
    if (ok(src)) {
        bm_stream_device(src->s, &d, &src->error);
    }
    bm_visitor_free(d.values);
}

/* ---- live sections ---- */

static void give(Source *src, const BmItem *item)
{
    if (ok(src)) {
        bm_stream_live_item(src->s, item, &src->error);
    }
}

static void read_blocks(Source *src, const char *path, BmItem *item)
{
    const char *list = join(src, path, "blocks");
    BmRamBlock *blocks = keep(src, g_new0(BmRamBlock, (gsize)count(src, list) + 1));

    for (int i = 0; i < count(src, list); i++) {
        const char *block = nth(src, list, i), *address = join(src, block, "address");

        blocks[i] = (BmRamBlock){text(src, join(src, block, "name")),
                                 number(src, join(src, block, "length"), UINT64_MAX),
                                 number_or(src, join(src, block, "pageSize"), 0),
                                 present(src, address), number_or(src, address, 0)};
    }
    item->value = number(src, join(src, path, "total"), UINT64_MAX);
    item->blocks = blocks;
    item->n_blocks = (uint32_t)count(src, list);
}

/* A number of a map: X.690 8.19.2. */
static uint64_t map_number(Source *src, BmOctets *map)
{
    uint64_t value = 0;
    uint8_t octet = 0x80;

    while (map->len > 0 && octet & 0x80) {
        octet = *map->data++;
        map->len--;
        value = value << 7 | (octet & 0x7f);
    }
    if (octet & 0x80) {
        wrong(src, "map");
    }
    return value;
}

/* The runs of a batch, each with its share of the data. */
static void give_batch(Source *src, BmItem item, BmOctets map, BmOctets data)
{
    while (map.len > 0 && ok(src)) {
        uint64_t head = map_number(src, &map);
        size_t size;

        item.page = head & 4 ? item.page - (head >> 3) : item.page + (head >> 3);
        item.count = head & 1 ? map_number(src, &map) + 2 : 1;
        item.type = head & 2 ? BM_ITEM_ZEROS : BM_ITEM_PAGES;
        size = head & 2 ? 0 : (size_t)(item.count * src->page_size);
        item.data = (BmOctets){size ? data.data : NULL, size};
        if (size > data.len) {
            wrong(src, "data");
        }
        give(src, &item);
        item.page += item.count;
        data.data += size;
        data.len -= size;
    }
    if (data.len > 0) {
        wrong(src, "data");
    }
}

static void read_pages(Source *src, const char *name, const char *path, BmItem *item)
{
    item->block = number32(src, join(src, path, "block"));
    item->page = number(src, join(src, path, "page"), UINT64_MAX);
    item->count = 1;
    if (strcmp(name, "run") == 0) {
        item->type = BM_ITEM_PAGES;
        item->data = page_data(src, join(src, path, "data"));
        item->count = src->page_size ? item->data.len / src->page_size : 0;
    } else if (strcmp(name, "zeros") == 0) {
        item->type = BM_ITEM_ZEROS;
        item->count = number(src, join(src, path, "count"), UINT64_MAX);
    } else if (strcmp(name, "fill") == 0) {
        item->type = BM_ITEM_FILL;
        item->value = number(src, join(src, path, "value"), 255);
    } else {
        item->type = strcmp(name, "zlib") == 0 ? BM_ITEM_ZLIB : BM_ITEM_XBZRLE;
        item->data = octets(src, join(src, path, "data"));
    }
}

static void read_chunk(Source *src, const char *path, BmItem *item)
{
    const char *data = join(src, path, "data");

    item->device = text(src, join(src, path, "device"));
    item->page = number(src, join(src, path, "sector"), UINT64_MAX);
    if (src->oracle->choice(src->node, data)) {
        item->data = page_data(src, data);
    }
}

static const char *text_or_none(Source *src, const char *path)
{
    return present(src, path) ? text(src, path) : NULL;
}

static void read_bitmap(Source *src, const char *name, const char *path, BmItem *item)
{
    const char *bits = join(src, path, "bits");

    item->device = text_or_none(src, join(src, path, "node"));
    item->name = text_or_none(src, join(src, path, "name"));
    if (strcmp(name, "bitmapStart") == 0) {
        item->type = BM_ITEM_BITMAP_START;
        item->value = number(src, join(src, path, "granularity"), UINT32_MAX);
        item->count = number(src, join(src, path, "flags"), BM_BITMAP_FLAGS);
    } else if (strcmp(name, "bitmapBits") == 0) {
        item->type = BM_ITEM_BITMAP_BITS;
        item->page = number(src, join(src, path, "sector"), UINT64_MAX);
        item->count = number(src, join(src, path, "count"), UINT32_MAX);
        if (present(src, bits)) {
            item->data = octets(src, bits);
        }
    } else {
        item->type = BM_ITEM_BITMAP_END;
    }
}

static void read_item(Source *src, const char *at)
{
    const char *name = src->oracle->choice(src->node, at);
    const char *path = join(src, at, name ? name : "?");
    BmItem item = {0};

    if (!name) {
        wrong(src, at);
    } else if (strcmp(name, "octets") == 0) {
        item = (BmItem){.type = BM_ITEM_OCTETS, .data = octets(src, path)};
    } else if (strcmp(name, "pageSize") == 0) {
        src->page_size = number(src, path, UINT32_MAX);
        item = (BmItem){.type = BM_ITEM_PAGE_SIZE, .value = src->page_size};
    } else if (strcmp(name, "blocks") == 0) {
        item.type = BM_ITEM_BLOCKS;
        read_blocks(src, path, &item);
    } else if (strcmp(name, "named") == 0) {
        item.type = BM_ITEM_NAMED;
    } else if (strcmp(name, "mark") == 0) {
        item = (BmItem){.type = BM_ITEM_MARK, .value = number(src, path, UINT64_MAX)};
    } else if (strcmp(name, "meet") == 0) {
        item = (BmItem){.type = BM_ITEM_MEET, .value = number(src, path, UINT64_MAX)};
    } else if (strcmp(name, "progress") == 0) {
        item = (BmItem){.type = BM_ITEM_PROGRESS, .value = number(src, path, UINT64_MAX)};
    } else if (strcmp(name, "chunk") == 0) {
        item.type = BM_ITEM_CHUNK;
        read_chunk(src, path, &item);
    } else if (strcmp(name, "hashSize") == 0) {
        item = (BmItem){.type = BM_ITEM_HASH_SIZE, .value = number(src, path, BM_HASH_SIZE_MAX)};
    } else if (strcmp(name, "slots") == 0) {
        item = (BmItem){.type = BM_ITEM_SLOTS,
                        .page = number(src, join(src, path, "first"), UINT32_MAX),
                        .data = octets(src, join(src, path, "used")),
                        .count = number(src, join(src, path, "unused"), BM_SLOTS_MAX)};
    } else if (strcmp(name, "filler") == 0) {
        octets(src, path);
        return;
    } else if (g_str_has_prefix(name, "bitmap")) {
        read_bitmap(src, name, path, &item);
    } else if (strcmp(name, "batch") == 0) {
        item.block = number32(src, join(src, path, "block"));
        item.page = number(src, join(src, path, "page"), UINT64_MAX);
        give_batch(src, item, octets(src, join(src, path, "map")),
                   page_data(src, join(src, path, "data")));
        return;
    } else {
        read_pages(src, name, path, &item);
    }
    give(src, &item);
}

static void begin_live(Source *src, BmRecordType type)
{
    BmPhase phase = type == BM_RECORD_START  ? BM_PHASE_START
                    : type == BM_RECORD_PART ? BM_PHASE_PART
                                             : BM_PHASE_END;
    gpointer id = GUINT_TO_POINTER(number32(src, "id"));
    BmSection s = {.id = number32(src, "id")};

    if (type == BM_RECORD_START) {
        s = section(src);
        g_hash_table_insert(src->names, id, g_strdup(s.name));
    }
    s.name = g_hash_table_lookup(src->names, id);
    if (ok(src)) {
        bm_stream_live_begin(src->s, phase, &s, &src->error);
    }
}

static void read_live(Source *src, BmRecordType type)
{
    uint64_t state = number_or(src, "state", COMPLETE);

    if (type != BM_RECORD_MORE) {
        begin_live(src, type);
    }
    for (int i = 0; i < count(src, "items") && ok(src); i++) {
        read_item(src, nth(src, "items", i));
    }
    if (!ok(src)) {
        return;
    }
    if (state == OPEN) {
        /* So that a writer ends its record where this one ends. */
        bm_stream_flush(src->s, &src->error);
    } else {
        bm_stream_live_end(src->s, state == BARE, &src->error);
    }
}

/* ---- the rest ---- */

static void read_command(Source *src)
{
    uint32_t code = number32(src, "code");
    BmOctets data = octets(src, "data");

    if (ok(src)) {
        bm_stream_command(src->s, code, data, &src->error);
    }
}

static void read_package(Source *src)
{
    uint32_t length = number32(src, "length");

    if (ok(src)) {
        bm_stream_package_begin(src->s, length, &src->error);
    }
}

static void read_description(Source *src, BmDescription *d)
{
    d->present = TRUE;
    d->derived = is_choice(src, "description", "derived");
    if (!d->derived) {
        d->text = decompress(src, "description.text");
        return;
    }
    d->schemas = src->set;
    d->style = (BmStyle)number(src, "description.derived.style", BM_STYLE_COMPACT);
    d->page_size = number(src, "description.derived.pageSize", UINT64_MAX);
    if (present(src, "description.derived.configuration")) {
        d->configuration = schema(src, "description.derived.configuration");
    }
}

static void read_finish(Source *src)
{
    BmDescription d = {0};

    if (src->oracle->choice(src->node, "description")) {
        read_description(src, &d);
    }
    if (ok(src)) {
        bm_stream_finish(src->s, &d, &src->error);
    }
}

static void read_remainder(Source *src)
{
    BmReason reason = (BmReason)number(src, "reason", BM_REASON_UNDELIMITED);
    BmOctets data = octets(src, "data");

    if (ok(src)) {
        bm_stream_remainder(src->s, reason, data, &src->error);
    }
}

static void read_message(Source *src)
{
    BmOctets data = octets(src, "data");

    if (ok(src)) {
        bm_stream_message(src->s, data, &src->error);
    }
}

static uint64_t digest_at(Source *src, const char *path)
{
    BmOctets content = octets(src, path);
    uint64_t be = 0;

    if (content.len != sizeof(be)) {
        wrong(src, "digest");
        return 0;
    }
    memcpy(&be, content.data, sizeof(be));
    return GUINT64_FROM_BE(be);
}

static void read_ack(Source *src)
{
    uint64_t of = number(src, "octets", UINT64_MAX), sum = digest_at(src, "digest");

    if (ok(src)) {
        bm_stream_ack(src->s, of, sum, &src->error);
    }
}

static void read_extension(Source *src)
{
    uint64_t kind = number(src, "kind", UINT64_MAX);
    gboolean critical = octets(src, "critical").data[0] != 0;
    BmOctets data = octets(src, "data");

    if (ok(src)) {
        bm_stream_extension(src->s, kind, critical, data, &src->error);
    }
}

static void read_hello(Source *src)
{
    int n_versions = MAX(src->oracle->count(src->node, "versions"), 0);
    uint32_t *versions = keep(src, g_new0(uint32_t, (gsize)n_versions + 1));
    BmHello hello = {.versions = versions, .n_versions = (uint32_t)n_versions};

    for (int i = 0; i < n_versions; i++) {
        versions[i] = number32(src, nth(src, "versions", i));
    }
    hello.capabilities = list_capabilities(src, "capabilities", &hello.n_capabilities);
    if (ok(src)) {
        bm_stream_hello(src->s, &hello, &src->error);
    }
}

static const char *text_or_null(Source *src, const char *path)
{
    return present(src, path) ? text(src, path) : NULL;
}

static void read_findings(Source *src)
{
    int n = MAX(src->oracle->count(src->node, "findings"), 0);
    BmFinding *list = keep(src, g_new0(BmFinding, (gsize)n + 1));

    for (int i = 0; i < n; i++) {
        const char *path = nth(src, "findings", i);

        list[i].code = number32(src, join(src, path, "code"));
        list[i].severity = (BmSeverity)number(src, join(src, path, "severity"), BM_SEVERITY_BLOCK);
        list[i].path = text(src, join(src, path, "path"));
        list[i].message = text(src, join(src, path, "message"));
        list[i].expected = text_or_null(src, join(src, path, "expected"));
        list[i].got = text_or_null(src, join(src, path, "got"));
    }
    if (ok(src)) {
        bm_stream_findings(src->s, list, (uint32_t)n, &src->error);
    }
}

static void read_channel_ends(Source *src)
{
    BmChannelEnd list[BM_LIMIT_CHANNELS] = {{0}};
    int n = CLAMP(src->oracle->count(src->node, "ends"), 0, (int)G_N_ELEMENTS(list));

    for (int i = 0; i < n; i++) {
        const char *path = nth(src, "ends", i);

        list[i].octets = number(src, join(src, path, "octets"), UINT64_MAX);
        list[i].digest = digest_at(src, join(src, path, "digest"));
    }
    if (ok(src)) {
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
    if (number(src, "records", UINT64_MAX) != records) {
        wrong(src, "records");
    }
    number(src, "octets", UINT64_MAX);
    digest_at(src, "digest");
    if (ok(src)) {
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
        return read_live(src, type);
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
        wrong(src, type);
        return;
    }
    if (octets(src, "sum").len != BM_SUM_LEN) {
        wrong(src, "sum");
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
    for (guint i = 0; i < records->len && ok(&src); i++) {
        read_one(&src, &g_array_index(records, FrameRecord, i), records->len - 2);
    }
    bm_schema_set_free(src.set);
    if (!ok(&src)) {
        g_propagate_error(error, src.error);
        return FALSE;
    }
    return TRUE;
}
