/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock of a PC: the same in descriptions in streams of QEMU 5.2 to 11.1. */
#include "devices.h"

typedef struct Rtc {
    uint8_t cmos_data[128];
    uint8_t cmos_index;
    int64_t periodic_timer;
    int64_t next_periodic_time;
    uint32_t irq_coalesced;
    uint32_t period;
    uint64_t base_rtc;
    uint64_t last_update;
    int64_t offset;
    int64_t update_timer;
    uint64_t next_alarm_time;
    uint16_t irq_reinject_on_ack_count;
    bool reinjects;
} Rtc;

SUBSECTION_IF(Rtc, reinjects)

static const BmTableField reinject_fields[] = {
    BM_FIELD_U16(Rtc, irq_reinject_on_ack_count),
    BM_FIELD_END,
};

static const BmTable reinject_table = {
    .name = "mc146818rtc/irq_reinject_on_ack_count",
    .version = 1,
    .minimum_version = 1,
    .fields = reinject_fields,
    .size = sizeof(Rtc),
    NEEDED(reinjects),
};

/* Three rows came with version 2, five with version 3; none without these is here. */
static const BmTableField fields[] = {
    BM_FIELD_BUFFER(Rtc, cmos_data),
    BM_FIELD_U8(Rtc, cmos_index),
    ROW_UNUSED("unused[0]", 28),
    BM_FIELD_TIMER(Rtc, periodic_timer),
    BM_FIELD_I64(Rtc, next_periodic_time),
    ROW_UNUSED("unused[1]", 24),
    BM_FIELD_U32(Rtc, irq_coalesced, .since = 2),
    BM_FIELD_U32(Rtc, period, .since = 2),
    BM_FIELD_U64(Rtc, base_rtc, .since = 3),
    BM_FIELD_U64(Rtc, last_update, .since = 3),
    BM_FIELD_I64(Rtc, offset, .since = 3),
    BM_FIELD_TIMER(Rtc, update_timer, .since = 3),
    BM_FIELD_U64(Rtc, next_alarm_time, .since = 3),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&reinject_table, NULL};

static const BmTable table = {
    .name = "mc146818rtc",
    .version = 3,
    .minimum_version = 1,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(Rtc),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Rtc *rtc = object;

    (void)section;
    rtc->reinjects = schema_has_subsection(schema, reinject_table.name);
}

const Device device_mc146818rtc = {
    .table = &table,
    .section = "mc146818rtc",
    .size = sizeof(Rtc),
    .prepare = prepare,
};
