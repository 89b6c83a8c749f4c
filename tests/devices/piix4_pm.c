/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power management and hotplug of a pc.  acpi_index is in descriptions of QEMU
 * 7.2 to 11.1 unless the machine is of an older version; the subsection memhp is
 * in all of 5.2 to 11.1, cpuhp in those of 11.1.  How many devices they have is
 * not in the stream: it follows from the machine's options.
 */
#include "pci.h"

#define BUSES 256
#define SLOTS 256

typedef struct Apm {
    uint8_t apmc, apms;
} Apm;

typedef struct Smbus {
    uint8_t smb_stat, smb_ctl, smb_cmd, smb_addr, smb_data0, smb_data1;
    uint32_t smb_index;
    uint8_t smb_data[32];
    uint8_t smb_auxctl, smb_blkdata;
    bool i2c_enable, op_done, in_i2c_block_read, start_transaction_on_status_read;
} Smbus;

/* QEMU has octets here and sends, of the first two of each, a word. */
typedef struct Gpe {
    uint16_t sts, en;
} Gpe;

typedef struct BusStatus {
    uint32_t up, down;
} BusStatus;

typedef struct MemorySlot {
    bool is_enabled, is_inserting;
    uint32_t ost_event, ost_status;
} MemorySlot;

typedef struct MemoryHotplug {
    uint32_t selector, dev_count;
    MemorySlot devs[SLOTS];
} MemoryHotplug;

typedef struct CpuSlot {
    bool is_inserting, is_removing;
    uint32_t ost_event, ost_status;
} CpuSlot;

typedef struct CpuHotplug {
    uint32_t selector, dev_count;
    uint8_t command;
    CpuSlot devs[SLOTS];
} CpuHotplug;

typedef struct Piix4Pm {
    PciDevice parent_obj;
    struct {
        struct {
            struct {
                uint16_t sts, en;
            } evt;
            struct {
                uint16_t cnt;
            } cnt;
        } pm1;
        struct {
            int64_t timer, overflow_time;
        } tmr;
        Gpe gpe;
    } ar;
    Apm apm;
    Smbus smb;
    struct {
        uint32_t hotplug_select;
        BusStatus acpi_pcihp_pci_status[BUSES];
        uint32_t acpi_index;
    } acpi_pci_hotplug;
    MemoryHotplug acpi_memory_hotplug;
    CpuHotplug cpuhp_state;
    bool has_index, has_memory, has_cpus;
} Piix4Pm;

FIELD_IF(Piix4Pm, has_index)
SUBSECTION_IF(Piix4Pm, has_memory)
SUBSECTION_IF(Piix4Pm, has_cpus)

#define TABLE(id, label, s, ...)                                                                   \
    static const BmTableField id##_fields[] = {__VA_ARGS__, BM_FIELD_END};                         \
    static const BmTable id##_table = {                                                            \
        .name = label,                                                                             \
        .version = 1,                                                                              \
        .minimum_version = 1,                                                                      \
        .fields = id##_fields,                                                                     \
        .size = sizeof(s),                                                                         \
    };

TABLE(apm, "APM State", Apm, BM_FIELD_U8(Apm, apmc), BM_FIELD_U8(Apm, apms))
TABLE(smbus, "pmsmb", Smbus, BM_FIELD_U8(Smbus, smb_stat), BM_FIELD_U8(Smbus, smb_ctl),
      BM_FIELD_U8(Smbus, smb_cmd), BM_FIELD_U8(Smbus, smb_addr), BM_FIELD_U8(Smbus, smb_data0),
      BM_FIELD_U8(Smbus, smb_data1), BM_FIELD_U32(Smbus, smb_index),
      BM_FIELD_U8_ARRAY(Smbus, smb_data, 32), BM_FIELD_U8(Smbus, smb_auxctl),
      BM_FIELD_U8(Smbus, smb_blkdata), BM_FIELD_BOOL(Smbus, i2c_enable),
      BM_FIELD_BOOL(Smbus, op_done), BM_FIELD_BOOL(Smbus, in_i2c_block_read),
      BM_FIELD_BOOL(Smbus, start_transaction_on_status_read))
TABLE(gpe, "gpe", Gpe, BM_FIELD_U16(Gpe, sts), BM_FIELD_U16(Gpe, en))
TABLE(bus, "acpi_pcihp_pci_status", BusStatus, BM_FIELD_U32(BusStatus, up),
      BM_FIELD_U32(BusStatus, down))
