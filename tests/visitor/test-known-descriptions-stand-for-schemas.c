/* SPDX-License-Identifier: BSD-2-Clause */
/* A Known record is taken for what its reader has told of, and for nothing else. */
#include <criterion/criterion.h>
#include <string.h>

#include "known.h"
#include "samples.h"

static BmSchemaSet *make_set(const char *name)
{
    BmSchemaSet *set = bm_schema_set_new();
    const BmSchema *inner = SCHEMA(set, "inner", UNSIGNED("a", 4));

    cr_assert_not_null(SCHEMA(set, name, STRUCT("x", inner), UNSIGNED("b", 2)));
    return set;
}

/* The last schema of each set, for a reader that knows these digests. */
static BmOutput *write_stream(const BmSchemaSet *const *sets, size_t n, const char *const *known)
{
    const BmPreamble preamble = {.major = BM_VERSION_MAJOR, .generator = "test"};
    BmOutput *out = bm_output_memory();
    BmStreamVisitor *s = bm_ber_stream_out(out, 0, NULL);

    bm_ber_stream_out_known(s, known);
    cr_assert(bm_stream_begin(s, &preamble, NULL));
    for (size_t i = 0; i < n; i++) {
        const BmSchema *last = bm_schema_set_get(sets[i], bm_schema_set_size(sets[i]) - 1);
        const BmAnnounce a = {"a", 0, 1, last, sets[i]};

        cr_assert(bm_stream_announce(s, &a, NULL));
    }
    cr_assert(bm_stream_finish(s, &(BmDescription){FALSE}, NULL) && bm_stream_end(s, NULL));
    bm_stream_free(s);
    return out;
}

typedef struct Reader {
    BmStreamVisitor base;
    const BmSchema *last;
} Reader;

static gboolean keep(BmStreamVisitor *s, const BmAnnounce *a, GError **error)
{
    (void)error;
    ((Reader *)s)->last = a->schema;
    return TRUE;
}

static const BmStreamOps reader_ops = {.announce = keep};

/* The code it ends with; BM_OK if it does not fail. */
static int read_stream(BmOctets octets, BmKnown *known, const BmSchema **last)
{
    Reader reader = {{&reader_ops}, NULL};
    BmInput *in = bm_input_memory(octets.data, octets.len);
    g_autoptr(GError) error = NULL;

    cr_assert_neq(bm_ber_stream_read_known(in, &reader.base, known, NULL, &error), error != NULL);
    bm_input_free(in);
    if (last) {
        *last = reader.last;
    }
    return error ? error->code : BM_OK;
}

static int read_output(const BmOutput *out, BmKnown *known)
{
    return read_stream(bm_output_memory_data(out), known, NULL);
}

Test(known, is_taken_once_and_gives_the_set)
{
    BmSchemaSet *set = make_set("outer"), *same = make_set("outer");
    const char *const digests[] = {"0", bm_schema_set_digest(set), NULL};
    const BmSchemaSet *const sets[] = {set};
    BmOutput *full = write_stream(sets, 1, NULL), *alone = write_stream(sets, 1, digests);
    BmKnown *known = bm_known_new();
    const BmSchema *last;

    bm_known_add(known, same);
    bm_known_add(known, set); /* there already */
    cr_expect_str_eq(bm_known_digests(known)[0], digests[1]);
    cr_expect_null(bm_known_digests(known)[1]);
    cr_expect_eq(read_output(full, known), BM_OK);
    cr_expect_eq(read_stream(bm_output_memory_data(alone), known, &last), BM_OK);
    cr_expect_eq(last, bm_schema_set_get(same, 1));
    cr_expect_null(bm_known_digests(known)[0]);
    cr_expect_eq(read_output(alone, known), BM_UNKNOWN);
    cr_expect_eq(read_output(alone, NULL), BM_UNKNOWN);
    cr_expect_lt(bm_output_offset(alone), bm_output_offset(full));
    bm_known_free(known);
    bm_output_free(full);
    bm_output_free(alone);
    bm_schema_set_free(set);
    bm_schema_set_free(same);
}

