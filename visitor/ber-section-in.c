/* SPDX-License-Identifier: BSD-2-Clause */
#include "ber-section-in.h"

gboolean bm_ber_identity_read(BmView *body, BmSection *section, char **name, GError **error)
{
    uint64_t instance, version;
    BmOctets text;

    if (!bm_view_name(body, BM_TAG_UTF8, "the name of a section", &text) ||
        !bm_view_unsigned(body, BM_TAG_INTEGER, "the instance of a section", UINT32_MAX,
                          &instance) ||
        !bm_view_unsigned(body, BM_TAG_INTEGER, "the version of a section", UINT32_MAX, &version)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    *name = g_strndup((const char *)text.data, text.len);
    *section = (BmSection){0, *name, (uint32_t)instance, (uint32_t)version};
    return TRUE;
}

gboolean bm_ber_section_read(BmView *body, BmSection *section, char **name, GError **error)
{
    uint64_t id;

    if (!bm_view_unsigned(body, BM_TAG_INTEGER, "the id of a section", UINT32_MAX, &id)) {
        return bm_error_from_fault(error, body->fault, NULL);
    }
    if (!bm_ber_identity_read(body, section, name, error)) {
        return FALSE;
    }
    section->id = (uint32_t)id;
    return TRUE;
}

gboolean bm_ber_state_read(BmView *body, uint64_t min, BmSectionState *state)
{
    uint64_t number = BM_STATE_COMPLETE, offset = body->offset;
    BmTag tag;

    if (bm_view_peek(body, &tag) && tag == BM_TAG_CONTEXT(1)) {
        if (!bm_view_unsigned(body, tag, "the state of a section", BM_STATE_BARE, &number)) {
            return FALSE;
        }
        if (number < min) {
            return bm_fault_set(body->fault, BM_BAD_VALUE, offset, "the state of a device", min,
                                number);
        }
    }
    *state = (BmSectionState)number;
    return TRUE;
}
