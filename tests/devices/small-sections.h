/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Small sections out of real streams, with what these say of them: facts for a
 * test that needs no QEMU.
 */
#ifndef BM_TESTS_SMALL_SECTIONS_H
#define BM_TESTS_SMALL_SECTIONS_H

#include <string.h>

#include "vmdesc.h"

typedef struct SmallSection {
    const char *from;        /* release of QEMU */
    const char *octets;      /* hex */
    const char *description; /* of the one device, as in the stream */
} SmallSection;

/* clang-format off */
static const SmallSection small_sections[] = {
    {"7.2",
     "0110b800000800000000000000010000",
     "{\"name\": \"i8259\", \"instance_id\": 0, \"vmsd_name\": \"i8259\", \"version\": 1, "
     "\"fields\": [{\"name\": \"last_irr\", \"type\": \"uint8\", \"size\": 1}, {\"name\": "
     "\"irr\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"imr\", \"type\": \"uint8\","
     " \"size\": 1}, {\"name\": \"isr\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"p"
     "riority_add\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"irq_base\", \"type\":"
     " \"uint8\", \"size\": 1}, {\"name\": \"read_reg_select\", \"type\": \"uint8\", \"siz"
     "e\": 1}, {\"name\": \"poll\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"specia"
     "l_mask\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"init_state\", \"type\": \""
     "uint8\", \"size\": 1}, {\"name\": \"auto_eoi\", \"type\": \"uint8\", \"size\": 1}, {"
     "\"name\": \"rotate_on_auto_eoi\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"sp"
     "ecial_fully_nested_mode\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"init4\", "
     "\"type\": \"uint8\", \"size\": 1}, {\"name\": \"single_mode\", \"type\": \"uint8\", "
     "\"size\": 1}, {\"name\": \"elcr\", \"type\": \"uint8\", \"size\": 1}]}"},
    {"7.2",
     "0000000000010000000000000003030003020001000000000203c57300000000f446cf38000100000000"
     "0000000000000003000100000000000000000000000000000000000004a900000000000303a903000001"
     "00000000165644b3000000000000000000000000f446cf38",
     "{\"name\": \"i8254\", \"instance_id\": 0, \"vmsd_name\": \"i8254\", \"version\": 3, "
     "\"fields\": [{\"name\": \"channels[0].irq_disabled\", \"type\": \"uint32\", \"size\""
     ": 4}, {\"name\": \"channels\", \"array_len\": 3, \"type\": \"struct\", \"struct\": {"
     "\"vmsd_name\": \"pit channel\", \"version\": 2, \"fields\": [{\"name\": \"count\", "
     "\"type\": \"int32\", \"size\": 4}, {\"name\": \"latched_count\", \"type\": \"uint16"
     "\", \"size\": 2}, {\"name\": \"count_latched\", \"type\": \"uint8\", \"size\": 1}, {"
     "\"name\": \"status_latched\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"status"
     "\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"read_state\", \"type\": \"uint8"
     "\", \"size\": 1}, {\"name\": \"write_state\", \"type\": \"uint8\", \"size\": 1}, {\""
     "name\": \"write_latch\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"rw_mode\", "
     "\"type\": \"uint8\", \"size\": 1}, {\"name\": \"mode\", \"type\": \"uint8\", \"size"
     "\": 1}, {\"name\": \"bcd\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"gate\", "
     "\"type\": \"uint8\", \"size\": 1}, {\"name\": \"count_load_time\", \"type\": \"int64"
     "\", \"size\": 8}, {\"name\": \"next_transition_time\", \"type\": \"int64\", \"size\""
     ": 8}]}, \"size\": 32}, {\"name\": \"channels[0].next_transition_time\", \"type\": \""
     "int64\", \"size\": 8}]}"},
    {"11.1",
     "6b0113d100000000000000000000000000000000000000000511706c3033312f7469636b2d6f66667365"
     "740000000100000000",
     "{\"name\": \"pl031\", \"instance_id\": 0, \"vmsd_name\": \"pl031\", \"version\": 1, "
     "\"fields\": [{\"name\": \"tick_offset_vmstate\", \"type\": \"uint32\", \"size\": 4},"
     " {\"name\": \"mr\", \"type\": \"uint32\", \"size\": 4}, {\"name\": \"lr\", \"type\":"
     " \"uint32\", \"size\": 4}, {\"name\": \"cr\", \"type\": \"uint32\", \"size\": 4}, {"
     "\"name\": \"im\", \"type\": \"uint32\", \"size\": 4}, {\"name\": \"is\", \"type\": "
     "\"uint32\", \"size\": 4}], \"subsections\": [{\"vmsd_name\": \"pl031/tick-offset\", "
     "\"version\": 1, \"fields\": [{\"name\": \"tick_offset\", \"type\": \"uint32\", \"siz"
     "e\": 4}]}]}"},
    {"10.0",
     "000c000001000860b00000",
     "{\"name\": \"serial\", \"instance_id\": 0, \"vmsd_name\": \"serial\", \"version\": 3"
     ", \"fields\": [{\"name\": \"state\", \"type\": \"struct\", \"struct\": {\"vmsd_name"
     "\": \"serial\", \"version\": 3, \"fields\": [{\"name\": \"divider\", \"type\": \"uin"
     "t16\", \"size\": 2}, {\"name\": \"rbr\", \"type\": \"uint8\", \"size\": 1}, {\"name"
     "\": \"ier\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"iir\", \"type\": \"uint"
     "8\", \"size\": 1}, {\"name\": \"lcr\", \"type\": \"uint8\", \"size\": 1}, {\"name\":"
     " \"mcr\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"lsr\", \"type\": \"uint8\""
     ", \"size\": 1}, {\"name\": \"msr\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \""
     "scr\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"fcr_vmstate\", \"type\": \"ui"
     "nt8\", \"size\": 1}]}, \"size\": 11}]}"},
    {"7.2",
     "000e00000002050a66775f6366672f646d61000000000000000000000000050e66775f6366672f616370"
     "695f6d7200000001000000000002000000000000000010000000000000000014",
     "{\"name\": \"fw_cfg\", \"instance_id\": 0, \"vmsd_name\": \"fw_cfg\", \"version\": 2"
     ", \"fields\": [{\"name\": \"cur_entry\", \"type\": \"uint16\", \"size\": 2}, {\"name"
     "\": \"cur_offset[1]\", \"type\": \"uint32\", \"size\": 4}], \"subsections\": [{\"vms"
     "d_name\": \"fw_cfg/dma\", \"version\": 0, \"fields\": [{\"name\": \"dma_addr\", \"ty"
     "pe\": \"uint64\", \"size\": 8}]}, {\"vmsd_name\": \"fw_cfg/acpi_mr\", \"version\": 1"
     ", \"fields\": [{\"name\": \"table_mr_size\", \"type\": \"uint64\", \"size\": 8}, {\""
     "name\": \"linker_mr_size\", \"type\": \"uint64\", \"size\": 8}, {\"name\": \"rsdp_mr"
     "_size\", \"type\": \"uint64\", \"size\": 8}]}]}"},
    {"5.2",
     "0000000000000090000000700000000000000b0100000000000000000000002000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "00000000000000000000000000000000000000000000000000000012000000000000000000000001050b"
     "706c3031312f636c6f636b000000010000000000000000",
     "{\"name\": \"pl011\", \"instance_id\": 0, \"vmsd_name\": \"pl011\", \"version\": 2, "
     "\"fields\": [{\"name\": \"readbuff\", \"type\": \"uint32\", \"size\": 4}, {\"name\":"
     " \"flags\", \"type\": \"uint32\", \"size\": 4}, {\"name\": \"lcr\", \"type\": \"uint"
     "32\", \"size\": 4}, {\"name\": \"rsr\", \"type\": \"uint32\", \"size\": 4}, {\"name"
     "\": \"cr\", \"type\": \"uint32\", \"size\": 4}, {\"name\": \"dmacr\", \"type\": \"ui"
     "nt32\", \"size\": 4}, {\"name\": \"int_enabled\", \"type\": \"uint32\", \"size\": 4}"
     ", {\"name\": \"int_level\", \"type\": \"uint32\", \"size\": 4}, {\"name\": \"read_fi"
     "fo\", \"array_len\": 16, \"type\": \"uint32\", \"size\": 4}, {\"name\": \"ilpr\", \""
     "type\": \"uint32\", \"size\": 4}, {\"name\": \"ibrd\", \"type\": \"uint32\", \"size"
     "\": 4}, {\"name\": \"fbrd\", \"type\": \"uint32\", \"size\": 4}, {\"name\": \"ifl\","
     " \"type\": \"uint32\", \"size\": 4}, {\"name\": \"read_pos\", \"type\": \"int32\", "
     "\"size\": 4}, {\"name\": \"read_count\", \"type\": \"int32\", \"size\": 4}, {\"name"
     "\": \"read_trigger\", \"type\": \"int32\", \"size\": 4}], \"subsections\": [{\"vmsd_"
     "name\": \"pl011/clock\", \"version\": 1, \"fields\": [{\"name\": \"clk\", \"type\": "
     "\"struct\", \"struct\": {\"vmsd_name\": \"clock\", \"version\": 0, \"fields\": [{\"n"
     "ame\": \"period\", \"type\": \"uint64\", \"size\": 8}]}, \"size\": 8}]}]}"},
    {"7.2",
     "0000000000000003000000000000000000000000586d0893030000ff01040000013800000000012cafc0"
     "00000000000000000000000000061a8000ffffffffffffffff0100ff010400000130000000000f1d7927"
     "0000000000000000000000000000000000ffffffffffffffff0200ff010400000030ffffffffffffffff"
     "0000000000000000000000000000000000ffffffffffffffff050b687065742f6f666673657400000001"
     "ffffffff8fa5515b",
     "{\"name\": \"hpet\", \"instance_id\": 0, \"vmsd_name\": \"hpet\", \"version\": 2, \""
     "fields\": [{\"name\": \"config\", \"type\": \"uint64\", \"size\": 8}, {\"name\": \"i"
     "sr\", \"type\": \"uint64\", \"size\": 8}, {\"name\": \"hpet_counter\", \"type\": \"u"
     "int64\", \"size\": 8}, {\"name\": \"num_timers\", \"type\": \"uint8\", \"size\": 1},"
     " {\"name\": \"timer\", \"array_len\": 3, \"type\": \"struct\", \"struct\": {\"vmsd_n"
     "ame\": \"hpet_timer\", \"version\": 1, \"fields\": [{\"name\": \"tn\", \"type\": \"u"
     "int8\", \"size\": 1}, {\"name\": \"config\", \"type\": \"uint64\", \"size\": 8}, {\""
     "name\": \"cmp\", \"type\": \"uint64\", \"size\": 8}, {\"name\": \"fsb\", \"type\": "
     "\"uint64\", \"size\": 8}, {\"name\": \"period\", \"type\": \"uint64\", \"size\": 8},"
     " {\"name\": \"wrap_flag\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"qemu_time"
     "r\", \"type\": \"timer\", \"size\": 8}]}, \"size\": 42}], \"subsections\": [{\"vmsd_"
     "name\": \"hpet/offset\", \"version\": 1, \"fields\": [{\"name\": \"hpet_offset\", \""
     "type\": \"uint64\", \"size\": 8}]}]}"},
    {"11.1",
     "00000000000000000000000000000000000000000000000003000000000400000030ffffffffffffffff"
     "0000000000000000000000000000000000ffffffffffffffff010000000400000030ffffffffffffffff"
     "0000000000000000000000000000000000ffffffffffffffff020000000400000030ffffffffffffffff"
     "0000000000000000000000000000000000ffffffffffffffff",
     "{\"name\": \"hpet\", \"instance_id\": 0, \"vmsd_name\": \"hpet\", \"version\": 2, \""
     "fields\": [{\"name\": \"config\", \"type\": \"uint64\", \"size\": 8}, {\"name\": \"i"
     "sr\", \"type\": \"uint64\", \"size\": 8}, {\"name\": \"hpet_counter\", \"type\": \"u"
     "int64\", \"size\": 8}, {\"name\": \"num_timers_save\", \"type\": \"uint8\", \"size\""
     ": 1}, {\"name\": \"timer\", \"array_len\": 3, \"type\": \"struct\", \"struct\": {\"v"
     "msd_name\": \"hpet_timer\", \"version\": 1, \"fields\": [{\"name\": \"tn\", \"type\""
     ": \"uint8\", \"size\": 1}, {\"name\": \"config\", \"type\": \"uint64\", \"size\": 8}"
     ", {\"name\": \"cmp\", \"type\": \"uint64\", \"size\": 8}, {\"name\": \"fsb\", \"type"
     "\": \"uint64\", \"size\": 8}, {\"name\": \"period\", \"type\": \"uint64\", \"size\":"
     " 8}, {\"name\": \"wrap_flag\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"qemu_"
     "timer\", \"type\": \"timer\", \"size\": 8}]}, \"size\": 42}]}"},
    {"5.2",
     "001c6100",
     "{\"name\": \"pckbd\", \"instance_id\": 0, \"vmsd_name\": \"pckbd\", \"version\": 3, "
     "\"fields\": [{\"name\": \"kbd\", \"type\": \"struct\", \"struct\": {\"vmsd_name\": "
     "\"pckbd\", \"version\": 3, \"fields\": [{\"name\": \"write_cmd\", \"type\": \"uint8"
     "\", \"size\": 1}, {\"name\": \"status\", \"type\": \"uint8\", \"size\": 1}, {\"name"
     "\": \"mode\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"pending\", \"type\": "
     "\"uint8\", \"size\": 1}]}, \"size\": 4}]}"},
    {"11.1",
     "001c6100051470636b62642f657874656e6465645f7374617465000000000000000000000001fa00",
     "{\"name\": \"pckbd\", \"instance_id\": 0, \"vmsd_name\": \"pckbd\", \"version\": 3, "
     "\"fields\": [{\"name\": \"kbd\", \"type\": \"struct\", \"struct\": {\"vmsd_name\": "
     "\"pckbd\", \"version\": 3, \"fields\": [{\"name\": \"write_cmd\", \"type\": \"uint8"
     "\", \"size\": 1}, {\"name\": \"status\", \"type\": \"uint8\", \"size\": 1}, {\"name"
     "\": \"mode\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"pending_tmp\", \"type"
     "\": \"uint8\", \"size\": 1}], \"subsections\": [{\"vmsd_name\": \"pckbd/extended_sta"
     "te\", \"version\": 0, \"fields\": [{\"name\": \"migration_flags\", \"type\": \"uint3"
     "2\", \"size\": 4}, {\"name\": \"obsrc\", \"type\": \"uint32\", \"size\": 4}, {\"name"
     "\": \"obdata\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"cbdata\", \"type\": "
     "\"uint8\", \"size\": 1}]}]}, \"size\": 40}]}"},
    {"11.1",
     "3800280003000721112626021080000000000000068002007c0000000000000000000000000000000000"
     "000000000000007c20000001000030000000001200000000000000000000000000000000000000000000"
     "000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
     "00000d00000000000000000000000000000000000000000000000000000000ffffffffffffffff18e9f1"
     "bb69a10b840000000000000000000000000000000000000000000000000000000000000000000000006b"
     "010fe018e9f1bb0e993000000000000000000018ea34ee7297700018ea34ee72977000",
     "{\"name\": \"mc146818rtc\", \"instance_id\": 0, \"vmsd_name\": \"mc146818rtc\", \"ve"
     "rsion\": 3, \"fields\": [{\"name\": \"cmos_data\", \"type\": \"buffer\", \"size\": 1"
     "28}, {\"name\": \"cmos_index\", \"type\": \"uint8\", \"size\": 1}, {\"name\": \"unus"
     "ed[0]\", \"type\": \"unused_buffer\", \"size\": 28}, {\"name\": \"periodic_timer\", "
     "\"type\": \"timer\", \"size\": 8}, {\"name\": \"next_periodic_time\", \"type\": \"in"
     "t64\", \"size\": 8}, {\"name\": \"unused[1]\", \"type\": \"unused_buffer\", \"size\""
     ": 24}, {\"name\": \"irq_coalesced\", \"type\": \"uint32\", \"size\": 4}, {\"name\": "
     "\"period\", \"type\": \"uint32\", \"size\": 4}, {\"name\": \"base_rtc\", \"type\": "
     "\"uint64\", \"size\": 8}, {\"name\": \"last_update\", \"type\": \"uint64\", \"size\""
     ": 8}, {\"name\": \"offset\", \"type\": \"int64\", \"size\": 8}, {\"name\": \"update_"
     "timer\", \"type\": \"timer\", \"size\": 8}, {\"name\": \"next_alarm_time\", \"type\""
     ": \"uint64\", \"size\": 8}]}"},
};
/* clang-format on */

static inline GByteArray *small_section_octets(const SmallSection *small)
{
    GByteArray *octets = g_byte_array_new();

    for (const char *hex = small->octets; *hex; hex += 2) {
        uint8_t octet = (uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));

        g_byte_array_append(octets, &octet, 1);
    }
    return octets;
}

/* Of the one device; NULL and an error if it cannot be read. */
static inline BmVmdesc *small_section_description(const SmallSection *small, BmSchemaSet *set,
                                                  GError **error)
{
    g_autofree char *text =
        g_strdup_printf("{\"page_size\": 4096, \"devices\": [%s]}", small->description);

    return bm_vmdesc_parse(text, strlen(text), set, error);
}

#endif
