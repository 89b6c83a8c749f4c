/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device by its table: as BER, and as QEMU's octets by the same walk.  These two
 * save and load the device's own struct, with all that the table says of it.
 */
#include "compat.h"
#include "legacy-values.h"
#include "peer.h"

typedef struct Own {
    Content *content;
    BmWriter writer;
    BmOutput *output;
    BmVisitor *out, *in; /* BER, for all savings and loadings */
} Own;

static void *own_open(Content *content)
{
    Own *own = g_new0(Own, 1);

    own->content = content;
    bm_writer_init(&own->writer);
    own->out = bm_visitor_ber_out(&own->writer);
    own->in = bm_visitor_ber_in((BmView){.data = NULL});
    return own;
}

static void own_close(void *peer)
{
    Own *own = peer;

    bm_visitor_free(own->out);
    bm_visitor_free(own->in);
    bm_writer_clear(&own->writer);
    bm_output_free(own->output);
    g_free(own);
}

static gboolean save_to(const Content *c, BmVisitor *out)
{
    return bm_table_save_prepared(c->device->table, c->object, c->schema, out, NULL);
}

static gboolean load_from(const Content *c, BmVisitor *in)
{
    return bm_table_load(c->device->table, c->loaded_object, c->schema, in, NULL, NULL);
}

static gboolean ber_save(void *peer, BmOctets *octets)
{
    Own *own = peer;

    bm_writer_reset(&own->writer);
    if (!save_to(own->content, own->out)) {
        return FALSE;
    }
    *octets = (BmOctets){own->writer.data, own->writer.len};
    return TRUE;
}

static gboolean ber_load(void *peer, BmOctets octets)
{
    const Own *own = peer;

    bm_visitor_ber_in_again(own->in, bm_view(octets.data, octets.len, 0, NULL));
    return load_from(own->content, own->in);
}

static gboolean qemufile_save(void *peer, BmOctets *octets)
{
    Own *own = peer;
    BmVisitor *out;
    gboolean ok;

    bm_output_free(own->output);
    own->output = bm_output_memory();
    out = bm_visitor_legacy_out(own->output);
    ok = save_to(own->content, out);
    bm_visitor_free(out);
    if (!ok) {
        return FALSE;
    }
    *octets = bm_output_memory_data(own->output);
    return TRUE;
}

static gboolean qemufile_load(void *peer, BmOctets octets)
{
    BmFault fault = {0};
    BmVisitor *in = bm_visitor_legacy_in(bm_view(octets.data, octets.len, 0, &fault));
    gboolean ok = load_from(((Own *)peer)->content, in);

    bm_visitor_free(in);
    return ok;
}

const Peer peer_bermig = {"bermig, BER", own_open, ber_save, ber_load, own_close, TRUE};
const Peer peer_qemufile = {"bermig, QEMU's octets", own_open,  qemufile_save,
                            qemufile_load,           own_close, TRUE};
