/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The lamp of device.c, which says in its struct what is sent and what is not.
 *
 *     bermig-idl --output=annotated-table --schema=annotated.schema annotated.h
 *
 * makes its table; the schema is kept beside this header, so that a change that
 * old streams would not survive does not build.
 */
#ifndef ANNOTATED_H
#define ANNOTATED_H

#include <stdbool.h>
#include <stdint.h>

#include "annotate.h"

typedef struct Lamp {
    bool on;
    uint16_t brightness BM_DEFAULT(100);
    uint32_t n_colours;
    uint8_t colours[8] BM_SIZE(n_colours);
    int64_t off_at BM_TIMER;
    void *socket BM_IMMUTABLE("the host's");
} BM_DEVICE("lamp", 1) Lamp;

#endif
