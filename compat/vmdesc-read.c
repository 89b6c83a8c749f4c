/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A description as QEMU writes it, read in one pass: the other way round of vmdesc-format.c.
 *
 * At each place QEMU can write one of few words.  So nothing here looks what a text may be; it
 * takes the word that must come, or gives up.  Whatever is read to its end is what the writer makes
 * of the result, which otherwise had to be found out by writing it again; and whatever is given
 * up, for any reason, is vmdesc-parse.c's, which takes all of JSON and knows what to say.
 */
#include "vmdesc.h"

#include <string.h>

#include "vmdesc-entry.h"
#include "vmdesc-types.h"
#include "vmdesc-words.h"

/* Structs that are remembered; a power of 2. */
#define SEEN 64u

typedef char Name[BM_LIMIT_NAME + 1];

/* A struct that was read before, and its text. */
typedef struct Seen {
    const BmSchema *schema;
    BmOctets text;
} Seen;

typedef struct Reader {
    const uint8_t *at, *end;
    const BmVmdescWords *words;
    BmSchemaSet *set;
    unsigned depth; /* of structs in structs */
    Seen seen[SEEN];
} Reader;

/* ---- words ---- */

/* All of these take what they are named after and return TRUE, or take nothing, or something
 * of what is wrong anyway. */

static gboolean comes(const Reader *r, const void *text, size_t len)
{
    return (size_t)(r->end - r->at) >= len && memcmp(r->at, text, len) == 0;
}

static gboolean take(Reader *r, const BmVmdescWord *word)
{
    gboolean ok = comes(r, word->text, word->len);

    r->at += ok ? word->len : 0;
    return ok;
}

static gboolean key(Reader *r, BmVmdescKey k)
{
    return take(r, &r->words->keys[k]);
}

/* Is there a member of this key behind the last one? */
static gboolean key_comes(const Reader *r, BmVmdescKey k)
{
    const BmVmdescWord *comma = &r->words->comma, *word = &r->words->keys[k];

    return (size_t)(r->end - r->at) >= comma->len + word->len &&
           memcmp(r->at, comma->text, comma->len) == 0 &&
           memcmp(r->at + comma->len, word->text, word->len) == 0;
}

static gboolean next_key(Reader *r, BmVmdescKey k)
{
    gboolean ok = key_comes(r, k);

    r->at += ok ? r->words->comma.len + r->words->keys[k].len : 0;
    return ok;
}

/* A string of plain ASCII.  Others are rare, and have escapes. */
static gboolean string(Reader *r, Name text)
{
    size_t most = (size_t)(r->end - r->at), n;

    if (most < 2 || r->at[0] != '"') {
        return FALSE;
    }
    r->at++;
    most = MIN(most - 1, sizeof(Name));
    n = bm_vmdesc_plain((const char *)r->at, most);
    if (n == most || r->at[n] != '"') {
        return FALSE;
    }
    memcpy(text, r->at, n);
    text[n] = '\0';
    r->at += n + 1;
    return TRUE;
}

/* Digits, as few as they can be. */
static gboolean number(Reader *r, uint64_t most, uint64_t *n)
{
    const uint8_t *first = r->at;

    *n = 0;
    while (r->at < r->end && g_ascii_isdigit((char)*r->at) && *n <= most) {
        *n = *n * 10 + (uint64_t)(*r->at++ - '0');
    }
    return r->at > first && *n <= most && (*first != '0' || r->at == first + 1);
}

typedef gboolean (*Each)(Reader *r, void *data);

static gboolean filled_array(Reader *r, Each each, void *data)
{
    if (!take(r, &r->words->open_array)) {
        return FALSE;
    }
    do {
        if (!each(r, data)) {
            return FALSE;
        }
    } while (take(r, &r->words->comma));
    return take(r, &r->words->close_array);
}

static gboolean array(Reader *r, Each each, void *data)
{
    const uint8_t *first = r->at;

    if (take(r, &r->words->open_array) && take(r, &r->words->close_array)) {
        return TRUE;
    }
    r->at = first;
    return filled_array(r, each, data);
}

/* ---- fields ---- */

static const BmSchema *read_struct(Reader *r);

