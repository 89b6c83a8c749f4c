/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock of Arm's boards: descriptions in streams of QEMU 5.2 to 11.1. */
#include "devices.h"

typedef struct Pl031 {
    uint32_t tick_offset_vmstate, mr, lr, cr, im, is;
    uint32_t tick_offset;
    bool has_offset;
} Pl031;

SUBSECTION_IF(Pl031, has_offset)

static const BmTableField offset_fields[] = {
    BM_FIELD_U32(Pl031, tick_offset),
    BM_FIELD_END,
};

static const BmTable offset_table = {
    .name = "pl031/tick-offset",
    .version = 1,
    .minimum_version = 1,
    .fields = offset_fields,
    .size = sizeof(Pl031),
    NEEDED(has_offset),
};

static const BmTableField fields[] = {
    BM_FIELD_U32(Pl031, tick_offset_vmstate),
    BM_FIELD_U32(Pl031, mr),
    BM_FIELD_U32(Pl031, lr),
    BM_FIELD_U32(Pl031, cr),
    BM_FIELD_U32(Pl031, im),
    BM_FIELD_U32(Pl031, is),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&offset_table, NULL};

static const BmTable table = {
    .name = "pl031",
    .version = 1,
    .minimum_version = 1,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(Pl031),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Pl031 *pl031 = object;

    (void)section;
    pl031->has_offset = schema_has_subsection(schema, offset_table.name);
}

const Device device_pl031 = {
    .table = &table,
    .section = "pl031",
    .size = sizeof(Pl031),
    .prepare = prepare,
};
