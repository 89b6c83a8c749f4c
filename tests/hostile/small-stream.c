/* SPDX-License-Identifier: BSD-2-Clause */
#include "small-stream.h"

#include <string.h>

enum {
    ID_RAM = 2,
    ID_BLOCK,
    ID_BITMAP,
    ID_HASH,
    ID_UNKNOWN,
    ID_PACKED,
    ID_TIMER,
    ID_RICH,
    ID_OLD,
    ID_MISFIT
};

/* ---- octets ---- */

void put8(GByteArray *to, unsigned n)
{
    uint8_t octet = (uint8_t)n;

    g_byte_array_append(to, &octet, 1);
}

void put16(GByteArray *to, unsigned n)
{
    put8(to, n >> 8);
    put8(to, n);
}

void put32(GByteArray *to, uint32_t n)
{
    put16(to, n >> 16);
    put16(to, n);
}

void put64(GByteArray *to, uint64_t n)
{
    put32(to, (uint32_t)(n >> 32));
    put32(to, (uint32_t)n);
}

void put_text(GByteArray *to, const char *text)
{
    g_byte_array_append(to, (const guint8 *)text, (guint)strlen(text));
}

void put_name(GByteArray *to, const char *name)
{
    put8(to, (unsigned)strlen(name));
    put_text(to, name);
}

void put_header(GByteArray *to)
{
    put32(to, BM_LEGACY_MAGIC);
    put32(to, BM_LEGACY_VERSION);
}

void put_section(GByteArray *to, unsigned type, uint32_t id, const char *name, uint32_t instance,
                 uint32_t version)
{
    put8(to, type);
    put32(to, id);
    put_name(to, name);
    put32(to, instance);
    put32(to, version);
}

void put_footer(GByteArray *to, uint32_t id)
{
    put8(to, BM_LEGACY_FOOTER);
    put32(to, id);
}

void put_end(GByteArray *to, const char *description)
{
    put8(to, BM_LEGACY_EOF);
    put8(to, BM_LEGACY_VMDESC);
    put32(to, (uint32_t)strlen(description));
    put_text(to, description);
}

/* ---- the stream being made ---- */

typedef struct Maker {
    SmallStream s;
    GByteArray *to;
    unsigned parts;
} Maker;

static void note_record(Maker *m)
{
    size_t at = m->to->len;

    g_array_append_val(m->s.records, at);
}

static void begin_section(Maker *m, unsigned type, uint32_t id, const char *name, uint32_t instance,
                          uint32_t version)
{
    note_record(m);
    put_section(m->to, type, id, name, instance, version);
}

static void begin_later(Maker *m, unsigned type, uint32_t id)
{
    note_record(m);
    put8(m->to, type);
    put32(m->to, id);
}

static void end_section(Maker *m, uint32_t id)
{
    if (m->parts & SMALL_FOOTERS) {
        put_footer(m->to, id);
    }
}

static void put_configuration(Maker *m)
{
    GByteArray *to = m->to;

    if (!(m->parts & SMALL_CONFIGURATION)) {
        return;
    }
    note_record(m);
    put8(to, BM_LEGACY_CONFIGURATION);
    put32(to, 10);
    put_text(to, "pc-q35-9.0");
    put8(to, 0x05);
    put_name(to, BM_LEGACY_PAGE_BITS);
    put32(to, 1);
    put32(to, 10);
    put8(to, 0x05);
    put_name(to, BM_LEGACY_CAPABILITIES);
    put32(to, 1);
    put32(to, 2);
    put_name(to, "xbzrle");
    put_name(to, "postcopy-ram");
    put8(to, 0x05);
    put_name(to, BM_LEGACY_UUID);
    put32(to, 1);
    put_text(to, "0123456789abcdef");
}

/* ---- RAM ---- */

static void put_block(GByteArray *to, const char *name, uint64_t length)
{
    put_name(to, name);
    put64(to, length);
}

