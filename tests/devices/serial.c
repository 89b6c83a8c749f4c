/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The serial port, of version 3 around one of version 3: on ISA the inner one is
 * called `state`, mapped in memory it is called `serial`.  The fields are from
 * descriptions in streams of QEMU 5.2 to 11.1, the subsections, which a port in
 * use has, from the output of -dump-vmstate.
 */
#include "devices.h"

#define FIFO_SIZE 16

typedef struct Fifo8 {
    uint8_t data[FIFO_SIZE];
    uint32_t head;
    uint32_t num;
} Fifo8;

typedef struct Uart {
    uint16_t divider;
    uint8_t rbr, ier, iir, lcr, mcr, lsr, msr, scr, fcr_vmstate;
    int32_t thr_ipending;
    uint32_t tsr_retry;
    uint8_t thr, tsr;
    Fifo8 recv_fifo, xmit_fifo;
    int64_t fifo_timeout_timer;
    int32_t timeout_ipending;
    int32_t poll_msl;
    int64_t modem_status_poll;
    bool has_thr, has_tsr, has_recv, has_xmit, has_timer, has_timeout, has_poll;
} Uart;

typedef struct Serial {
    union {
        Uart state;
        Uart serial;
    };
} Serial;

static const BmTableField fifo_fields[] = {
    BM_FIELD_BUFFER(Fifo8, data),
    BM_FIELD_U32(Fifo8, head),
    BM_FIELD_U32(Fifo8, num),
    BM_FIELD_END,
};

static const BmTable fifo_table = {
    .name = "Fifo8",
    .version = 1,
    .minimum_version = 1,
    .fields = fifo_fields,
    .size = sizeof(Fifo8),
};

#define SUBSECTION(id, label, flag, ...)                                                           \
    SUBSECTION_IF(Uart, flag)                                                                      \
    static const BmTableField id##_fields[] = {__VA_ARGS__, BM_FIELD_END};                         \
    static const BmTable id##_table = {                                                            \
        .name = label,                                                                             \
        .version = 1,                                                                              \
        .minimum_version = 1,                                                                      \
        .fields = id##_fields,                                                                     \
        .size = sizeof(Uart),                                                                      \
        NEEDED(flag),                                                                              \
    };

SUBSECTION(thr, "serial/thr_ipending", has_thr, BM_FIELD_I32(Uart, thr_ipending))
SUBSECTION(tsr, "serial/tsr", has_tsr, BM_FIELD_U32(Uart, tsr_retry), BM_FIELD_U8(Uart, thr),
           BM_FIELD_U8(Uart, tsr))
SUBSECTION(recv, "serial/recv_fifo", has_recv, BM_FIELD_STRUCT(Uart, recv_fifo, fifo_table, Fifo8))
SUBSECTION(xmit, "serial/xmit_fifo", has_xmit, BM_FIELD_STRUCT(Uart, xmit_fifo, fifo_table, Fifo8))
SUBSECTION(timer, "serial/fifo_timeout_timer", has_timer, BM_FIELD_TIMER(Uart, fifo_timeout_timer))
SUBSECTION(timeout, "serial/timeout_ipending", has_timeout, BM_FIELD_I32(Uart, timeout_ipending))
SUBSECTION(poll, "serial/poll", has_poll, BM_FIELD_I32(Uart, poll_msl),
           BM_FIELD_TIMER(Uart, modem_status_poll))

static const BmTable *const uart_subsections[] = {
    &thr_table,   &tsr_table,     &recv_table, &xmit_table,
    &timer_table, &timeout_table, &poll_table, NULL,
};

static const BmTableField uart_fields[] = {
    BM_FIELD_U16(Uart, divider, .since = 2),
    BM_FIELD_U8(Uart, rbr),
    BM_FIELD_U8(Uart, ier),
    BM_FIELD_U8(Uart, iir),
    BM_FIELD_U8(Uart, lcr),
    BM_FIELD_U8(Uart, mcr),
    BM_FIELD_U8(Uart, lsr),
    BM_FIELD_U8(Uart, msr),
    BM_FIELD_U8(Uart, scr),
    BM_FIELD_U8(Uart, fcr_vmstate, .since = 3),
    BM_FIELD_END,
};

static const BmTable uart_table = {
    .name = "serial",
    .version = 3,
    .minimum_version = 2,
    .fields = uart_fields,
    .subsections = uart_subsections,
    .size = sizeof(Uart),
};

static const BmTableField isa_fields[] = {
    BM_FIELD_STRUCT(Serial, state, uart_table, Uart),
    BM_FIELD_END,
};

static const BmTable isa_table = {
    .name = "serial",
    .version = 3,
    .minimum_version = 2,
    .fields = isa_fields,
    .size = sizeof(Serial),
};

static const BmTableField mm_fields[] = {
    BM_FIELD_STRUCT(Serial, serial, uart_table, Uart),
    BM_FIELD_END,
};

static const BmTable mm_table = {
    .name = "serial",
    .version = 3,
    .minimum_version = 2,
    .fields = mm_fields,
    .size = sizeof(Serial),
};

static void prepare_uart(Uart *uart, const BmSchema *schema)
{
    uart->has_thr = schema_has_subsection(schema, thr_table.name);
    uart->has_tsr = schema_has_subsection(schema, tsr_table.name);
    uart->has_recv = schema_has_subsection(schema, recv_table.name);
    uart->has_xmit = schema_has_subsection(schema, xmit_table.name);
    uart->has_timer = schema_has_subsection(schema, timer_table.name);
    uart->has_timeout = schema_has_subsection(schema, timeout_table.name);
    uart->has_poll = schema_has_subsection(schema, poll_table.name);
}

static void prepare_isa(void *object, const char *section, const BmSchema *schema)
{
    (void)section;
    prepare_uart(&((Serial *)object)->state, schema_struct(schema, "state"));
}

static void prepare_mm(void *object, const char *section, const BmSchema *schema)
{
    (void)section;
    prepare_uart(&((Serial *)object)->serial, schema_struct(schema, "serial"));
}

static gboolean is_isa(const char *section, const BmSchema *schema)
{
    (void)section;
    return schema_has(schema, "state");
}

static gboolean is_mm(const char *section, const BmSchema *schema)
{
    (void)section;
    return schema_has(schema, "serial");
}

const Device device_serial = {
    .table = &isa_table,
    .section = "serial",
    .size = sizeof(Serial),
    .prepare = prepare_isa,
    .applies = is_isa,
};

const Device device_serial_mm = {
    .table = &mm_table,
    .section = "serial",
    .size = sizeof(Serial),
    .prepare = prepare_mm,
    .applies = is_mm,
};
