/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads QEMU's own stream: header, configuration, the loop over records. */
#include <string.h>

#include "block-list.h"
#include "legacy-reader.h"

#define END_TIMEOUT_MS 1000
/* Each level is read twice, so the innermost one 2^levels times. QEMU has one. */
#define PACKAGES_MAX 2

/* ---- octets ---- */

gboolean bm_legacy_need(BmLegacyReader *r, size_t len, const char *what, GError **error)
{
    size_t have = bm_input_available(r->in);
    BmFault fault;

    if (have < len) {
        have = bm_input_fill(r->in, len);
    }
    if (r->idle_error) {
        g_propagate_error(error, g_steal_pointer(&r->idle_error));
        return FALSE;
    }
    if (have >= len) {
        return TRUE;
    }
    fault = (BmFault){BM_TRUNCATED, bm_input_offset(r->in) + have, what, len, have};
    if (bm_input_errno(r->in) != 0) {
        fault.code = BM_IO;
        fault.got = (uint64_t)bm_input_errno(r->in);
    }
    return bm_error_from_fault(error, &fault, NULL);
}

gboolean bm_legacy_take(BmLegacyReader *r, size_t len, const char *what, const uint8_t **p,
                        GError **error)
{
    if (!bm_legacy_need(r, len, what, error)) {
        return FALSE;
    }
    *p = bm_input_data(r->in);
    bm_input_skip(r->in, len);
    return TRUE;
}

gboolean bm_legacy_name(BmLegacyReader *r, const char *what, char **name, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;
    size_t len;

    if (!bm_legacy_need(r, 1, what, error)) {
        return FALSE;
    }
    len = bm_input_data(r->in)[0];
    if (!bm_legacy_take(r, 1 + len, what, &p, error)) {
        return FALSE;
    }
    if (len == 0 || !bm_utf8_valid(p + 1, len)) {
        return bm_error_set(error, BM_BAD_VALUE, at, NULL, "%s is empty or not UTF-8", what);
    }
    *name = g_strndup((const char *)p + 1, len);
    return TRUE;
}

gboolean bm_legacy_more(BmLegacyReader *r, size_t len)
{
    if (r->options.live) {
        return bm_input_fill_within(r->in, len, r->options.end_timeout_ms) >= len;
    }
    return bm_input_fill(r->in, len) >= len;
}

/* Also before what was handed on as stable moves. */
static void flush_while_waiting(void *data)
{
    BmLegacyReader *r = data;

    if (!r->idle_error) {
        bm_stream_flush(r->s, &r->idle_error);
    }
}

/* ---- header ---- */

static gboolean read_header(BmLegacyReader *r, GError **error)
{
    BmPreamble preamble = {.major = BM_VERSION_MAJOR,
                           .minor = BM_VERSION_MINOR,
                           .generator = "bermig " BM_PACKAGE_VERSION,
                           .has_header = TRUE};
    size_t leading = r->options.live ? 0 : bm_legacy_leading(r->in);
    const uint8_t *p;

    if (leading > BM_LIMIT_LEADING) {
        return bm_error_set(error, BM_NOT_RECOGNISED, 0, NULL, "not a QEMU migration stream");
    }
    if (!bm_legacy_take(r, leading + BM_LEGACY_HEADER, "the header", &p, error)) {
        return FALSE;
    }
    if (leading > 0) {
        preamble.leading = (BmOctets){p, leading};
    }
    p += leading;
    if (bm_be32(p) != BM_LEGACY_MAGIC) {
        return bm_error_set(error, BM_NOT_RECOGNISED, 0, NULL, "not a QEMU migration stream");
    }
    preamble.header_version = bm_be32(p + 4);
    if (preamble.header_version != BM_LEGACY_VERSION) {
        return bm_error_set(error, BM_BAD_VERSION, leading + 4, NULL,
                            "version %u of a QEMU stream, this reader knows %u",
                            preamble.header_version, BM_LEGACY_VERSION);
    }
    return bm_stream_begin(r->s, &preamble, error);
}