static void put_page_head(GByteArray *to, const char *block, uint64_t page, unsigned flag)
{
    put64(to, page * SMALL_PAGE | flag | (block ? 0 : BM_RAM_CONTINUE));
    if (block) {
        put_name(to, block);
    }
}

/* Octets that no compressor gets any smaller. */
static void put_noise(GByteArray *to, size_t len)
{
    uint32_t state = 12345;

    for (size_t i = 0; i < len; i++) {
        state = state * 1664525u + 1013904223u;
        put8(to, state >> 24);
    }
}

static void put_full(GByteArray *to, const char *block, uint64_t page, gboolean noise)
{
    put_page_head(to, block, page, BM_RAM_PAGE);
    if (noise) {
        put_noise(to, SMALL_PAGE);
        return;
    }
    for (unsigned i = 0; i < SMALL_PAGE; i++) {
        put8(to, i / 64);
    }
}

static void put_fill(GByteArray *to, const char *block, uint64_t page, unsigned octet)
{
    put_page_head(to, block, page, BM_RAM_ZERO);
    put8(to, octet);
}

static void put_encoded(GByteArray *to, const char *block, uint64_t page)
{
    put_page_head(to, block, page, BM_RAM_XBZRLE);
    put8(to, 1);
    put16(to, 5);
    put_text(to, "delta");
    put_page_head(to, NULL, page + 1, BM_RAM_ZLIB);
    put32(to, 6);
    put_text(to, "zipped");
}

static void start_ram(Maker *m)
{
    begin_section(m, BM_LEGACY_START, ID_RAM, "ram", 0, 4);
    put64(m->to, 0x7000 | BM_RAM_MEM_SIZE);
    put_block(m->to, "pc.ram", 0x5000);
    put_block(m->to, "vga.vram", 0x1000);
    put_block(m->to, "rom", 0x1000);
    put64(m->to, BM_RAM_EOS);
    end_section(m, ID_RAM);
}

static void part_ram(Maker *m)
{
    GByteArray *to = m->to;

    begin_later(m, BM_LEGACY_PART, ID_RAM);
    put_full(to, "pc.ram", 0, FALSE);
    put_fill(to, NULL, 1, 0);
    put_fill(to, NULL, 2, 0);
    put_fill(to, "pc.ram", 4, 0); /* a name that could have been left out */
    put_fill(to, NULL, 5, 0xff);
    put_full(to, "rom", 3, TRUE);
    put64(to, BM_RAM_MULTIFD_FLUSH);
    put_encoded(to, "vga.vram", 1);
    put64(to, BM_RAM_EOS);
    end_section(m, ID_RAM);
}

static void end_ram(Maker *m)
{
    begin_later(m, BM_LEGACY_END, ID_RAM);
    put_fill(m->to, NULL, 0, 0); /* the block goes on from the part before */
    put_fill(m->to, "pc.ram", 19, 0);
    put_fill(m->to, NULL, 3, 0);
    put64(m->to, BM_RAM_EOS);
    end_section(m, ID_RAM);
}

/* ---- other live sections ---- */

static void put_zero_chunk(GByteArray *to, uint64_t sector)
{
    put64(to, sector << BM_BLOCK_SHIFT | BM_BLOCK_DEVICE | BM_BLOCK_ZERO);
    put_name(to, "drive0");
}

static void put_slots(GByteArray *to, uint32_t first, const char *used, unsigned unused)
{
    unsigned count = (unsigned)(strlen(used) / BM_SLOT_SIZE);

    put32(to, first);
    put16(to, count);
    put16(to, unused);
    g_byte_array_append(to, (const guint8 *)used, count * BM_SLOT_SIZE);
}

