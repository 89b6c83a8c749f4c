/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a QEMU stream begins, seen ahead: header and configuration, which a
 * negotiation sends before anything else, and the probe that may stand behind.
 */
#include <string.h>

#include "compat.h"
#include "legacy.h"

/* OPEN_RETURN_PATH, then PING with a value that no QEMU uses (they use 1 to 4
 * and 0x42): "Ber1". */
const uint8_t bm_legacy_probe[BM_LEGACY_PROBE_LEN] = {
    BM_LEGACY_COMMAND, 0, 1, 0, 0, BM_LEGACY_COMMAND, 0, 2, 0, 4, 'B', 'e', 'r', '1',
};

const uint8_t bm_legacy_pong[BM_LEGACY_PONG_LEN] = {0, 2, 0, 4, 'B', 'e', 'r', '1'};
const uint8_t bm_legacy_agreement[BM_LEGACY_AGREEMENT_LEN] = {0, 7, 0, 0};

typedef struct Ahead {
    BmInput *in;
    size_t at;
    GError **error;
} Ahead;

/* The next `len` octets, which stay where they are. */
static const uint8_t *next(Ahead *a, size_t len)
{
    size_t want = a->at + len;
    const uint8_t *p;

    if (bm_input_fill(a->in, want) < want) {
        bm_error_set(a->error, BM_TRUNCATED, bm_input_offset(a->in) + bm_input_available(a->in),
                     NULL, "the input ends inside the configuration");
        return NULL;
    }
    p = bm_input_data(a->in) + a->at;
    a->at = want;
    return p;
}

static gboolean pass_name(Ahead *a)
{
    const uint8_t *p = next(a, 1);

    return p && next(a, *p);
}

static gboolean pass_capabilities(Ahead *a)
{
    const uint8_t *p = next(a, 4);
    uint32_t count = p ? bm_be32(p) : 0;

    if (count > BM_LIMIT_CAPABILITIES) {
        return bm_error_set(a->error, BM_LIMIT, bm_input_offset(a->in) + a->at - 4, NULL,
                            "%u capabilities, the limit is %u", count, BM_LIMIT_CAPABILITIES);
    }
    while (p && count-- > 0) {
        if (!pass_name(a)) {
            return FALSE;
        }
    }
    return p != NULL;
}

static gboolean is_name(const uint8_t *p, const char *name)
{
    return p[0] == strlen(name) && memcmp(p + 1, name, p[0]) == 0;
}

static gboolean pass_subsection(Ahead *a)
{
    const uint8_t *p = next(a, 2);
    size_t len = p ? p[1] : 0, name = a->at - 1;

    if (!p || !next(a, len + 4)) {
        return FALSE;
    }
    p = bm_input_data(a->in) + name;
    if (is_name(p, BM_LEGACY_PAGE_BITS)) {
        return next(a, 4) != NULL;
    }
    if (is_name(p, BM_LEGACY_CAPABILITIES)) {
        return pass_capabilities(a);
    }
    if (is_name(p, BM_LEGACY_UUID)) {
        return next(a, 16) != NULL;
    }
    return bm_error_set(a->error, BM_UNKNOWN, bm_input_offset(a->in) + name, NULL,
                        "subsection \"%.*s\" of the configuration is not known here", (int)len,
                        (const char *)p + 1);
}

static gboolean pass_configuration(Ahead *a)
{
    const uint8_t *p = next(a, 5);
    uint32_t len = p ? bm_be32(p + 1) : 0;

    if (len > BM_LIMIT_NAME) {
        return bm_error_set(a->error, BM_LIMIT, bm_input_offset(a->in) + a->at - 4, NULL,
                            "a machine's name of %u octets, the limit is %u", len, BM_LIMIT_NAME);
    }
    if (!p || !next(a, len)) {
        return FALSE;
    }
    while ((p = next(a, 1)) != NULL && *p == 0x05) {
        a->at--;
        if (!pass_subsection(a)) {
            return FALSE;
        }
    }
    a->at--;
    return p != NULL;
}

gboolean bm_legacy_head(BmInput *in, size_t *len, GError **error)
{
    Ahead a = {in, 0, error};
    const uint8_t *p = next(&a, BM_LEGACY_HEADER + 1);

    if (!p) {
        return FALSE;
    }
    if (bm_be32(p) != BM_LEGACY_MAGIC) {
        return bm_error_set(error, BM_NOT_RECOGNISED, bm_input_offset(in), NULL,
                            "not a QEMU migration stream");
    }
    a.at--;
    if (p[BM_LEGACY_HEADER] == BM_LEGACY_CONFIGURATION && !pass_configuration(&a)) {
        return FALSE;
    }
    *len = a.at;
    return TRUE;
}
