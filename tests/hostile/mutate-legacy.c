/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "mutate.h"

typedef struct Mutator {
    GRand *rand;
    GByteArray *s;
    guint text, text_end; /* of the description; equal if there is none */
} Mutator;

static guint pick(Mutator *m, guint n)
{
    return n > 0 ? (guint)g_rand_int_range(m->rand, 0, (gint32)n) : 0;
}

static void insert(Mutator *m, guint at, const void *octets, guint len)
{
    guint before = m->s->len;

    if (len == 0) {
        return;
    }
    g_byte_array_set_size(m->s, before + len);
    memmove(m->s->data + at + len, m->s->data + at, before - at);
    memcpy(m->s->data + at, octets, len);
}

static void insert_copy(Mutator *m, guint at, guint from, guint len)
{
    g_autofree guint8 *octets = g_memdup2(m->s->data + from, len);

    insert(m, at, octets, len);
}

/* ---- octets ---- */

static void put_number(Mutator *m, guint at, guint width, guint64 n)
{
    for (guint i = 0; i < width && at + i < m->s->len; i++) {
        m->s->data[at + i] = (guint8)(n >> (8 * (width - 1 - i)));
    }
}

static void change_octets(Mutator *m, guint start, guint end)
{
    static const guint8 likely[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
                                    0x08, 0x10, 0x20, 0x40, 0x7e, 0x7f, 0x80, 0xff};
    guint at = start + pick(m, end - start), len = pick(m, 40);

    switch (pick(m, 8)) {
    case 0:
        m->s->data[at] = (guint8)pick(m, 256);
        break;
    case 1:
        m->s->data[at] = likely[pick(m, G_N_ELEMENTS(likely))];
        break;
    case 2:
        m->s->data[at] = (guint8)(m->s->data[at] + (pick(m, 2) ? 1 : -1));
        break;
    case 3:
        put_number(m, at, 4, UINT64_C(1) << pick(m, 33));
        break;
    case 4:
        put_number(m, at, 8, (UINT64_C(1) << pick(m, 64)) - pick(m, 2));
        break;
    case 5:
        g_byte_array_remove_range(m->s, at, MIN(len, end - at));
        break;
    case 6:
        insert_copy(m, start + pick(m, end - start), at, MIN(len, end - at));
        break;
    default:
        m->s->data[at] ^= (guint8)(1u << pick(m, 8));
    }
}

/* ---- the description ---- */

static guint find(Mutator *m, const char *octets)
{
    guint n = 0, len = (guint)strlen(octets), at[512];

    for (guint i = m->text; i + len <= m->text_end && n < G_N_ELEMENTS(at); i++) {
        if (memcmp(m->s->data + i, octets, len) == 0) {
            at[n++] = i;
        }
    }
    return n > 0 ? at[pick(m, n)] : m->text;
}

static void replace_number(Mutator *m)
{
    static const char *const numbers[] = {
        "0",          "-1",         "1",     "16777216", "16777217",
        "4294967295", "4294967296", "1e300", "1e-5",     "9007199254740993",
        "65536",      "null",       "\"4\"", "[]",       "{}",
        "2147483648", "-0",         "1.5",   "255",      "18446744073709551616",
    };
    const char *text = numbers[pick(m, G_N_ELEMENTS(numbers))];
    guint at = find(m, "\": ") + 3, end = at;

    while (end < m->text_end && g_ascii_isdigit(m->s->data[end])) {
        end++;
    }
    if (end > at) {
        g_byte_array_remove_range(m->s, at, end - at);
        insert(m, at, text, (guint)strlen(text));
    }
}