static void start_others(Maker *m)
{
    GByteArray *to = m->to;

    begin_section(m, BM_LEGACY_START, ID_BLOCK, "block", 0, 1);
    put64(to, BM_BLOCK_EOS);
    end_section(m, ID_BLOCK);

    begin_section(m, BM_LEGACY_START, ID_BITMAP, "dirty-bitmap", 0, 1);
    put8(to, 0x10 | 0x08 | 0x04);
    put_name(to, "drive0");
    put_name(to, "bitmap0");
    put32(to, 65536);
    put8(to, 0);
    put8(to, 0x01);
    end_section(m, ID_BITMAP);

    begin_section(m, BM_LEGACY_START, ID_HASH, "spapr/htab", 0, 1);
    put32(to, BM_HASH_SIZE_MIN);
    end_section(m, ID_HASH);

    if (m->parts & SMALL_UNKNOWN) {
        begin_section(m, BM_LEGACY_START, ID_UNKNOWN, "nobody/knows", 1, 7);
        put_text(to, "~ something ~");
        end_section(m, ID_UNKNOWN);
    }
}

static void part_others(Maker *m)
{
    GByteArray *to = m->to;

    begin_later(m, BM_LEGACY_PART, ID_BLOCK);
    put_zero_chunk(to, 0);
    put64(to, 50 << BM_BLOCK_SHIFT | BM_BLOCK_PROGRESS);
    put64(to, BM_BLOCK_EOS);
    end_section(m, ID_BLOCK);

    begin_later(m, BM_LEGACY_PART, ID_BITMAP);
    put8(to, 0x40);
    put64(to, 0);
    put32(to, 128);
    put64(to, 4);
    put_text(to, "bits");
    put8(to, 0x01);
    end_section(m, ID_BITMAP);

    begin_later(m, BM_LEGACY_PART, ID_HASH);
    put32(to, BM_HASH_SLOTS);
    put_slots(to, 0, "sixteen octets. and sixteen more.", 3);
    put_slots(to, 16383, "sixteen octets. ", 0);
    put_slots(to, 128, "", 7);
    put64(to, 0);
    end_section(m, ID_HASH);
}

static void end_others(Maker *m)
{
    begin_later(m, BM_LEGACY_END, ID_BLOCK);
    put_zero_chunk(m->to, 2048);
    put64(m->to, BM_BLOCK_EOS);
    end_section(m, ID_BLOCK);

    begin_later(m, BM_LEGACY_END, ID_BITMAP);
    put8(m->to, 0x20);
    put8(m->to, 0x01);
    end_section(m, ID_BITMAP);

    begin_later(m, BM_LEGACY_END, ID_HASH);
    put32(m->to, BM_HASH_SLOTS);
    put64(m->to, 0);
    end_section(m, ID_HASH);

    if (m->parts & SMALL_UNKNOWN) {
        begin_later(m, BM_LEGACY_END, ID_UNKNOWN);
        put_footer(m->to, ID_BITMAP); /* not its own */
        end_section(m, ID_UNKNOWN);
    }
}

/* ---- commands ---- */

static void put_command(Maker *m, unsigned code, unsigned len)
{
    note_record(m);
    put8(m->to, BM_LEGACY_COMMAND);
    put16(m->to, code);
    put16(m->to, len);
}

/* A device, a command and an end marker inside a command. */
static void put_package(Maker *m)
{
    g_autoptr(GByteArray) inside = g_byte_array_new();

    if (!(m->parts & SMALL_PACKAGE)) {
        return;
    }
    put_section(inside, BM_LEGACY_FULL, ID_PACKED, "packed", 0, 1);
    put_text(inside, "state");
    if (m->parts & SMALL_FOOTERS) {
        put_footer(inside, ID_PACKED);
    }
    put8(inside, BM_LEGACY_COMMAND);
    put16(inside, 4);
    put16(inside, 0);
    put8(inside, BM_LEGACY_EOF);
    put_command(m, BM_LEGACY_CMD_PACKAGED, 4);
    put32(m->to, inside->len);
    g_byte_array_append(m->to, inside->data, inside->len);
}

