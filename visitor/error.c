/* SPDX-License-Identifier: BSD-2-Clause */
#include "error.h"

typedef struct BmErrorPrivate {
    uint64_t offset;
    char *path; /* NULL: none */
} BmErrorPrivate;

static void bm_error_private_init(BmErrorPrivate *priv)
{
    priv->offset = BM_NO_OFFSET;
    priv->path = NULL;
}

static void bm_error_private_copy(const BmErrorPrivate *from, BmErrorPrivate *to)
{
    to->offset = from->offset;
    to->path = g_strdup(from->path);
}

static void bm_error_private_clear(BmErrorPrivate *priv)
{
    g_free(priv->path);
}

/* Also defines bm_error_quark(). */
G_DEFINE_EXTENDED_ERROR(BmError, bm_error)

static gboolean is_ours(const GError *error)
{
    return error && error->domain == BM_ERROR;
}

/* ---- making ---- */

/* Takes `text`.  As in the codec, the first error wins. */
static gboolean set_text(GError **error, BmCode code, uint64_t offset, const char *path, char *text)
{
    if (error && !*error) {
        BmErrorPrivate *priv;

        *error = g_error_new_literal(BM_ERROR, (int)code, text);
        priv = bm_error_get_private(*error);
        priv->offset = offset;
        priv->path = path && *path ? g_strdup(path) : NULL;
    }
    g_free(text);
    return FALSE;
}

gboolean bm_error_set(GError **error, BmCode code, uint64_t offset, const char *path,
                      const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = g_strdup_vprintf(format, args);
    va_end(args);
    return set_text(error, code, offset, path, text);
}

/* ---- faults in words ---- */

static const char *universal_name(BmTag tag)
{
    switch (tag & ~BM_CONSTRUCTED) {
    case BM_TAG_BOOLEAN:
        return "BOOLEAN";
    case BM_TAG_INTEGER:
        return "INTEGER";
    case BM_TAG_UNIVERSAL(3):
        return "BIT STRING";
    case BM_TAG_OCTETS:
        return "OCTET STRING";
    case BM_TAG_NULL:
        return "NULL";
    case BM_TAG_OID:
        return "OBJECT IDENTIFIER";
    case BM_TAG_UNIVERSAL(9):
        return "REAL";
    case BM_TAG_ENUMERATED:
        return "ENUMERATED";
    case BM_TAG_UTF8:
        return "UTF8String";
    case BM_TAG_SEQUENCE & ~BM_CONSTRUCTED:
        return "SEQUENCE";
    case BM_TAG_UNIVERSAL(17):
        return "SET";
    default:
        return NULL;
    }
}

static char *tag_name(BmTag tag)
{
    static const char *const classes[] = {"UNIVERSAL ", "APPLICATION ", "", "PRIVATE "};
    const char *name = universal_name(tag);

    return name ? g_strdup(name)
                : g_strdup_printf("[%s%u]", classes[tag >> 30], tag & (BM_CONSTRUCTED - 1));
}

static char *bad_tag_text(const BmFault *fault)
{
    BmTag wanted = (BmTag)fault->expected, found = (BmTag)fault->got;
    g_autofree char *found_name = tag_name(found);
    g_autofree char *wanted_name = tag_name(wanted);
    const char *form = found & BM_CONSTRUCTED ? "constructed" : "primitive";

    if (wanted == 0) {
        return g_strdup_printf("%s: no such tag as %s", fault->what, found_name);
    }
    if ((wanted ^ found) == BM_CONSTRUCTED) {
        return g_strdup_printf("%s: %s must not be %s", fault->what, wanted_name, form);
    }
    return g_strdup_printf("%s: expected %s, found %s", fault->what, wanted_name, found_name);
}

static char *plain_text(const BmFault *fault, const char *words)
{
    return g_strdup_printf("%s: %s", fault->what, words);
}

