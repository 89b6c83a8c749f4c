/* SPDX-License-Identifier: BSD-2-Clause */
#include "devices.h"

#include <string.h>

const Device *const devices[] = {
    &device_mc146818rtc, &device_i8259,       &device_i8254,      &device_serial,
    &device_serial_mm,   &device_ps2kbd,      &device_pckbd,      &device_hpet,
    &device_piix3,       &device_e1000,       &device_ioapic,     &device_fw_cfg,
    &device_piix4_pm,    &device_virtio_blk,  &device_pl011,      &device_pl031,
    &device_arm_gic,     &device_qemu_i8259,  &device_qemu_i8254, &device_qemu_pl031,
    &device_qemu_hpet,   &device_qemu_ps2kbd, &device_qemu_piix3, NULL,
};

const BmField *schema_field(const BmSchema *schema, const char *name)
{
    for (uint32_t i = 0; schema && i < schema->n_fields; i++) {
        if (!strcmp(schema->fields[i].name, name)) {
            return &schema->fields[i];
        }
    }
    return NULL;
}

gboolean schema_has(const BmSchema *schema, const char *name)
{
    return schema_field(schema, name) != NULL;
}

const BmSchema *schema_subsection(const BmSchema *schema, const char *name)
{
    for (uint32_t i = 0; schema && i < schema->n_subsections; i++) {
        if (!strcmp(schema->subsections[i]->name, name)) {
            return schema->subsections[i];
        }
    }
    return NULL;
}

gboolean schema_has_subsection(const BmSchema *schema, const char *name)
{
    return schema_subsection(schema, name) != NULL;
}

const BmSchema *schema_struct(const BmSchema *schema, const char *name)
{
    const BmField *field = schema_field(schema, name);

    return field && field->kind == BM_KIND_STRUCT ? field->elements[0] : NULL;
}

uint32_t schema_count(const BmSchema *schema, const char *name)
{
    const BmField *field = schema_field(schema, name);

    return field ? field->count : 0;
}