static void put_commands(Maker *m)
{
    put_command(m, 1, 0);
    put_command(m, 2, 4);
    put32(m->to, 0x12345678);
    put_command(m, BM_LEGACY_CMD_ADVISE, 16);
    put64(m->to, SMALL_PAGE);
    put64(m->to, SMALL_PAGE);
    put_package(m);
}

/* ---- devices ---- */

static void put_timer(Maker *m)
{
    begin_section(m, BM_LEGACY_FULL, ID_TIMER, "timer", 0, 2);
    put64(m->to, 0x1122334455667788);
    put64(m->to, 0);
    put64(m->to, UINT64_C(0xfffffffffffffffe));
    end_section(m, ID_TIMER);
}

static void put_numbers(GByteArray *to)
{
    put8(to, 7); /* a bool that is none */
    put8(to, 1);
    put8(to, 0x80);
    put16(to, 0xfffe);
    put32(to, 0xffffffff);
    put64(to, UINT64_C(1) << 63);
    put8(to, 0xff);
    put64(to, UINT64_C(1) << 63);
}

static void put_arrays(GByteArray *to)
{
    put64(to, 0x0000000100000002);
    put64(to, 0x0000000300000004);
    put_text(to, "buffer");
    put8(to, 1); /* a struct */
    put16(to, 2);
    put16(to, 3); /* three of them */
    put16(to, 4);
    put16(to, 5);
    put16(to, 6); /* one by one */
    put16(to, 7);
    put64(to, 8); /* a bitmap */
    put64(to, 9);
}

static void put_rest(GByteArray *to)
{
    put8(to, 1); /* a list of two */
    put8(to, 0xaa);
    put8(to, 1);
    put8(to, 0xbb);
    put8(to, 0);
    put8(to, 0x30);                          /* a null pointer */
    put64(to, UINT64_C(0x7ff4000000000001)); /* a NaN */
    put_text(to, "???");
}

static void put_rich(Maker *m)
{
    GByteArray *to = m->to;

    begin_section(m, BM_LEGACY_FULL, ID_RICH, "0000:00:02.0/rich", 3, 5);
    put_numbers(to);
    put_arrays(to);
    put_rest(to);
    put8(to, 0x05);
    put_name(to, "rich/more");
    put32(to, 1);
    put32(to, 77);
    put8(to, 0x05);
    put_name(to, "rich/more/deep");
    put32(to, 2);
    put8(to, 78);
    end_section(m, ID_RICH);
}

static void put_old(Maker *m)
{
    begin_section(m, BM_LEGACY_FULL, ID_OLD, "old", 0, 1);
    put_text(m->to, "old style 12");
    end_section(m, ID_OLD);
}

static void put_misfit(Maker *m)
{
    if (m->parts & SMALL_MISFIT) {
        begin_section(m, BM_LEGACY_FULL, ID_MISFIT, "misfit", 0, 1);
        put_text(m->to, "longer");
        end_section(m, ID_MISFIT);
    }
}

/* ---- the description ---- */

#define F(name, type, size) "{\"name\": \"" name "\", \"type\": \"" type "\", \"size\": " size "}"
#define ARRAY(name, len, type, size)                                                               \
    "{\"name\": \"" name "\", \"array_len\": " len ", \"type\": \"" type "\", \"size\": " size "}"
#define VMSD(name, version, fields)                                                                \
    "\"vmsd_name\": \"" name "\", \"version\": " version ", \"fields\": [" fields "]"
#define STRUCT(vmsd) "\"type\": \"struct\", \"struct\": {" vmsd "}"
#define DEVICE(name, instance) "{\"name\": \"" name "\", \"instance_id\": " instance ", "

static const char configuration_text[] = "\"configuration\": {" VMSD(
    "configuration", "1", F("len", "uint32", "4") ", " F("name", "buffer", "10")) "}, ";