static void insert_text(Mutator *m)
{
    static const char *const texts[] = {
        "\"array_len\": 16777216, ",
        "\"array_len\": 3, ",
        "\"index\": 1, ",
        "\"index\": 0, ",
        "\"name\": \"twice\", ",
        "\"type\": \"struct\", ",
        "\"type\": \"uint8\", ",
        "\"type\": \"qtailq\", ",
        "\"type\": \"bitmap\", ",
        "\"size\": 0, ",
        "\"struct\": {\"vmsd_name\": \"s\", \"version\": 1, \"fields\": []}, ",
        "\"vmsd_name\": \"v\", \"version\": 1, \"fields\": [], ",
        "\"subsections\": [], ",
        "\"fields\": [{\"name\": \"f\", \"type\": \"uint8\", \"size\": 1}], ",
        "\xff",
        "\\u0000",
        "\\ud800",
        "\\n",
        "\"",
        "}",
        "]",
        "\xc3\xa4",
    };
    const char *text = texts[pick(m, G_N_ELEMENTS(texts))];

    insert(m, find(m, pick(m, 2) ? "\"" : "{") + pick(m, 2), text, (guint)strlen(text));
}

/* Objects or arrays inside each other. */
static void nest_text(Mutator *m)
{
    const char *open = pick(m, 2) ? "[" : "{\"a\":";
    guint at = find(m, "\": ") + 3, n = pick(m, 1200);
    g_autoptr(GString) text = g_string_new(NULL);

    for (guint i = 0; i < n; i++) {
        g_string_append(text, open);
    }
    g_string_append_c(text, '1');
    for (guint i = 0; i < n; i++) {
        g_string_append_c(text, open[0] == '[' ? ']' : '}');
    }
    insert(m, at, text->str, (guint)text->len);
}

static void repeat_object(Mutator *m)
{
    guint at = find(m, "{\"name\""), end = at, depth = 0, times;

    do {
        depth += m->s->data[end] == '{';
        depth -= m->s->data[end] == '}';
        end++;
    } while (depth > 0 && end < m->text_end);
    if (depth == 0 && end < m->text_end && m->s->data[at] == '{') {
        times = pick(m, 3) == 0 ? pick(m, 100) : 1;
        for (guint i = 0; i < times && m->s->len < 200000; i++) {
            insert(m, end, ", ", 2);
            insert_copy(m, end + 2, at, end - at);
        }
    }
}

static void change_text(Mutator *m)
{
    switch (pick(m, 8)) {
    case 0:
        insert_text(m);
        break;
    case 1:
        nest_text(m);
        break;
    case 2:
        repeat_object(m);
        break;
    case 3:
        change_octets(m, m->text, m->text_end);
        break;
    default:
        replace_number(m);
    }
}

/* ---- streams ---- */

/* The description: the end marker, its type and length, a brace. */
static void find_text(Mutator *m)
{
    m->text = m->text_end = m->s->len;
    for (guint i = 0; i + 8 < m->s->len; i++) {
        const guint8 *p = m->s->data + i;

        if (p[0] == 0x00 && p[1] == 0x06 && p[6] == '{') {
            guint len = (guint)p[2] << 24 | (guint)p[3] << 16 | (guint)p[4] << 8 | p[5];

            m->text = i + 6;
            m->text_end = m->text + MIN(len, m->s->len - m->text);
            return;
        }
    }
}

static void mutate_once(Mutator *m)
{
    guint len, end;

    find_text(m);
    if (m->text == m->text_end || pick(m, 2) == 0) {
        change_octets(m, 0, m->s->len);
        return;
    }
    len = m->s->len;
    end = m->text_end;
    change_text(m);
    if (pick(m, 8) > 0) {
        put_number(m, m->text - 4, 4, end - m->text + m->s->len - len);
    }
}

GByteArray *mutate_legacy(BmOctets in, guint32 seed)
{
    Mutator m = {.rand = g_rand_new_with_seed(seed), .s = g_byte_array_new()};
    guint changes = 1 + pick(&m, 4);

    g_byte_array_append(m.s, in.data, (guint)in.len);
    for (guint i = 0; i < changes && m.s->len > 0; i++) {
        mutate_once(&m);
    }
    g_rand_free(m.rand);
    return m.s;
}
