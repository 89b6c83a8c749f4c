/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Some of the devices once more, in QEMU's spelling of tables: the octets are the
 * same.  The tables were written here, from the same descriptions as the others.
 */
#define BM_WANT_QEMU_NAMES
#include "qemu-vmstate.h"

#include <errno.h>
#include <string.h>

#include "devices.h"

/* ---- i8259: plain fields ---- */

typedef struct PICState {
    uint8_t last_irr, irr, imr, isr;
    uint8_t priority_add, irq_base, read_reg_select, poll;
    uint8_t special_mask, init_state, auto_eoi, rotate_on_auto_eoi;
    uint8_t special_fully_nested_mode, init4, single_mode, elcr;
    uint8_t ltim;
} PICState;

static bool ltim_needed(void *opaque)
{
    return ((PICState *)opaque)->ltim;
}

static const VMStateDescription vmstate_ltim = {
    .name = "i8259/ltim",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = ltim_needed,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(ltim, PICState),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_pic = {
    .name = "i8259",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(last_irr, PICState),
            VMSTATE_UINT8(irr, PICState),
            VMSTATE_UINT8(imr, PICState),
            VMSTATE_UINT8(isr, PICState),
            VMSTATE_UINT8(priority_add, PICState),
            VMSTATE_UINT8(irq_base, PICState),
            VMSTATE_UINT8(read_reg_select, PICState),
            VMSTATE_UINT8(poll, PICState),
            VMSTATE_UINT8(special_mask, PICState),
            VMSTATE_UINT8(init_state, PICState),
            VMSTATE_UINT8(auto_eoi, PICState),
            VMSTATE_UINT8(rotate_on_auto_eoi, PICState),
            VMSTATE_UINT8(special_fully_nested_mode, PICState),
            VMSTATE_UINT8(init4, PICState),
            VMSTATE_UINT8(single_mode, PICState),
            VMSTATE_UINT8(elcr, PICState),
            VMSTATE_END_OF_LIST(),
        },
    .subsections =
        (const VMStateDescription *const[]){
            &vmstate_ltim,
            NULL,
        },
};

const Device device_qemu_i8259 = {
    .table = BM_QEMU_TABLE(&vmstate_pic),
    .section = "i8259",
    .size = sizeof(PICState),
};

/* ---- i8254: structs in an array, versions ---- */

typedef struct PITChannelState {
    int count;
    uint16_t latched_count;
    uint8_t count_latched, status_latched, status;
    uint8_t read_state, write_state, write_latch, rw_mode, mode, bcd, gate;
    int64_t count_load_time;
    int64_t next_transition_time;
    uint32_t irq_disabled;
} PITChannelState;

typedef struct PITCommonState {
    PITChannelState channels[3];
} PITCommonState;

