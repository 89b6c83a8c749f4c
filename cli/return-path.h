/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's return path, read just enough to see its last message: SHUT, with
 * which the destination says whether it loaded the stream.
 */
#ifndef BM_RETURN_PATH_H
#define BM_RETURN_PATH_H

#include <glib.h>
#include <stdint.h>

typedef struct BmReturnPath {
    /* the answer */
    gboolean shut;
    uint32_t status; /* of SHUT: 0 is success */

    /* where the reader stands */
    unsigned state;
    uint16_t type;
    uint8_t field[8]; /* a number that is being collected */
    unsigned have;
    uint64_t left; /* octets of the message still to come */
} BmReturnPath;

/* All zero is the beginning.  Pieces may be cut anywhere. */
void bm_return_path_feed(BmReturnPath *path, const uint8_t *data, size_t len);

#endif