/* A list has its structs one after the other, tmp and vstruct have one. */
static gboolean inline_elements(Reader *r, GPtrArray *elements)
{
    while (key_comes(r, BM_KEY_VMSD_NAME)) {
        const BmSchema *element;

        take(r, &r->words->comma);
        if (!(element = read_struct(r))) {
            return FALSE;
        }
        g_ptr_array_add(elements, (gpointer)element);
    }
    return TRUE;
}

static gboolean wrapped_element(Reader *r, GPtrArray *elements)
{
    const BmSchema *element;

    if (!next_key(r, BM_KEY_STRUCT) || !take(r, &r->words->open_object)) {
        return FALSE;
    }
    if (take(r, &r->words->close_object)) {
        return TRUE; /* up to 9.2 that is a NULL element */
    }
    if (!(element = read_struct(r))) {
        return FALSE;
    }
    g_ptr_array_add(elements, (gpointer)element);
    return take(r, &r->words->close_object);
}

static gboolean elements(Reader *r, BmVmdescEntry *e)
{
    if (!bm_vmdesc_type_has_elements(e->type)) {
        return TRUE;
    }
    e->elements = g_ptr_array_new();
    return strcmp(e->type, "struct") == 0 ? wrapped_element(r, e->elements)
                                          : inline_elements(r, e->elements);
}

/* An array of one element has no `array_len`. */
static gboolean array_number(Reader *r, BmVmdescEntry *e, uint64_t *n)
{
    e->has_array_len = next_key(r, BM_KEY_ARRAY_LEN);
    e->has_index = !e->has_array_len && next_key(r, BM_KEY_INDEX);
    return !(e->has_array_len || e->has_index) ||
           (number(r, BM_LIMIT_COUNT, n) && !(e->has_array_len && *n == 1));
}

static gboolean read_entry(Reader *r, BmVmdescEntry *e, Name name, Name type)
{
    uint64_t n = 0;

    return take(r, &r->words->open_object) && key(r, BM_KEY_NAME) && string(r, name) &&
           array_number(r, e, &n) && next_key(r, BM_KEY_TYPE) && string(r, type) &&
           elements(r, e) && next_key(r, BM_KEY_SIZE) && number(r, UINT32_MAX, &e->size) &&
           take(r, &r->words->close_object) && bm_vmdesc_entry_settle(e) &&
           (!(e->has_array_len || e->has_index) || bm_vmdesc_entry_number(e, n));
}

static gboolean read_field(Reader *r, void *data)
{
    Name name, type;
    BmVmdescEntry e = {.name = name, .type = type};
    gboolean ok = read_entry(r, &e, name, type);

    if (ok) {
        bm_vmdesc_entry_add(&e, data);
    }
    g_clear_pointer(&e.elements, g_ptr_array_unref);
    return ok;
}

/* ---- structs ---- */

static Seen *remembered(Reader *r, const char *name)
{
    return &r->seen[g_str_hash(name) & (SEEN - 1)];
}

/* Most structs stand in a text several times.  With subsections it is another one. */
static gboolean is_again(Reader *r, const uint8_t *first, const Seen *seen)
{
    Reader behind = {.end = r->end, .words = r->words};

    if (!seen->schema || (size_t)(r->end - first) < seen->text.len ||
        memcmp(first, seen->text.data, seen->text.len) != 0) {
        return FALSE;
    }
    behind.at = first + seen->text.len;
    return !key_comes(&behind, BM_KEY_SUBSECTIONS);
}

static gboolean read_subsection(Reader *r, void *data)
{
    const BmSchema *schema = NULL;

    if (!take(r, &r->words->open_object) || !(schema = read_struct(r))) {
        return FALSE;
    }
    bm_schema_builder_subsection(data, schema);
    return take(r, &r->words->close_object);
}

/* What follows the name of a struct.  If there are no subsections, there is no array. */
static const BmSchema *read_members(Reader *r, const char *name)
{
    BmSchemaBuilder *builder;
    uint64_t version;
    gboolean ok;

    if (!next_key(r, BM_KEY_VERSION) || !number(r, UINT32_MAX, &version) ||
        !next_key(r, BM_KEY_FIELDS)) {
        return NULL;
    }
    builder = bm_schema_builder_new(name, (uint32_t)version);
    ok = array(r, read_field, builder) &&
         (!next_key(r, BM_KEY_SUBSECTIONS) || filled_array(r, read_subsection, builder));
    if (!ok) {
        bm_schema_builder_free(builder);
        return NULL;
    }
    return bm_schema_set_intern(r->set, builder, NULL);
}

