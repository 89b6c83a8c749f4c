/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The serial port of Arm's boards.  The first four octets are called `readbuff`
 * in descriptions of QEMU 5.2 and 7.2, and are not used in those of 10.0 and 11.1.
 */
#include "devices.h"

typedef struct Clock {
    uint64_t period;
    uint32_t multiplier, divider;
    bool scaled;
} Clock;

typedef struct Pl011 {
    uint32_t readbuff, flags, lcr, rsr, cr, dmacr, int_enabled, int_level;
    uint32_t read_fifo[16];
    uint32_t ilpr, ibrd, fbrd, ifl;
    int32_t read_pos, read_count, read_trigger;
    Clock clk;
    bool before_10; /* QEMU 5.2 and 7.2 */
    bool has_clock;
} Pl011;

FIELD_IF(Pl011, before_10)
FIELD_UNLESS(Pl011, before_10)
SUBSECTION_IF(Pl011, has_clock)
SUBSECTION_IF(Clock, scaled)

/* From the output of -dump-vmstate of QEMU 10.0. */
static const BmTableField muldiv_fields[] = {
    BM_FIELD_U32(Clock, multiplier),
    BM_FIELD_U32(Clock, divider),
    BM_FIELD_END,
};

static const BmTable muldiv_table = {
    .name = "clock/muldiv",
    .version = 1,
    .minimum_version = 1,
    .fields = muldiv_fields,
    .size = sizeof(Clock),
    NEEDED(scaled),
};

static const BmTableField clock_fields[] = {
    BM_FIELD_U64(Clock, period),
    BM_FIELD_END,
};

static const BmTable *const clock_subsections[] = {&muldiv_table, NULL};

static const BmTable clock_table = {
    .name = "clock",
    .fields = clock_fields,
    .subsections = clock_subsections,
    .size = sizeof(Clock),
};

static const BmTableField pl011_clock_fields[] = {
    BM_FIELD_STRUCT(Pl011, clk, clock_table, Clock),
    BM_FIELD_END,
};

static const BmTable pl011_clock_table = {
    .name = "pl011/clock",
    .version = 1,
    .minimum_version = 1,
    .fields = pl011_clock_fields,
    .size = sizeof(Pl011),
    NEEDED(has_clock),
};

static const BmTableField fields[] = {
    BM_FIELD_U32(Pl011, readbuff, WHEN(before_10)),
    BM_FIELD_UNUSED(4, WHEN(not_before_10)),
    BM_FIELD_U32(Pl011, flags),
    BM_FIELD_U32(Pl011, lcr),
    BM_FIELD_U32(Pl011, rsr),
    BM_FIELD_U32(Pl011, cr),
    BM_FIELD_U32(Pl011, dmacr),
    BM_FIELD_U32(Pl011, int_enabled),
    BM_FIELD_U32(Pl011, int_level),
    BM_FIELD_U32_ARRAY(Pl011, read_fifo, 16),
    BM_FIELD_U32(Pl011, ilpr),
    BM_FIELD_U32(Pl011, ibrd),
    BM_FIELD_U32(Pl011, fbrd),
    BM_FIELD_U32(Pl011, ifl),
    BM_FIELD_I32(Pl011, read_pos),
    BM_FIELD_I32(Pl011, read_count),
    BM_FIELD_I32(Pl011, read_trigger),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&pl011_clock_table, NULL};

static const BmTable table = {
    .name = "pl011",
    .version = 2,
    .minimum_version = 2,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(Pl011),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    Pl011 *pl011 = object;
    const BmSchema *clock = schema_subsection(schema, pl011_clock_table.name);

    (void)section;
    pl011->before_10 = schema_has(schema, "readbuff");
    pl011->has_clock = clock != NULL;
    pl011->clk.scaled = schema_has_subsection(schema_struct(clock, "clk"), muldiv_table.name);
}

const Device device_pl011 = {
    .table = &table,
    .section = "pl011",
    .size = sizeof(Pl011),
    .prepare = prepare,
};
