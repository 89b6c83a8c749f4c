/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The keyboard of a PC.  What it has in common with the mouse is called `common`
 * in descriptions of QEMU 5.2 and `parent_obj` in those of 7.2 to 11.1; the
 * subsections are from the output of -dump-vmstate.
 */
#include "devices.h"

typedef struct Queue {
    int32_t rptr, wptr, cwptr, count;
    uint8_t data[256];
} Queue;

typedef struct Ps2 {
    int32_t write_cmd;
    Queue queue;
} Ps2;

typedef struct Keyboard {
    union {
        Ps2 common;
        Ps2 parent_obj;
    };
    int32_t scan_enabled, translate, scancode_set;
    int32_t ledstate;
    bool need_high_bit;
    bool before_7; /* QEMU 5.2 */
    bool has_ledstate, has_high_bit, has_replies;
} Keyboard;

FIELD_IF(Keyboard, before_7)
FIELD_UNLESS(Keyboard, before_7)
SUBSECTION_IF(Keyboard, has_ledstate)
SUBSECTION_IF(Keyboard, has_high_bit)
SUBSECTION_IF(Keyboard, has_replies)

static const BmTableField common_fields[] = {
    BM_FIELD_I32(Ps2, write_cmd),   BM_FIELD_I32(Ps2, queue.rptr),    BM_FIELD_I32(Ps2, queue.wptr),
    BM_FIELD_I32(Ps2, queue.count), BM_FIELD_BUFFER(Ps2, queue.data), BM_FIELD_END,
};

static const BmTable common_table = {
    .name = "PS2 Common State",
    .version = 3,
    .minimum_version = 2,
    .fields = common_fields,
    .size = sizeof(Ps2),
};

static const BmTableField led_fields[] = {
    BM_FIELD_I32(Keyboard, ledstate),
    BM_FIELD_END,
};

static const BmTable led_table = {
    .name = "ps2kbd/ledstate",
    .version = 3,
    .minimum_version = 2,
    .fields = led_fields,
    .size = sizeof(Keyboard),
    NEEDED(has_ledstate),
};

static const BmTableField high_bit_fields[] = {
    BM_FIELD_BOOL(Keyboard, need_high_bit),
    BM_FIELD_END,
};

static const BmTable high_bit_table = {
    .name = "ps2kbd/need_high_bit",
    .version = 1,
    .minimum_version = 1,
    .fields = high_bit_fields,
    .size = sizeof(Keyboard),
    NEEDED(has_high_bit),
};

static const BmTableField reply_fields[] = {
    BM_FIELD_I32(Keyboard, parent_obj.queue.cwptr),
    BM_FIELD_END,
};

static const BmTable reply_table = {
    .name = "ps2kbd/command_reply_queue",
    .fields = reply_fields,
    .size = sizeof(Keyboard),
    NEEDED(has_replies),
};

static const BmTableField fields[] = {
    BM_FIELD_STRUCT(Keyboard, common, common_table, Ps2, WHEN(before_7)),
    BM_FIELD_STRUCT(Keyboard, parent_obj, common_table, Ps2, WHEN(not_before_7)),
    BM_FIELD_I32(Keyboard, scan_enabled),
    BM_FIELD_I32(Keyboard, translate),
    BM_FIELD_I32(Keyboard, scancode_set, .since = 3),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&led_table, &high_bit_table, &reply_table, NULL};

static const BmTable table = {
    .name = "ps2kbd",
    .version = 3,
    .minimum_version = 2,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(Keyboard),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Keyboard *keyboard = object;

    (void)section;
    keyboard->before_7 = schema_has(schema, "common");
    keyboard->has_ledstate = schema_has_subsection(schema, led_table.name);
    keyboard->has_high_bit = schema_has_subsection(schema, high_bit_table.name);
    keyboard->has_replies = schema_has_subsection(schema, reply_table.name);
}

const Device device_ps2kbd = {
    .table = &table,
    .section = "ps2kbd",
    .size = sizeof(Keyboard),
    .prepare = prepare,
};