/* With both numbers, unless they say nothing. */
static char *numbers_text(const BmFault *fault, const char *words)
{
    if (fault->expected == 0 && fault->got == 0) {
        return plain_text(fault, words);
    }
    return g_strdup_printf("%s: %s, expected %" G_GUINT64_FORMAT ", found %" G_GUINT64_FORMAT,
                           fault->what, words, (guint64)fault->expected, (guint64)fault->got);
}

static char *truncated_text(const BmFault *fault)
{
    if (fault->expected == 0) {
        return g_strdup_printf("the input ends inside %s", fault->what);
    }
    return g_strdup_printf("the input ends inside %s: %" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT
                           " octets are there",
                           fault->what, (guint64)fault->got, (guint64)fault->expected);
}

/* A tag that is fine in itself. */
static char *stray_text(const BmFault *fault, const char *words)
{
    g_autofree char *name = tag_name((BmTag)fault->got);

    return fault->got == 0 ? g_strdup_printf("%s %s", fault->what, words)
                           : g_strdup_printf("%s: %s %s", fault->what, name, words);
}

/* `what` is never NULL here. */
static char *fault_text(const BmFault *fault)
{
    switch (fault->code) {
    case BM_TRUNCATED:
        return truncated_text(fault);
    case BM_IO:
        return plain_text(fault, g_strerror((int)fault->got));
    case BM_BAD_TAG:
        return bad_tag_text(fault);
    case BM_BAD_LENGTH:
        return plain_text(fault, "the length is not in the shortest definite form, or goes beyond "
                                 "what encloses it");
    case BM_BAD_VALUE:
        return plain_text(fault, "the value is not one that its type allows");
    case BM_TRAILING:
        return g_strdup_printf("%" G_GUINT64_FORMAT " octets are left over after the end of %s",
                               (guint64)fault->got, fault->what);
    case BM_LIMIT:
        return g_strdup_printf("%s is %" G_GUINT64_FORMAT
                               ", more than the limit of %" G_GUINT64_FORMAT,
                               fault->what, (guint64)fault->got, (guint64)fault->expected);
    case BM_BAD_DIGEST:
        return g_strdup_printf("the checksum of %s does not match (expected %08" G_GINT64_MODIFIER
                               "x, got %08" G_GINT64_MODIFIER "x)",
                               fault->what, (guint64)fault->expected, (guint64)fault->got);
    case BM_UNKNOWN:
        return stray_text(fault, "is not known");
    case BM_BAD_ORDER:
        return stray_text(fault, "must not be here");
    default:
        return numbers_text(fault, bm_code_name(fault->code));
    }
}

gboolean bm_error_from_fault(GError **error, const BmFault *fault, const char *path)
{
    BmFault named = *fault;

    if (!named.what) {
        named.what = "input";
    }
    return set_text(error, named.code, named.offset, path, fault_text(&named));
}

/* ---- adding and asking ---- */

void bm_error_add_path(GError *error, const char *path)
{
    BmErrorPrivate *priv;

    if (!is_ours(error) || !path || !*path) {
        return;
    }
    priv = bm_error_get_private(error);
    if (!priv->path) {
        priv->path = g_strdup(path);
    } else if (*priv->path == '.') {
        char *whole = g_strconcat(path, priv->path, NULL);

        g_free(priv->path);
        priv->path = whole;
    }
}

void bm_error_add_offset(GError *error, uint64_t offset)
{
    BmErrorPrivate *priv;

    if (!is_ours(error)) {
        return;
    }
    priv = bm_error_get_private(error);
    if (priv->offset == BM_NO_OFFSET) {
        priv->offset = offset;
    }
}

uint64_t bm_error_offset(const GError *error)
{
    return is_ours(error) ? bm_error_get_private(error)->offset : BM_NO_OFFSET;
}

const char *bm_error_path(const GError *error)
{
    const char *path = is_ours(error) ? bm_error_get_private(error)->path : NULL;

    return path ? path : "";
}
