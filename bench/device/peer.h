/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A contender of bench-device: a way to bring the values of a device to octets and
 * back.  Each is a file peer-NAME.c.
 *
 * What is measured is the same for all: from a C object in memory to octets in
 * memory, and from octets to a C object.  Whatever lies between, a tree, a message
 * struct, calls for each value, belongs to it; what can be made once (a schema, a
 * buffer, the message that is filled in) is made by open().
 */
#ifndef BM_BENCH_PEER_H
#define BM_BENCH_PEER_H

#include "content.h"

typedef struct Peer {
    const char *name; /* with its version */
    /* `content` outlives it; NULL: not this content */
    void *(*open)(Content *content);
    /* The octets stay the peer's, until its next save() or close(). */
    gboolean (*save)(void *peer, BmOctets *octets);
    /* Into content->loaded; into content->loaded_object if `own_object`. */
    gboolean (*load)(void *peer, BmOctets octets);
    void (*close)(void *peer);
    gboolean own_object;
} Peer;

extern const Peer peer_bermig, peer_qemufile, peer_raw, peer_asn1c, peer_tasn1, peer_openssl,
    peer_lber, peer_protobuf, peer_gvariant, peer_msgpack, peer_cbor, peer_json;

#endif
