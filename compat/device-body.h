/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A device that came in either form, with structure or as octets, for a side that
 * wants one of them (SPEC.md 6.5): a device may go from octets to structure in one
 * release and back in another, and both still load what the other has sent.
 *
 * Octets are QEMU's.  A table reads them by its rows and the section's version,
 * whatever schema may have come with them.
 */
#ifndef BM_DEVICE_BODY_H
#define BM_DEVICE_BODY_H

#include "direct.h"
#include "stream.h"

/* Into an object of a table, or of a device without one.  Values are matched by
 * name, and `report` (may be NULL) says what was passed over or made up; octets must
 * all be read (BM_TRAILING).  device->values is walked.  On failure *object holds
 * what was loaded up to the error's path. */
gboolean bm_body_load(const BmDevice *device, const BmTable *table, void *object,
                      BmLoadReport *report, GError **error);
gboolean bm_body_load_direct(const BmDevice *device, const BmDirectDevice *direct, void *object,
                             BmLoadReport *report, GError **error);

/* For a device that knows nothing but octets: appends to `to` those that came, or
 * that QEMU would have for the values (BM_MISMATCH if it has none). */
gboolean bm_body_octets(const BmDevice *device, BmOutput *to, GError **error);

#endif