TABLE(memory_slot, "memory hotplug device state", MemorySlot, BM_FIELD_BOOL(MemorySlot, is_enabled),
      BM_FIELD_BOOL(MemorySlot, is_inserting), BM_FIELD_U32(MemorySlot, ost_event),
      BM_FIELD_U32(MemorySlot, ost_status))
TABLE(memory, "memory hotplug state", MemoryHotplug, BM_FIELD_U32(MemoryHotplug, selector),
      BM_FIELD_STRUCT_COUNTED(MemoryHotplug, devs, dev_count, SLOTS, memory_slot_table, MemorySlot))
TABLE(cpu_slot, "CPU hotplug device state", CpuSlot, BM_FIELD_BOOL(CpuSlot, is_inserting),
      BM_FIELD_BOOL(CpuSlot, is_removing), BM_FIELD_U32(CpuSlot, ost_event),
      BM_FIELD_U32(CpuSlot, ost_status))
TABLE(cpus, "CPU hotplug state", CpuHotplug, BM_FIELD_U32(CpuHotplug, selector),
      BM_FIELD_U8(CpuHotplug, command),
      BM_FIELD_STRUCT_COUNTED(CpuHotplug, devs, dev_count, SLOTS, cpu_slot_table, CpuSlot))

static const BmTableField memhp_fields[] = {
    BM_FIELD_STRUCT(Piix4Pm, acpi_memory_hotplug, memory_table, MemoryHotplug),
    BM_FIELD_END,
};

static const BmTable memhp_table = {
    .name = "piix4_pm/memhp",
    .version = 1,
    .minimum_version = 1,
    .fields = memhp_fields,
    .size = sizeof(Piix4Pm),
    NEEDED(has_memory),
};

static const BmTableField cpuhp_fields[] = {
    BM_FIELD_STRUCT(Piix4Pm, cpuhp_state, cpus_table, CpuHotplug),
    BM_FIELD_END,
};

static const BmTable cpuhp_table = {
    .name = "piix4_pm/cpuhp",
    .version = 1,
    .minimum_version = 1,
    .fields = cpuhp_fields,
    .size = sizeof(Piix4Pm),
    NEEDED(has_cpus),
};

static const BmTableField fields[] = {
    BM_FIELD_STRUCT(Piix4Pm, parent_obj, pci_device_table, PciDevice),
    BM_FIELD_U16(Piix4Pm, ar.pm1.evt.sts),
    BM_FIELD_U16(Piix4Pm, ar.pm1.evt.en),
    BM_FIELD_U16(Piix4Pm, ar.pm1.cnt.cnt),
    BM_FIELD_STRUCT(Piix4Pm, apm, apm_table, Apm),
    BM_FIELD_STRUCT(Piix4Pm, smb, smbus_table, Smbus, .since = 3),
    BM_FIELD_TIMER(Piix4Pm, ar.tmr.timer),
    BM_FIELD_I64(Piix4Pm, ar.tmr.overflow_time),
    BM_FIELD_STRUCT(Piix4Pm, ar.gpe, gpe_table, Gpe, .since = 2),
    BM_FIELD_U32(Piix4Pm, acpi_pci_hotplug.hotplug_select),
    BM_FIELD_STRUCT_ARRAY(Piix4Pm, acpi_pci_hotplug.acpi_pcihp_pci_status, BUSES, bus_table,
                          BusStatus),
    BM_FIELD_U32(Piix4Pm, acpi_pci_hotplug.acpi_index, WHEN(has_index)),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&memhp_table, &cpuhp_table, NULL};

static const BmTable table = {
    .name = "piix4_pm",
    .version = 3,
    .minimum_version = 3,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(Piix4Pm),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Piix4Pm *pm = object;
    const BmSchema *memhp = schema_subsection(schema, memhp_table.name);
    const BmSchema *cpuhp = schema_subsection(schema, cpuhp_table.name);

    (void)section;
    pci_device_prepare(&pm->parent_obj, FALSE);
    pm->has_index = schema_has(schema, "acpi_pci_hotplug.acpi_index");
    pm->has_memory = memhp != NULL;
    pm->has_cpus = cpuhp != NULL;
    pm->acpi_memory_hotplug.dev_count =
        schema_count(schema_struct(memhp, "acpi_memory_hotplug"), "devs");
    pm->cpuhp_state.dev_count = schema_count(schema_struct(cpuhp, "cpuhp_state"), "devs");
}

const Device device_piix4_pm = {
    .table = &table,
    .section = "/piix4_pm",
    .size = sizeof(Piix4Pm),
    .prepare = prepare,
};
