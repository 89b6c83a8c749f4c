/* SPDX-License-Identifier: BSD-2-Clause */
/* The same in descriptions in streams of QEMU 5.2 to 11.1. */
#include "devices.h"

typedef struct Ioapic {
    uint8_t id, ioregsel;
    uint32_t irr;
    uint64_t ioredtbl[24];
} Ioapic;

static const BmTableField fields[] = {
    BM_FIELD_U8(Ioapic, id),
    BM_FIELD_U8(Ioapic, ioregsel),
    BM_FIELD_UNUSED(8, .since = 2),
    BM_FIELD_U32(Ioapic, irr, .since = 2),
    BM_FIELD_U64_ARRAY(Ioapic, ioredtbl, 24),
    BM_FIELD_END,
};

static const BmTable table = {
    .name = "ioapic",
    .version = 3,
    .minimum_version = 1,
    .fields = fields,
    .size = sizeof(Ioapic),
};

const Device device_ioapic = {.table = &table, .section = "ioapic", .size = sizeof(Ioapic)};
