/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The names of types in QEMU's JSON description, and what they mean here.
 */
#ifndef BM_VMDESC_TYPES_H
#define BM_VMDESC_TYPES_H

#include "schema.h"

/* Fills in kind, width, count, form and type of `field`, of which the sender
 * says that it is a `type` of `size` octets.  `element`: the entry belongs to
 * an array, so the form is taken.  A name that is not known, or a size that the
 * type cannot have, gives an opaque field; elements are the caller's business.
 * `type` must stay as long as the field. */
void bm_vmdesc_type(BmField *field, const char *type, uint32_t size, gboolean element);

/* Is it one of structs, or of a list? */
gboolean bm_vmdesc_type_has_elements(const char *type);

/* bm_vmdesc_type() without looking: `size` octets of something. */
void bm_vmdesc_opaque(BmField *field, const char *type, uint32_t size);

#endif
