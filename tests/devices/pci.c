/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCIDevice, version 2, as in all of QEMU 5.2 to 11.1.  There are two fields
 * `config` of which a device sends one: config[0] of 256 octets, config[1] of 4096
 * with PCI Express.
 */
#include "pci.h"

#define STATUS 0x06
#define STATUS_CAPABILITIES 0x10
#define CAPABILITIES 0x34
#define CAPABILITY_MSIX 0x11

FIELD_IF(PciDevice, express)
FIELD_UNLESS(PciDevice, express)

/* PCI 3.0, 6.8.2: bits 10-0 of the message control, plus one. */
static uint16_t find_msix(const uint8_t *config)
{
    unsigned at = config[STATUS] & STATUS_CAPABILITIES ? config[CAPABILITIES] & ~3u : 0;

    for (unsigned n = 0; at && n < 64; n++) {
        if (config[at] == CAPABILITY_MSIX) {
            unsigned control = config[at + 2] | (unsigned)config[at + 3] << 8;

            return (uint16_t)((control & 0x7ff) + 1);
        }
        at = config[at + 1] & ~3u;
    }
    return 0;
}

static gboolean loaded(void *object, uint32_t version, GError **error)
{
    PciDevice *pci = object;

    (void)version;
    (void)error;
    pci->msix_vectors = find_msix(pci->config);
    return TRUE;
}

static const BmTableField fields[] = {
    BM_FIELD_I32(PciDevice, version_id, .flags = BM_AT_MOST, .type_name = "int32 le"),
    {
        .name = "config[0]",
        .type = BM_TYPE_BUFFER,
        .offset = offsetof(PciDevice, config),
        .size = PCI_CONFIG_SIZE,
        .type_name = "pci config",
        WHEN(not_express),
    },
    {
        .name = "config[1]",
        .type = BM_TYPE_BUFFER,
        .offset = offsetof(PciDevice, config),
        .size = PCIE_CONFIG_SIZE,
        .type_name = "pci config",
        WHEN(express),
    },
    BM_FIELD_U32_ARRAY(PciDevice, irq_state, 4, .type_name = "pci irq state"),
    BM_FIELD_END,
};

const BmTable pci_device_table = {
    .name = "PCIDevice",
    .version = 2,
    .minimum_version = 1,
    .fields = fields,
    .size = sizeof(PciDevice),
    .post_load = loaded,
};

void pci_device_prepare(PciDevice *pci, gboolean express)
{
    pci->version_id = 2;
    pci->express = express;
}
