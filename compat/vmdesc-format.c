/* SPDX-License-Identifier: BSD-2-Clause */
#include "vmdesc.h"

#include <string.h>

#include "vmdesc-words.h"

/* At first, for a text that is made: that of a pc has 110 to 130 kB. */
#define ROOM (160u << 10)

/* Where the text goes: into `out`, or beside a text that it may be equal to. */
typedef struct Formatter {
    GString *out;         /* as long as there is room; NULL: it is only compared */
    const char *expected; /* NULL: it is made */
    size_t len;           /* made so far; compared, the part that is equal */
    size_t most;          /* of `expected`, or BM_LIMIT_DESCRIPTION */
    gboolean differs;     /* or is longer than `most`: no more is made */
    BmStyle style;
    const BmVmdescWords *words;
    gboolean comma; /* before the next member */
    GArray *places; /* BmVmdescPlace, of devices; NULL: nobody asks */
    GArray *made;   /* Made, by the number of a schema */
} Formatter;

/* A struct that stands in the text already: many stand there often, and are copied then. */
typedef struct Made {
    const BmSchema *schema; /* NULL: not yet */
    BmVmdescPlace place;
} Made;

/* More than is asked for, so that it is not asked for often. */
static void make_room(Formatter *f, size_t len)
{
    if (f->out && f->out->len - f->len < len) {
        g_string_set_size(f->out, MAX(2 * f->out->len, f->len + len));
    }
}

static void put(Formatter *f, const char *text, size_t len)
{
    if (f->differs || len > f->most - f->len ||
        (f->expected && memcmp(f->expected + f->len, text, len) != 0)) {
        f->differs = TRUE;
        return;
    }
    if (f->out) {
        make_room(f, len);
        memcpy(f->out->str + f->len, text, len);
    }
    f->len += len;
}

static void put_word(Formatter *f, BmVmdescWord word)
{
    put(f, word.text, word.len);
}

/* Once more what stands there. */
static void put_again(Formatter *f, BmVmdescPlace place)
{
    size_t len = place.end - place.begin;

    if (!f->differs && len <= f->most - f->len) {
        make_room(f, len); /* the text moves now, and not when it is copied */
    }
    put(f, (f->out ? f->out->str : f->expected) + place.begin, len);
}

/* ---- JSON ---- */

static void open_with(Formatter *f, BmVmdescWord bracket)
{
    put_word(f, bracket);
    f->comma = FALSE;
}

static void close_with(Formatter *f, BmVmdescWord bracket)
{
    put_word(f, bracket);
    f->comma = TRUE;
}

static void separate(Formatter *f)
{
    if (f->comma) {
        put_word(f, f->words->comma);
    }
    f->comma = TRUE;
}

static void put_unit(Formatter *f, gunichar unit)
{
    char text[8];

    put(f, text, (size_t)g_snprintf(text, sizeof text, "\\u%04X", unit));
}

