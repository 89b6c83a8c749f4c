/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The network card: descriptions in streams of QEMU 5.2 to 11.1.  Registers are
 * sent one by one and, with the subsection full_mac_state, all again; the places
 * of registers are those of Intel's manual of the 8254x.
 */
#include "pci.h"

#define REGISTERS 0x8000

/* clang-format off */
enum Register {
    CTRL = 0x0000 / 4, STATUS = 0x0008 / 4, EECD = 0x0010 / 4, EERD = 0x0014 / 4,
    MDIC = 0x0020 / 4, VET = 0x0038 / 4, ICR = 0x00c0 / 4, ITR = 0x00c4 / 4,
    ICS = 0x00c8 / 4, IMS = 0x00d0 / 4, IMC = 0x00d8 / 4, RCTL = 0x0100 / 4,
    TCTL = 0x0400 / 4, LEDCTL = 0x0e00 / 4, PBA = 0x1000 / 4, RDBAL = 0x2800 / 4,
    RDBAH = 0x2804 / 4, RDLEN = 0x2808 / 4, RDH = 0x2810 / 4, RDT = 0x2818 / 4,
    RDTR = 0x2820 / 4, RADV = 0x282c / 4, TDBAL = 0x3800 / 4, TDBAH = 0x3804 / 4,
    TDLEN = 0x3808 / 4, TDH = 0x3810 / 4, TDT = 0x3818 / 4, TXDCTL = 0x3828 / 4,
    TADV = 0x382c / 4, MPC = 0x4010 / 4, GPRC = 0x4074 / 4, GPTC = 0x4080 / 4,
    TORL = 0x40c0 / 4, TORH = 0x40c4 / 4, TOTL = 0x40c8 / 4, TOTH = 0x40cc / 4,
    TPR = 0x40d0 / 4, TPT = 0x40d4 / 4, MTA = 0x5200 / 4, RA = 0x5400 / 4,
    VFTA = 0x5600 / 4, WUFC = 0x5808 / 4, MANC = 0x5820 / 4, SWSM = 0x5b50 / 4,
};
/* clang-format on */

typedef struct Offload {
    uint8_t ipcss, ipcso;
    uint16_t ipcse;
    uint8_t tucss, tucso;
    uint16_t tucse;
    uint32_t paylen;
    uint8_t hdr_len;
    uint16_t mss;
    int8_t ip, tcp;
} Offload;

typedef struct E1000 {
    PciDevice parent_obj;
    uint32_t rxbuf_size, rxbuf_min_shift;
    struct {
        uint32_t val_in;
        uint16_t bitnum_in, bitnum_out, reading;
        uint32_t old_eecd;
    } eecd_state;
    Offload mig_props;
    struct {
        uint16_t size, tso_frames;
        uint8_t sum_needed;
        uint8_t header[256];
        uint8_t data[65536];
        Offload tso_props;
    } tx;
    uint16_t eeprom_data[64], phy_reg[32];
    uint32_t mac_reg[REGISTERS];
    bool mit_irq_level;
    bool has_mit, has_full, has_tso;
} E1000;

SUBSECTION_IF(E1000, has_mit)
SUBSECTION_IF(E1000, has_full)
SUBSECTION_IF(E1000, has_tso)

#define REGISTER(r) BM_FIELD_U32(E1000, mac_reg[r])
/* Some of one array: QEMU numbers the fields of one name. */
#define SOME(label, first, n)                                                                      \
    {                                                                                              \
        .name = (label), .type = BM_TYPE_U32,                                                      \
        .offset = BM_OFFSET(E1000, mac_reg[first], uint32_t), .size = sizeof(uint32_t),            \
        .count = (n)                                                                               \
    }
#define OFFLOAD_NUMBERS(m)                                                                         \
    BM_FIELD_U8(E1000, m.ipcss), BM_FIELD_U8(E1000, m.ipcso), BM_FIELD_U16(E1000, m.ipcse),        \
        BM_FIELD_U8(E1000, m.tucss), BM_FIELD_U8(E1000, m.tucso), BM_FIELD_U16(E1000, m.tucse),    \
        BM_FIELD_U32(E1000, m.paylen), BM_FIELD_U8(E1000, m.hdr_len), BM_FIELD_U16(E1000, m.mss)
#define OFFLOAD_FLAGS(m) BM_FIELD_I8(E1000, m.ip), BM_FIELD_I8(E1000, m.tcp)

static const BmTableField mit_fields[] = {
    REGISTER(RDTR),
    REGISTER(RADV),
    REGISTER(TADV),
    REGISTER(ITR),
    BM_FIELD_BOOL(E1000, mit_irq_level),
    BM_FIELD_END,
};

