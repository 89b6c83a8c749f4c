/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tables of real devices, for tests.
 *
 * Names, types, order and versions are those of the JSON descriptions in streams
 * of QEMU 5.2, 7.2, 10.0 and 11.1; for subsections that no stream at hand has, of
 * the output of its -dump-vmstate.  Where a release calls a field otherwise than
 * another, or sends one more, the table has a row for each, and prepare() looks
 * at the description which of them there are: in a device of one's own that would
 * be a property of the machine's version.
 */
#ifndef BM_TESTS_DEVICES_H
#define BM_TESTS_DEVICES_H

#include "table.h"

typedef struct Device {
    const BmTable *table;
    const char *section; /* how the section's name ends */
    size_t size;         /* of the struct */
    /* What a device knows before anything is loaded.  NULL: nothing. */
    void (*prepare)(void *object, const char *section, const BmSchema *schema);
    /* NULL: all of that name */
    gboolean (*applies)(const char *section, const BmSchema *schema);
    gboolean opaque; /* the stream's description does not show what is in it */
} Device;

/* Ends with NULL. */
extern const Device *const devices[];

extern const Device device_mc146818rtc, device_i8259, device_i8254, device_serial, device_serial_mm,
    device_ps2kbd, device_pckbd, device_hpet, device_piix3, device_e1000, device_ioapic,
    device_fw_cfg, device_piix4_pm, device_virtio_blk, device_pl011, device_pl031, device_arm_gic;
/* The same in QEMU's spelling, see compat/qemu-vmstate.h. */
extern const Device device_qemu_i8259, device_qemu_i8254, device_qemu_pl031, device_qemu_hpet,
    device_qemu_ps2kbd, device_qemu_piix3;

/* ---- questions to a description ---- */

const BmField *schema_field(const BmSchema *schema, const char *name);
gboolean schema_has(const BmSchema *schema, const char *name);
gboolean schema_has_subsection(const BmSchema *schema, const char *name);
const BmSchema *schema_subsection(const BmSchema *schema, const char *name);
/* The schema of a struct's field; NULL if there is none. */
const BmSchema *schema_struct(const BmSchema *schema, const char *name);
/* Elements of a field, 0 if it is not there: QEMU does not describe empty arrays. */
uint32_t schema_count(const BmSchema *schema, const char *name);

/* ---- rows ---- */

/* A row whose name is not that of the member. */
#define ROW_NAMED(label, s, m, t, ctype, ...)                                                      \
    {                                                                                              \
        .name = (label), .type = (t), .offset = BM_OFFSET(s, m, ctype), .size = sizeof(ctype),     \
        ##__VA_ARGS__                                                                              \
    }
/* One of several of one name: QEMU numbers them in its description. */
#define ROW_UNUSED(label, octets)                                                                  \
    {                                                                                              \
        .name = (label), .type = BM_TYPE_UNUSED, .size = (octets), .type_name = "unused_buffer"    \
    }

/* A condition of the name c_MEMBER: the object's member says so. */
#define FIELD_IF(s, m)                                                                             \
    static gboolean c_##m(const void *object, uint32_t version)                                    \
    {                                                                                              \
        (void)version;                                                                             \
        return ((const s *)object)->m;                                                             \
    }
#define FIELD_UNLESS(s, m)                                                                         \
    static gboolean c_not_##m(const void *object, uint32_t version)                                \
    {                                                                                              \
        (void)version;                                                                             \
        return !((const s *)object)->m;                                                            \
    }
#define WHEN(m) .when = c_##m, .condition = #m
/* The same for a subsection. */
#define SUBSECTION_IF(s, m)                                                                        \
    static gboolean c_##m(const void *object)                                                      \
    {                                                                                              \
        return ((const s *)object)->m;                                                             \
    }
#define NEEDED(m) .needed = c_##m, .condition = #m

#endif