/* ---- live sections ---- */

static void free_live(gpointer data)
{
    BmLegacyLive *live = data;

    g_free(live->name);
    g_free(live);
}

/* A footer may stand behind a section; the first one shows whether the machine
 * type writes any. */
static gboolean read_footer(BmLegacyReader *r, uint32_t id, gboolean *bare, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;

    *bare = bm_input_fill(r->in, 1) < 1 || bm_input_data(r->in)[0] != BM_LEGACY_FOOTER;
    r->footers = *bare ? BM_FOOTERS_OFF : BM_FOOTERS_ON;
    if (*bare) {
        return TRUE;
    }
    if (!bm_legacy_take(r, 5, "the footer of a section", &p, error)) {
        return FALSE;
    }
    if (bm_be32(p + 1) != id) {
        return bm_error_set(error, BM_MISMATCH, at, NULL,
                            "the footer of section %u behind section %u", bm_be32(p + 1), id);
    }
    return TRUE;
}

static gboolean read_body(BmLegacyReader *r, BmLegacyLive *live, uint32_t id, GError **error)
{
    gboolean bare, ok = live->grammar == BM_GRAMMAR_RAM ? bm_legacy_ram_body(r, live, id, error)
                                                        : bm_legacy_live_body(r, live, id, error);

    if (!ok) {
        bm_error_add_path(error ? *error : NULL, live->name);
        return FALSE;
    }
    if (r->ended) {
        return TRUE;
    }
    return read_footer(r, id, &bare, error) && bm_stream_live_end(r->s, bare, error);
}

static BmLegacyLive *add_live(BmLegacyReader *r, uint32_t id, char *name, const uint8_t *p)
{
    BmLegacyLive *live = g_new0(BmLegacyLive, 1);

    live->name = name;
    live->instance = bm_be32(p);
    live->version = bm_be32(p + 4);
    live->grammar = bm_legacy_grammar(name, live->version);
    g_tree_insert(r->live, GUINT_TO_POINTER(id), live);
    return live;
}

/* A package is tried before it is believed, so nothing in it may change what
 * live sections leave behind.  QEMU has only devices and commands there. */
static gboolean refuse_in_package(BmLegacyReader *r, GError **error)
{
    return bm_error_set(error, BM_REFUSED, bm_input_offset(r->in), NULL,
                        "a live section begins inside a package");
}

static gboolean read_start(BmLegacyReader *r, GError **error)
{
    BmLegacyLive *live;
    BmSection section;
    const uint8_t *p;
    uint32_t id;
    char *name;

    if (r->packages > 0) {
        return refuse_in_package(r, error);
    }
    if (!bm_legacy_take(r, 5, "the head of a section", &p, error)) {
        return FALSE;
    }
    id = bm_be32(p + 1);
    if (!bm_legacy_name(r, "the name of a section", &name, error)) {
        return FALSE;
    }
    if (!bm_legacy_take(r, 8, "the head of a section", &p, error)) {
        g_free(name);
        return FALSE;
    }
    live = add_live(r, id, name, p);
    if (g_tree_nnodes(r->live) > (int)BM_LIMIT_SECTIONS) {
        return bm_error_set(error, BM_LIMIT, bm_input_offset(r->in), live->name,
                            "more than %u live sections", BM_LIMIT_SECTIONS);
    }
    section = (BmSection){id, live->name, live->instance, live->version};
    return bm_stream_live_begin(r->s, BM_PHASE_START, &section, error) &&
           read_body(r, live, id, error);
}

static gboolean read_later(BmLegacyReader *r, BmPhase phase, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    BmLegacyLive *live;
    BmSection section;
    const uint8_t *p;
    uint32_t id;

    if (!bm_legacy_take(r, 5, "the head of a section", &p, error)) {
        return FALSE;
    }
    id = bm_be32(p + 1);
    live = g_tree_lookup(r->live, GUINT_TO_POINTER(id));
    if (!live) {
        return bm_error_set(error, BM_UNKNOWN, at, NULL, "section %u has had no start", id);
    }
    section = (BmSection){id, live->name, live->instance, live->version};
    return bm_stream_live_begin(r->s, phase, &section, error) && read_body(r, live, id, error);
}

