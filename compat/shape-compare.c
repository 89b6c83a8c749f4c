/* SPDX-License-Identifier: BSD-2-Clause */
#include "shape-compare.h"

#include <string.h>

#include "shape-match.h"

typedef struct Compare {
    BmFindings *findings;
    GString *path;
    BmShapeMemo *memo;
} Compare;

typedef struct Pair {
    const BmShape *d, *s;
    uint32_t version;
} Pair;

/* One level: a struct, or a subsection. */
typedef struct Level {
    Compare *c;
    const BmShape *d, *s;
    const BmShapeMatch *match;
    uint32_t version; /* the fields up to which are read */
} Level;

struct BmShapeMemo {
    GHashTable *clean; /* Pair */
};

static guint hash_pair(gconstpointer key)
{
    const Pair *p = key;

    return g_direct_hash(p->d) * 31 + g_direct_hash(p->s) * 7 + p->version;
}

static gboolean equal_pairs(gconstpointer a, gconstpointer b)
{
    const Pair *p = a, *q = b;

    return p->d == q->d && p->s == q->s && p->version == q->version;
}

BmShapeMemo *bm_shape_memo_new(void)
{
    BmShapeMemo *memo = g_new0(BmShapeMemo, 1);

    memo->clean = g_hash_table_new_full(hash_pair, equal_pairs, g_free, NULL);
    return memo;
}

void bm_shape_memo_free(BmShapeMemo *memo)
{
    g_hash_table_unref(memo->clean);
    g_free(memo);
}

/* ---- saying it ---- */

typedef struct Words {
    BmFindingCode code;
    BmSeverity severity;
    const char *message;
} Words;

static void add(Compare *c, const char *name, const Words *words, const char *expected,
                const char *got)
{
    gsize before = c->path->len;

    if (name) {
        g_string_append_printf(c->path, ".%s", name);
    }
    bm_findings_add(c->findings, &(BmFinding){words->code, words->severity, c->path->str,
                                              words->message, expected, got});
    g_string_truncate(c->path, before);
}

static void add_numbers(Compare *c, const char *name, const Words *words, uint64_t expected,
                        uint64_t got)
{
    g_autofree char *e = g_strdup_printf("%" G_GUINT64_FORMAT, expected);
    g_autofree char *g = g_strdup_printf("%" G_GUINT64_FORMAT, got);

    add(c, name, words, e, g);
}

/* What a sample lacks may be known all the same. */
static BmSeverity severity_of(const Level *l)
{
    return l->d->sampled ? BM_SEVERITY_WARN : BM_SEVERITY_BLOCK;
}

/* ---- fields that have a partner ---- */

static void compare_shapes(Compare *c, const BmShape *d, const BmShape *s, uint32_t version);

static gboolean is_integer(const BmShapeField *f)
{
    return f->typed && !f->type &&
           (f->kind == BM_KIND_BOOLEAN || f->kind == BM_KIND_UNSIGNED || f->kind == BM_KIND_SIGNED);
}

static gboolean is_width(uint64_t size)
{
    return size == 1 || size == 2 || size == 4 || size == 8;
}

/* The octets of one element, where they are the same in memory and in a stream. */
static uint64_t width_of(const BmShapeField *f)
{
    if (is_integer(f)) {
        return f->width;
    }
    return !f->typed && !f->element && is_width(f->size) ? f->size : 0;
}

static void compare_widths(const Level *l, const BmShapeField *d, const BmShapeField *s)
{
    static const Words words = {BM_FINDING_FIELD_SIZE, BM_SEVERITY_BLOCK,
                                "the field has another size there, so that all behind it would be "
                                "misread: give 'bermig rewrite' a rule that resizes it"};
    uint64_t expected = width_of(d), got = width_of(s);

    /* A size in memory alone on both sides, as of a pointer, says less. */
    if (expected && got && expected != got && (is_integer(d) || is_integer(s))) {
        add_numbers(l->c, s->name, &words, expected, got);
    }
}

static gboolean has_elements(const BmShapeField *f)
{
    return f->kind != BM_KIND_LIST && f->kind != BM_KIND_STRING && f->kind != BM_KIND_OPAQUE;
}

static void compare_counts(const Level *l, const BmShapeField *d, const BmShapeField *s)
{
    const Words words = {BM_FINDING_FIELD_COUNT, severity_of(l),
                         "the array has another length there: the devices need the same "
                         "properties, or the stream a rule of 'bermig rewrite'"};

    if (d->kind == s->kind && has_elements(d) && d->count != s->count) {
        add_numbers(l->c, s->name, &words, d->count, s->count);
    } else if (d->kind == BM_KIND_BUFFER && s->kind == BM_KIND_BUFFER && d->width != s->width) {
        add_numbers(l->c, s->name, &words, d->width, s->width);
    }
}

static void compare_kinds(const Level *l, const BmShapeField *d, const BmShapeField *s)
{
    static const char *const names[BM_KINDS] = {"boolean", "unsigned", "signed", "float", "buffer",
                                                "string",  "pointer",  "struct", "list",  "opaque"};
    static const Words words = {BM_FINDING_FIELD_KIND, BM_SEVERITY_WARN,
                                "the field is of another kind there: its octets would be taken "
                                "as something else"};

    if (d->kind != s->kind && d->kind != BM_KIND_OPAQUE && s->kind != BM_KIND_OPAQUE) {
        add(l->c, s->name, &words, names[d->kind], names[s->kind]);
    }
}

