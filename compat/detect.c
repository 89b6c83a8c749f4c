/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file is, from its first octets: people give us all sorts of things. */
#include <string.h>

#include "compat.h"
#include "legacy.h"

typedef struct Signature {
    const char *name;
    BmFormat format;
    const char *octets;
    size_t len;
} Signature;

#define OCTETS(text) text, sizeof(text) - 1

static const Signature signatures[] = {
    {"a QEMU migration stream", BM_FORMAT_LEGACY, OCTETS("QEVM")},
    {"a qcow2 image (its snapshots hold streams, the image is none)", BM_FORMAT_UNKNOWN,
     OCTETS("QFI\xfb")},
    {"an unfinished libvirt save image", BM_FORMAT_UNKNOWN, OCTETS("LibvirtQemudPart")},
    {"a page channel of multifd (see bermig-convert(1), --channel)", BM_FORMAT_UNKNOWN,
     OCTETS("\x11\x22\x33\x44")},
    {"gzip data", BM_FORMAT_UNKNOWN, OCTETS("\x1f\x8b")},
    {"bzip2 data", BM_FORMAT_UNKNOWN, OCTETS("BZh")},
    {"xz data", BM_FORMAT_UNKNOWN,
     OCTETS("\xfd"
            "7zXZ")},
    {"zstd data", BM_FORMAT_UNKNOWN, OCTETS("\x28\xb5\x2f\xfd")},
    {"lz4 data", BM_FORMAT_UNKNOWN, OCTETS("\x04\x22\x4d\x18")},
    {"a TLS record (the peer wants to speak TLS)", BM_FORMAT_UNKNOWN, OCTETS("\x16\x03")},
    {"an HTTP message", BM_FORMAT_UNKNOWN, OCTETS("HTTP/")},
    {"an HTTP message", BM_FORMAT_UNKNOWN, OCTETS("GET ")},
    {"an ELF file", BM_FORMAT_UNKNOWN,
     OCTETS("\x7f"
            "ELF")},
    {"JSON text", BM_FORMAT_UNKNOWN, OCTETS("{")},
};

static gboolean starts_with(const uint8_t *data, size_t len, const Signature *s)
{
    return len >= s->len && memcmp(data, s->octets, s->len) == 0;
}

/* QEVM, version 3 and the type of a record that can come first. */
static gboolean is_header(const uint8_t *p)
{
    static const uint8_t header[BM_LEGACY_HEADER] = {'Q', 'E', 'V', 'M', 0, 0, 0, 3};

    return memcmp(p, header, sizeof header) == 0 &&
           (p[8] == BM_LEGACY_CONFIGURATION || p[8] == BM_LEGACY_START || p[8] == BM_LEGACY_FULL ||
            p[8] == BM_LEGACY_COMMAND);
}

size_t bm_legacy_leading(BmInput *in)
{
    size_t have = bm_input_fill(in, 4), at = 0;
    const uint8_t *data = bm_input_data(in), *q;

    /* Whatever follows the magic, this is meant to be a stream. */
    if (have < 4 || bm_be32(data) == BM_LEGACY_MAGIC) {
        return have < 4 ? G_MAXSIZE : 0;
    }
    have = bm_input_fill(in, BM_LIMIT_LEADING);
    data = bm_input_data(in);
    while (at + BM_LEGACY_HEADER < have && (q = memchr(data + at, 'Q', have - at)) != NULL) {
        at = (size_t)(q - data);
        if (at + BM_LEGACY_HEADER < have && is_header(q)) {
            return at;
        }
        at++;
    }
    return G_MAXSIZE;
}

BmFormat bm_detect(BmInput *in, const char **name)
{
    /* A live QEMU may wait for an answer behind fewer octets than our identifier has. */
    size_t len = bm_input_fill(in, 4);
    const uint8_t *data = bm_input_data(in);

    if (len == 4 && bm_be32(data) != BM_LEGACY_MAGIC) {
        len = bm_input_fill(in, BM_MAGIC_LEN);
        data = bm_input_data(in);
    }
    *name = len == 0 ? "empty" : "nothing that is known here";
    /* A stream that is cut inside its identifier is still one, for the error. */
    if (len >= 4 && memcmp(data, bm_magic, MIN(len, BM_MAGIC_LEN)) == 0) {
        *name = "a bermig BER stream";
        return BM_FORMAT_BER;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(signatures); i++) {
        if (starts_with(data, len, &signatures[i])) {
            *name = signatures[i].name;
            return signatures[i].format;
        }
    }
    if (bm_legacy_leading(in) == G_MAXSIZE) {
        return BM_FORMAT_UNKNOWN;
    }
    *name = "a QEMU migration stream behind another header";
    return BM_FORMAT_LEGACY;
}
