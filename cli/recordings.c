/* SPDX-License-Identifier: BSD-2-Clause */
#include "recordings.h"

#include "channels-offer.h"

/* No stream begins with more up to its hello. */
#define HELLO_MAX (1u << 16)
/* For a program that writes it into a pipe: as long as it takes. */
#define PATIENCE (G_MAXINT / 1000)

struct BmRecordings {
    unsigned n;
    BmSource sources[BM_LIMIT_CHANNELS]; /* by number, from 1 on; without name: none yet */
    BmToken token;                       /* of the first that came */
    const char *first;
    BmJoin *join;    /* NULL: they are not read yet */
    unsigned longer; /* the number of one that goes on behind its end; 0: none */
};

/* ---- who they are ---- */

unsigned bm_recordings_of(const BmSource *main)
{
    g_autoptr(BmHelloBox) hello = bm_hello_look(main->in, HELLO_MAX, PATIENCE);

    return hello != NULL ? bm_channels_count_find(bm_hello_box_get(hello)) : 0;
}

/* NULL, or what is wrong with the file; free with g_free(). */
static char *identify(BmRecordings *r, const BmSource *source, unsigned *number)
{
    g_autoptr(BmHelloBox) hello = bm_hello_look(source->in, HELLO_MAX, PATIENCE);
    BmToken token;

    if (hello == NULL || !bm_channel_number_find(bm_hello_box_get(hello), number, &token)) {
        return g_strdup("it is no recording of a channel");
    }
    if (*number > r->n) {
        return g_strdup_printf("channel %u of a move that had no more than %u", *number, r->n);
    }
    if (r->sources[*number - 1].name != NULL) {
        return g_strdup_printf("channel %u, which is %s already", *number,
                               r->sources[*number - 1].name);
    }
    if (r->first == NULL) {
        r->first = source->name;
        r->token = token;
    }
    return bm_token_is(bm_token_octets(&token), bm_token_octets(&r->token))
               ? NULL
               : g_strdup_printf("a channel of another move than %s", r->first);
}

static BmExit take(BmRecordings *r, const char *path)
{
    g_autofree char *wrong = NULL;
    unsigned number = 0;
    BmSource source;
    BmExit status = bm_source_open(&source, path);

    if (status != BM_EXIT_DONE) {
        return status;
    }
    wrong = source.format == BM_FORMAT_BER ? identify(r, &source, &number)
                                           : g_strdup("it is no recording of a channel");
    if (wrong != NULL) {
        bm_report(source.name, "%s", wrong);
        bm_source_close(&source);
        return BM_EXIT_INPUT;
    }
    r->sources[number - 1] = source;
    return BM_EXIT_DONE;
}

static BmExit check_all(const BmRecordings *r, const BmSource *main)
{
    for (unsigned i = 0; i < r->n; i++) {
        if (r->sources[i].name == NULL) {
            bm_report(main->name, "channel %u of %u is missing: give its recording with --channel",
                      i + 1, r->n);
            return BM_EXIT_INPUT;
        }
    }
    return BM_EXIT_DONE;
}

BmRecordings *bm_recordings_open(const BmSource *main, unsigned count, char *const *paths,
                                 BmExit *status)
{
    BmRecordings *r = g_new0(BmRecordings, 1);

    r->n = count;
    *status = BM_EXIT_DONE;
    for (unsigned i = 0; paths[i] != NULL && *status == BM_EXIT_DONE; i++) {
        *status = take(r, paths[i]);
    }
    if (*status == BM_EXIT_DONE) {
        *status = check_all(r, main);
    }
    if (*status != BM_EXIT_DONE) {
        g_clear_pointer(&r, bm_recordings_close);
    }
    return r;
}

void bm_recordings_close(BmRecordings *r)
{
    if (r == NULL) {
        return;
    }
    bm_join_free(r->join);
    for (unsigned i = 0; i < r->n; i++) {
        if (r->sources[i].name != NULL) {
            bm_source_close(&r->sources[i]);
        }
    }
    g_free(r);
}

/* ---- what they hold ---- */

static gboolean give_inputs(void *data, const BmHello *hello, BmInput **inputs, unsigned *count,
                            GError **error)
{
    const BmRecordings *r = data;

    (void)hello;
    (void)error;
    for (unsigned i = 0; i < r->n; i++) {
        inputs[i] = r->sources[i].in;
    }
    *count = r->n;
    return TRUE;
}

static gboolean expect_ends(BmRecordings *r, GError **error)
{
    for (unsigned i = 0; i < r->n; i++) {
        if (!bm_source_expect_end(&r->sources[i], error)) {
            r->longer = i + 1;
            return FALSE;
        }
    }
    return TRUE;
}

gboolean bm_recordings_read(BmRecordings *r, BmSource *main, BmStreamVisitor *s, GError **error)
{
    const BmJoinSetup setup = {.open = give_inputs, .data = r, .in_order = TRUE};
    gboolean ok;

    r->join = bm_join_new(&setup);
    ok = bm_source_read(main, bm_join_stream(r->join, s), FALSE, NULL, error);
    bm_join_stop(r->join);
    return ok && expect_ends(r, error);
}

const char *bm_recordings_failed(BmRecordings *r)
{
    unsigned number = 0;

    if (r != NULL && r->join != NULL && bm_join_error(r->join, &number) == NULL) {
        number = r->longer;
    }
    return number > 0 ? r->sources[number - 1].name : NULL;
}
