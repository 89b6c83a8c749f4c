/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bodies of which only the footer shows the end: where one stands, and the octets up to it.
 */
#include <string.h>

#include "legacy-reader.h"

/* Octets behind an end marker that must be zero, or the input's end, to be
 * taken for padding. */
#define PADDING (64u << 10)

static gboolean give_octets(BmLegacyReader *r, const uint8_t *data, size_t len, GError **error)
{
    BmItem item = {.type = BM_ITEM_OCTETS, .data = {data, len}};

    return bm_stream_live_item(r->s, &item, error);
}

static gboolean is_printable(const uint8_t *p, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (p[i] < 0x20 || p[i] == 0x7f) {
            return FALSE;
        }
    }
    return TRUE;
}

/* START or FULL: type, id, a name that can be one. */
static gboolean section_head_at(BmLegacyReader *r, size_t at)
{
    const uint8_t *p;
    size_t len;

    if (bm_input_fill(r->in, at + 6) < at + 6) {
        return FALSE;
    }
    len = bm_input_data(r->in)[at + 5];
    if (len == 0 || bm_input_fill(r->in, at + 6 + len + 8) < at + 6 + len + 8) {
        return FALSE;
    }
    p = bm_input_data(r->in) + at + 6;
    return is_printable(p, len);
}

static gboolean live_id_at(BmLegacyReader *r, size_t at)
{
    if (bm_input_fill(r->in, at + 5) < at + 5) {
        return FALSE;
    }
    return g_tree_lookup(r->live, GUINT_TO_POINTER(bm_be32(bm_input_data(r->in) + at + 1))) != NULL;
}

static gboolean command_at(BmLegacyReader *r, size_t at)
{
    const uint8_t *p;

    if (bm_input_fill(r->in, at + 5) < at + 5) {
        return FALSE;
    }
    p = bm_input_data(r->in) + at;
    /* The newest command is 11; leave some room for those to come. */
    return p[1] == 0 && p[2] > 0 && p[2] < 32;
}

static gboolean only_zeros(const uint8_t *p, size_t len)
{
    while (len > 0 && p[len - 1] == 0) {
        len--;
    }
    return len == 0;
}

/* The end marker: behind it nothing, a description, or a file's padding with
 * zeros.  A live QEMU may keep silent there, so no more than the timeout is
 * waited.  A few zeros alone show nothing: device state is full of them. */
static gboolean end_at(BmLegacyReader *r, size_t at)
{
    const uint8_t *p;

    bm_legacy_more(r, at + 7);
    if (bm_input_available(r->in) <= at + 1) {
        return TRUE;
    }
    p = bm_input_data(r->in) + at;
    if (p[1] == BM_LEGACY_VMDESC) {
        return bm_input_available(r->in) >= at + 7 && p[6] == '{';
    }
    if (r->options.live || p[1] != 0) {
        return FALSE;
    }
    bm_input_fill(r->in, at + PADDING);
    return only_zeros(bm_input_data(r->in) + at, MIN(bm_input_available(r->in) - at, PADDING));
}

static gboolean record_at(BmLegacyReader *r, size_t at)
{
    if (bm_input_fill(r->in, at + 1) < at + 1) {
        return r->packages > 0;
    }
    switch (bm_input_data(r->in)[at]) {
    case BM_LEGACY_START:
    case BM_LEGACY_FULL:
        return section_head_at(r, at);
    case BM_LEGACY_PART:
    case BM_LEGACY_END:
        return live_id_at(r, at);
    case BM_LEGACY_COMMAND:
        return command_at(r, at);
    case BM_LEGACY_EOF:
        return end_at(r, at);
    default:
        return FALSE;
    }
}

gboolean bm_legacy_footer_at(BmLegacyReader *r, size_t at, uint32_t id)
{
    const uint8_t *p;

    if (bm_input_fill(r->in, at + 5) < at + 5) {
        return FALSE;
    }
    p = bm_input_data(r->in) + at;
    return p[0] == BM_LEGACY_FOOTER && bm_be32(p + 1) == id && record_at(r, at + 5);
}

/* Octets of the body that are at hand and certainly before its footer; *found
 * if the footer follows them. */
static size_t scan(BmLegacyReader *r, uint32_t id, gboolean *found)
{
    size_t have = bm_input_available(r->in), at = 0;

    *found = FALSE;
    while (at + 5 <= have) {
        const uint8_t *data = bm_input_data(r->in);
        const uint8_t *p = memchr(data + at, BM_LEGACY_FOOTER, have - at);

        if (!p || (size_t)(p - data) + 5 > have) {
            return p ? (size_t)(p - data) : have;
        }
        at = (size_t)(p - data);
        if (bm_be32(p + 1) == id && bm_legacy_footer_at(r, at, id)) {
            *found = TRUE;
            return at;
        }
        at++;
    }
    return have > 4 ? have - 4 : 0;
}

gboolean bm_legacy_give(BmLegacyReader *r, size_t len, GError **error)
{
    while (len > 0) {
        size_t n = MIN(len, BM_LEGACY_PIECE);

        if (!give_octets(r, bm_input_data(r->in), n, error)) {
            return FALSE;
        }
        bm_input_skip(r->in, n);
        len -= n;
    }
    return TRUE;
}

static gboolean up_to_footer(BmLegacyReader *r, uint32_t id, GError **error)
{
    for (;;) {
        gboolean found;
        size_t len = scan(r, id, &found);

        if (!bm_legacy_give(r, len, error)) {
            return FALSE;
        }
        if (found) {
            return TRUE;
        }
        if (!bm_legacy_need(r, bm_input_available(r->in) + 1, "a section, up to its footer",
                            error)) {
            return FALSE;
        }
    }
}

gboolean bm_legacy_up_to_end(BmLegacyReader *r, GError **error)
{
    size_t have = bm_input_fill(r->in, 1);

    /* One even if nothing is left: it says that no end is known. */
    do {
        BmOctets data = {bm_input_data(r->in), MIN(have, BM_BLOCK_CHUNK)};

        if (!bm_stream_remainder(r->s, BM_REASON_UNDELIMITED, data, error)) {
            return FALSE;
        }
        bm_input_skip(r->in, data.len);
        have = bm_input_fill(r->in, 1);
    } while (have > 0);
    r->ended = TRUE;
    return TRUE;
}

gboolean bm_legacy_rest_body(BmLegacyReader *r, uint32_t id, GError **error)
{
    if (r->footers == BM_FOOTERS_OFF) {
        return bm_legacy_up_to_end(r, error);
    }
    /* Says that the body's end mark is not to be added, even if nothing comes. */
    return give_octets(r, NULL, 0, error) && up_to_footer(r, id, error);
}
