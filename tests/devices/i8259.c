/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt controller of a PC, twice in each: descriptions in streams of
 * QEMU 5.2 to 11.1; the subsection (since 9.0) is in the output of -dump-vmstate.
 */
#include "devices.h"

typedef struct Pic {
    uint8_t last_irr, irr, imr, isr;
    uint8_t priority_add, irq_base, read_reg_select, poll;
    uint8_t special_mask, init_state, auto_eoi, rotate_on_auto_eoi;
    uint8_t special_fully_nested_mode, init4, single_mode, elcr;
    uint8_t ltim;
    bool level_triggered;
} Pic;

SUBSECTION_IF(Pic, level_triggered)

static const BmTableField ltim_fields[] = {
    BM_FIELD_U8(Pic, ltim),
    BM_FIELD_END,
};

static const BmTable ltim_table = {
    .name = "i8259/ltim",
    .version = 1,
    .minimum_version = 1,
    .fields = ltim_fields,
    .size = sizeof(Pic),
    NEEDED(level_triggered),
};

static const BmTableField fields[] = {
    BM_FIELD_U8(Pic, last_irr),
    BM_FIELD_U8(Pic, irr),
    BM_FIELD_U8(Pic, imr),
    BM_FIELD_U8(Pic, isr),
    BM_FIELD_U8(Pic, priority_add),
    BM_FIELD_U8(Pic, irq_base),
    BM_FIELD_U8(Pic, read_reg_select),
    BM_FIELD_U8(Pic, poll),
    BM_FIELD_U8(Pic, special_mask),
    BM_FIELD_U8(Pic, init_state),
    BM_FIELD_U8(Pic, auto_eoi),
    BM_FIELD_U8(Pic, rotate_on_auto_eoi),
    BM_FIELD_U8(Pic, special_fully_nested_mode),
    BM_FIELD_U8(Pic, init4),
    BM_FIELD_U8(Pic, single_mode),
    BM_FIELD_U8(Pic, elcr),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&ltim_table, NULL};

static const BmTable table = {
    .name = "i8259",
    .version = 1,
    .minimum_version = 1,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(Pic),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Pic *pic = object;

    (void)section;
    pic->level_triggered = schema_has_subsection(schema, ltim_table.name);
}

const Device device_i8259 = {
    .table = &table,
    .section = "i8259",
    .size = sizeof(Pic),
    .prepare = prepare,
};
