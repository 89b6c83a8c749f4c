/* SPDX-License-Identifier: BSD-2-Clause */
#include "preflight.h"

#include <string.h>

#include "shape-compare.h"

typedef struct Preflight {
    const BmExpect *d, *g; /* destination, guest */
    BmShapeMemo *memo;
    BmFindings *findings;
} Preflight;

static void add(const Preflight *p, BmFindingCode code, BmSeverity severity, const char *path,
                const char *message)
{
    bm_findings_add(p->findings, &(BmFinding){code, severity, path, message, NULL, NULL});
}

static void add_sizes(const Preflight *p, const BmFinding *finding, uint64_t expected, uint64_t got)
{
    g_autofree char *e = g_strdup_printf("%" G_GUINT64_FORMAT, expected);
    g_autofree char *g = g_strdup_printf("%" G_GUINT64_FORMAT, got);
    BmFinding full = *finding;

    full.expected = e;
    full.got = g;
    bm_findings_add(p->findings, &full);
}

/* ---- machine ---- */

static void compare_machines(const Preflight *p)
{
    const char *d = bm_expect_machine(p->d), *g = bm_expect_machine(p->g);

    if (d && g && strcmp(d, g)) {
        bm_findings_add(p->findings,
                        &(BmFinding){BM_FINDING_MACHINE, BM_SEVERITY_BLOCK, "configuration.machine",
                                     "the destination is another type of machine: start its QEMU "
                                     "with the -machine of the guest",
                                     d, g});
    }
}

static void compare_page_sizes(const Preflight *p)
{
    uint32_t d = bm_expect_page_bits(p->d), g = bm_expect_page_bits(p->g);

    if (d && g && d != g && d < 64 && g < 64) {
        add_sizes(p,
                  &(BmFinding){BM_FINDING_PAGE_SIZE, BM_SEVERITY_BLOCK, "configuration.page_bits",
                               "the destination has pages of another size: start its QEMU with the "
                               "-machine and the -cpu of the guest",
                               NULL, NULL},
                  UINT64_C(1) << d, UINT64_C(1) << g);
    }
}

/* ---- memory ---- */

/* Tables of firmware, which QEMU makes as large as the stream says. */
static gboolean is_resizable(const char *name)
{
    return g_str_has_prefix(name, "/rom@");
}

static const char *size_advice(const char *name)
{
    return g_str_has_suffix(name, ".rom")
               ? "the option ROM has another size at the destination: give the device there the "
                 "romfile= or romsize= of the guest's"
               : "the block of memory has another size at the destination: start its QEMU with the "
                 "-m of the guest, or the same firmware";
}

static void compare_block(const Preflight *p, const BmRamBlock *d, const BmRamBlock *g,
                          const char *path)
{
    if (d->length != g->length && !is_resizable(g->name)) {
        add_sizes(p,
                  &(BmFinding){BM_FINDING_RAM_SIZE, BM_SEVERITY_BLOCK, path, size_advice(g->name),
                               NULL, NULL},
                  d->length, g->length);
    }
    if (d->page_size && g->page_size && d->page_size != g->page_size) {
        add_sizes(p,
                  &(BmFinding){BM_FINDING_RAM_PAGE_SIZE, BM_SEVERITY_BLOCK, path,
                               "the block of memory has host pages of another size at the "
                               "destination: use the same memory backend, or no postcopy",
                               NULL, NULL},
                  d->page_size, g->page_size);
    }
}

static void compare_guest_blocks(const Preflight *p)
{
    uint32_t n;
    const BmRamBlock *blocks = bm_expect_blocks(p->g, &n);

    for (uint32_t i = 0; i < n; i++) {
        const BmRamBlock *d = bm_expect_find_block(p->d, blocks[i].name);
        g_autofree char *path = g_strdup_printf("ram.%s", blocks[i].name);

        if (d) {
            compare_block(p, d, &blocks[i], path);
        } else {
            add(p, BM_FINDING_RAM_MISSING, BM_SEVERITY_BLOCK, path,
                "the destination has no such block of memory: start its QEMU with the same "
                "devices, each at the same place");
        }
    }
}

static void find_extra_blocks(const Preflight *p)
{
    uint32_t n;
    const BmRamBlock *blocks = bm_expect_blocks(p->d, &n);

    for (uint32_t i = 0; i < n; i++) {
        g_autofree char *path = g_strdup_printf("ram.%s", blocks[i].name);

        if (!bm_expect_find_block(p->g, blocks[i].name)) {
            add(p, BM_FINDING_RAM_EXTRA, BM_SEVERITY_WARN, path,
                "the guest has no such block of memory: it stays as the destination has made it");
        }
    }
}

/* ---- devices ---- */

/* Sections that a QEMU knows although it does not always save them: "globalstate" for
 * a guest that does not simply run, "audio" only for what QEMU before 6.0 sends. */
static gboolean is_optional(const BmExpectSection *s)
{
    return s->live || !strcmp(s->name, "globalstate") || !strcmp(s->name, "audio");
}