/* ---- commands and packages ---- */

static gboolean read_records(BmLegacyReader *r, GError **error);

/* A package is read in a reader of its own that shares what sections leave
 * behind.  It ends with its octets. */
static gboolean read_package_records(BmLegacyReader *r, BmStreamVisitor *s, BmOctets data,
                                     GError **error)
{
    BmLegacyReader inner = *r;
    gboolean ok;

    inner.in = bm_input_memory(data.data, data.len);
    inner.s = s;
    inner.packages++;
    inner.early = 0;
    inner.options.live = FALSE;
    ok = read_records(&inner, error) &&
         (!inner.ended || bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "no end"));
    if (ok && bm_input_available(inner.in) > 0) {
        ok = bm_error_set(error, BM_TRAILING, BM_NO_OFFSET, NULL, "octets behind a package's end");
    }
    bm_input_free(inner.in);
    r->ram.last_block = inner.ram.last_block;
    r->ram.page_size = inner.ram.page_size;
    r->ram.announced = inner.ram.announced;
    r->packaged = inner.packaged + inner.early;
    return ok;
}

/* Tried first without anybody seeing it: a package that is not a sequence of
 * records goes on as the octets that it is. */
static gboolean read_package(BmLegacyReader *r, BmOctets data, GError **error)
{
    BmStreamVisitor *nothing = bm_null_stream();
    BmLegacyRam before = r->ram;
    guint packaged = r->packaged;
    gboolean ok = r->packages < PACKAGES_MAX && read_package_records(r, nothing, data, NULL);

    bm_stream_free(nothing);
    r->ram.last_block = before.last_block;
    r->ram.page_size = before.page_size;
    r->ram.announced = before.announced;
    r->packaged = packaged;
    if (!ok) {
        return bm_stream_command(r->s, BM_LEGACY_CMD_PACKAGED,
                                 (BmOctets){data.data - 4, data.len + 4}, error);
    }
    return bm_stream_package_begin(r->s, (uint32_t)data.len, error) &&
           read_package_records(r, r->s, data, error) && bm_stream_package_end(r->s, error);
}

static gboolean read_packaged(BmLegacyReader *r, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;
    uint32_t len;

    if (!bm_legacy_need(r, 9, "a package", error)) {
        return FALSE;
    }
    len = bm_be32(bm_input_data(r->in) + 5);
    if (len > BM_LIMIT_RECORD) {
        return bm_error_set(error, BM_LIMIT, at + 5, NULL,
                            "a package of %u octets, the limit is %u", len, BM_LIMIT_RECORD);
    }
    if (!bm_legacy_take(r, 9 + (size_t)len, "a package", &p, error)) {
        return FALSE;
    }
    return read_package(r, (BmOctets){p + 9, len}, error);
}

static gboolean read_command(BmLegacyReader *r, GError **error)
{
    const uint8_t *p;
    unsigned code;
    size_t len;

    if (!bm_legacy_need(r, 5, "a command", error)) {
        return FALSE;
    }
    p = bm_input_data(r->in);
    code = (unsigned)p[1] << 8 | p[2];
    len = (size_t)p[3] << 8 | p[4];
    if (code == BM_LEGACY_CMD_PACKAGED && len == 4) {
        return read_packaged(r, error);
    }
    /* QEMU has none; a Command of this code is for packages. */
    if (code == BM_LEGACY_CMD_PACKAGED && len > 4) {
        return bm_legacy_up_to_end(r, error);
    }
    if (!bm_legacy_take(r, 5 + len, "a command", &p, error)) {
        return FALSE;
    }
    if (code == BM_LEGACY_CMD_ADVISE && len == 16) {
        r->ram.advised = bm_be64(p + 5);
    }
    return bm_stream_command(r->s, code, (BmOctets){p + 5, len}, error);
}

/* ---- records ---- */

