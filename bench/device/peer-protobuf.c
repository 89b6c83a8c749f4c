/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * protobuf-c: the message struct and the descriptor that its compiler writes for a
 * proto3 file of this list, built here.  Types are those of the values' widths;
 * signed ones are sint32 and sint64.
 */
#include <protobuf-c/protobuf-c.h>

#include "peer.h"

typedef union Member {
    uint32_t u32;
    int32_t i32;
    uint64_t u64;
    protobuf_c_boolean boolean;
    ProtobufCBinaryData octets;
} Member;

typedef struct Protobuf {
    Content *content;
    ProtobufCFieldDescriptor *fields;
    unsigned *by_name;
    ProtobufCIntRange ranges[2];
    ProtobufCMessageDescriptor descriptor;
    ProtobufCMessage *message; /* to save from */
    uint8_t *room;
} Protobuf;

static size_t offset_of(unsigned i)
{
    return sizeof(ProtobufCMessage) + i * sizeof(Member);
}

static const Member *member(const ProtobufCMessage *message, unsigned i)
{
    return (const Member *)(const void *)((const char *)message + offset_of(i));
}

static ProtobufCType type_of(const Value *value)
{
    switch (value->kind) {
    case VALUE_OCTETS:
        return PROTOBUF_C_TYPE_BYTES;
    case VALUE_BOOLEAN:
        return PROTOBUF_C_TYPE_BOOL;
    case VALUE_SIGNED:
        return value->width < 8 ? PROTOBUF_C_TYPE_SINT32 : PROTOBUF_C_TYPE_SINT64;
    default:
        return value->width < 8 ? PROTOBUF_C_TYPE_UINT32 : PROTOBUF_C_TYPE_UINT64;
    }
}

static ProtobufCFieldDescriptor field_of(const Value *value, unsigned i)
{
    return (ProtobufCFieldDescriptor){.name = value->path,
                                      .id = i + 1,
                                      .label = PROTOBUF_C_LABEL_NONE,
                                      .type = type_of(value),
                                      .offset = (unsigned)offset_of(i)};
}

static void *protobuf_open(Content *content)
{
    Protobuf *p = g_new0(Protobuf, 1);
    unsigned n = content->n_values;

    p->content = content;
    p->fields = g_new0(ProtobufCFieldDescriptor, n);
    p->by_name = g_new0(unsigned, n);
    for (unsigned i = 0; i < n; i++) {
        p->fields[i] = field_of(&content->values[i], i);
    }
    p->ranges[0] = (ProtobufCIntRange){1, 0};
    p->ranges[1] = (ProtobufCIntRange){0, n};
    p->descriptor = (ProtobufCMessageDescriptor){.magic = PROTOBUF_C__MESSAGE_DESCRIPTOR_MAGIC,
                                                 .name = content->name,
                                                 .short_name = content->name,
                                                 .c_name = content->name,
                                                 .package_name = "",
                                                 .sizeof_message = offset_of(n),
                                                 .n_fields = n,
                                                 .fields = p->fields,
                                                 .fields_sorted_by_name = p->by_name,
                                                 .n_field_ranges = 1,
                                                 .field_ranges = p->ranges};
    p->message = g_malloc0(p->descriptor.sizeof_message);
    p->message->descriptor = &p->descriptor;
    p->room = g_malloc(content_room(content));
    return p;
}

static void protobuf_close(void *peer)
{
    Protobuf *p = peer;

    g_free(p->fields);
    g_free(p->by_name);
    g_free(p->message);
    g_free(p->room);
    g_free(p);
}

static gboolean protobuf_save(void *peer, BmOctets *octets)
{
    const Protobuf *p = peer;
    const Content *c = p->content;

    for (unsigned i = 0; i < c->n_values; i++) {
        Member *to = (Member *)(uintptr_t)member(p->message, i);
        const Value *value = &c->values[i];

        if (value->kind == VALUE_OCTETS) {
            to->octets = (ProtobufCBinaryData){value->width, c->flat + value->offset};
        } else if (value->kind == VALUE_BOOLEAN) {
            to->boolean = (protobuf_c_boolean)value_unsigned(value, c->flat);
        } else if (value->width < 8) {
            to->u32 = (uint32_t)value_number(value, c->flat);
        } else {
            to->u64 = value_unsigned(value, c->flat);
        }
    }
    *octets = (BmOctets){p->room, protobuf_c_message_pack(p->message, p->room)};
    return TRUE;
}

static gboolean take(const Content *c, const ProtobufCMessage *message)
{
    for (unsigned i = 0; i < c->n_values; i++) {
        const Member *from = member(message, i);
        const Value *value = &c->values[i];

        if (value->kind == VALUE_OCTETS) {
            if (!value_set_octets(value, c->loaded, from->octets.data, from->octets.len)) {
                return FALSE;
            }
        } else if (value->kind == VALUE_BOOLEAN) {
            value_set(value, c->loaded, from->boolean != 0);
        } else {
            value_set(value, c->loaded, value->width < 8 ? from->u32 : from->u64);
        }
    }
    return TRUE;
}

static gboolean protobuf_load(void *peer, BmOctets octets)
{
    const Protobuf *p = peer;
    ProtobufCMessage *message =
        protobuf_c_message_unpack(&p->descriptor, NULL, octets.len, octets.data);
    gboolean ok = message && take(p->content, message);

    if (message) {
        protobuf_c_message_free_unpacked(message, NULL);
    }
    return ok;
}

const Peer peer_protobuf = {"protobuf-c " PROTOBUF_C_VERSION,
                            protobuf_open,
                            protobuf_save,
                            protobuf_load,
                            protobuf_close,
                            FALSE};
