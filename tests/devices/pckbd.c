/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keyboard controller of a PC.  One octet is called `pending` in descriptions
 * of QEMU 5.2 and `pending_tmp` in those of 7.2 to 11.1, which also have the second
 * subsection unless the machine is of an older version.  The first one is from the
 * output of -dump-vmstate: its name does not begin with that of the struct it is
 * in and a slash, as all others do.
 */
#include "devices.h"

typedef struct Controller {
    uint8_t write_cmd, status, mode;
    union {
        uint8_t pending;
        uint8_t pending_tmp;
    };
    uint8_t outport;
    uint32_t migration_flags, obsrc;
    uint8_t obdata, cbdata;
    bool before_7; /* QEMU 5.2 */
    bool has_outport, extended;
} Controller;

typedef struct IsaKbd {
    Controller kbd;
} IsaKbd;

FIELD_IF(Controller, before_7)
FIELD_UNLESS(Controller, before_7)
SUBSECTION_IF(Controller, has_outport)
SUBSECTION_IF(Controller, extended)

static const BmTableField outport_fields[] = {
    BM_FIELD_U8(Controller, outport),
    BM_FIELD_END,
};

static const BmTable outport_table = {
    .name = "pckbd_outport",
    .version = 1,
    .minimum_version = 1,
    .fields = outport_fields,
    .size = sizeof(Controller),
    NEEDED(has_outport),
};

static const BmTableField extended_fields[] = {
    BM_FIELD_U32(Controller, migration_flags),
    BM_FIELD_U32(Controller, obsrc),
    BM_FIELD_U8(Controller, obdata),
    BM_FIELD_U8(Controller, cbdata),
    BM_FIELD_END,
};

static const BmTable extended_table = {
    .name = "pckbd/extended_state",
    .fields = extended_fields,
    .size = sizeof(Controller),
    NEEDED(extended),
};

static const BmTableField controller_fields[] = {
    BM_FIELD_U8(Controller, write_cmd),
    BM_FIELD_U8(Controller, status),
    BM_FIELD_U8(Controller, mode),
    BM_FIELD_U8(Controller, pending, WHEN(before_7)),
    BM_FIELD_U8(Controller, pending_tmp, WHEN(not_before_7)),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&outport_table, &extended_table, NULL};

static const BmTable controller_table = {
    .name = "pckbd",
    .version = 3,
    .minimum_version = 3,
    .fields = controller_fields,
    .subsections = subsections,
    .size = sizeof(Controller),
};

static const BmTableField fields[] = {
    BM_FIELD_STRUCT(IsaKbd, kbd, controller_table, Controller),
    BM_FIELD_END,
};

static const BmTable table = {
    .name = "pckbd",
    .version = 3,
    .minimum_version = 3,
    .fields = fields,
    .size = sizeof(IsaKbd),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Controller *kbd = &((IsaKbd *)object)->kbd;
    const BmSchema *inner = schema_struct(schema, "kbd");

    (void)section;
    kbd->before_7 = schema_has(inner, "pending");
    kbd->has_outport = schema_has_subsection(inner, outport_table.name);
    kbd->extended = schema_has_subsection(inner, extended_table.name);
}

const Device device_pckbd = {
    .table = &table,
    .section = "pckbd",
    .size = sizeof(IsaKbd),
    .prepare = prepare,
};
