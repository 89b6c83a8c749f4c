/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The event timer of a PC.  The number of timers is called `num_timers` in
 * descriptions of QEMU 5.2 and 7.2, `num_timers_save` in those of 10.0 and 11.1.
 * The subsection hpet/offset is in streams of guests that use the timer.
 */
#include "devices.h"

#define TIMERS 32

typedef struct Timer {
    uint8_t tn;
    uint64_t config, cmp, fsb, period;
    uint8_t wrap_flag;
    int64_t qemu_timer;
} Timer;

typedef struct Hpet {
    uint64_t config, isr, hpet_counter;
    union {
        uint8_t num_timers;
        uint8_t num_timers_save;
    };
    Timer timer[TIMERS];
    uint8_t rtc_irq_level;
    uint64_t hpet_offset;
    bool before_10; /* QEMU 5.2 and 7.2 */
    bool has_level, has_offset;
} Hpet;

FIELD_IF(Hpet, before_10)
FIELD_UNLESS(Hpet, before_10)
SUBSECTION_IF(Hpet, has_level)
SUBSECTION_IF(Hpet, has_offset)

static const BmTableField timer_fields[] = {
    BM_FIELD_U8(Timer, tn),
    BM_FIELD_U64(Timer, config),
    BM_FIELD_U64(Timer, cmp),
    BM_FIELD_U64(Timer, fsb),
    BM_FIELD_U64(Timer, period),
    BM_FIELD_U8(Timer, wrap_flag),
    BM_FIELD_TIMER(Timer, qemu_timer),
    BM_FIELD_END,
};

static const BmTable timer_table = {
    .name = "hpet_timer",
    .version = 1,
    .minimum_version = 1,
    .fields = timer_fields,
    .size = sizeof(Timer),
};

static const BmTableField level_fields[] = {
    BM_FIELD_U8(Hpet, rtc_irq_level),
    BM_FIELD_END,
};

static const BmTable level_table = {
    .name = "hpet/rtc_irq_level",
    .version = 1,
    .minimum_version = 1,
    .fields = level_fields,
    .size = sizeof(Hpet),
    NEEDED(has_level),
};

static const BmTableField offset_fields[] = {
    BM_FIELD_U64(Hpet, hpet_offset),
    BM_FIELD_END,
};

static const BmTable offset_table = {
    .name = "hpet/offset",
    .version = 1,
    .minimum_version = 1,
    .fields = offset_fields,
    .size = sizeof(Hpet),
    NEEDED(has_offset),
};

static const BmTableField fields[] = {
    BM_FIELD_U64(Hpet, config),
    BM_FIELD_U64(Hpet, isr),
    BM_FIELD_U64(Hpet, hpet_counter),
    BM_FIELD_U8(Hpet, num_timers, .since = 2, WHEN(before_10)),
    BM_FIELD_U8(Hpet, num_timers_save, .since = 2, WHEN(not_before_10)),
    BM_FIELD_STRUCT_COUNTED(Hpet, timer, num_timers, TIMERS, timer_table, Timer),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&level_table, &offset_table, NULL};

static const BmTable table = {
    .name = "hpet",
    .version = 2,
    .minimum_version = 1,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(Hpet),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Hpet *hpet = object;

    (void)section;
    hpet->before_10 = schema_has(schema, "num_timers");
    hpet->has_level = schema_has_subsection(schema, level_table.name);
    hpet->has_offset = schema_has_subsection(schema, offset_table.name);
}

const Device device_hpet = {
    .table = &table,
    .section = "hpet",
    .size = sizeof(Hpet),
    .prepare = prepare,
};
