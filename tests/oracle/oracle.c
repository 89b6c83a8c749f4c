/* SPDX-License-Identifier: BSD-2-Clause */
#include "oracle.h"

static const char *const record_types[BM_RECORD_TYPES] = {
    "Preamble",
    "Configuration",
    "Schema",
    "Device",
    "Start",
    "Part",
    "End",
    "More",
    "Command",
    "Package",
    "PackageEnd",
    "Finish",
    "Remainder",
    "Message",
    "Ack",
    "Extension",
    "Trailer",
    "Hello",
    "Check",
    "Findings",
    "Announce",
    [BM_RECORD_INDEX] = "Index",
    [BM_RECORD_CHANNEL] = "Channel",
    [BM_RECORD_CHANNEL_ENDS] = "ChannelEnds",
    [BM_RECORD_KNOWN] = "Known",
};

const char *oracle_record_type(BmRecordType type)
{
    return record_types[type];
}

/* X.690 8.3: two's complement, big-endian.  Nine octets are enough for all
 * numbers of this format. */
static gboolean two_complement(BmOctets content, __int128 *out)
{
    __int128 value;

    if (content.len == 0 || content.len > 9) {
        return FALSE;
    }
    value = (int8_t)content.data[0];
    for (size_t i = 1; i < content.len; i++) {
        value = value * 256 + content.data[i];
    }
    *out = value;
    return TRUE;
}

gboolean oracle_unsigned(BmOctets content, uint64_t max, uint64_t *out)
{
    __int128 value;

    if (!two_complement(content, &value) || value < 0 || value > max) {
        return FALSE;
    }
    *out = (uint64_t)value;
    return TRUE;
}

gboolean oracle_signed(BmOctets content, int64_t *out)
{
    __int128 value;

    if (!two_complement(content, &value) || value < INT64_MIN || value > INT64_MAX) {
        return FALSE;
    }
    *out = (int64_t)value;
    return TRUE;
}