static const VMStateDescription vmstate_pit_channel = {
    .name = "pit channel",
    .version_id = 2,
    .minimum_version_id = 2,
    .fields =
        (const VMStateField[]){
            VMSTATE_INT32(count, PITChannelState),
            VMSTATE_UINT16(latched_count, PITChannelState),
            VMSTATE_UINT8(count_latched, PITChannelState),
            VMSTATE_UINT8(status_latched, PITChannelState),
            VMSTATE_UINT8(status, PITChannelState),
            VMSTATE_UINT8(read_state, PITChannelState),
            VMSTATE_UINT8(write_state, PITChannelState),
            VMSTATE_UINT8(write_latch, PITChannelState),
            VMSTATE_UINT8(rw_mode, PITChannelState),
            VMSTATE_UINT8(mode, PITChannelState),
            VMSTATE_UINT8(bcd, PITChannelState),
            VMSTATE_UINT8(gate, PITChannelState),
            VMSTATE_INT64(count_load_time, PITChannelState),
            VMSTATE_INT64(next_transition_time, PITChannelState),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_pit = {
    .name = "i8254",
    .version_id = 3,
    .minimum_version_id = 2,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT32_V(channels[0].irq_disabled, PITCommonState, 3),
            VMSTATE_STRUCT_ARRAY(channels, PITCommonState, 3, 2, vmstate_pit_channel,
                                 PITChannelState),
            VMSTATE_INT64(channels[0].next_transition_time, PITCommonState),
            VMSTATE_END_OF_LIST(),
        },
};

const Device device_qemu_i8254 = {
    .table = BM_QEMU_TABLE(&vmstate_pit),
    .section = "i8254",
    .size = sizeof(PITCommonState),
};

/* ---- pl031: hooks that move values, a subsection ---- */

typedef struct PL031State {
    uint32_t tick_offset_vmstate, tick_offset, mr, lr, cr, im, is;
    uint32_t tick_offset_new;
    bool tick_offset_migrated;
} PL031State;

static int pl031_pre_save(void *opaque)
{
    PL031State *s = opaque;

    s->tick_offset_vmstate = s->tick_offset;
    s->tick_offset = s->tick_offset_new;
    return 0;
}

static int pl031_pre_load(void *opaque)
{
    ((PL031State *)opaque)->tick_offset_migrated = false;
    return 0;
}

static int pl031_post_load(void *opaque, int version_id)
{
    PL031State *s = opaque;

    s->tick_offset_new = s->tick_offset;
    s->tick_offset = s->tick_offset_vmstate;
    return version_id == 1 && s->tick_offset_migrated ? 0 : -EINVAL;
}

static int pl031_tick_offset_post_load(void *opaque, int version_id)
{
    ((PL031State *)opaque)->tick_offset_migrated = version_id == 1;
    return 0;
}

static bool pl031_tick_offset_needed(void *opaque)
{
    (void)opaque;
    return true;
}

static const VMStateDescription vmstate_pl031_tick_offset = {
    .name = "pl031/tick-offset",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = pl031_tick_offset_needed,
    .post_load = pl031_tick_offset_post_load,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT32(tick_offset, PL031State),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_pl031 = {
    .name = "pl031",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = pl031_pre_save,
    .pre_load = pl031_pre_load,
    .post_load = pl031_post_load,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT32(tick_offset_vmstate, PL031State),
            VMSTATE_UINT32(mr, PL031State),
            VMSTATE_UINT32(lr, PL031State),
            VMSTATE_UINT32(cr, PL031State),
            VMSTATE_UINT32(im, PL031State),
            VMSTATE_UINT32(is, PL031State),
            VMSTATE_END_OF_LIST(),
        },
    .subsections =
        (const VMStateDescription *const[]){
            &vmstate_pl031_tick_offset,
            NULL,
        },
};

const Device device_qemu_pl031 = {
    .table = BM_QEMU_TABLE(&vmstate_pl031),
    .section = "pl031",
    .size = sizeof(PL031State),
};

/* ---- hpet: a counted array, timers elsewhere, tests ---- */

#define HPET_TIMERS 32

typedef struct HPETTimer {
    uint8_t tn;
    QEMUTimer *qemu_timer;
    uint64_t config, cmp, fsb, period;
    uint8_t wrap_flag;
} HPETTimer;

typedef struct HPETState {
    uint64_t config, isr, hpet_counter, hpet_offset;
    union {
        uint8_t num_timers;
        uint8_t num_timers_save;
    };
    uint8_t rtc_irq_level;
    bool renamed, offset_saved;
    HPETTimer timer[HPET_TIMERS];
    QEMUTimer timers[HPET_TIMERS];
} HPETState;

static bool hpet_is_old(void *opaque, int version_id)
{
    return version_id == 2 && !((HPETState *)opaque)->renamed;
}

static bool hpet_is_new(void *opaque, int version_id)
{
    return version_id == 2 && ((HPETState *)opaque)->renamed;
}

static bool hpet_validate_num_timers(void *opaque, int version_id)
{
    (void)version_id;
    return ((HPETState *)opaque)->num_timers <= HPET_TIMERS;
}

static bool hpet_rtc_irq_level_needed(void *opaque)
{
    return ((HPETState *)opaque)->rtc_irq_level != 0;
}

static bool hpet_offset_needed(void *opaque)
{
    return ((HPETState *)opaque)->offset_saved;
}

static const VMStateDescription vmstate_hpet_rtc_irq_level = {
    .name = "hpet/rtc_irq_level",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = hpet_rtc_irq_level_needed,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(rtc_irq_level, HPETState),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_hpet_offset = {
    .name = "hpet/offset",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = hpet_offset_needed,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT64(hpet_offset, HPETState),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_hpet_timer = {
    .name = "hpet_timer",
    .version_id = 1,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(tn, HPETTimer),
            VMSTATE_UINT64(config, HPETTimer),
            VMSTATE_UINT64(cmp, HPETTimer),
            VMSTATE_UINT64(fsb, HPETTimer),
            VMSTATE_UINT64(period, HPETTimer),
            VMSTATE_UINT8(wrap_flag, HPETTimer),
            VMSTATE_TIMER_PTR(qemu_timer, HPETTimer),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_hpet = {
    .name = "hpet",
    .version_id = 2,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT64(config, HPETState),
            VMSTATE_UINT64(isr, HPETState),
            VMSTATE_UINT64(hpet_counter, HPETState),
            VMSTATE_UINT8_TEST(num_timers, HPETState, hpet_is_old),
            VMSTATE_UINT8_TEST(num_timers_save, HPETState, hpet_is_new),
            VMSTATE_VALIDATE("num_timers must be <= 32", hpet_validate_num_timers),
            VMSTATE_STRUCT_VARRAY_UINT8(timer, HPETState, num_timers, 0, vmstate_hpet_timer,
                                        HPETTimer),
            VMSTATE_END_OF_LIST(),
        },
    .subsections =
        (const VMStateDescription *const[]){
            &vmstate_hpet_rtc_irq_level,
            &vmstate_hpet_offset,
            NULL,
        },
};

static void prepare_hpet(void *object, const char *section, const BmSchema *schema)
{
    HPETState *s = object;

    (void)section;
    s->renamed = schema_has(schema, "num_timers_save");
    s->offset_saved = schema_has_subsection(schema, "hpet/offset");
    for (unsigned i = 0; i < HPET_TIMERS; i++) {
        s->timer[i].qemu_timer = &s->timers[i];
    }
}

const Device device_qemu_hpet = {
    .table = BM_QEMU_TABLE(&vmstate_hpet),
    .section = "hpet",
    .size = sizeof(HPETState),
    .prepare = prepare_hpet,
};

/* ---- ps2kbd: a struct, a buffer ---- */

typedef struct PS2Queue {
    int rptr, wptr, cwptr, count;
    uint8_t data[256];
} PS2Queue;

typedef struct PS2State {
    PS2Queue queue;
    int32_t write_cmd;
} PS2State;

typedef struct PS2KbdState {
    PS2State parent_obj;
    int scan_enabled, translate, scancode_set, ledstate;
    bool need_high_bit;
} PS2KbdState;

static bool ps2_keyboard_ledstate_needed(void *opaque)
{
    return ((PS2KbdState *)opaque)->ledstate != 0;
}

static const VMStateDescription vmstate_ps2_common = {
    .name = "PS2 Common State",
    .version_id = 3,
    .minimum_version_id = 2,
    .fields =
        (const VMStateField[]){
            VMSTATE_INT32(write_cmd, PS2State),
            VMSTATE_INT32(queue.rptr, PS2State),
            VMSTATE_INT32(queue.wptr, PS2State),
            VMSTATE_INT32(queue.count, PS2State),
            VMSTATE_BUFFER(queue.data, PS2State),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_ps2_keyboard_ledstate = {
    .name = "ps2kbd/ledstate",
    .version_id = 3,
    .minimum_version_id = 2,
    .needed = ps2_keyboard_ledstate_needed,
    .fields =
        (const VMStateField[]){
            VMSTATE_INT32(ledstate, PS2KbdState),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_ps2_keyboard = {
    .name = "ps2kbd",
    .version_id = 3,
    .minimum_version_id = 2,
    .fields =
        (const VMStateField[]){
            VMSTATE_STRUCT(parent_obj, PS2KbdState, 0, vmstate_ps2_common, PS2State),
            VMSTATE_INT32(scan_enabled, PS2KbdState),
            VMSTATE_INT32(translate, PS2KbdState),
            VMSTATE_INT32_V(scancode_set, PS2KbdState, 3),
            VMSTATE_END_OF_LIST(),
        },
    .subsections =
        (const VMStateDescription *const[]){
            &vmstate_ps2_keyboard_ledstate,
            NULL,
        },
};

static gboolean since_7(const char *section, const BmSchema *schema)
{
    (void)section;
    return schema_has(schema, "parent_obj");
}

const Device device_qemu_ps2kbd = {
    .table = BM_QEMU_TABLE(&vmstate_ps2_keyboard),
    .section = "ps2kbd",
    .size = sizeof(PS2KbdState),
    .applies = since_7,
};

/* ---- PIIX3: infos of its own, one of the two for a member that is a pointer ---- */

#define PCI_CONFIG_SPACE_SIZE 256
#define PCIE_CONFIG_SPACE_SIZE 4096
#define PCI_NUM_PINS 4

typedef struct PCIDevice {
    int32_t version_id;
    uint8_t *config;
    int32_t irq_state[PCI_NUM_PINS];
    uint8_t space[PCIE_CONFIG_SPACE_SIZE]; /* what config points to */
} PCIDevice;

typedef struct PIIX3State {
    PCIDevice dev;
    int32_t pci_irq_levels_vmstate[PCI_NUM_PINS];
    uint8_t rcr;
    bool resetting;
} PIIX3State;

static gboolean get_config(const void *member, uint8_t *octets, size_t size, GError **error)
{
    (void)error;
    memcpy(octets, *(uint8_t *const *)member, size);
    return TRUE;
}

static gboolean put_config(void *member, const uint8_t *octets, size_t size, GError **error)
{
    (void)error;
    memcpy(*(uint8_t **)member, octets, size);
    return TRUE;
}

static gboolean get_irq_state(const void *member, uint8_t *octets, size_t size, GError **error)
{
    const int32_t *state = member;

    (void)error;
    for (size_t i = 0; i < size / sizeof(*state); i++) {
        uint32_t be = GUINT32_TO_BE((uint32_t)state[i]);

        memcpy(octets + i * sizeof(be), &be, sizeof(be));
    }
    return TRUE;
}

static gboolean put_irq_state(void *member, const uint8_t *octets, size_t size, GError **error)
{
    int32_t *state = member;

    for (size_t i = 0; i < size / sizeof(*state); i++) {
        uint32_t be;

        memcpy(&be, octets + i * sizeof(be), sizeof(be));
        state[i] = (int32_t)GUINT32_FROM_BE(be);
        if (state[i] != 0 && state[i] != 1) {
            return bm_error_set(error, BM_MISMATCH, BM_NO_OFFSET, NULL, "line %zu is %d", i,
                                state[i]);
        }
    }
    return TRUE;
}

#define BM_QEMU_vmstate_info_pci_config BM_QEMU_INFO("pci config", 0, get_config, put_config)
#define BM_QEMU_vmstate_info_pci_irq_state                                                         \
    BM_QEMU_INFO("pci irq state", 0, get_irq_state, put_irq_state)

static bool migrate_is_pcie(void *opaque, int version_id)
{
    (void)opaque;
    (void)version_id;
    return false;
}

static bool migrate_is_not_pcie(void *opaque, int version_id)
{
    return !migrate_is_pcie(opaque, version_id);
}

static const VMStateDescription vmstate_pci_device = {
    .name = "PCIDevice",
    .version_id = 2,
    .minimum_version_id = 1,
    .fields =
        (const VMStateField[]){
            VMSTATE_INT32_POSITIVE_LE(version_id, PCIDevice),
            VMSTATE_BUFFER_UNSAFE_INFO_TEST(config, PCIDevice, migrate_is_not_pcie, 0,
                                            vmstate_info_pci_config, PCI_CONFIG_SPACE_SIZE),
            VMSTATE_BUFFER_UNSAFE_INFO_TEST(config, PCIDevice, migrate_is_pcie, 0,
                                            vmstate_info_pci_config, PCIE_CONFIG_SPACE_SIZE),
            VMSTATE_BUFFER_UNSAFE_INFO(irq_state, PCIDevice, 2, vmstate_info_pci_irq_state,
                                       PCI_NUM_PINS * sizeof(int32_t)),
            VMSTATE_END_OF_LIST(),
        },
};

static bool piix3_rcr_needed(void *opaque)
{
    return ((PIIX3State *)opaque)->resetting;
}

static const VMStateDescription vmstate_piix3_rcr = {
    .name = "PIIX3/rcr",
    .version_id = 1,
    .minimum_version_id = 1,
    .needed = piix3_rcr_needed,
    .fields =
        (const VMStateField[]){
            VMSTATE_UINT8(rcr, PIIX3State),
            VMSTATE_END_OF_LIST(),
        },
};

static const VMStateDescription vmstate_piix3 = {
    .name = "PIIX3",
    .version_id = 3,
    .minimum_version_id = 2,
    .fields =
        (const VMStateField[]){
            VMSTATE_STRUCT(dev, PIIX3State, 0, vmstate_pci_device, PCIDevice),
            VMSTATE_INT32_ARRAY_V(pci_irq_levels_vmstate, PIIX3State, PCI_NUM_PINS, 3),
            VMSTATE_END_OF_LIST(),
        },
    .subsections =
        (const VMStateDescription *const[]){
            &vmstate_piix3_rcr,
            NULL,
        },
};

static void prepare_piix3(void *object, const char *section, const BmSchema *schema)
{
    PIIX3State *s = object;

    (void)section;
    s->dev.version_id = 2;
    s->dev.config = s->dev.space;
    s->resetting = schema_has_subsection(schema, "PIIX3/rcr");
}

/* An info is octets to us, which the stream's description may know more of. */
const Device device_qemu_piix3 = {
    .table = BM_QEMU_TABLE(&vmstate_piix3),
    .section = "/PIIX3",
    .size = sizeof(PIIX3State),
    .prepare = prepare_piix3,
    .opaque = TRUE,
};
