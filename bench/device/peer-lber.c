/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * liblber, the BER of OpenLDAP.  Its integers are C ints; numbers that may need more
 * travel as 8 octets.
 */
#include <lber.h>
#include <ldap_features.h>

#include "peer.h"

typedef struct Lber {
    Content *content;
    BerElement *ber;
} Lber;

static void *lber_open(Content *content)
{
    Lber *l = g_new0(Lber, 1);

    l->content = content;
    return l;
}

static void lber_close(void *peer)
{
    ber_free(((Lber *)peer)->ber, 1);
    g_free(peer);
}

/* An int holds it, whatever its value. */
static gboolean is_small(const Value *value)
{
    return value->width < 4 || (value->width == 4 && value->kind == VALUE_SIGNED);
}

static gboolean put_value(BerElement *ber, const Value *value, const uint8_t *flat)
{
    int64_t number;

    switch (value->kind) {
    case VALUE_OCTETS:
        return ber_put_ostring(ber, (const char *)flat + value->offset, value->width,
                               LBER_OCTETSTRING) != -1;
    case VALUE_BOOLEAN:
        return ber_put_boolean(ber, (ber_int_t)value_unsigned(value, flat), LBER_BOOLEAN) != -1;
    default:
        number = value_number(value, flat);
    }
    if (is_small(value)) {
        return ber_put_int(ber, (ber_int_t)number, LBER_INTEGER) != -1;
    }
    number = GINT64_TO_BE(number);
    return ber_put_ostring(ber, (const char *)&number, sizeof(number), LBER_OCTETSTRING) != -1;
}

static gboolean lber_save(void *peer, BmOctets *octets)
{
    Lber *l = peer;
    const Content *c = l->content;
    struct berval result;
    gboolean ok;

    ber_free(l->ber, 1);
    l->ber = ber_alloc_t(0);
    ok = ber_start_seq(l->ber, LBER_SEQUENCE) != -1;
    for (unsigned i = 0; ok && i < c->n_values; i++) {
        ok = put_value(l->ber, &c->values[i], c->flat);
    }
    ok = ok && ber_put_seq(l->ber) != -1 && ber_flatten2(l->ber, &result, 0) != -1;
    if (ok) {
        *octets = (BmOctets){(uint8_t *)result.bv_val, result.bv_len};
    }
    return ok;
}

static gboolean get_value(BerElement *ber, const Value *value, uint8_t *flat)
{
    struct berval octets;
    uint64_t number;
    ber_int_t small;

    if (value->kind == VALUE_BOOLEAN) {
        if (ber_get_boolean(ber, &small) != LBER_BOOLEAN) {
            return FALSE;
        }
        value_set(value, flat, small != 0);
        return TRUE;
    }
    if (value->kind != VALUE_OCTETS && is_small(value)) {
        if (ber_get_int(ber, &small) != LBER_INTEGER) {
            return FALSE;
        }
        value_set(value, flat, (uint64_t)(int64_t)small);
        return TRUE;
    }
    if (ber_get_stringbv(ber, &octets, LBER_BV_NOTERM) != LBER_OCTETSTRING) {
        return FALSE;
    }
    if (value->kind == VALUE_OCTETS) {
        return value_set_octets(value, flat, octets.bv_val, octets.bv_len);
    }
    if (octets.bv_len != sizeof(number)) {
        return FALSE;
    }
    memcpy(&number, octets.bv_val, sizeof(number));
    value_set(value, flat, GUINT64_FROM_BE(number));
    return TRUE;
}

static gboolean lber_load(void *peer, BmOctets octets)
{
    const Content *c = ((Lber *)peer)->content;
    struct berval input = {octets.len, (char *)(uintptr_t)octets.data};
    BerElement *ber = ber_init(&input);
    ber_len_t len;
    gboolean ok = ber && ber_skip_tag(ber, &len) == LBER_SEQUENCE;

    for (unsigned i = 0; ok && i < c->n_values; i++) {
        ok = get_value(ber, &c->values[i], c->loaded);
    }
    ber_free(ber, 1);
    return ok;
}

const Peer peer_lber = {"liblber " G_STRINGIFY(LDAP_VENDOR_VERSION_MAJOR) "." G_STRINGIFY(
                            LDAP_VENDOR_VERSION_MINOR) "." G_STRINGIFY(LDAP_VENDOR_VERSION_PATCH),
                        lber_open,
                        lber_save,
                        lber_load,
                        lber_close,
                        FALSE};