static void compare_elements(const Level *l, const BmShapeField *d, const BmShapeField *s)
{
    static const Words words = {BM_FINDING_STRUCT_VERSION, BM_SEVERITY_WARN,
                                "the struct has another version there, which is not sent with it"};
    gsize before = l->c->path->len;

    g_string_append_printf(l->c->path, ".%s", s->name);
    if (d->element->version != s->element->version) {
        add_numbers(l->c, NULL, &words, d->element->version, s->element->version);
    }
    /* A reader takes its own version for that of a struct inside. */
    compare_shapes(l->c, d->element, s->element, d->element->version);
    g_string_truncate(l->c->path, before);
}

static void compare_pair(void *data, const BmShapeField *d, const BmShapeField *s)
{
    const Level *l = data;

    compare_widths(l, d, s);
    if (d->typed && s->typed) {
        compare_kinds(l, d, s);
        compare_counts(l, d, s);
    }
    if (d->element && s->element) {
        compare_elements(l, d, s);
    }
}

/* ---- fields that have none ---- */

/* It is read, whatever the guest sends. */
static gboolean is_read(const Level *l, const BmShapeField *d)
{
    return !d->conditional && d->since <= l->version;
}

/* What stands in a gap on one side. */
typedef struct Side {
    GPtrArray *fields; /* BmShapeField */
    uint64_t octets;
    gboolean known; /* the octets are */
    gboolean filler;
} Side;

static void add_to_side(Side *side, const BmShapeField *f)
{
    uint64_t octets = bm_shape_field_octets(f);

    side->known = octets > 0 && (side->fields->len == 0 || side->known);
    side->octets += octets;
    side->filler |= bm_shape_field_is_filler(f);
    g_ptr_array_add(side->fields, (gpointer)f);
}

static void collect(const Level *l, const BmGap *gap, Side *read, Side *sent, gboolean *conditional)
{
    for (uint32_t i = gap->d_from; i < gap->d_to; i++) {
        if (is_read(l, &l->d->fields[i])) {
            add_to_side(read, &l->d->fields[i]);
        } else {
            *conditional |= l->d->fields[i].conditional;
        }
    }
    for (uint32_t i = gap->s_from; i < gap->s_to; i++) {
        add_to_side(sent, &l->s->fields[i]);
    }
}

/* One for one, and nothing known against it. */
static gboolean is_parallel(const Side *read, const Side *sent)
{
    for (guint i = 0; i < read->fields->len; i++) {
        const BmShapeField *d = read->fields->pdata[i], *s = sent->fields->pdata[i];
        uint64_t a = width_of(d), b = width_of(s);

        if (!d->element != !s->element || (a && b && a != b)) {
            return FALSE;
        }
    }
    return TRUE;
}

/* Other names for the same octets. */
static gboolean is_renamed(const Level *l, const Side *read, const Side *sent)
{
    static const Words words = {BM_FINDING_FIELD_RENAMED, BM_SEVERITY_WARN,
                                "from here on fields have other names there; their sizes agree"};
    const BmShapeField *d, *s;

    if (read->fields->len == 0 || sent->fields->len == 0 ||
        !(read->fields->len == sent->fields->len
              ? is_parallel(read, sent)
              : read->known && sent->known && read->octets == sent->octets)) {
        return FALSE;
    }
    d = read->fields->pdata[0];
    s = sent->fields->pdata[0];
    if (!read->filler && !sent->filler) {
        add(l->c, s->name, &words, d->name, s->name);
    }
    return TRUE;
}

static void report_sent(const Level *l, const BmShapeField *s, BmSeverity severity)
{
    const Words removed = {BM_FINDING_FIELD_REMOVED, s->conditional ? BM_SEVERITY_WARN : severity,
                           "the guest sends a field that the destination does not read there: "
                           "give 'bermig rewrite' a rule that drops it"};
    const Words moved = {BM_FINDING_FIELD_MOVED, removed.severity,
                         "the destination reads the field at another place: give 'bermig rewrite' "
                         "a rule that moves it"};

    add(l->c, s->name, bm_shape_match_in_d(l->match, s->name) ? &moved : &removed, NULL, NULL);
}

/* An array may have no elements; then it is not in the description of what is sent,
 * and a list of what is read does not say which field is one. */
static gboolean may_be_empty(const BmShapeField *d)
{
    return !d->typed && d->element != NULL;
}

static gboolean is_known_size(const BmShapeField *d)
{
    return d->typed || is_width(d->size);
}

static void report_read(const Level *l, const BmShapeField *d, BmSeverity severity)
{
    const Words added = {BM_FINDING_FIELD_ADDED, is_known_size(d) ? severity : BM_SEVERITY_WARN,
                         "the destination reads a field that the guest does not send: give "
                         "'bermig rewrite' a rule that adds it"};

    if (!may_be_empty(d) && !bm_shape_match_in_s(l->match, d->name)) {
        add(l->c, d->name, &added, NULL, NULL);
    }
}

