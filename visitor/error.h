/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Errors above the codec: a GError that also knows where.
 *
 * The domain is BM_ERROR, the codes are those of codec/fault.h.  The message
 * says what is wrong, what was expected and what was found.  Where it is wrong
 * is kept apart, as offset and path, so that a program need not read text; to
 * people it is shown as "FILE:OFFSET: PATH: message".
 */
#ifndef BM_ERROR_H
#define BM_ERROR_H

#include <glib.h>

#include "codec.h"

#define BM_ERROR (bm_error_quark())
GQuark bm_error_quark(void);

#define BM_NO_OFFSET G_MAXUINT64

/* Sets *error (if error is not NULL, and not set yet: the first one wins) and
 * returns FALSE.  `path` may be NULL. */
gboolean bm_error_set(GError **error, BmCode code, uint64_t offset, const char *path,
                      const char *format, ...) G_GNUC_PRINTF(5, 6);
/* Sets *error from a fault of the codec; its what/expected/got become words. */
gboolean bm_error_from_fault(GError **error, const BmFault *fault, const char *path);
/* For those who know more of where than the one who failed: give the error a
 * path or an offset if it has none yet.  A path that begins with a dot (".[3]") is
 * of a part, and the one given goes before it.  No-op for NULL and other domains. */
void bm_error_add_path(GError *error, const char *path);
void bm_error_add_offset(GError *error, uint64_t offset);
/* The offset in the input, or BM_NO_OFFSET. */
uint64_t bm_error_offset(const GError *error);
/* The path, "" if there is none.  Owned by the error. */
const char *bm_error_path(const GError *error);

#endif