Test(known, is_not_taken_for_another)
{
    BmSchemaSet *set = make_set("outer"), *other = make_set("other");
    const char *const digests[] = {bm_schema_set_digest(set), NULL};
    const BmSchemaSet *const sets[] = {set}, *const others[] = {other};
    BmOutput *alone = write_stream(sets, 1, digests), *full = write_stream(others, 1, NULL);
    BmOutput *not_known = write_stream(others, 1, digests);
    BmKnown *known = bm_known_new();

    cr_expect_str_neq(bm_schema_set_digest(set), bm_schema_set_digest(other));
    cr_expect_eq(bm_output_offset(full), bm_output_offset(not_known));
    bm_known_add(known, other);
    cr_expect_eq(read_output(alone, known), BM_UNKNOWN);
    bm_known_free(known);
    bm_output_free(alone);
    bm_output_free(full);
    bm_output_free(not_known);
    bm_schema_set_free(set);
    bm_schema_set_free(other);
}

Test(known, digests_follow_the_set)
{
    BmSchemaSet *set = make_set("outer"), *same = make_set("outer");
    g_autofree char *before = g_strdup(bm_schema_set_digest(set));

    cr_expect_str_eq(bm_schema_set_digest(same), before);
    SCHEMA(set, "more", UNSIGNED("c", 1));
    cr_expect_str_neq(bm_schema_set_digest(set), before);
    SCHEMA(same, "more", UNSIGNED("c", 1));
    cr_expect_str_eq(bm_schema_set_digest(set), bm_schema_set_digest(same));
    bm_schema_set_free(set);
    bm_schema_set_free(same);
}

/* ---- records that no writer of ours makes ---- */

static void put_known(BmOutput *out, const BmSchemaSet *set, uint64_t count, size_t len)
{
    uint8_t digest[BM_SCHEMA_DIGEST_LEN + 1] = {0};
    BmWriter w;

    for (size_t i = 0; i < BM_SCHEMA_DIGEST_LEN; i++) {
        const char *text = bm_schema_set_digest(set) + 2 * i;

        digest[i] = (uint8_t)(g_ascii_xdigit_value(text[0]) << 4 | g_ascii_xdigit_value(text[1]));
    }
    bm_writer_init(&w);
    bm_record_open(&w, BM_RECORD_KNOWN);
    bm_writer_unsigned(&w, BM_TAG_INTEGER, count);
    bm_writer_octets(&w, BM_TAG_OCTETS, digest, len);
    cr_assert(bm_record_write(out, &w));
    bm_writer_clear(&w);
}

/* A stream of one or two Known records and nothing else; what reading it ends with. */
static int read_records(unsigned n, uint64_t count, size_t len)
{
    BmSchemaSet *set = make_set("outer"), *other = make_set("other");
    BmOutput *all = write_stream(NULL, 0, NULL), *out = bm_output_memory();
    BmOctets octets = bm_output_memory_data(all);
    size_t head = octets.len; /* up to the Finish */
    BmKnown *known = bm_known_new();
    int code;

    while (memcmp(octets.data + head - 4, "\x30\x80\x6b\x06", 4) != 0) {
        head--;
    }
    bm_output_write(out, octets.data, head - 2);
    put_known(out, set, count, len);
    if (n > 1) {
        put_known(out, other, count, len);
    }
    bm_output_write(out, octets.data + head - 2, octets.len - head + 2);
    bm_known_add(known, set);
    bm_known_add(known, other);
    code = read_output(out, known);
    bm_known_free(known);
    bm_output_free(all);
    bm_output_free(out);
    bm_schema_set_free(set);
    bm_schema_set_free(other);
    return code;
}

Test(known, wrong_records_are_refused)
{
    /* Without harm, only the trailer does not fit. */
    cr_expect_eq(read_records(1, 2, BM_SCHEMA_DIGEST_LEN), BM_MISMATCH);
    cr_expect_eq(read_records(2, 2, BM_SCHEMA_DIGEST_LEN), BM_BAD_ORDER);
    cr_expect_eq(read_records(1, 1, BM_SCHEMA_DIGEST_LEN), BM_UNKNOWN);
    cr_expect_eq(read_records(1, BM_LIMIT_SCHEMAS + 1, BM_SCHEMA_DIGEST_LEN), BM_LIMIT);
    cr_expect_eq(read_records(1, 2, BM_SCHEMA_DIGEST_LEN - 1), BM_BAD_LENGTH);
    cr_expect_eq(read_records(1, 2, BM_SCHEMA_DIGEST_LEN + 1), BM_LIMIT);
}
