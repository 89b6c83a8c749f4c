/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ISA bridge of a pc: descriptions in streams of QEMU 5.2 to 11.1; the
 * subsection, there while a reset is pending, from the output of -dump-vmstate.
 */
#include "pci.h"

typedef struct Piix3 {
    PciDevice dev;
    int32_t pci_irq_levels_vmstate[4];
    uint8_t rcr;
    bool resetting;
} Piix3;

SUBSECTION_IF(Piix3, resetting)

static const BmTableField rcr_fields[] = {
    BM_FIELD_U8(Piix3, rcr),
    BM_FIELD_END,
};

static const BmTable rcr_table = {
    .name = "PIIX3/rcr",
    .version = 1,
    .minimum_version = 1,
    .fields = rcr_fields,
    .size = sizeof(Piix3),
    NEEDED(resetting),
};

static const BmTableField fields[] = {
    BM_FIELD_STRUCT(Piix3, dev, pci_device_table, PciDevice),
    BM_FIELD_I32_ARRAY(Piix3, pci_irq_levels_vmstate, 4, .since = 3),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&rcr_table, NULL};

static const BmTable table = {
    .name = "PIIX3",
    .version = 3,
    .minimum_version = 2,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(Piix3),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Piix3 *piix3 = object;

    (void)section;
    pci_device_prepare(&piix3->dev, FALSE);
    piix3->resetting = schema_has_subsection(schema, rcr_table.name);
}

const Device device_piix3 = {
    .table = &table,
    .section = "/PIIX3",
    .size = sizeof(Piix3),
    .prepare = prepare,
};