static void put_escaped(Formatter *f, gunichar c)
{
    static const char specials[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *special = c < 0x80 ? strchr(specials, (int)c) : NULL;

    if (special) {
        put(f, "\\", 1);
        put(f, &letters[special - specials], 1);
    } else if (c > 0xffff) {
        put_unit(f, 0xd7c0 + (c >> 10));
        put_unit(f, 0xdc00 + (c & 0x3ff));
    } else {
        put_unit(f, c);
    }
}

static void put_string(Formatter *f, const char *text)
{
    put(f, "\"", 1);
    while (*text) {
        size_t plain = f->style == BM_STYLE_SPACED ? strlen(text) : bm_vmdesc_plain(text, SIZE_MAX);

        put(f, text, plain);
        text += plain;
        if (*text) {
            put_escaped(f, g_utf8_get_char(text));
            text = g_utf8_next_char(text);
        }
    }
    put(f, "\"", 1);
}

static void put_key(Formatter *f, BmVmdescKey key)
{
    separate(f);
    put_word(f, f->words->keys[key]);
}

static void put_member_string(Formatter *f, BmVmdescKey key, const char *text)
{
    put_key(f, key);
    put_string(f, text);
}

/* A description has thousands: printf() would take half of the time. */
static void put_member_number(Formatter *f, BmVmdescKey key, uint64_t n)
{
    char digits[20], *first = digits + sizeof digits;

    do {
        *--first = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    put_key(f, key);
    put(f, first, (size_t)(digits + sizeof digits - first));
}

/* ---- fields ---- */

static gboolean put_struct(Formatter *f, const BmSchema *schema);

static gboolean put_inline(Formatter *f, const BmField *field)
{
    for (uint32_t i = 0; i < field->n_elements; i++) {
        if (!put_struct(f, field->elements[i])) {
            return FALSE;
        }
    }
    return TRUE;
}

/* QEMU <= 9.2 has an empty `struct` for a NULL element; vmdesc-parse.c gives
 * that as an opaque field. */
static gboolean put_elements(Formatter *f, const BmField *field)
{
    gboolean wrapped = !strcmp(bm_field_type(field), "struct");

    if (wrapped) {
        put_key(f, BM_KEY_STRUCT);
        open_with(f, f->words->open_object);
    }
    if (!put_inline(f, field)) {
        return FALSE;
    }
    if (wrapped) {
        close_with(f, f->words->close_object);
    }
    return TRUE;
}

static gboolean entry_size(const BmField *field, uint64_t *size)
{
    if (!bm_field_element_size(field, size)) {
        return FALSE;
    }
    *size *= field->form == BM_FORM_WHOLE ? field->count : 1;
    return TRUE;
}

/* The i-th entry of a field. */
static gboolean put_entry(Formatter *f, const BmField *field, uint32_t i)
{
    gboolean indexed = field->form == BM_FORM_INDEXED ||
                       (field->form == BM_FORM_INDEXED_BUT_LAST && i + 1 < field->count);
    uint64_t size;

    /* Schemas may share parts, so that a small set has an endless text. */
    if (f->differs || !entry_size(field, &size)) {
        return FALSE;
    }
    separate(f);
    open_with(f, f->words->open_object);
    put_member_string(f, BM_KEY_NAME, field->name);
    if (field->form == BM_FORM_ARRAY && field->count != 1) {
        put_member_number(f, BM_KEY_ARRAY_LEN, field->count);
    } else if (indexed) {
        put_member_number(f, BM_KEY_INDEX, (uint64_t)field->first + i);
    }
    put_member_string(f, BM_KEY_TYPE, bm_field_type(field));
    if (!put_elements(f, field)) {
        return FALSE;
    }
    put_member_number(f, BM_KEY_SIZE, size);
    close_with(f, f->words->close_object);
    return TRUE;
}

static gboolean put_field(Formatter *f, const BmField *field)
{
    gboolean one = field->form == BM_FORM_ARRAY || field->form == BM_FORM_WHOLE;

    for (uint32_t i = 0; i < (one ? 1 : field->count); i++) {
        if (!put_entry(f, field, i)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* ---- structs ---- */

static gboolean put_subsection(Formatter *f, const BmSchema *schema)
{
    separate(f);
    open_with(f, f->words->open_object);
    if (f->differs || !put_struct(f, schema)) {
        return FALSE;
    }
    close_with(f, f->words->close_object);
    return TRUE;
}

static gboolean put_fields(Formatter *f, const BmSchema *schema)
{
    put_key(f, BM_KEY_FIELDS);
    open_with(f, f->words->open_array);
    for (uint32_t i = 0; i < schema->n_fields; i++) {
        if (!put_field(f, &schema->fields[i])) {
            return FALSE;
        }
    }
    close_with(f, f->words->close_array);
    return TRUE;
}

static gboolean put_subsections(Formatter *f, const BmSchema *schema)
{
    if (!schema->n_subsections) {
        return TRUE;
    }
    put_key(f, BM_KEY_SUBSECTIONS);
    open_with(f, f->words->open_array);
    for (uint32_t i = 0; i < schema->n_subsections; i++) {
        if (!put_subsection(f, schema->subsections[i])) {
            return FALSE;
        }
    }
    close_with(f, f->words->close_array);
    return TRUE;
}

static gboolean put_members(Formatter *f, const BmSchema *schema)
{
    put_member_string(f, BM_KEY_VMSD_NAME, schema->name);
    put_member_number(f, BM_KEY_VERSION, schema->version);
    return put_fields(f, schema) && put_subsections(f, schema);
}

static Made *made_of(Formatter *f, const BmSchema *schema)
{
    if (schema->number >= f->made->len) {
        g_array_set_size(f->made, schema->number + 1);
    }
    return &g_array_index(f->made, Made, schema->number);
}

/* The members of a struct, without the brackets. */
static gboolean put_struct(Formatter *f, const BmSchema *schema)
{
    const Made *made = made_of(f, schema);
    size_t begin;

    separate(f);
    if (made->schema == schema) {
        put_again(f, made->place);
        return TRUE;
    }
    begin = f->len;
    f->comma = FALSE;
    if (!put_members(f, schema)) {
        return FALSE;
    }
    *made_of(f, schema) = (Made){schema, {begin, f->len}};
    return TRUE;
}

/* ---- devices ---- */

/* A device without a vmstate: here, and only here, `size` comes before `type`. */
static void put_old_style(Formatter *f, uint64_t size)
{
    put_member_number(f, BM_KEY_SIZE, size);
    put_key(f, BM_KEY_FIELDS);
    open_with(f, f->words->open_array);
    open_with(f, f->words->open_object);
    put_member_string(f, BM_KEY_NAME, "data");
    put_member_number(f, BM_KEY_SIZE, size);
    put_member_string(f, BM_KEY_TYPE, "buffer");
    close_with(f, f->words->close_object);
    close_with(f, f->words->close_array);
}

static gboolean put_device(Formatter *f, const BmVmdescDevice *device)
{
    BmVmdescPlace place;

    separate(f);
    place.begin = f->len;
    open_with(f, f->words->open_object);
    put_member_string(f, BM_KEY_NAME, device->name);
    put_member_number(f, BM_KEY_INSTANCE_ID, device->instance);
    if (!device->schema) {
        put_old_style(f, device->size);
    } else if (!put_struct(f, device->schema)) {
        return FALSE;
    }
    close_with(f, f->words->close_object);
    place.end = f->len;
    if (f->places) {
        g_array_append_val(f->places, place);
    }
    return TRUE;
}

static gboolean put_configuration(Formatter *f, const BmVmdesc *d)
{
    if (!d->configuration) {
        return TRUE;
    }
    put_key(f, BM_KEY_CONFIGURATION);
    open_with(f, f->words->open_object);
    if (!put_struct(f, d->configuration)) {
        return FALSE;
    }
    close_with(f, f->words->close_object);
    return TRUE;
}

static gboolean put_devices(Formatter *f, const BmVmdesc *d)
{
    put_key(f, BM_KEY_DEVICES);
    open_with(f, f->words->open_array);
    for (guint i = 0; i < d->devices->len; i++) {
        if (!put_device(f, &g_array_index(d->devices, BmVmdescDevice, i))) {
            return FALSE;
        }
    }
    close_with(f, f->words->close_array);
    return TRUE;
}

static gboolean put_root(Formatter *f, const BmVmdesc *d)
{
    open_with(f, f->words->open_object);
    if (!put_configuration(f, d)) {
        return FALSE;
    }
    put_member_number(f, BM_KEY_PAGE_SIZE, d->page_size);
    if (!put_devices(f, d)) {
        return FALSE;
    }
    close_with(f, f->words->close_object);
    return !f->differs;
}

static void begin(Formatter *f, const BmVmdesc *d)
{
    f->style = d->style;
    f->words = bm_vmdesc_words(d->style);
    f->made = g_array_new(FALSE, TRUE, sizeof(Made));
}

GString *bm_vmdesc_format(const BmVmdesc *d, GError **error)
{
    Formatter f = {.out = g_string_new(NULL), .most = BM_LIMIT_DESCRIPTION};
    gboolean ok;

    g_string_set_size(f.out, ROOM);
    begin(&f, d);
    ok = put_root(&f, d);
    g_array_free(f.made, TRUE);
    g_string_set_size(f.out, f.len);
    if (ok) {
        return f.out;
    }
    g_string_free(f.out, TRUE);
    bm_error_set(error, BM_LIMIT, BM_NO_OFFSET, "description", "octets, expected at most %u",
                 BM_LIMIT_DESCRIPTION);
    return NULL;
}

gboolean bm_vmdesc_is(const BmVmdesc *d, BmOctets text, GArray *places)
{
    Formatter f = {.expected = (const char *)text.data, .most = text.len, .places = places};
    gboolean ok;

    begin(&f, d);
    ok = put_root(&f, d) && f.len == text.len;
    g_array_free(f.made, TRUE);
    return ok;
}
