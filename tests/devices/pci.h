/* SPDX-License-Identifier: BSD-2-Clause */
/* What all PCI devices send first. */
#ifndef BM_TESTS_PCI_H
#define BM_TESTS_PCI_H

#include "devices.h"

#define PCI_CONFIG_SIZE 256
#define PCIE_CONFIG_SIZE 4096

typedef struct PciDevice {
    int32_t version_id;
    uint8_t config[PCIE_CONFIG_SIZE];
    uint32_t irq_state[4];
    bool express;          /* known before: of these, all of `config` counts */
    uint16_t msix_vectors; /* found in `config` when it is loaded; 0 without MSI-X */
} PciDevice;

extern const BmTable pci_device_table;

void pci_device_prepare(PciDevice *pci, gboolean express);

#endif
