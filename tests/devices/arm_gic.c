/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The interrupt controller of Arm's boards, version 12: descriptions in streams
 * of QEMU 7.2 and 11.1.  Two arrays of two dimensions are described as one of
 * all elements.
 */
#include "devices.h"

#define CPUS 8
#define IRQS 1020

typedef struct Irq {
    uint8_t enabled, pending, active, level;
    bool model, edge_trigger;
    uint8_t group;
} Irq;

typedef struct Gic {
    uint32_t ctlr, cpu_ctlr[CPUS];
    Irq irq_state[IRQS];
    uint8_t irq_target[IRQS];
    uint8_t priority1[32][CPUS];
    uint8_t priority2[IRQS - 32];
    uint8_t sgi_pending[16][CPUS];
    uint16_t priority_mask[CPUS], running_priority[CPUS], current_pending[CPUS];
    uint8_t bpr[CPUS], abpr[CPUS];
    uint32_t apr[4][CPUS], nsapr[4][CPUS];
} Gic;

#define ROW_2D(m, t, ctype, n)                                                                     \
    {                                                                                              \
        .name = #m, .type = t, .offset = BM_OFFSET(Gic, m, ctype[n][CPUS]), .size = sizeof(ctype), \
        .count = (n)*CPUS                                                                          \
    }

static const BmTableField irq_fields[] = {
    BM_FIELD_U8(Irq, enabled), BM_FIELD_U8(Irq, pending),
    BM_FIELD_U8(Irq, active),  BM_FIELD_U8(Irq, level),
    BM_FIELD_BOOL(Irq, model), BM_FIELD_BOOL(Irq, edge_trigger),
    BM_FIELD_U8(Irq, group),   BM_FIELD_END,
};

static const BmTable irq_table = {
    .name = "arm_gic_irq_state",
    .version = 1,
    .minimum_version = 1,
    .fields = irq_fields,
    .size = sizeof(Irq),
};

static const BmTableField fields[] = {
    BM_FIELD_U32(Gic, ctlr),
    BM_FIELD_U32_ARRAY(Gic, cpu_ctlr, CPUS),
    BM_FIELD_STRUCT_ARRAY(Gic, irq_state, IRQS, irq_table, Irq),
    BM_FIELD_U8_ARRAY(Gic, irq_target, IRQS),
    ROW_2D(priority1, BM_TYPE_U8, uint8_t, 32),
    BM_FIELD_U8_ARRAY(Gic, priority2, IRQS - 32),
    ROW_2D(sgi_pending, BM_TYPE_U8, uint8_t, 16),
    BM_FIELD_U16_ARRAY(Gic, priority_mask, CPUS),
    BM_FIELD_U16_ARRAY(Gic, running_priority, CPUS),
    BM_FIELD_U16_ARRAY(Gic, current_pending, CPUS),
    BM_FIELD_U8_ARRAY(Gic, bpr, CPUS),
    BM_FIELD_U8_ARRAY(Gic, abpr, CPUS),
    ROW_2D(apr, BM_TYPE_U32, uint32_t, 4),
    ROW_2D(nsapr, BM_TYPE_U32, uint32_t, 4),
    BM_FIELD_END,
};

static const BmTable table = {
    .name = "arm_gic",
    .version = 12,
    .minimum_version = 12,
    .fields = fields,
    .size = sizeof(Gic),
};

const Device device_arm_gic = {.table = &table, .section = "arm_gic", .size = sizeof(Gic)};
