/* SPDX-License-Identifier: BSD-2-Clause */
#include "frame.h"

#include <libtasn1.h>
#include <string.h>

/* Tag and length of the value at the beginning of `octets`.  *content is -1 for
 * the indefinite form. */
static gboolean header(BmOctets octets, unsigned char *class, unsigned long *tag, size_t *len,
                       long *content)
{
    int tag_len, length_len;

    if (octets.len > INT_MAX ||
        asn1_get_tag_der(octets.data, (int)octets.len, class, &tag_len, tag) != ASN1_SUCCESS) {
        return FALSE;
    }
    *content = asn1_get_length_der(octets.data + tag_len, (int)octets.len - tag_len, &length_len);
    *len = (size_t)tag_len + (size_t)length_len;
    return *content >= -1;
}

static void skip(BmOctets *octets, size_t len)
{
    octets->data += len;
    octets->len -= len;
}

static gboolean take_fixed(BmOctets *rest, const void *octets, size_t len)
{
    if (rest->len < len || memcmp(rest->data, octets, len) != 0) {
        return FALSE;
    }
    skip(rest, len);
    return TRUE;
}

/* A record, which always has the definite form. */
static gboolean take_record(BmOctets *rest, GArray *records)
{
    unsigned char class;
    unsigned long tag;
    FrameRecord r;
    long content;
    size_t len;

    if (!header(*rest, &class, &tag, &len, &content) || content < 0 ||
        class != (ASN1_CLASS_APPLICATION | ASN1_CLASS_STRUCTURED) || tag >= BM_RECORD_TYPES) {
        return FALSE;
    }
    r = (FrameRecord){(BmRecordType)tag, {rest->data, len + (size_t)content}};
    g_array_append_val(records, r);
    skip(rest, r.octets.len);
    return TRUE;
}

static gboolean take_stream(BmOctets *rest, GArray *records)
{
    static const uint8_t open[] = {0x30, 0x80}, end[] = {0x00, 0x00};
    unsigned char class;
    unsigned long tag;
    long content;
    size_t len;

    if (!take_fixed(rest, open, sizeof(open)) || !header(*rest, &class, &tag, &len, &content) ||
        class != ASN1_CLASS_UNIVERSAL || tag != ASN1_TAG_OBJECT_ID) {
        return FALSE;
    }
    skip(rest, len + (size_t)content);
    if (!take_record(rest, records) || !take_fixed(rest, open, sizeof(open))) {
        return FALSE;
    }
    while (!take_fixed(rest, end, sizeof(end))) {
        if (!take_record(rest, records)) {
            return FALSE;
        }
    }
    return take_record(rest, records) && take_fixed(rest, end, sizeof(end)) && rest->len == 0;
}

GArray *frame_split(BmOctets stream)
{
    GArray *records = g_array_new(FALSE, FALSE, sizeof(FrameRecord));

    if (take_stream(&stream, records)) {
        return records;
    }
    g_array_unref(records);
    return NULL;
}
