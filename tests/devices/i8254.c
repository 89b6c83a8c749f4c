/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The timer of a PC: the same in descriptions in streams of QEMU 5.2 to 11.1.
 * Two members of the first channel stand beside the channels.
 */
#include "devices.h"

typedef struct Channel {
    int32_t count;
    uint16_t latched_count;
    uint8_t count_latched, status_latched, status;
    uint8_t read_state, write_state, write_latch, rw_mode, mode, bcd, gate;
    int64_t count_load_time;
    int64_t next_transition_time;
    uint32_t irq_disabled;
} Channel;

typedef struct Pit {
    Channel channels[3];
} Pit;

static const BmTableField channel_fields[] = {
    BM_FIELD_I32(Channel, count),
    BM_FIELD_U16(Channel, latched_count),
    BM_FIELD_U8(Channel, count_latched),
    BM_FIELD_U8(Channel, status_latched),
    BM_FIELD_U8(Channel, status),
    BM_FIELD_U8(Channel, read_state),
    BM_FIELD_U8(Channel, write_state),
    BM_FIELD_U8(Channel, write_latch),
    BM_FIELD_U8(Channel, rw_mode),
    BM_FIELD_U8(Channel, mode),
    BM_FIELD_U8(Channel, bcd),
    BM_FIELD_U8(Channel, gate),
    BM_FIELD_I64(Channel, count_load_time),
    BM_FIELD_I64(Channel, next_transition_time),
    BM_FIELD_END,
};

static const BmTable channel_table = {
    .name = "pit channel",
    .version = 2,
    .minimum_version = 2,
    .fields = channel_fields,
    .size = sizeof(Channel),
};

static const BmTableField fields[] = {
    BM_FIELD_U32(Pit, channels[0].irq_disabled, .since = 3),
    BM_FIELD_STRUCT_ARRAY(Pit, channels, 3, channel_table, Channel, .since = 2),
    BM_FIELD_I64(Pit, channels[0].next_transition_time),
    BM_FIELD_END,
};

static const BmTable table = {
    .name = "i8254",
    .version = 3,
    .minimum_version = 2,
    .fields = fields,
    .size = sizeof(Pit),
};

const Device device_i8254 = {.table = &table, .section = "i8254", .size = sizeof(Pit)};
