/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The same in descriptions in streams of QEMU 5.2 to 11.1.  The second field is
 * the second of its name: the first one, of version 1, nobody sends any more.
 * Machines with neither DMA nor ACPI tables lack the subsections.
 */
#include "devices.h"

typedef struct FwCfg {
    uint16_t cur_entry;
    uint32_t cur_offset;
    uint64_t dma_addr;
    uint64_t table_mr_size, linker_mr_size, rsdp_mr_size;
    bool has_dma, has_acpi;
} FwCfg;

SUBSECTION_IF(FwCfg, has_dma)
SUBSECTION_IF(FwCfg, has_acpi)

static const BmTableField dma_fields[] = {
    BM_FIELD_U64(FwCfg, dma_addr),
    BM_FIELD_END,
};

static const BmTable dma_table = {
    .name = "fw_cfg/dma",
    .fields = dma_fields,
    .size = sizeof(FwCfg),
    NEEDED(has_dma),
};

static const BmTableField acpi_fields[] = {
    BM_FIELD_U64(FwCfg, table_mr_size),
    BM_FIELD_U64(FwCfg, linker_mr_size),
    BM_FIELD_U64(FwCfg, rsdp_mr_size),
    BM_FIELD_END,
};

static const BmTable acpi_table = {
    .name = "fw_cfg/acpi_mr",
    .version = 1,
    .minimum_version = 1,
    .fields = acpi_fields,
    .size = sizeof(FwCfg),
    NEEDED(has_acpi),
};

static const BmTableField fields[] = {
    BM_FIELD_U16(FwCfg, cur_entry),
    ROW_NAMED("cur_offset[1]", FwCfg, cur_offset, BM_TYPE_U32, uint32_t, .since = 2),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&dma_table, &acpi_table, NULL};

static const BmTable table = {
    .name = "fw_cfg",
    .version = 2,
    .minimum_version = 2,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(FwCfg),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    FwCfg *fw_cfg = object;

    (void)section;
    fw_cfg->has_dma = schema_has_subsection(schema, dma_table.name);
    fw_cfg->has_acpi = schema_has_subsection(schema, acpi_table.name);
}

const Device device_fw_cfg = {
    .table = &table,
    .section = "fw_cfg",
    .size = sizeof(FwCfg),
    .prepare = prepare,
};
