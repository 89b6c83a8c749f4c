/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What stands before the state of a guest: the members of the Preamble and of the
 * Configuration, read and handed to a stream visitor.
 */
#ifndef BM_BER_HEAD_IN_H
#define BM_BER_HEAD_IN_H

#include "stream.h"

/* *direction is set before the visitor is called. */
gboolean bm_ber_preamble_read(const BmRecord *r, BmStreamVisitor *s, BmDirection *direction,
                              GError **error);
gboolean bm_ber_configuration_read(BmView body, BmStreamVisitor *s, GError **error);

#endif
