/* SPDX-License-Identifier: BSD-2-Clause */
/* json-glib: one object, with names as QEMU's description has them, octets as base64. */
#include <json-glib/json-glib.h>

#include "peer.h"

typedef struct Json {
    Content *content;
    char *text;
} Json;

static void *json_open(Content *content)
{
    Json *j = g_new0(Json, 1);

    j->content = content;
    return j;
}

static void json_close(void *peer)
{
    g_free(((Json *)peer)->text);
    g_free(peer);
}

static void add(JsonObject *object, const Value *value, const uint8_t *flat)
{
    if (value->kind == VALUE_OCTETS) {
        g_autofree char *text = g_base64_encode(flat + value->offset, value->width);

        json_object_set_string_member(object, value->path, text);
    } else if (value->kind == VALUE_BOOLEAN) {
        json_object_set_boolean_member(object, value->path, flat[value->offset]);
    } else {
        json_object_set_int_member(object, value->path, value_number(value, flat));
    }
}

static gboolean json_save(void *peer, BmOctets *octets)
{
    Json *j = peer;
    const Content *c = j->content;
    JsonObject *object = json_object_new();
    JsonNode *root = json_node_init_object(json_node_alloc(), object);
    JsonGenerator *generator = json_generator_new();
    gsize len;

    for (unsigned i = 0; i < c->n_values; i++) {
        add(object, &c->values[i], c->flat);
    }
    g_free(j->text);
    json_generator_set_root(generator, root);
    j->text = json_generator_to_data(generator, &len);
    *octets = (BmOctets){(const uint8_t *)j->text, len};
    g_object_unref(generator);
    json_node_unref(root);
    json_object_unref(object);
    return TRUE;
}

static gboolean take(const Value *value, uint8_t *flat, JsonObject *object)
{
    if (!json_object_has_member(object, value->path)) {
        return FALSE;
    }
    if (value->kind == VALUE_OCTETS) {
        gsize len;
        g_autofree guchar *octets =
            g_base64_decode(json_object_get_string_member(object, value->path), &len);

        return value_set_octets(value, flat, octets, len);
    }
    if (value->kind == VALUE_BOOLEAN) {
        value_set(value, flat, (uint64_t)json_object_get_boolean_member(object, value->path));
    } else {
        value_set(value, flat, (uint64_t)json_object_get_int_member(object, value->path));
    }
    return TRUE;
}

static gboolean json_load(void *peer, BmOctets octets)
{
    const Content *c = ((Json *)peer)->content;
    JsonParser *parser = json_parser_new();
    gboolean ok =
        json_parser_load_from_data(parser, (const char *)octets.data, (gssize)octets.len, NULL);

    for (unsigned i = 0; ok && i < c->n_values; i++) {
        ok = take(&c->values[i], c->loaded, json_node_get_object(json_parser_get_root(parser)));
    }
    g_object_unref(parser);
    return ok;
}

const Peer peer_json = {
    "json-glib " JSON_VERSION_S, json_open, json_save, json_load, json_close, FALSE};
