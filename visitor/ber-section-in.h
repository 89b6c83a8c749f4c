/* SPDX-License-Identifier: BSD-2-Clause */
/* Members that records of several types have: which section it is, and in what state. */
#ifndef BM_BER_SECTION_IN_H
#define BM_BER_SECTION_IN_H

#include "ber-items.h"

/* All of a section but its id, which becomes 0.  *name, to which *section points, is the
 * caller's to free. */
gboolean bm_ber_identity_read(BmView *body, BmSection *section, char **name, GError **error);
/* The same with its id. */
gboolean bm_ber_section_read(BmView *body, BmSection *section, char **name, GError **error);

/* An optional member, at least `min` where it is there.  FALSE: the fault of *body says why. */
gboolean bm_ber_state_read(BmView *body, uint64_t min, BmSectionState *state);

#endif