static gboolean read_records(BmLegacyReader *r, GError **error)
{
    while (!r->ended) {
        uint64_t at = bm_input_offset(r->in);
        uint8_t type;

        /* A package may end without an end marker. */
        if (r->packages > 0 && bm_input_fill(r->in, 1) == 0) {
            return TRUE;
        }
        if (!bm_legacy_need(r, 1, "the stream", error)) {
            return FALSE;
        }
        type = bm_input_data(r->in)[0];
        switch (type) {
        case BM_LEGACY_EOF:
            return bm_legacy_finish(r, error);
        case BM_LEGACY_START:
            if (!read_start(r, error)) {
                return FALSE;
            }
            break;
        case BM_LEGACY_PART:
        case BM_LEGACY_END:
            if (!read_later(r, type == BM_LEGACY_PART ? BM_PHASE_PART : BM_PHASE_END, error)) {
                return FALSE;
            }
            break;
        case BM_LEGACY_FULL:
            if (!bm_legacy_devices(r, error)) {
                return FALSE;
            }
            break;
        case BM_LEGACY_COMMAND:
            if (!read_command(r, error)) {
                return FALSE;
            }
            break;
        default:
            return bm_error_set(error, BM_UNKNOWN, at, NULL, "0x%02x is no type of a record", type);
        }
    }
    return TRUE;
}

/* A live QEMU writes nothing behind the end; in a file anything may follow. */
static gboolean read_trailing(BmLegacyReader *r, GError **error)
{
    size_t have;

    while (!r->options.live && !r->ended && (have = bm_input_fill(r->in, 1)) > 0) {
        BmOctets data = {bm_input_data(r->in), MIN(have, BM_BLOCK_CHUNK)};

        if (!bm_stream_remainder(r->s, BM_REASON_TRAILING, data, error)) {
            return FALSE;
        }
        bm_input_skip(r->in, data.len);
    }
    if (bm_input_errno(r->in) != 0) {
        return bm_legacy_need(r, 1, "the stream", error);
    }
    return TRUE;
}

static gboolean read_stream(BmLegacyReader *r, GError **error)
{
    return read_header(r, error) && bm_legacy_read_configuration(r, error) &&
           read_records(r, error) && read_trailing(r, error) && bm_stream_end(r->s, error);
}

static void init_reader(BmLegacyReader *r)
{
    r->own_set = r->options.schemas ? NULL : bm_schema_set_new();
    r->set = r->options.schemas ? r->options.schemas : r->own_set;
    r->live = g_tree_new_full(bm_legacy_compare_ids, NULL, NULL, free_live);
    r->ram.blocks = bm_block_list_new();
    r->ram.names = g_tree_new((GCompareFunc)strcmp);
    r->ram.last_block = BM_NO_BLOCK;
    if (r->options.end_timeout_ms <= 0) {
        r->options.end_timeout_ms = END_TIMEOUT_MS;
    }
}

static void clear_reader(BmLegacyReader *r)
{
    bm_vmdesc_free(r->own_vmdesc);
    g_tree_unref(r->ram.names);
    g_array_unref(r->ram.blocks);
    g_clear_pointer(&r->ram.mapped, g_array_unref);
    g_tree_unref(r->live);
    bm_schema_set_free(r->own_set);
    g_clear_error(&r->idle_error);
}

gboolean bm_legacy_read(BmInput *in, BmStreamVisitor *s, const BmLegacyOptions *options,
                        GError **error)
{
    BmLegacyReader r = {.in = in, .s = s};
    gboolean ok;

    if (options) {
        r.options = *options;
    }
    init_reader(&r);
    bm_input_set_idle(in, flush_while_waiting, &r);
    r.stable = bm_stream_borrows(s);
    r.skims = bm_stream_takes_places(s);
    if (r.stable) {
        bm_input_set_moving(in, flush_while_waiting, &r);
    }
    ok = read_stream(&r, error);
    bm_input_set_idle(in, NULL, NULL);
    bm_input_set_moving(in, NULL, NULL);
    clear_reader(&r);
    return ok;
}