static const BmTable mit_table = {
    .name = "e1000/mit_state",
    .version = 1,
    .minimum_version = 1,
    .fields = mit_fields,
    .size = sizeof(E1000),
    NEEDED(has_mit),
};

static const BmTableField full_fields[] = {
    BM_FIELD_U32_ARRAY(E1000, mac_reg, REGISTERS),
    BM_FIELD_END,
};

static const BmTable full_table = {
    .name = "e1000/full_mac_state",
    .version = 1,
    .minimum_version = 1,
    .fields = full_fields,
    .size = sizeof(E1000),
    NEEDED(has_full),
};

static const BmTableField tso_fields[] = {
    OFFLOAD_NUMBERS(tx.tso_props),
    OFFLOAD_FLAGS(tx.tso_props),
    BM_FIELD_END,
};

static const BmTable tso_table = {
    .name = "e1000/tx_tso_state",
    .version = 1,
    .minimum_version = 1,
    .fields = tso_fields,
    .size = sizeof(E1000),
    NEEDED(has_tso),
};

static const BmTableField fields[] = {
    BM_FIELD_STRUCT(E1000, parent_obj, pci_device_table, PciDevice),
    ROW_UNUSED("unused[1]", 4),
    BM_FIELD_U32(E1000, rxbuf_size),
    BM_FIELD_U32(E1000, rxbuf_min_shift),
    BM_FIELD_U32(E1000, eecd_state.val_in),
    BM_FIELD_U16(E1000, eecd_state.bitnum_in),
    BM_FIELD_U16(E1000, eecd_state.bitnum_out),
    BM_FIELD_U16(E1000, eecd_state.reading),
    BM_FIELD_U32(E1000, eecd_state.old_eecd),
    OFFLOAD_NUMBERS(mig_props),
    BM_FIELD_U16(E1000, tx.size),
    BM_FIELD_U16(E1000, tx.tso_frames),
    BM_FIELD_U8(E1000, tx.sum_needed),
    OFFLOAD_FLAGS(mig_props),
    BM_FIELD_BUFFER(E1000, tx.header),
    BM_FIELD_BUFFER(E1000, tx.data),
    BM_FIELD_U16_ARRAY(E1000, eeprom_data, 64),
    BM_FIELD_U16_ARRAY(E1000, phy_reg, 32),
    REGISTER(CTRL),
    REGISTER(EECD),
    REGISTER(EERD),
    REGISTER(GPRC),
    REGISTER(GPTC),
    REGISTER(ICR),
    REGISTER(ICS),
    REGISTER(IMC),
    REGISTER(IMS),
    REGISTER(LEDCTL),
    REGISTER(MANC),
    REGISTER(MDIC),
    REGISTER(MPC),
    REGISTER(PBA),
    REGISTER(RCTL),
    REGISTER(RDBAH),
    REGISTER(RDBAL),
    REGISTER(RDH),
    REGISTER(RDLEN),
    REGISTER(RDT),
    REGISTER(STATUS),
    REGISTER(SWSM),
    REGISTER(TCTL),
    REGISTER(TDBAH),
    REGISTER(TDBAL),
    REGISTER(TDH),
    REGISTER(TDLEN),
    REGISTER(TDT),
    REGISTER(TORH),
    REGISTER(TORL),
    REGISTER(TOTH),
    REGISTER(TOTL),
    REGISTER(TPR),
    REGISTER(TPT),
    REGISTER(TXDCTL),
    REGISTER(WUFC),
    REGISTER(VET),
    SOME("mac_reg[0]", RA, 32),
    SOME("mac_reg[1]", MTA, 128),
    SOME("mac_reg[2]", VFTA, 128),
    BM_FIELD_END,
};

static const BmTable *const subsections[] = {&mit_table, &full_table, &tso_table, NULL};

static const BmTable table = {
    .name = "e1000",
    .version = 2,
    .minimum_version = 1,
    .fields = fields,
    .subsections = subsections,
    .size = sizeof(E1000),
};

static void prepare(void *object, const char *section, const BmSchema *schema)
{
    E1000 *e1000 = object;

    (void)section;
    pci_device_prepare(&e1000->parent_obj, FALSE);
    e1000->has_mit = schema_has_subsection(schema, mit_table.name);
    e1000->has_full = schema_has_subsection(schema, full_table.name);
    e1000->has_tso = schema_has_subsection(schema, tso_table.name);
}

const Device device_e1000 = {
    .table = &table,
    .section = "/e1000",
    .size = sizeof(E1000),
    .prepare = prepare,
};