static const char timer_text[] = DEVICE("timer", "0")
    VMSD("timer", "2",
         F("ticks", "int64", "8") ", " F("unused", "unused_buffer", "8") ", " F("clock", "timer",
                                                                                "8")) "}";

static const char rich_text[] = DEVICE("0000:00:02.0/rich", "3") VMSD(
    "rich", "5",
    F("odd", "bool", "1") ", " F("even", "bool", "1") ", " F("u8", "uint8", "1") ", " F("u16", "uint16", "2") ", " F("u32", "uint32 equal", "4") ", " F(
        "u64", "uint64",
        "8") ", " F("i8", "int8",
                    "1") ", "
                         "" F("i64", "int64", "8") ", " ARRAY("words", "4", "uint32", "4") ", " F(
                             "buf", "buffer",
                             "6") ", "
                                  "{\"name\": \"inner\", " STRUCT(VMSD(
                                      "inner", "1",
                                      F("a", "uint8", "1") ", " F(
                                          "b", "uint16",
                                          "2"))) ", \"size\": 3}, "
                                                 "{\"name\": \"elems\", \"array_len\": "
                                                 "3, " STRUCT(VMSD(
                                                     "elem", "1",
                                                     F("x", "uint16",
                                                       "2"))) ", \"size\": 2}, "
                                                              "{\"name\": \"idx\", "
                                                              "\"index\": 0, \"type\": "
                                                              "\"uint16\", \"size\": 2}, "
                                                              "{\"name\": \"idx\", "
                                                              "\"index\": 1, \"type\": "
                                                              "\"uint16\", \"size\": "
                                                              "2}, " F(
                                                                  "map", "bitmap",
                                                                  "16") ", "
                                                                        "{\"name\": "
                                                                        "\"queue\", "
                                                                        "\"type\": "
                                                                        "\"qtailq\","
                                                                        " " VMSD("entry", "1", F("e", "uint8", "1")) ", " VMSD(
                                                                            "entry", "1",
                                                                            F("e", "uint8",
                                                                              "1")) ", "
                                                                                    "\"siz"
                                                                                    "e\": "
                                                                                    "5},"
                                                                                    " " F("ptr", "nullptr", "1") ", " F("nan", "float64", "8") ", " F(
                                                                                        "odds",
                                                                                        "weird",
                                                                                        "3")) ", "
                                                                                              "\"su"
                                                                                              "bsec"
                                                                                              "tion"
                                                                                              "s\":"
                                                                                              " ["
                                                                                              "{" VMSD(
                                                                                                  "rich/more",
                                                                                                  "1",
                                                                                                  F("m",
                                                                                                    "uint32",
                                                                                                    "4")) ", "
                                                                                                          "\"su"
                                                                                                          "bsec"
                                                                                                          "tion"
                                                                                                          "s\":"
                                                                                                          " ["
                                                                                                          "{" VMSD(
                                                                                                              "rich/more/deep",
                                                                                                              "2",
                                                                                                              F("d",
                                                                                                                "uint8",
                                                                                                                "1")) "}]}]}";

static const char old_text[] =
    DEVICE("old", "0") "\"size\": 12, \"fields\": [{\"name\": \"data\", \"size\": 12, "
                       "\"type\": \"buffer\"}]}";

static const char misfit_text[] =
    DEVICE("misfit", "0") VMSD("misfit", "1", F("short", "uint32", "4")) "}";

/* No name here has a bracket or a colon in it. */
static char *spaced(const char *text)
{
    GString *s = g_string_new(NULL);

    for (; *text; text++) {
        if (*text == '}' || *text == ']' || (*text == ':' && text[1] == ' ')) {
            g_string_append_c(s, ' ');
        }
        g_string_append_c(s, *text);
        if (*text == '{' || *text == '[') {
            g_string_append_c(s, ' ');
        }
    }
    return g_string_free(s, FALSE);
}

