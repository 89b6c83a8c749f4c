/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two foreign decoders of the module behind one interface: the asn1c runtime
 * and libtasn1.  Neither shares code with our codec; each got its types from
 * asn1/bermig.asn1 alone.
 *
 * A node is a decoded value of a type of the module.  Members are named by
 * paths, as libtasn1 spells them: names joined by dots, "?N" for element N of a
 * SEQUENCE OF, counted from 1; "" is the node itself.
 */
#ifndef BM_TEST_ORACLE_H
#define BM_TEST_ORACLE_H

#include <glib.h>

#include "codec.h"

typedef struct Oracle {
    const char *name;
    /* All of `octets` as a value of `type`; NULL if it is none. */
    void *(*decode)(const char *type, BmOctets octets);
    /* The content octets of a member (of an ANY: the whole value; of a BOOLEAN:
     * 00 or ff), valid as long as the node.  FALSE if it is absent. */
    gboolean (*get)(void *node, const char *path, BmOctets *content);
    /* The name of the alternative that a CHOICE holds, NULL if it is absent. */
    const char *(*choice)(void *node, const char *path);
    /* Elements of a SEQUENCE OF, -1 if it is absent. */
    int (*count)(void *node, const char *path);
    /* The value encoded again by DER's rules; NULL if that fails. */
    GBytes *(*encode)(void *node);
    void (*free)(void *node);
} Oracle;

extern const Oracle oracle_asn1c;
extern const Oracle oracle_tasn1;

/* "Preamble", "Configuration" ... for a record's tag. */
const char *oracle_record_type(BmRecordType type);

/* An INTEGER's content as a number; FALSE if it is longer than `min`..`max`. */
gboolean oracle_unsigned(BmOctets content, uint64_t max, uint64_t *out);
gboolean oracle_signed(BmOctets content, int64_t *out);

#endif
