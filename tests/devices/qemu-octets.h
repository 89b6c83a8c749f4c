/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects of QEMU's tables, and their octets in QEMU's form as hexadecimal digits. */
#ifndef QEMU_OCTETS_H
#define QEMU_OCTETS_H

#include "qemu-vmstate.h"

typedef struct Pair {
    uint8_t x, y;
} Pair;

extern const VMStateDescription vmstate_pair;

/* Returns what is to be freed; less than all of it if *error is set. */
char *qemu_octets_save(const VMStateDescription *vmsd, void *object, GError **error);
/* All of the octets; as a stream of that version has them. */
gboolean qemu_octets_load(const VMStateDescription *vmsd, void *object, int version,
                          const char *hex, GError **error);
/* Octets as expected, and from them an object that gives the same. */
void qemu_octets_pass(const VMStateDescription *vmsd, void *object, void *fresh,
                      const char *expected);
/* Takes the error: one of bermig's, with `part` in its message. */
void qemu_octets_refused(GError *error, const char *part);

#endif