/* Behind the last slash: what kind of device it is. */
static const char *kind_of(const char *name)
{
    const char *slash = strrchr(name, '/');

    return slash ? slash + 1 : name;
}

/* One of the same kind that the guest does not have where it is. */
static const BmExpectSection *find_elsewhere(const Preflight *p, const BmExpectSection *g)
{
    for (uint32_t i = 0; i < bm_expect_n_sections(p->d); i++) {
        const BmExpectSection *d = bm_expect_section(p->d, i);

        if (!strcmp(kind_of(d->name), kind_of(g->name)) &&
            !bm_expect_find_section(p->g, d->name, d->instance)) {
            return d;
        }
    }
    return NULL;
}

static void report_missing(const Preflight *p, const BmExpectSection *g, const char *path)
{
    const BmExpectSection *other = find_elsewhere(p, g);
    g_autofree char *hint =
        other ? g_strdup_printf("the destination has this device at another place, %s instance %u: "
                                "give it the same address or bus, and keep the order of -device",
                                other->name, other->instance)
              : NULL;

    add(p, BM_FINDING_DEVICE_MISSING, BM_SEVERITY_BLOCK, path,
        hint ? hint
             : "the destination has no such device: start its QEMU with the devices of the guest");
}

static char *path_of(const BmExpectSection *s)
{
    return s->instance ? g_strdup_printf("%s#%u", s->name, s->instance) : g_strdup(s->name);
}

static gboolean is_better(const BmFindings *found, const BmFindings *best)
{
    uint32_t a, b, blocking = bm_findings_blocking(found), before = bm_findings_blocking(best);

    bm_findings_list(found, &a);
    bm_findings_list(best, &b);
    return blocking != before ? blocking < before : a < b;
}

/* Several types may save under one name; the guest's is the one that fits best. */
static void compare_with_types(const Preflight *p, const GPtrArray *types, const BmExpectSection *g,
                               const char *path)
{
    g_autoptr(BmFindings) best = NULL;
    const BmFinding *list;
    uint32_t n;

    for (guint i = 0; i < types->len; i++) {
        BmFindings *found = bm_findings_new();

        bm_shape_compare(types->pdata[i], g->shape, g->version, path, p->memo, found);
        if (!best || is_better(found, best)) {
            BmFindings *before = best;

            best = found;
            found = before;
        }
        bm_findings_free(found);
    }
    list = bm_findings_list(best, &n);
    for (uint32_t i = 0; i < n; i++) {
        bm_findings_add(p->findings, &list[i]);
    }
}

/* With a list of types all is known of a device, else what one instance shows. */
static void compare_section(const Preflight *p, const BmExpectSection *g, const char *path)
{
    const BmExpectSection *d = bm_expect_find_section(p->d, g->name, g->instance);
    const GPtrArray *types = g->shape ? bm_expect_find_types(p->d, g->shape->name) : NULL;

    if (!d && bm_expect_has_devices(p->d)) {
        if (!is_optional(g)) {
            report_missing(p, g, path);
        }
    } else if (types) {
        compare_with_types(p, types, g, path);
    } else if (d && d->shape && g->shape) {
        bm_shape_compare(d->shape, g->shape, g->version, path, p->memo, p->findings);
    } else if (d) {
        bm_version_compare(&(BmShape){.version = d->version}, g->version, path, p->findings);
    }
}

static void compare_guest_sections(const Preflight *p)
{
    for (uint32_t i = 0; i < bm_expect_n_sections(p->g) && !bm_findings_full(p->findings); i++) {
        const BmExpectSection *g = bm_expect_section(p->g, i);
        g_autofree char *path = path_of(g);

        compare_section(p, g, path);
    }
}

static void find_extra_sections(const Preflight *p)
{
    for (uint32_t i = 0; i < bm_expect_n_sections(p->d); i++) {
        const BmExpectSection *d = bm_expect_section(p->d, i);

        if (!is_optional(d) && !bm_expect_find_section(p->g, d->name, d->instance)) {
            g_autofree char *path = path_of(d);

            add(p, BM_FINDING_DEVICE_EXTRA, BM_SEVERITY_WARN, path,
                "the guest has no such device: it would see one in the state after a reset");
        }
    }
}

void bm_preflight(const BmExpect *destination, const BmExpect *guest, BmFindings *findings)
{
    const Preflight p = {destination, guest, bm_shape_memo_new(), findings};

    compare_machines(&p);
    compare_page_sizes(&p);
    if (bm_expect_has_blocks(destination) && bm_expect_has_blocks(guest)) {
        compare_guest_blocks(&p);
        find_extra_blocks(&p);
    }
    compare_guest_sections(&p);
    /* Without announces the guest has shown its live sections only. */
    if (bm_expect_has_devices(destination) && bm_expect_has_devices(guest)) {
        find_extra_sections(&p);
    }
    bm_shape_memo_free(p.memo);
}
