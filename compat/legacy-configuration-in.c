/* SPDX-License-Identifier: BSD-2-Clause */
/* The configuration: the machine's name, and subsections in QEMU's order. */
#include <string.h>

#include "legacy-reader.h"
#include "legacy-values.h"

typedef struct Configuration {
    BmConfiguration c;
    char *machine;
    GPtrArray *names;
    uint8_t uuid[16];
} Configuration;

static gboolean read_page_bits(BmLegacyReader *r, Configuration *c, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;

    if (!bm_legacy_take(r, 4, "the page bits", &p, error)) {
        return FALSE;
    }
    c->c.has_page_bits = TRUE;
    c->c.page_bits = bm_be32(p);
    if (c->c.page_bits < 10 || c->c.page_bits > 16) {
        return bm_error_set(error, BM_LIMIT, at, "configuration", "a page of 2^%u octets",
                            c->c.page_bits);
    }
    r->ram.page_size = UINT64_C(1) << c->c.page_bits;
    return TRUE;
}

static gboolean read_capabilities(BmLegacyReader *r, Configuration *c, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;
    uint32_t count;

    if (!bm_legacy_take(r, 4, "the capabilities", &p, error)) {
        return FALSE;
    }
    count = bm_be32(p);
    if (count > BM_LIMIT_CAPABILITIES) {
        return bm_error_set(error, BM_LIMIT, at, "configuration", "%u capabilities", count);
    }
    for (uint32_t i = 0; i < count; i++) {
        char *name;

        if (!bm_legacy_name(r, "a capability", &name, error)) {
            return FALSE;
        }
        g_ptr_array_add(c->names, name);
        if (strcmp(name, "x-ignore-shared") == 0) {
            r->ram.addresses = TRUE;
        }
        if (strcmp(name, BM_LEGACY_MAPPED) == 0 && !r->ram.mapped) {
            r->ram.mapped = g_array_new(FALSE, FALSE, sizeof(BmMappedPlace));
        }
    }
    c->c.has_capabilities = TRUE;
    return TRUE;
}

static gboolean read_uuid(BmLegacyReader *r, Configuration *c, GError **error)
{
    const uint8_t *p;

    if (!bm_legacy_take(r, sizeof c->uuid, "the UUID", &p, error)) {
        return FALSE;
    }
    memcpy(c->uuid, p, sizeof c->uuid);
    c->c.uuid = c->uuid;
    return TRUE;
}

/* The subsections that QEMU knows, each at most once and in this order; an
 * unknown one has no length, and no QEMU loads it either. */
static gboolean read_subsection(BmLegacyReader *r, Configuration *c, unsigned *next, GError **error)
{
    static const struct {
        const char *name;
        gboolean (*read)(BmLegacyReader *, Configuration *, GError **);
    } known[] = {
        {BM_LEGACY_PAGE_BITS, read_page_bits},
        {BM_LEGACY_CAPABILITIES, read_capabilities},
        {BM_LEGACY_UUID, read_uuid},
    };
    uint64_t at = bm_input_offset(r->in);
    g_autofree char *name = NULL;
    const uint8_t *p;

    bm_input_skip(r->in, 1);
    if (!bm_legacy_name(r, "a subsection's name", &name, error) ||
        !bm_legacy_take(r, 4, "a subsection's version", &p, error)) {
        return FALSE;
    }
    for (; *next < G_N_ELEMENTS(known); ++*next) {
        if (strcmp(known[*next].name, name) == 0 && bm_be32(p) == 1) {
            return known[(*next)++].read(r, c, error);
        }
    }
    return bm_error_set(error, BM_UNKNOWN, at, "configuration",
                        "subsection \"%s\" of version %u is not known here, or out of order", name,
                        bm_be32(p));
}

static gboolean read_machine(BmLegacyReader *r, Configuration *c, GError **error)
{
    uint64_t at = bm_input_offset(r->in);
    const uint8_t *p;
    uint32_t len;

    if (!bm_legacy_take(r, 5, "the configuration", &p, error)) {
        return FALSE;
    }
    len = bm_be32(p + 1);
    if (len > BM_LIMIT_NAME) {
        return bm_error_set(error, BM_LIMIT, at + 1, "configuration",
                            "a machine's name of %u octets, the limit is %u", len, BM_LIMIT_NAME);
    }
    if (!bm_legacy_take(r, len, "the machine's name", &p, error)) {
        return FALSE;
    }
    if (!bm_utf8_valid(p, len)) {
        return bm_error_set(error, BM_BAD_VALUE, at + 5, "configuration",
                            "the machine's name is not UTF-8");
    }
    c->c.machine = c->machine = g_strndup((const char *)p, len);
    return TRUE;
}

static gboolean read_configuration_members(BmLegacyReader *r, Configuration *c, GError **error)
{
    unsigned next = 0;

    if (!read_machine(r, c, error)) {
        return FALSE;
    }
    while (bm_input_fill(r->in, 1) >= 1 && bm_input_data(r->in)[0] == BM_LEGACY_SUBSECTION) {
        if (!read_subsection(r, c, &next, error)) {
            return FALSE;
        }
    }
    g_ptr_array_add(c->names, NULL);
    c->c.capabilities = (char *const *)c->names->pdata;
    return bm_stream_configuration(r->s, &c->c, error);
}

gboolean bm_legacy_read_configuration(BmLegacyReader *r, GError **error)
{
    Configuration c = {.names = g_ptr_array_new_with_free_func(g_free)};
    gboolean ok;

    if (bm_input_fill(r->in, 1) < 1 || bm_input_data(r->in)[0] != BM_LEGACY_CONFIGURATION) {
        g_ptr_array_unref(c.names);
        return TRUE;
    }
    ok = read_configuration_members(r, &c, error);
    g_ptr_array_unref(c.names);
    g_free(c.machine);
    return ok;
}