/* The members of a struct, from its `vmsd_name` on. */
static const BmSchema *read_struct(Reader *r)
{
    const uint8_t *first = r->at;
    const BmSchema *schema;
    Seen *seen;
    Name name;

    if (r->depth >= BM_LIMIT_DEPTH || !key(r, BM_KEY_VMSD_NAME) || !string(r, name)) {
        return NULL;
    }
    seen = remembered(r, name);
    if (is_again(r, first, seen)) {
        r->at = first + seen->text.len;
        return seen->schema;
    }
    r->depth++;
    schema = read_members(r, name);
    r->depth--;
    *seen = (Seen){schema, {first, (size_t)(r->at - first)}};
    return schema;
}

/* ---- devices ---- */

/* A device without a vmstate has its size, and one field "data"; only there the size comes before
 * the type. */
static gboolean read_old_style(Reader *r, uint64_t *size)
{
    uint64_t again;
    Name name, type;

    return next_key(r, BM_KEY_SIZE) && number(r, BM_VMDESC_NUMBER_MOST, size) &&
           next_key(r, BM_KEY_FIELDS) && take(r, &r->words->open_array) &&
           take(r, &r->words->open_object) && key(r, BM_KEY_NAME) && string(r, name) &&
           strcmp(name, "data") == 0 && next_key(r, BM_KEY_SIZE) &&
           number(r, BM_VMDESC_NUMBER_MOST, &again) && again == *size && next_key(r, BM_KEY_TYPE) &&
           string(r, type) && strcmp(type, "buffer") == 0 && take(r, &r->words->close_object) &&
           take(r, &r->words->close_array);
}

static gboolean read_device(Reader *r, void *d)
{
    const BmSchema *schema = NULL;
    uint64_t instance, size = 0;
    Name name;

    if (!take(r, &r->words->open_object) || !key(r, BM_KEY_NAME) || !string(r, name) ||
        !next_key(r, BM_KEY_INSTANCE_ID) || !number(r, UINT32_MAX, &instance)) {
        return FALSE;
    }
    if (!key_comes(r, BM_KEY_VMSD_NAME)) {
        if (!read_old_style(r, &size)) {
            return FALSE;
        }
    } else if (!take(r, &r->words->comma) || !(schema = read_struct(r))) {
        return FALSE;
    }
    bm_vmdesc_add(d, name, (uint32_t)instance, schema, size);
    return take(r, &r->words->close_object);
}

/* Up to 8.1 there is none. */
static gboolean read_configuration(Reader *r, BmVmdesc *d)
{
    if (!key(r, BM_KEY_CONFIGURATION)) {
        return TRUE;
    }
    return take(r, &r->words->open_object) && (d->configuration = read_struct(r)) != NULL &&
           take(r, &r->words->close_object) && take(r, &r->words->comma);
}

static gboolean read_root(Reader *r, BmVmdesc *d)
{
    return take(r, &r->words->open_object) && read_configuration(r, d) &&
           key(r, BM_KEY_PAGE_SIZE) && number(r, BM_VMDESC_NUMBER_MOST, &d->page_size) &&
           next_key(r, BM_KEY_DEVICES) && array(r, read_device, d) &&
           take(r, &r->words->close_object);
}

static Reader reader(BmOctets text, BmStyle style, BmSchemaSet *set)
{
    return (Reader){
        .at = text.data, .end = text.data + text.len, .words = bm_vmdesc_words(style), .set = set};
}

BmVmdesc *bm_vmdesc_read(BmOctets text, BmSchemaSet *set)
{
    BmVmdesc *d;
    Reader r;

    if (text.len < 2 || text.len > BM_VMDESC_READ_MOST) {
        return NULL;
    }
    d = bm_vmdesc_new();
    d->style = text.data[1] == ' ' ? BM_STYLE_SPACED : BM_STYLE_COMPACT;
    d->exact = TRUE;
    r = reader(text, d->style, set);
    if (read_root(&r, d) && r.at == r.end) {
        return d;
    }
    bm_vmdesc_free(d);
    return NULL;
}

gboolean bm_vmdesc_read_device(BmVmdesc *d, BmOctets text, BmSchemaSet *set)
{
    Reader r = reader(text, d->style, set);

    return read_device(&r, d) && r.at == r.end;
}
