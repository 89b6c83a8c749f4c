/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A description of which most is known.  Guests of one kind differ, if at all, in some
 * subsections that depend on what a device was doing.  So devices of the same text are taken
 * over, and only the others are read, as QEMU writes them, so that the whole text follows from the
 * result.
 */
#include "vmdesc.h"

#include <string.h>

/* Devices that may be missing between two that are there. */
#define WINDOW 16u
/* New devices that there may be; with more, all may as well be parsed. */
#define NEW_MOST(devices) ((devices) / 2)

/* A device of the new text. */
typedef struct Piece {
    gboolean known;
    guint old; /* which one it is, if it is known */
    BmOctets text;
} Piece;

static BmOctets from(BmOctets text, size_t begin)
{
    return (BmOctets){text.data + begin, text.len - begin};
}

static gboolean begins_with(BmOctets text, BmOctets begin)
{
    return text.len >= begin.len && memcmp(text.data, begin.data, begin.len) == 0;
}

/* Octets of the object that the text begins with; 0 if it is none, or does not end. */
static size_t object_len(BmOctets text)
{
    gboolean quoted = FALSE;
    size_t depth = 0;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];

        if (quoted) {
            quoted = c != '"';
            i += c == '\\';
            continue;
        }
        quoted = c == '"';
        depth += c == '{';
        depth -= c == '}' && depth > 0;
        if (depth == 0) {
            return c == '}' ? i + 1 : 0;
        }
    }
    return 0;
}

static BmOctets place_text(BmOctets old, const GArray *places, guint i)
{
    const BmVmdescPlace *p = &g_array_index(places, BmVmdescPlace, i);

    return (BmOctets){old.data + p->begin, p->end - p->begin};
}

/* The device that the rest of the new text begins with.  `*next`: the first of the old ones
 * that it may be. */
static Piece next_piece(BmOctets old, const GArray *places, guint *next, BmOctets rest)
{
    for (guint i = *next; i < places->len && i - *next < WINDOW; i++) {
        BmOctets known = place_text(old, places, i);

        if (begins_with(rest, known)) {
            *next = i + 1;
            return (Piece){TRUE, i, known};
        }
    }
    return (Piece){FALSE, 0, {rest.data, object_len(rest)}};
}

/* The new text as devices; FALSE if there is more to it than they, or too many are new. */
static gboolean find_pieces(BmOctets old, const GArray *places, BmOctets text, GArray *pieces)
{
    static const BmOctets comma = {(const uint8_t *)", ", 2};
    size_t begin = g_array_index(places, BmVmdescPlace, 0).begin;
    BmOctets tail = from(old, g_array_index(places, BmVmdescPlace, places->len - 1).end), rest;
    guint next = 0, fresh = 0;

    if (!begins_with(text, (BmOctets){old.data, begin})) {
        return FALSE;
    }
    rest = from(text, begin);
    for (;;) {
        Piece piece = next_piece(old, places, &next, rest);

        fresh += !piece.known;
        if (piece.text.len == 0 || fresh > NEW_MOST(places->len)) {
            return FALSE;
        }
        g_array_append_val(pieces, piece);
        rest = from(rest, piece.text.len);
        if (!begins_with(rest, comma)) {
            return rest.len == tail.len && begins_with(rest, tail);
        }
        rest = from(rest, comma.len);
    }
}

static gboolean add_piece(BmVmdesc *d, const BmVmdesc *old, const Piece *piece, BmSchemaSet *set)
{
    const BmVmdescDevice *known;

    if (piece->known) {
        known = &g_array_index(old->devices, BmVmdescDevice, piece->old);
        bm_vmdesc_add(d, known->name, known->instance, known->schema, known->size);
        return TRUE;
    }
    return bm_vmdesc_read_device(d, piece->text, set);
}

BmVmdesc *bm_vmdesc_change(const BmVmdesc *old, BmOctets old_text, const GArray *places,
                           BmOctets text, BmSchemaSet *set)
{
    g_autoptr(GArray) pieces = g_array_new(FALSE, FALSE, sizeof(Piece));
    BmVmdesc *d;

    if (places->len == 0 || !find_pieces(old_text, places, text, pieces)) {
        return NULL;
    }
    d = bm_vmdesc_new();
    d->style = old->style;
    d->exact = TRUE;
    d->page_size = old->page_size;
    d->configuration = old->configuration;
    for (guint i = 0; i < pieces->len; i++) {
        if (!add_piece(d, old, &g_array_index(pieces, Piece, i), set)) {
            bm_vmdesc_free(d);
            return NULL;
        }
    }
    return d;
}