static void report_gap(const Level *l, const Side *read, const Side *sent, BmSeverity severity)
{
    for (guint i = 0; i < sent->fields->len; i++) {
        report_sent(l, sent->fields->pdata[i], severity);
    }
    for (guint i = 0; i < read->fields->len; i++) {
        report_read(l, read->fields->pdata[i], severity);
    }
}

static void compare_gap(void *data, const BmGap *gap)
{
    const Level *l = data;
    gboolean conditional = FALSE;
    Side read = {.fields = g_ptr_array_new()}, sent = {.fields = g_ptr_array_new()};

    collect(l, gap, &read, &sent, &conditional);
    if (!is_renamed(l, &read, &sent)) {
        /* With those it cannot be seen what stands in for what. */
        gboolean unclear = read.filler || sent.filler || (sent.fields->len > 0 && conditional);

        report_gap(l, &read, &sent, unclear ? BM_SEVERITY_WARN : severity_of(l));
    }
    g_ptr_array_unref(read.fields);
    g_ptr_array_unref(sent.fields);
}

static void compare_fields(Compare *c, const BmShape *d, const BmShape *s, uint32_t version)
{
    static const BmShapeMatchOps ops = {compare_pair, compare_gap};
    BmShapeMatch *match = bm_shape_match_new(d, s);
    Level level = {c, d, s, match, version};

    bm_shape_match_run(match, &ops, &level);
    bm_shape_match_free(match);
}

/* ---- subsections ---- */

static const BmShape *find_subsection(const BmShape *shape, const char *name)
{
    for (uint32_t i = 0; i < shape->n_subsections; i++) {
        if (!strcmp(shape->subsections[i]->name, name)) {
            return shape->subsections[i];
        }
    }
    return NULL;
}

static void report_unknown(Compare *c, const BmShape *d, const BmShape *sub)
{
    const gboolean maybe = sub->conditional || sub->droppable || d->sampled;
    const Words words = {
        BM_FINDING_SUBSECTION, maybe ? BM_SEVERITY_WARN : BM_SEVERITY_BLOCK,
        d->sampled
            ? "the guest sends a subsection that the destination may not know: its own stream "
              "had none"
            : "the guest sends a subsection that the destination does not know: set the property "
              "that it depends on to what the older machine has, or give 'bermig rewrite' a rule "
              "that drops it"};

    add(c, sub->name, &words, NULL, NULL);
}

static void compare_versions(Compare *c, const BmShape *d, uint32_t version)
{
    static const Words newer = {
        BM_FINDING_VERSION_NEWER, BM_SEVERITY_BLOCK,
        "the guest's version is newer than the destination reads: use an older machine type, a "
        "newer QEMU there, or 'bermig rewrite'"};
    static const Words older = {
        BM_FINDING_VERSION_OLDER, BM_SEVERITY_BLOCK,
        "the guest's version is older than the destination reads: go over a QEMU between the two, "
        "or use 'bermig rewrite'"};

    if (version > d->version) {
        add_numbers(c, NULL, &newer, d->version, version);
    } else if (version < d->minimum) {
        add_numbers(c, NULL, &older, d->minimum, version);
    }
}

static void compare_subsections(Compare *c, const BmShape *d, const BmShape *s)
{
    for (uint32_t i = 0; i < s->n_subsections && !bm_findings_full(c->findings); i++) {
        const BmShape *sub = s->subsections[i], *known = find_subsection(d, sub->name);
        gsize before = c->path->len;

        if (!known) {
            report_unknown(c, d, sub);
            continue;
        }
        g_string_append_printf(c->path, ".%s", sub->name);
        compare_versions(c, known, sub->version);
        compare_shapes(c, known, sub, sub->version);
        g_string_truncate(c->path, before);
    }
}

/* ---- shapes ---- */

static void compare_shapes(Compare *c, const BmShape *d, const BmShape *s, uint32_t version)
{
    const Pair pair = {d, s, version};
    uint32_t before, after;

    if (bm_findings_full(c->findings) || g_hash_table_contains(c->memo->clean, &pair)) {
        return;
    }
    bm_findings_list(c->findings, &before);
    compare_fields(c, d, s, version);
    compare_subsections(c, d, s);
    bm_findings_list(c->findings, &after);
    if (before == after) {
        g_hash_table_add(c->memo->clean, g_memdup2(&pair, sizeof(pair)));
    }
}

void bm_version_compare(const BmShape *d, uint32_t version, const char *path, BmFindings *findings)
{
    Compare c = {.findings = findings, .path = g_string_new(path)};

    compare_versions(&c, d, version);
    g_string_free(c.path, TRUE);
}

void bm_shape_compare(const BmShape *d, const BmShape *s, uint32_t version, const char *path,
                      BmShapeMemo *memo, BmFindings *findings)
{
    Compare c = {.findings = findings, .path = g_string_new(path), .memo = memo};

    compare_versions(&c, d, version);
    compare_shapes(&c, d, s, version);
    g_string_free(c.path, TRUE);
}