char *small_description(unsigned parts)
{
    gboolean misfit = parts & SMALL_MISFIT;
    char *compact =
        g_strconcat("{", parts & SMALL_CONFIGURATION ? configuration_text : "",
                    "\"page_size\": 1024, \"devices\": [", timer_text, ", ", rich_text, ", ",
                    old_text, misfit ? ", " : "", misfit ? misfit_text : "", "]}", NULL);
    char *text = parts & SMALL_SPACED ? spaced(compact) : g_strdup(compact);

    g_free(compact);
    return text;
}

static void put_description(Maker *m)
{
    g_autofree char *text = small_description(m->parts);

    if (m->parts & SMALL_DESCRIPTION) {
        put8(m->to, BM_LEGACY_VMDESC);
        put32(m->to, (uint32_t)strlen(text));
        put_text(m->to, text);
    }
}

/* ---- all of it ---- */

static void put_live(Maker *m)
{
    start_ram(m);
    start_others(m);
    put_commands(m);
    part_ram(m);
    part_others(m);
    end_ram(m);
    end_others(m);
}

static void put_devices(Maker *m)
{
    m->s.devices = m->to->len;
    put_timer(m);
    put_rich(m);
    put_old(m);
    put_misfit(m);
}

SmallStream small_stream(unsigned parts)
{
    Maker m = {.parts = parts};

    m.to = m.s.octets = g_byte_array_new();
    m.s.records = g_array_new(FALSE, FALSE, sizeof(size_t));
    put_header(m.to);
    put_configuration(&m);
    put_live(&m);
    put_devices(&m);
    m.s.end = m.to->len;
    note_record(&m);
    put8(m.to, BM_LEGACY_EOF);
    m.s.description = m.to->len;
    put_description(&m);
    m.s.trailing = m.to->len;
    if (parts & SMALL_TRAILING) {
        put_text(m.to, "whatever follows");
    }
    return m.s;
}

/* The bitmap, room, and the pages of a block whose header comes next. */
static void put_mapped_block(GByteArray *to, const char *name, uint64_t pages, unsigned bits)
{
    uint64_t bitmap;

    put_name(to, name);
    put64(to, pages * SMALL_PAGE);
    bitmap = to->len + BM_MAPPED_HEADER;
    put32(to, BM_MAPPED_VERSION);
    put64(to, SMALL_PAGE);
    put64(to, bitmap);
    put64(to, bitmap + 8);
    put64(to, (uint64_t)bits << 56); /* little-endian */
    for (uint64_t i = 0; i < pages * SMALL_PAGE; i++) {
        put8(to, bits >> i / SMALL_PAGE & 1 ? 'm' : 0);
    }
}

GByteArray *small_mapped_stream(void)
{
    GByteArray *to = g_byte_array_new();

    put_header(to);
    put8(to, BM_LEGACY_CONFIGURATION);
    put32(to, 5);
    put_text(to, "small");
    put8(to, 0x05);
    put_name(to, BM_LEGACY_CAPABILITIES);
    put32(to, 1);
    put32(to, 1);
    put_name(to, BM_LEGACY_MAPPED);
    put_section(to, BM_LEGACY_START, ID_RAM, "ram", 0, 4);
    put64(to, 5 * SMALL_PAGE | BM_RAM_MEM_SIZE);
    put_mapped_block(to, "pc.ram", 4, 6);
    put_mapped_block(to, "rom", 1, 0);
    put64(to, BM_RAM_EOS);
    put_footer(to, ID_RAM);
    put8(to, BM_LEGACY_EOF);
    return to;
}

void small_stream_clear(SmallStream *s)
{
    g_byte_array_unref(s->octets);
    g_array_unref(s->records);
}

BmOctets small_stream_octets(const SmallStream *s)
{
    return (BmOctets){s->octets->data, s->octets->len};
}
